/* picks - see picks.h
 */
#include "eval/picks.h"

#include "file/json.h"
#include "sys/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const metric_names[] = { "accuracy", "acc_norm" };

/* -- sums -------------------------------------------------------------------------------------- */

static void start(void *sums, const struct model *m, uint64_t text_bytes)
{
	struct picks *p = sums;

	(void)text_bytes;
	p->acc.parameters = shape_parameters(m->shape, m->rec->n_keep);
}

static void start_norm(void *sums, const struct model *m, uint64_t text_bytes)
{
	start(sums, m, text_bytes);
	((struct picks *)sums)->norm = 1;
}

static void add(void *sums, const struct item *it, const struct outcome *o)
{
	struct picks *p = sums;

	accuracy_count(&p->acc, it, o);
	p->correct_norm += o->choice_norm == it->answer;
	p->of[it->n_choices]++;
}

static void clear(void *sums)
{
	accuracy_clear(&((struct picks *)sums)->acc);
}

/* -- scores ------------------------------------------------------------------------------------ */

/* The share that guessing would get right. */
static double guess(const struct picks *p)
{
	double sum = 0;

	for (int n = 1; n <= MAX_CHOICES; n++)
		sum += (double)p->of[n] / n;
	return sum / (double)p->acc.all.count;
}

static json_t *choices_json(const struct picks *p)
{
	json_t *j = json_object();
	char key[16];

	for (int n = 1; n <= MAX_CHOICES; n++) {
		if (p->of[n] == 0)
			continue;
		snprintf(key, sizeof key, "%d", n);
		json_put(j, key, json_integer((json_int_t)p->of[n]));
	}
	return j;
}

static json_t *score(const void *sums, struct score *s)
{
	const struct picks *p = sums;
	struct right norm = { p->acc.all.count, p->correct_norm };
	json_t *own = accuracy_score(&p->acc, s);

	json_object_del(own, "yes");
	json_put(own, "acc", real_json(s->value));
	json_put(own, "acc_stderr", real_json(s->stderr_));
	json_put(own, "acc_norm", real_json(right_mean(&norm)));
	json_put(own, "acc_norm_stderr", real_json(right_stderr(&norm)));
	json_put(own, "correct_norm", json_integer((json_int_t)norm.correct));
	json_put(own, "guess", real_json(guess(p)));
	json_put(own, "choices", choices_json(p));
	s->metric = metric_names[p->norm];
	if (p->norm) {
		s->value = right_mean(&norm);
		s->stderr_ = right_stderr(&norm);
		s->sum = s->sumsq = (double)norm.correct;
	}
	return own;
}

/* The counts of questions by their choices, which add up to all of them. */
static int read_choices(struct picks *p, const json_t *o)
{
	uint64_t sum = 0, n_all = 0, n;
	char key[16];

	for (int i = 1; i <= MAX_CHOICES; i++) {
		snprintf(key, sizeof key, "%d", i);
		if (json_object_get(o, key) == NULL)
			continue;
		if (json_get_count(o, key, &n) < 0)
			return -1;
		p->of[i] = n;
		sum += n;
		n_all++;
	}
	return sum == p->acc.all.count && n_all == json_object_size(o) ? 0 : -1;
}

static int add_score(void *sums, const struct score *s, struct fault *err)
{
	struct picks *p = sums, part = { .norm = strcmp(s->metric, metric_names[1]) == 0 };
	int first = p->acc.all.count == 0;

	if (!part.norm && strcmp(s->metric, metric_names[0]) != 0)
		return fault(err, "a score of another metric than accuracy or acc_norm");
	if (!first && p->norm != part.norm)
		return fault(err, "a score of another metric than the part before");
	if (accuracy_add_score(&part.acc, s, err) < 0)
		return -1;
	if (json_get_count(s->own, "correct_norm", &part.correct_norm) < 0 ||
		part.correct_norm > part.acc.all.count ||
		read_choices(&part, json_object_get(s->own, "choices")) < 0) {
		accuracy_clear(&part.acc);
		return fault(err, "a score without correct_norm and choices, which add up");
	}
	accuracy_clear(&part.acc);
	if (accuracy_add_score(&p->acc, s, err) < 0)
		return -1;
	p->norm = part.norm;
	p->correct_norm += part.correct_norm;
	for (int i = 1; i <= MAX_CHOICES; i++)
		p->of[i] += part.of[i];
	return 0;
}

/* -- for people -------------------------------------------------------------------------------- */

static char *describe(const struct score *s)
{
	const char *other = strcmp(s->metric, metric_names[1]) == 0 ? "acc" : "acc_norm";
	json_int_t cut = json_integer_value(json_object_get(s->own, "cut"));
	char *c = cut ? xasprintf(", %lld cut", (long long)cut) : xstrdup("");
	char *all = xasprintf(", %s %.4f%s", other,
		json_number_value(json_object_get(s->own, other)), c);

	free(c);
	return all;
}

static char *over(const struct score *s)
{
	return xasprintf("%llu questions, guessing %.4f", (unsigned long long)s->count,
		json_number_value(json_object_get(s->own, "guess")));
}

struct metric picks_metric(int norm)
{
	return (struct metric){ .size = sizeof(struct picks),
		.start = norm ? start_norm : start,
		.add = add,
		.score = score,
		.add_score = add_score,
		.describe = describe,
		.over = over,
		.clear = clear };
}
