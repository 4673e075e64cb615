/* boolq - see boolq.h
 */
#include "eval/boolq.h"

#include "cli/shortfall.h"
#include "eval/accuracy.h"
#include "file/json.h"
#include "file/text.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* [style][answer] */
static const char *const words[2][2] = { { " no", " yes" }, { " No", " Yes" } };

static int refuse(struct fault *err, const char *why)
{
	fault(err, "%s", why);
	return -1;
}

/* 0 or 1, -1: neither true, false nor these numbers */
static int truth(const json_t *j)
{
	if (json_is_boolean(j))
		return json_is_true(j);
	return json_is_integer(j) && json_integer_value(j) >= 0 && json_integer_value(j) <= 1
		? (int)json_integer_value(j)
		: -1;
}

static int read_item(struct boolq_item *it, const json_t *o, struct fault *err)
{
	const char *passage = json_string_value(json_object_get(o, "passage"));
	const char *question = json_string_value(json_object_get(o, "question"));
	const json_t *title = json_object_get(o, "title"), *label = json_object_get(o, "label");

	if (!json_is_object(o))
		return refuse(err, "not a JSON object");
	if (passage == NULL || question == NULL)
		return refuse(err,
			passage == NULL ? "no text \"passage\"" : "no text \"question\"");
	if (title != NULL && !json_is_string(title))
		return refuse(err, "\"title\" is no text");
	if (label == NULL)
		label = json_object_get(o, "answer");
	if ((it->answer = truth(label)) < 0)
		return refuse(err, "neither \"label\" nor \"answer\" is true or false");
	it->passage = title ? xasprintf("%s -- %s", json_string_value(title), passage)
			    : xstrdup(passage);
	it->question = xstrdup(question);
	return 0;
}

int boolq_parse(struct boolq_item *it, const char *line, size_t n, struct fault *err)
{
	json_t *o;
	int r;

	*it = (struct boolq_item){ 0 };
	if (json_parse_line(&o, line, n, err) < 0)
		return -1;
	r = read_item(it, o, err);
	json_decref(o);
	return r;
}

void boolq_item_free(struct boolq_item *it)
{
	free(it->passage);
	free(it->question);
}

struct items {
	struct boolq_item *list; /* [n] */
	size_t n;
};

static void add_item(struct items *it, const struct text_in *in, const char *line, size_t len)
{
	struct fault err;

	if ((it->n & (it->n - 1)) == 0)
		it->list = xrealloc(it->list, 2 * it->n + 1, sizeof *it->list);
	if (boolq_parse(&it->list[it->n], line, len, &err) < 0)
		text_bad(in, err.text);
	it->n++;
}

/* Rows skip to skip + limit - 1 of the files; *rows: how many were read. */
static struct items read_items(char *const *files, uint64_t skip, uint64_t limit, uint64_t *rows,
	XXH3_state_t *hash)
{
	struct text_in *in = text_open(files, NULL, 1);
	struct items it = { 0 };
	const char *line;
	uint64_t doc;
	size_t len;

	*rows = 0;
	while (it.n < limit && text_next(in, &line, &len, &doc)) {
		if (text_is_blank(line, len) || (*rows)++ < skip)
			continue;
		add_item(&it, in, line, len);
		XXH3_64bits_update(hash, line, len);
	}
	text_close(in);
	return it;
}

static void read_questions(struct boolq *b, char *const *files, uint64_t skip, uint64_t limit,
	XXH3_state_t *hash)
{
	const char *name = files[0] ? files[0] : "standard input";
	uint64_t rows;
	struct items it = read_items(files, skip, limit, &rows, hash);

	if (it.n == 0 && rows > 0 && limit > 0)
		die("%s: %llu questions: none is left after the first %llu", name,
			(unsigned long long)rows, (unsigned long long)skip);
	if (it.n == 0)
		die("%s: no question", name);
	shortfall(files, "questions", rows, skip, limit);
	b->item = it.list;
	b->n = it.n;
	b->question = xcalloc(b->n, sizeof *b->question);
	for (size_t i = 0; i < b->n; i++) {
		b->question[i] = (struct question){ NULL, skip + i, b->item[i].answer };
		docs_add(&b->docs, skip + i);
	}
}

static void read_shots(struct boolq *b, const char *train, int shots, XXH3_state_t *hash)
{
	uint64_t rows;
	struct items it = read_items((char *const[]){ (char *)(uintptr_t)train, NULL }, 0,
		(uint64_t)shots, &rows, hash);

	if (it.n < (size_t)shots)
		die("%s: %zu rows, not enough for %d shots", train, it.n, shots);
	b->shot = it.list;
	b->n_shots = it.n;
}

struct boolq *boolq_open(char *const *files, const char *train, enum boolq_style style, int shots,
	uint64_t skip, uint64_t limit)
{
	struct boolq *b = xcalloc(1, sizeof *b);
	XXH3_state_t *hash = XXH3_createState();

	XXH3_64bits_reset(hash);
	b->style = style;
	read_questions(b, files, skip, limit, hash);
	if (shots > 0)
		read_shots(b, train, shots, hash);
	snprintf(b->hash, sizeof b->hash, "%016llx", (unsigned long long)XXH3_64bits_digest(hash));
	XXH3_freeState(hash);
	return b;
}

void boolq_close(struct boolq *b)
{
	for (size_t i = 0; i < b->n; i++)
		boolq_item_free(&b->item[i]);
	for (size_t i = 0; i < b->n_shots; i++)
		boolq_item_free(&b->shot[i]);
	free(b->item);
	free(b->shot);
	free(b->question);
	docs_free(&b->docs);
	free(b);
}

static void put_item(const struct boolq_item *it, FILE *to)
{
	fprintf(to, "%s\nQuestion: %s?\nAnswer:", it->passage, it->question);
}

size_t boolq_prompt(const void *boolq, size_t question, int shots, FILE *to)
{
	const struct boolq *b = boolq;
	long n_header;

	for (int i = 0; i < shots; i++) {
		put_item(&b->shot[i], to);
		fprintf(to, "%s\n\n", words[b->style][b->shot[i].answer]);
	}
	n_header = ftell(to);
	put_item(&b->item[question], to);
	return n_header < 0 ? 0 : (size_t)n_header;
}

/* The scripts near the paper's authors score the bare words' last tokens, whatever a prompt would
 * make of them. */
struct questions boolq_questions(const struct boolq *b)
{
	int bare = b->style == BOOLQ_PAPER;

	return (struct questions){ .task = "boolq",
		.question = b->question,
		.n = b->n,
		.shots = (int)b->n_shots,
		.prompt = boolq_prompt,
		.source = b,
		.choice = { bare ? "No" : " no", bare ? "Yes" : " yes" },
		.n_choices = 2,
		.bare = bare,
		.hash = b->hash,
		.docs = &b->docs,
		.metric = accuracy_metric() };
}
