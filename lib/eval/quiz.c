/* quiz - see quiz.h
 */
#include "eval/quiz.h"

#include "eval/picks.h"
#include "eval/rows.h"
#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct quiz_reader {
	struct quiz *q;
	struct question_rows rows;
	XXH3_state_t *hash, *shots_hash;
};

/* -- lines ------------------------------------------------------------------------------------- */

/* 1: the examples are of the questions' own file, and a question is none of its own. */
static int has_own_shots(const struct quiz *q)
{
	return q->from.train == NULL && q->from.shots > 0;
}

/* Of equal values it is equal, whatever the line looks like. */
static uint64_t content_of(const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	uint64_t hash;

	if (text == NULL)
		die("out of memory");
	hash = XXH3_64bits(text, strlen(text));
	free(text);
	return hash;
}

/* The first line settles the form. */
static int read_object(struct quiz *q, struct posed *p, const json_t *o, struct fault *err)
{
	*p = (struct posed){ 0 };
	if (!json_is_object(o))
		return fault(err, "not a JSON object");
	if (q->from.templates != NULL)
		return templates_read(q->from.templates, p, o, err);
	if (q->form < 0 && (q->form = form_guess(o)) < 0)
		return form_unknown(err);
	return form_read(q->form, p, o, err);
}

static void add_posed(struct quiz *q, struct posed **list, size_t *n, const json_t *o,
	const struct text_in *in)
{
	struct fault err;

	if ((*n & (*n - 1)) == 0)
		*list = xrealloc(*list, 2 * *n + 1, sizeof **list);
	if (read_object(q, &(*list)[(*n)++], o, &err) < 0)
		text_bad(in, err.text);
	if (has_own_shots(q))
		(*list)[*n - 1].content = content_of(o);
}

/* 1: so many of the examples differ that any question leaves enough that are not its copies. */
static int are_enough(const struct quiz *q)
{
	int different = 0;

	for (size_t i = 0; i < q->n_shots; i++) {
		size_t k = 0;

		while (q->shot[k].content != q->shot[i].content)
			k++;
		different += k == i;
	}
	return different > q->from.shots;
}

static void take(void *ctx, const struct text_in *in, uint64_t row, const char *line, size_t n)
{
	struct quiz_reader *r = ctx;
	struct quiz *q = r->q;
	struct fault err;
	json_t *o;

	if (json_parse_line(&o, line, n, &err) < 0)
		text_bad(in, err.text);
	if (row < r->rows.first) {
		add_posed(q, &q->shot, &q->n_shots, o, in);
		XXH3_64bits_update(r->shots_hash, line, n);
		if (has_own_shots(q) && q->n_shots > (size_t)q->from.shots && are_enough(q))
			r->rows.first = row + 1;
	}
	if (row_is_question(&r->rows, row))
		add_posed(q, &q->item, &q->n, o, in);
	XXH3_64bits_update(r->hash, line, n);
	json_decref(o);
}

static void check_shots(const struct quiz *q)
{
	for (size_t i = 0; i < q->n; i++) {
		int others = 0;

		for (size_t k = 0; k < q->n_shots && others < q->from.shots; k++)
			others += q->shot[k].content != q->item[i].content;
		if (others < q->from.shots)
			die("%s: %zu rows, not enough for %d shots beside question %llu",
				q->from.files[0] ? q->from.files[0] : "standard input", q->n_shots,
				q->from.shots, (unsigned long long)(q->from.skip + i));
	}
}

/* Where the examples are of the questions' own file, more are read, for the places of the question
 * itself and its copies: one more, where there are none. */
static void read_questions(struct quiz_reader *r)
{
	const struct quiz_source *from = &r->q->from;

	r->rows = (struct question_rows){ .skip = from->skip,
		.limit = from->limit,
		.first = has_own_shots(r->q) ? UINT64_MAX : 0,
		.take = take,
		.ctx = r };
	rows_read_questions(&r->rows, from->files);
	if (has_own_shots(r->q))
		check_shots(r->q);
}

static void read_train(struct quiz_reader *r)
{
	const struct quiz_source *from = &r->q->from;

	r->rows = (struct question_rows){ .first = (uint64_t)from->shots, .take = take, .ctx = r };
	rows_read(&r->rows, (char *const[]){ (char *)(uintptr_t)from->train, NULL });
	if (r->q->n_shots < r->rows.first)
		die("%s: %zu rows, not enough for %d shots", from->train, r->q->n_shots,
			from->shots);
}

static void list_questions(struct quiz *q)
{
	q->question = xcalloc(q->n, sizeof *q->question);
	for (size_t i = 0; i < q->n; i++) {
		q->question[i] = (struct question){ NULL, q->from.skip + i, q->item[i].answer,
			q->item[i].n };
		docs_add(&q->docs, q->from.skip + i);
	}
}

static void digest(char text[17], XXH3_state_t *hash)
{
	snprintf(text, 17, "%016llx", (unsigned long long)XXH3_64bits_digest(hash));
	XXH3_freeState(hash);
}

struct quiz *quiz_open(const struct quiz_source *from)
{
	struct quiz *q = xcalloc(1, sizeof *q);
	struct quiz_reader r = {
		.q = q, .hash = XXH3_createState(), .shots_hash = XXH3_createState()
	};

	XXH3_64bits_reset(r.hash);
	XXH3_64bits_reset(r.shots_hash);
	q->from = *from;
	q->form = from->form;
	read_questions(&r);
	if (from->train != NULL && from->shots > 0)
		read_train(&r);
	list_questions(q);
	digest(q->hash, r.hash);
	digest(q->shots_hash, r.shots_hash);
	return q;
}

void quiz_close(struct quiz *q)
{
	for (size_t i = 0; i < q->n; i++)
		posed_free(&q->item[i]);
	for (size_t i = 0; i < q->n_shots; i++)
		posed_free(&q->shot[i]);
	free(q->item);
	free(q->shot);
	free(q->question);
	docs_free(&q->docs);
	free(q);
}

/* -- prompts ----------------------------------------------------------------------------------- */

/* lm-eval leaves an answer out that is the empty text behind a prompt of the choice's own, with the
 * lines that part it from the next. */
static void put_shot(const struct posed *p, FILE *to)
{
	fprintf(to, "%s%s", p->prompt, p->lead ? p->lead[p->answer] : "");
	if (p->lead == NULL || p->choice[p->answer][0] != '\0')
		fprintf(to, " %s\n\n", p->choice[p->answer]);
}

size_t quiz_prompt(const void *quiz, size_t question, int shots, FILE *to)
{
	const struct quiz *q = quiz;
	const struct posed *item = &q->item[question];
	long n_header;

	for (size_t i = 0; shots > 0; i++) {
		if (has_own_shots(q) && q->shot[i].content == item->content)
			continue;
		put_shot(&q->shot[i], to);
		shots--;
	}
	n_header = ftell(to);
	fputs(item->prompt, to);
	return n_header < 0 ? 0 : (size_t)n_header;
}

static struct choice_text choice_of(const void *quiz, size_t question, int choice)
{
	const struct posed *p = &((const struct quiz *)quiz)->item[question];

	return (struct choice_text){ p->lead ? p->lead[choice] : NULL, p->choice[choice] };
}

struct questions quiz_questions(const struct quiz *q, const char *task, int norm)
{
	return (struct questions){ .task = task,
		.question = q->question,
		.n = q->n,
		.shots = q->from.shots,
		.prompt = quiz_prompt,
		.source = q,
		.choice_of = choice_of,
		.hash = q->hash,
		.docs = &q->docs,
		.metric = picks_metric(norm) };
}
