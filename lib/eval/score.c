/* score - see score.h
 *
 * A prompt is tokenised whole, since with some vocabularies the last line break of a header joins
 * what follows. Its header becomes a segment of its own where the prompt's tokens begin with those
 * of the header without its trailing white space, whether or not a batch has a second question to
 * share it with: a question's arithmetic must not depend on its neighbours.
 */
#include "eval/score.h"

#include "file/json.h"
#include "forward/pass.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"

#include <stdlib.h>
#include <string.h>

/* Headers that questions share are computed once a batch. */
enum { BATCH_ROWS = 16384 };

struct ids {
	uint32_t *id;
	size_t n;
};

struct asked_question { /* one of a batch */
	size_t question;
	struct answer a; /* what is known of it before the pass */
	size_t row;      /* its place among the rows whose output is asked for */
};

struct job {
	const struct exam *exam;
	const struct score_hooks *hooks;
	struct tok *tok;
	struct tok_out out;
	struct pass *pass;
	size_t context;
	uint32_t n_vocab;
	const int *index; /* [n_models]: the models' numbers in the list */
	int n_models;
	struct ids choice[MAX_CHOICES];
	char *text; /* the current prompt */
	size_t n_text, n_header;

	char *header; /* the last header met, without its trailing white space */
	size_t n_header_text;
	struct ids header_ids;
	int header_seg; /* its segment in the batch, -1: none yet */

	struct batch batch;
	struct asked_question *q;
	size_t n_q, cap_q;
	size_t *rows, *first; /* rows asked, and of each the first of its ids */
	uint32_t *ids;
	size_t n_rows, cap_rows, n_ids, cap_ids;
	struct answer *answers; /* [n_q][n_models] */
};

int score_groups(const struct models *m, int *group)
{
	int n = 0;

	for (int i = 0; i < m->n; i++) {
		int j = 0;

		while (j < i && !pass_together(&m->list[j], &m->list[i]))
			j++;
		group[i] = j < i ? group[j] : n++;
	}
	return n;
}

struct model *score_group(const struct models *m, const int *group, int g, int *n, int **index)
{
	struct model *list = xcalloc((size_t)m->n, sizeof *list);

	*index = xcalloc((size_t)m->n, sizeof **index);
	*n = 0;
	for (int i = 0; i < m->n; i++)
		if (group[i] == g) {
			list[*n] = m->list[i];
			(*index)[(*n)++] = i;
		}
	return list;
}

static void check_ids(const struct job *j, const uint32_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (id[i] >= j->n_vocab)
			die("the tokenizer gives token %u, the model's vocabulary is %u", id[i],
				j->n_vocab);
}

static struct ids ids_copy(const uint32_t *id, size_t n)
{
	struct ids copy = { xcalloc(n, sizeof *id), n };

	if (n > 0)
		memcpy(copy.id, id, n * sizeof *id);
	return copy;
}

static int begins_with(const uint32_t *all, size_t n_all, const uint32_t *id, size_t n)
{
	return n <= n_all && (n == 0 || memcmp(all, id, n * sizeof *id) == 0);
}

static void encode(const struct tok *t, struct tok_out *out, const char *text, size_t n)
{
	tok_encode(t, out, text, n);
	if (out->failed)
		die("the tokenizer's regular expression gives up on a text of %zu bytes", n);
}

uint32_t *continuation_ids(const struct tok *t, const char *prompt, size_t n_prompt,
	const char *text, size_t *n)
{
	struct tok_out whole = { 0 }, own = { 0 };
	char *both = xmalloc(n_prompt + strlen(text));
	struct ids rest;

	memcpy(both, prompt, n_prompt);
	memcpy(both + n_prompt, text, strlen(text));
	encode(t, &whole, both, n_prompt + strlen(text));
	encode(t, &own, prompt, n_prompt);
	if (whole.n <= own.n || !begins_with(whole.ids, whole.n, own.ids, own.n))
		die("this tokenizer joins the end of a prompt with \"%s\": no token to score",
			text);
	rest = ids_copy(whole.ids + own.n, whole.n - own.n);
	free(both);
	tok_out_free(&whole);
	tok_out_free(&own);
	*n = rest.n;
	return rest.id;
}

/* -- prompts ----------------------------------------------------------------------------------- */

static void build_prompt(struct job *j, size_t question, int shots)
{
	FILE *f;

	free(j->text);
	f = open_memstream(&j->text, &j->n_text);
	if (f == NULL)
		die("out of memory");
	j->n_header = j->exam->prompt(j->exam->source, question, shots, f);
	if (fclose(f) != 0)
		die("out of memory");
}

static void find_choices(struct job *j)
{
	const struct exam *e = j->exam;

	build_prompt(j, 0, 0);
	for (int c = 0; c < e->n_choices; c++) {
		struct ids *to = &j->choice[c];

		if (e->bare) {
			encode(j->tok, &j->out, e->choice[c], strlen(e->choice[c]));
			if (j->out.n == 0)
				die("\"%s\" has no token in this vocabulary", e->choice[c]);
			*to = ids_copy(j->out.ids + j->out.n - 1, 1);
		} else {
			to->id = continuation_ids(j->tok, j->text, j->n_text, e->choice[c], &to->n);
		}
		check_ids(j, to->id, to->n);
	}
}

static size_t longest_choice(const struct job *j)
{
	size_t n = 0;

	for (int c = 0; c < j->exam->n_choices; c++)
		n = j->choice[c].n > n ? j->choice[c].n : n;
	return n;
}

/* The header's tokens; most questions have the header of the one before. */
static void find_header(struct job *j)
{
	size_t n = j->n_header;

	while (n > 0 && strchr(" \t\r\n", j->text[n - 1]) != NULL)
		n--;
	if (j->header != NULL && n == j->n_header_text && memcmp(j->header, j->text, n) == 0)
		return;
	free(j->header);
	free(j->header_ids.id);
	j->header = xmalloc(n + 1);
	memcpy(j->header, j->text, n);
	j->n_header_text = n;
	j->header_seg = -1;
	j->header_ids = (struct ids){ 0 };
	if (n > 0) {
		encode(j->tok, &j->out, j->header, n);
		j->header_ids = ids_copy(j->out.ids, j->out.n);
	}
}

/* Tokens of a question's prompt (in j->out), with as many shots as the context has room for. */
static void find_prompt(struct job *j, size_t question, struct answer *a)
{
	size_t room = j->context + 1 - longest_choice(j);

	*a = (struct answer){ .shots = j->exam->shots };
	build_prompt(j, question, a->shots);
	find_header(j);
	encode(j->tok, &j->out, j->text, j->n_text);
	while (j->out.n > room && a->shots > 0) {
		build_prompt(j, question, --a->shots);
		find_header(j);
		encode(j->tok, &j->out, j->text, j->n_text);
	}
	if (j->out.n == 0)
		die("%s: question %zu: an empty prompt", j->exam->task, question);
	check_ids(j, j->out.ids, j->out.n);
	a->cut = j->out.n > room ? j->out.n - room : 0;
	a->ntok = j->out.n - a->cut;
}

/* -- batches ----------------------------------------------------------------------------------- */

static void ask(struct job *j, size_t row)
{
	if (j->n_rows + 1 >= j->cap_rows) {
		j->cap_rows = j->cap_rows ? 2 * j->cap_rows : 256;
		j->rows = xrealloc(j->rows, j->cap_rows, sizeof *j->rows);
		j->first = xrealloc(j->first, j->cap_rows, sizeof *j->first);
	}
	j->rows[j->n_rows] = row;
	j->first[j->n_rows++] = j->n_ids;
}

static void ask_id(struct job *j, uint32_t id)
{
	if (j->n_ids == j->cap_ids) {
		j->cap_ids = j->cap_ids ? 2 * j->cap_ids : 1024;
		j->ids = xrealloc(j->ids, j->cap_ids, sizeof *j->ids);
	}
	j->ids[j->n_ids++] = id;
	j->first[j->n_rows] = j->n_ids;
}

/* The rows that a question asks output of: its last, and those of its longer choices. */
static void ask_question(struct job *j, int seg)
{
	ask(j, batch_last_row(&j->batch, seg));
	for (int c = 0; c < j->exam->n_choices; c++)
		ask_id(j, j->choice[c].id[0]);
	for (int c = 0; c < j->exam->n_choices; c++) {
		const struct ids *choice = &j->choice[c];
		int child;

		if (choice->n == 1)
			continue;
		child = batch_add(&j->batch, choice->id, choice->n - 1, seg);
		for (size_t i = 1; i < choice->n; i++) {
			ask(j, batch_last_row(&j->batch, child) + i + 1 - choice->n);
			ask_id(j, choice->id[i]);
		}
	}
}

/* What the model says of one question: logp, top from its first asked row on. */
static void read_answer(const struct job *j, struct answer *a, size_t row, const float *logp,
	const uint32_t *top)
{
	size_t next = row + 1;

	a->top = 0;
	for (int c = 0; c < j->exam->n_choices; c++) {
		a->logp[c] = logp[j->first[row] + (size_t)c];
		a->top |= j->choice[c].id[0] == top[row];
		for (size_t i = 1; i < j->choice[c].n; i++)
			a->logp[c] += logp[j->first[next++]];
		if (a->logp[c] > a->logp[a->choice])
			a->choice = c;
	}
}

static void read_model(void *ctx, int m, const struct mat *x)
{
	struct job *j = ctx;
	float *logp = xcalloc(j->n_ids, sizeof *logp);
	uint32_t *top = xcalloc(j->n_rows, sizeof *top);

	pass_output(j->pass, m, x, j->rows, j->n_rows, &(struct logp_request){ j->ids, j->first },
		logp, top, NULL);
	for (size_t i = 0; i < j->n_q; i++) {
		struct answer *a = &j->answers[i * (size_t)j->n_models + (size_t)m];

		*a = j->q[i].a;
		read_answer(j, a, j->q[i].row, logp, top);
	}
	free(logp);
	free(top);
}

static void run_batch(struct job *j)
{
	if (j->n_q == 0)
		return;
	j->answers = xcalloc(j->n_q * (size_t)j->n_models, sizeof *j->answers);
	pass_run(j->pass, &j->batch, &(struct pass_hooks){ .done = read_model, .ctx = j });
	for (size_t i = 0; i < j->n_q; i++)
		for (int m = 0; m < j->n_models; m++)
			j->hooks->done(j->hooks->ctx, j->q[i].question, j->index[m],
				&j->answers[i * (size_t)j->n_models + (size_t)m]);
	if (j->hooks->batch)
		j->hooks->batch(j->hooks->ctx);
	progress_add((double)j->n_q);
	free(j->answers);
	batch_clear(&j->batch);
	j->n_q = j->n_rows = j->n_ids = 0;
	j->header_seg = -1;
}

static size_t rows_of_choices(const struct job *j)
{
	size_t n = 0;

	for (int c = 0; c < j->exam->n_choices; c++)
		n += j->choice[c].n - 1;
	return n;
}

/* Puts the prompt in j->out into the batch; a full batch is run first. */
static void add_question(struct job *j, size_t question, const struct answer *a)
{
	const uint32_t *ids = j->out.ids + a->cut;
	size_t n = a->ntok, n_header = 0, more;

	if (a->cut == 0 && j->header_ids.n < n &&
		begins_with(ids, n, j->header_ids.id, j->header_ids.n))
		n_header = j->header_ids.n;
	more = n + rows_of_choices(j) - (j->header_seg >= 0 ? n_header : 0);
	if (j->batch.rows + more > pass_rows(j->pass))
		run_batch(j);
	if (n_header > 0 && j->header_seg < 0)
		j->header_seg = batch_add(&j->batch, ids, n_header, -1);
	if (j->n_q == j->cap_q) {
		j->cap_q = j->cap_q ? 2 * j->cap_q : 64;
		j->q = xrealloc(j->q, j->cap_q, sizeof *j->q);
	}
	j->q[j->n_q++] = (struct asked_question){ question, *a, j->n_rows };
	ask_question(j,
		batch_add(&j->batch, ids + n_header, n - n_header,
			n_header > 0 ? j->header_seg : -1));
}

/* 1: all models' answers to a question were known and have been passed on. */
static int known_already(struct job *j, size_t question, const struct answer *a)
{
	struct answer *known = xcalloc((size_t)j->n_models, sizeof *known);
	int m;

	for (m = 0; m < j->n_models; m++) {
		known[m] = *a;
		if (!j->hooks->known(j->hooks->ctx, question, j->index[m], &known[m]))
			break;
	}
	for (int i = 0; m == j->n_models && i < m; i++)
		j->hooks->done(j->hooks->ctx, question, j->index[i], &known[i]);
	free(known);
	return m == j->n_models;
}

/* Rows of the longest question, its choices included. */
static size_t longest(void *ctx)
{
	struct job *j = ctx;
	struct answer a;
	size_t most = 0;

	for (size_t i = 0; i < j->exam->n; i++) {
		find_prompt(j, i, &a);
		most = a.ntok > most ? a.ntok : most;
	}
	return most + rows_of_choices(j);
}

static void check_context(const struct job *j)
{
	for (int c = 0; c < j->exam->n_choices; c++)
		if (j->choice[c].n > j->context / 2)
			die("a context of %zu tokens is too short for \"%s\"", j->context,
				j->exam->choice[c]);
}

static void run_group(struct job *j, int *some_known)
{
	struct answer a;

	for (size_t i = 0; i < j->exam->n; i++) {
		find_prompt(j, i, &a);
		if (*some_known && known_already(j, i, &a)) {
			progress_add(1);
			continue;
		}
		*some_known = 0;
		add_question(j, i, &a);
	}
	run_batch(j);
}

static void job_free(struct job *j)
{
	for (int c = 0; c < j->exam->n_choices; c++)
		free(j->choice[c].id);
	tok_out_free(&j->out);
	batch_free(&j->batch);
	free(j->text);
	free(j->header);
	free(j->header_ids.id);
	free(j->q);
	free(j->rows);
	free(j->first);
	free(j->ids);
}

/* What the meta of tokens says of a tokenizer too, if it is not in the list yet. */
static void add_tokenizer(json_t *list, const struct tok *t)
{
	json_t *j, *own = json_object();
	size_t i;

	json_put(own, "hash", json_string(tok_hash(t)));
	json_put(own, "size", json_integer((json_int_t)tok_size(t)));
	json_put(own, "bos", json_boolean(tok_adds_bos(t)));
	json_array_foreach(list, i, j) if (json_equal(j, own)) break;
	if (i == json_array_size(list))
		json_array_append(list, own);
	json_decref(own);
}

json_t *score_run(const struct models *m, const struct exam *e, int bos,
	const struct score_hooks *h)
{
	int *group = xcalloc((size_t)m->n, sizeof *group), n_groups = score_groups(m, group),
	    *index, n;
	int some_known = h->known != NULL;
	json_t *tokenizers = json_array(), *first;

	progress_start(e->task, "questions", (double)e->n * n_groups);
	for (int g = 0; g < n_groups; g++) {
		struct model *list = score_group(m, group, g, &n, &index);
		struct job j = {
			.exam = e, .hooks = h, .index = index, .n_models = n, .header_seg = -1
		};

		j.tok = tok_open(base_path(list[0].base));
		tok_set_bos(j.tok, bos);
		j.n_vocab = (uint32_t)list[0].shape->n_vocab;
		j.context = (size_t)list[0].shape->n_ctx;
		find_choices(&j);
		check_context(&j);
		j.pass = pass_open(list, n,
			(struct pass_options){ .rows = BATCH_ROWS,
				.output = 1,
				.row = 32,
				.longest = longest,
				.ctx = &j,
				.all = m });
		add_tokenizer(tokenizers, j.tok);
		run_group(&j, &some_known);
		pass_close(j.pass);
		tok_close(j.tok);
		job_free(&j);
		free(list);
		free(index);
	}
	progress_end();
	free(group);
	if (json_array_size(tokenizers) > 1)
		return tokenizers;
	first = json_incref(json_array_get(tokenizers, 0));
	json_decref(tokenizers);
	return first;
}
