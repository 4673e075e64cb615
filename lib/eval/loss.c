/* loss - see loss.h
 */
#include "eval/loss.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>

/* -- sums -------------------------------------------------------------------------------------- */

static double grid(double x, int bits)
{
	return ldexp(rint(ldexp(x, bits)), -bits);
}

double losses_nats(const float *logp, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++)
		s -= (double)logp[i];
	return grid(s, 20);
}

void losses_add(struct losses *l, double nats, size_t n)
{
	if (n == 0)
		return;
	l->sequences++;
	l->tokens += n;
	l->squares += (uint64_t)n * n;
	l->sum += nats;
	l->sumsq += grid(nats * nats, 8);
	l->cross += grid(nats * (double)n, 8);
}

double losses_mean(const struct losses *l)
{
	return l->sum / (double)l->tokens;
}

double losses_stderr(const struct losses *l)
{
	double loss = losses_mean(l), n = (double)l->sequences;
	double spread = l->sumsq - 2 * loss * l->cross + loss * loss * (double)l->squares;

	return n > 1 ? sqrt(n / (n - 1) * fmax(spread, 0)) / (double)l->tokens : NAN;
}

/* -- scores ------------------------------------------------------------------------------------ */

json_t *losses_score(const void *losses, struct score *s)
{
	const struct losses *l = losses;
	json_t *own = json_object();

	if (l->tokens == 0)
		die("no sequence has a token to predict");
	s->metric = "loss";
	s->value = losses_mean(l);
	s->stderr_ = losses_stderr(l);
	s->count = l->tokens;
	s->sum = l->sum;
	s->sumsq = l->sumsq;
	json_put(own, "normalised", json_real(s->value / log((double)l->n_vocab)));
	json_put(own, "perplexity",
		isfinite(exp(s->value)) ? json_real(exp(s->value)) : json_string("inf"));
	if (l->bytes)
		json_put(own, "bits_per_byte", json_real(l->sum / (M_LN2 * (double)l->bytes)));
	json_put(own, "sequences", json_integer((json_int_t)l->sequences));
	json_put(own, "vocabulary", json_integer((json_int_t)l->n_vocab));
	json_put(own, "parameters", json_integer((json_int_t)l->parameters));
	json_put(own, "squares", json_integer((json_int_t)l->squares));
	json_put(own, "cross", json_real(l->cross));
	if (l->bytes)
		json_put(own, "bytes", json_integer((json_int_t)l->bytes));
	s->own = own;
	return own;
}

/* The sums that a score was made from. */
static int read_score(struct losses *l, const struct score *s, struct fault *err)
{
	const json_t *own = s->own, *cross = json_object_get(own, "cross");

	*l = (struct losses){ .tokens = s->count,
		.sum = s->sum,
		.sumsq = s->sumsq,
		.cross = json_number_value(cross) };
	if (l->tokens == 0 || !json_is_number(cross) ||
		json_get_count(own, "sequences", &l->sequences) < 0 ||
		json_get_count(own, "squares", &l->squares) < 0 ||
		json_get_count(own, "vocabulary", &l->n_vocab) < 0 || l->n_vocab < 2 ||
		l->n_vocab > INT32_MAX || json_get_count(own, "parameters", &l->parameters) < 0 ||
		(json_object_get(own, "bytes") && json_get_count(own, "bytes", &l->bytes) < 0))
		return fault(err,
			"a score without count, sequences, squares, cross, vocabulary, "
			"parameters");
	return 0;
}

int losses_add_score(void *losses, const struct score *s, struct fault *err)
{
	struct losses *l = losses, part;

	if (read_score(&part, s, err) < 0)
		return -1;
	if (l->tokens && l->n_vocab != part.n_vocab)
		return fault(err, "another vocabulary than in the part before");
	if (l->tokens && (l->bytes > 0) != (part.bytes > 0))
		return fault(err, "another set of keys (bytes) than in the part before");
	l->n_vocab = part.n_vocab;
	l->parameters = part.parameters;
	l->sequences += part.sequences;
	l->tokens += part.tokens;
	l->squares += part.squares;
	l->bytes += part.bytes;
	l->sum += part.sum;
	l->sumsq += part.sumsq;
	l->cross += part.cross;
	return 0;
}

/* -- as a metric ------------------------------------------------------------------------------- */

static void start(void *sums, const struct model *m, uint64_t text_bytes)
{
	*(struct losses *)sums = (struct losses){ .bytes = text_bytes,
		.n_vocab = (uint64_t)m->shape->n_vocab,
		.parameters = shape_parameters(m->shape, m->rec->n_keep) };
}

static void add(void *sums, const struct item *it, const struct outcome *o)
{
	losses_add(sums, o->nats, it->n - 1);
}

static char *describe(const struct score *s)
{
	double perplexity = exp(s->value);

	return xasprintf(perplexity < 1e4 ? ", normalised %.4f, perplexity %.2f"
					  : ", normalised %.4f, perplexity %.1e",
		json_number_value(json_object_get(s->own, "normalised")), perplexity);
}

static char *over(const struct score *s)
{
	return xasprintf("%llu tokens of %lld sequences", (unsigned long long)s->count,
		(long long)json_integer_value(json_object_get(s->own, "sequences")));
}

struct metric loss_metric(void)
{
	return (struct metric){ .size = sizeof(struct losses),
		.start = start,
		.add = add,
		.score = losses_score,
		.add_score = losses_add_score,
		.describe = describe,
		.over = over };
}
