/* accuracy - see accuracy.h
 */
#include "eval/accuracy.h"

#include "file/json.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SUBJECTS = 4096 };

/* The subject's entry, made where there is none, so that the list stays sorted. */
static struct right *find_subject(struct accuracy *a, const char *name)
{
	int lo = 0, hi = a->n_subjects;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (strcmp(a->subject[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < a->n_subjects && strcmp(a->subject[lo].name, name) == 0)
		return &a->subject[lo].is;
	a->subject = xrealloc(a->subject, (size_t)a->n_subjects + 1, sizeof *a->subject);
	memmove(&a->subject[lo + 1], &a->subject[lo],
		(size_t)(a->n_subjects - lo) * sizeof *a->subject);
	a->subject[lo] = (struct subject){ xstrdup(name), { 0, 0 } };
	a->n_subjects++;
	return &a->subject[lo].is;
}

void accuracy_add(struct accuracy *a, const char *subject, int correct)
{
	a->all.count++;
	a->all.correct += correct != 0;
	if (subject != NULL) {
		struct right *r = find_subject(a, subject);

		r->count++;
		r->correct += correct != 0;
	}
}

void accuracy_clear(void *accuracy)
{
	struct accuracy *a = accuracy;

	for (int i = 0; i < a->n_subjects; i++)
		free(a->subject[i].name);
	free(a->subject);
	*a = (struct accuracy){ 0 };
}

double right_mean(const struct right *r)
{
	return (double)r->correct / (double)r->count;
}

double right_stderr(const struct right *r)
{
	double a = right_mean(r);

	return r->count > 1 ? sqrt(a * (1 - a) / (double)(r->count - 1)) : NAN;
}

double pooled_stderr(const struct right *r, int n)
{
	double sum = 0, count = 0;

	for (int i = 0; i < n; i++) {
		double a = right_mean(&r[i]);

		sum += a * (1 - a) * (double)r[i].count; /* (n - 1) se^2 n */
		count += (double)r[i].count;
	}
	return count > n ? sqrt(sum / (count - n) / count) : NAN;
}

double macro_mean(const struct accuracy *a)
{
	double sum = 0;

	for (int i = 0; i < a->n_subjects; i++)
		sum += right_mean(&a->subject[i].is);
	return sum / a->n_subjects;
}

double macro_stderr(const struct accuracy *a)
{
	double sum = 0;

	for (int i = 0; i < a->n_subjects; i++) {
		double se = right_stderr(&a->subject[i].is);

		sum += se * se;
	}
	return sqrt(sum) / a->n_subjects;
}

/* -- scores ------------------------------------------------------------------------------------ */

json_t *real_json(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

json_t *right_json(double value, double stderr_, const struct right *r)
{
	json_t *j = json_object();

	json_put(j, "value", real_json(value));
	json_put(j, "stderr", real_json(stderr_));
	json_put(j, "count", json_integer((json_int_t)r->count));
	json_put(j, "correct", json_integer((json_int_t)r->correct));
	return j;
}

static json_t *subjects_json(const struct accuracy *a)
{
	json_t *j = json_object();

	for (int i = 0; i < a->n_subjects; i++) {
		const struct right *r = &a->subject[i].is;

		json_put(j, a->subject[i].name, right_json(right_mean(r), right_stderr(r), r));
	}
	return j;
}

static double subjects_stderr(const struct accuracy *a)
{
	struct right *r = xcalloc((size_t)a->n_subjects, sizeof *r);
	double se;

	for (int i = 0; i < a->n_subjects; i++)
		r[i] = a->subject[i].is;
	se = pooled_stderr(r, a->n_subjects);
	free(r);
	return se;
}

json_t *accuracy_score(const void *accuracy, struct score *s)
{
	const struct accuracy *a = accuracy;
	json_t *own = json_object();

	s->metric = "accuracy";
	s->value = right_mean(&a->all);
	s->stderr_ = a->n_subjects ? subjects_stderr(a) : right_stderr(&a->all);
	s->count = a->all.count;
	s->sum = s->sumsq = (double)a->all.correct;
	if (a->n_subjects) {
		json_put(own, "macro", real_json(macro_mean(a)));
		json_put(own, "macro_stderr", real_json(macro_stderr(a)));
	}
	json_put(own, "correct", json_integer((json_int_t)a->all.correct));
	json_put(own, "invalid", json_integer((json_int_t)a->invalid));
	if (!a->n_subjects)
		json_put(own, "yes", json_integer((json_int_t)a->yes));
	json_put(own, "cut", json_integer((json_int_t)a->cut));
	json_put(own, "fewer_shots", json_integer((json_int_t)a->fewer));
	json_put(own, "parameters", json_integer((json_int_t)a->parameters));
	if (a->n_subjects)
		json_put(own, "subjects", subjects_json(a));
	s->own = own;
	return own;
}

static int read_right(const json_t *o, struct right *r)
{
	return json_get_count(o, "count", &r->count) < 0 ||
			json_get_count(o, "correct", &r->correct) < 0 || r->correct > r->count ||
			r->count == 0
		? -1
		: 0;
}

static int add_subjects(struct accuracy *a, const json_t *subjects, const struct right *all)
{
	struct right sum = { 0, 0 }, one;
	const char *name;
	json_t *j;

	if (json_object_size(subjects) > MAX_SUBJECTS)
		return -1;
	json_object_foreach((json_t *)subjects, name, j)
	{
		struct right *to;

		if (read_right(j, &one) < 0)
			return -1;
		to = find_subject(a, name);
		to->count += one.count;
		to->correct += one.correct;
		sum.count += one.count;
		sum.correct += one.correct;
	}
	return sum.count == all->count && sum.correct == all->correct ? 0 : -1;
}

/* The counts that a score was made from, but for its subjects. */
static int read_score(struct accuracy *a, const struct score *s, struct fault *err)
{
	const json_t *own = s->own;

	*a = (struct accuracy){ .all.count = s->count };
	if (s->count == 0 || json_get_count(own, "correct", &a->all.correct) < 0 ||
		a->all.correct > a->all.count || json_get_count(own, "invalid", &a->invalid) < 0 ||
		json_get_count(own, "cut", &a->cut) < 0 ||
		json_get_count(own, "fewer_shots", &a->fewer) < 0 ||
		json_get_count(own, "parameters", &a->parameters) < 0 ||
		(json_object_get(own, "yes") && json_get_count(own, "yes", &a->yes) < 0))
		return fault(err,
			"a score without count, correct, invalid, cut, fewer_shots or parameters");
	return 0;
}

int accuracy_add_score(void *accuracy, const struct score *s, struct fault *err)
{
	struct accuracy *a = accuracy, part;
	const json_t *subjects = json_object_get(s->own, "subjects");

	if (read_score(&part, s, err) < 0)
		return -1;
	if (subjects != NULL && add_subjects(a, subjects, &part.all) < 0)
		return fault(err, "a score whose subjects don't add up to its count");
	a->all.count += part.all.count;
	a->all.correct += part.all.correct;
	a->invalid += part.invalid;
	a->yes += part.yes;
	a->cut += part.cut;
	a->fewer += part.fewer;
	a->parameters = part.parameters;
	return 0;
}

/* -- as a metric ------------------------------------------------------------------------------- */

static void start(void *sums, const struct model *m, uint64_t text_bytes)
{
	struct accuracy *a = sums;

	(void)text_bytes;
	a->parameters = shape_parameters(m->shape, m->rec->n_keep);
}

void accuracy_count(struct accuracy *a, const struct item *it, const struct outcome *o)
{
	accuracy_add(a, it->subject, o->choice == it->answer);
	a->invalid += !o->top;
	a->yes += it->subject == NULL && it->answer == 1;
	a->cut += it->cut > 0;
	a->fewer += it->fewer;
}

static void add(void *sums, const struct item *it, const struct outcome *o)
{
	accuracy_count(sums, it, o);
}

static char *describe(const struct score *s)
{
	const json_t *macro = json_object_get(s->own, "macro");
	json_int_t invalid = json_integer_value(json_object_get(s->own, "invalid"));
	json_int_t cut = json_integer_value(json_object_get(s->own, "cut"));
	json_int_t fewer = json_integer_value(json_object_get(s->own, "fewer_shots"));
	char *m = macro ? xasprintf(", macro %.4f", json_number_value(macro)) : xstrdup("");
	char *c = cut ? xasprintf(", %lld cut", (long long)cut) : xstrdup("");
	char *f = fewer ? xasprintf(", %lld with fewer shots", (long long)fewer) : xstrdup("");
	char *i = invalid ? xasprintf(", %lld invalid", (long long)invalid) : xstrdup("");
	char *all = xasprintf("%s%s%s%s", m, i, f, c);

	free(m);
	free(i);
	free(c);
	free(f);
	return all;
}

static char *over(const struct score *s)
{
	return xasprintf("%llu questions; invalid: a token that begins no choice was the likeliest",
		(unsigned long long)s->count);
}

struct metric accuracy_metric(void)
{
	return (struct metric){ .size = sizeof(struct accuracy),
		.start = start,
		.add = add,
		.score = accuracy_score,
		.add_score = accuracy_add_score,
		.describe = describe,
		.over = over,
		.clear = accuracy_clear };
}
