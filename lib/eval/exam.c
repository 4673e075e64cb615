/* exam - see exam.h
 */
#include "eval/exam.h"

#include "eval/mmlu.h"
#include "eval/scores.h"
#include "file/json.h"
#include "stream/meta.h"
#include "stream/samples.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the line on stderr ends with. */
static char *describe(const struct score *s)
{
	const json_t *macro = json_object_get(s->own, "macro");
	json_int_t invalid = json_integer_value(json_object_get(s->own, "invalid"));
	json_int_t cut = json_integer_value(json_object_get(s->own, "cut"));
	json_int_t fewer = json_integer_value(json_object_get(s->own, "fewer_shots"));
	char *m = macro ? xasprintf(", macro %.4f", json_number_value(macro)) : xstrdup("");
	char *c = cut ? xasprintf(", %lld cut", (long long)cut) : xstrdup("");
	char *f = fewer ? xasprintf(", %lld with fewer shots", (long long)fewer) : xstrdup("");
	char *all = xasprintf("%s, %llu questions, %lld invalid%s%s", m,
		(unsigned long long)s->count, (long long)invalid, f, c);

	free(m);
	free(c);
	free(f);
	return all;
}

static void write_all(const char *task, const struct accuracy *a,
	const struct model_rec *const *model, int n, const json_t *provenance, const json_t *args,
	const json_t *meta, int table)
{
	struct score *list = xcalloc((size_t)n, sizeof *list);
	json_t **own = xcalloc((size_t)n, sizeof *own);

	for (int i = 0; i < n; i++) {
		list[i].task = task;
		list[i].model = model[i];
		own[i] = accuracy_score(&a[i], &list[i]);
		if (a[i].n_subjects)
			json_put(own[i], "categories", mmlu_categories(&a[i]));
	}
	scores_write(&(struct scores){ list, n, provenance, args, meta, describe, table });
	for (int i = 0; i < n; i++)
		json_decref(own[i]);
	free(own);
	free(list);
}

/* -- taking it --------------------------------------------------------------------------------- */

struct taking {
	const struct sitting *s;
	struct accuracy *sum; /* [models] */
	struct samples *samples;
};

static int known(void *ctx, size_t question, int model, struct answer *a)
{
	struct taking *t = ctx;
	const struct question *q = &t->s->exam->question[question];
	struct sample x;

	if (!samples_known(t->samples, &x))
		return 0;
	if (x.row != q->row || x.model != (uint64_t)model ||
		x.n_logp != (size_t)t->s->exam->n_choices || x.choice < 0 ||
		x.choice >= t->s->exam->n_choices || x.top < 0 || x.ntok != a->ntok)
		die("%s.part: question %zu: is not what this run would write: remove the file",
			t->s->samples, question);
	memcpy(a->logp, x.logp, x.n_logp * sizeof *x.logp);
	a->choice = x.choice;
	a->top = x.top;
	return 1;
}

static void put_sample(struct taking *t, size_t question, int model, const struct answer *a)
{
	const struct exam *e = t->s->exam;
	const struct question *q = &e->question[question];
	struct sample x = { e->task, q->subject, q->row, (uint64_t)model, a->logp,
		(size_t)e->n_choices, q->answer, a->choice, a->top, a->ntok, NULL, 0 };
	char *prompt = NULL;
	FILE *f;

	if (t->s->prompts) {
		if ((f = open_memstream(&prompt, &x.prompt_len)) == NULL)
			die("out of memory");
		e->prompt(e->source, question, a->shots, f);
		if (fclose(f) != 0)
			die("out of memory");
		x.prompt = prompt;
	}
	samples_put(t->samples, &x);
	free(prompt);
}

static void done(void *ctx, size_t question, int model, const struct answer *a)
{
	struct taking *t = ctx;
	const struct question *q = &t->s->exam->question[question];

	accuracy_add(&t->sum[model], q->subject, a->choice == q->answer);
	t->sum[model].invalid += !a->top;
	t->sum[model].yes += q->subject == NULL && q->answer == 1;
	t->sum[model].cut += a->cut > 0;
	t->sum[model].fewer += a->shots < t->s->exam->shots;
	for (int c = 0; c < t->s->exam->n_choices; c++)
		if (!isfinite(a->logp[c]))
			die("%s: question %zu, model %d: a log-probability that is not finite",
				t->s->exam->task, question, model);
	if (t->samples != NULL)
		put_sample(t, question, model, a);
}

static json_t *meta_of(const struct sitting *s)
{
	json_t *meta = scores_meta(s->exam->task);
	struct docs docs = { 0 };

	for (size_t i = 0; i < s->exam->n; i++)
		docs_add(&docs, s->number ? s->number[i] : s->exam->question[i].row);
	json_put(meta, "style", json_string(s->style));
	json_put(meta, "shots", json_integer(s->exam->shots));
	if (s->split != NULL)
		json_put(meta, "split", json_string(s->split));
	if (s->order_seed >= 0)
		json_put(meta, "order_seed", json_integer(s->order_seed));
	json_put(meta, "docs", docs_to_json(&docs));
	docs_free(&docs);
	return meta;
}

void exam_take(const struct sitting *s)
{
	if (s->bos && s->no_bos)
		misuse("--bos and --no-bos: not both");
	if (s->bos || s->no_bos)
		json_put(s->args, "bos", json_boolean(s->bos));

	struct models *m = models_open(s->models);
	struct taking t = { .s = s, .sum = xcalloc((size_t)m->n, sizeof *t.sum) };
	struct score_hooks hooks = { .done = done, .ctx = &t };
	json_t *meta = meta_of(s), *of_samples = json_deep_copy(meta), *tokenizer;
	const struct model_rec **rec = xcalloc((size_t)m->n, sizeof *rec);

	for (int i = 0; i < m->n; i++)
		t.sum[i].parameters = shape_parameters(m->list[i].shape, m->list[i].rec->n_keep);
	if (s->samples != NULL) {
		scores_samples_meta(of_samples, m, s->hash);
		json_put(of_samples, "prompts", json_boolean(s->prompts));
		t.samples = samples_open(s->samples, m->provenance, s->args, of_samples);
		hooks.known = known;
	}
	tokenizer = score_run(m, s->exam, s->bos ? 1 : s->no_bos ? 0 : -1, &hooks);
	json_put(meta, "tokenizer", tokenizer);
	if (t.samples != NULL)
		samples_close(t.samples);
	for (int i = 0; i < m->n; i++)
		rec[i] = m->list[i].rec;
	write_all(s->exam->task, t.sum, rec, m->n, m->provenance, s->args, meta, s->table);
	for (int i = 0; i < m->n; i++)
		accuracy_free(&t.sum[i]);
	free(t.sum);
	free(rec);
	json_decref(meta);
	json_decref(of_samples);
	models_close(m);
}

/* -- merging ----------------------------------------------------------------------------------- */

struct merging {
	struct accuracy *sum;
	int n;
};

static int add(void *ctx, int i, const struct score *s, struct fault *err)
{
	struct merging *m = ctx;

	if (i == m->n) {
		m->sum = xrealloc(m->sum, (size_t)m->n + 1, sizeof *m->sum);
		m->sum[m->n++] = (struct accuracy){ 0 };
	}
	return accuracy_add_score(&m->sum[i], s, err);
}

void exam_merge(const char *task, char *const *files, int table)
{
	struct merging m = { 0 };
	struct parts p = { .task = task, .add = add, .ctx = &m };
	json_t *args = json_object();

	json_put(args, "merge", json_true());
	parts_read(&p, files);
	write_all(task, m.sum, (const struct model_rec *const *)p.model, p.n, p.provenance, args,
		p.meta, table);
	for (int i = 0; i < m.n; i++)
		accuracy_free(&m.sum[i]);
	free(m.sum);
	json_decref(args);
	parts_free(&p);
}
