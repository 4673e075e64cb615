/* choice - see choice.h
 */
#include "eval/choice.h"

#include "file/json.h"
#include "file/utf8.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 16384 }; /* the questions of a batch compute a header that they share once */

struct choices {
	const struct questions *q;
	int bos;
	json_t *tokenizers; /* of all bases, each one once */

	/* of the base that is worked on */
	struct tok *tok;
	struct tok_out out;
	uint32_t n_vocab;
	size_t context, longest_choice; /* tokens */
	struct continuation choice[MAX_CHOICES];
	struct continuation whole[MAX_CHOICES]; /* of choice_of: prompt and choice, owned */

	char *text; /* the prompt built last; its first n_header bytes are its header */
	size_t n_text, n_header;
	char *header; /* the last header, without its trailing white space, and its tokens */
	size_t n_header_text;
	struct continuation header_ids;
};

/* -- tokens ------------------------------------------------------------------------------------ */

static void encode(const struct tok *t, struct tok_out *out, const char *text, size_t n)
{
	tok_encode(t, out, text, n);
	if (out->failed)
		die("the tokenizer's regular expression gives up on a text of %zu bytes", n);
}

static void check_ids(const struct choices *c, const uint32_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (id[i] >= c->n_vocab)
			die("the tokenizer gives token %u, the model's vocabulary is %u", id[i],
				c->n_vocab);
}

static struct continuation ids_copy(const uint32_t *id, size_t n)
{
	struct continuation copy = { xcalloc(n, sizeof *id), n };

	if (n > 0)
		memcpy(copy.id, id, n * sizeof *id);
	return copy;
}

static int begins_with(const uint32_t *all, size_t n_all, const uint32_t *id, size_t n)
{
	return n <= n_all && (n == 0 || memcmp(all, id, n * sizeof *id) == 0);
}

struct continuation continuation_of(const struct tok *t, const char *prompt, size_t n_prompt,
	const char *text)
{
	struct tok_out whole = { 0 }, own = { 0 };
	char *both = xmalloc(n_prompt + strlen(text));
	struct continuation rest;

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
	return rest;
}

/* -- prompts ----------------------------------------------------------------------------------- */

static void build_prompt(struct choices *c, size_t question, int shots)
{
	FILE *f;

	free(c->text);
	f = open_memstream(&c->text, &c->n_text);
	if (f == NULL)
		die("out of memory");
	c->n_header = c->q->prompt(c->q->source, question, shots, f);
	if (fclose(f) != 0)
		die("out of memory");
}

/* Most questions have the header of the one before. */
static void find_header(struct choices *c)
{
	size_t n = c->n_header;

	while (n > 0 && strchr(" \t\r\n", c->text[n - 1]) != NULL)
		n--;
	if (c->header != NULL && n == c->n_header_text && memcmp(c->header, c->text, n) == 0)
		return;
	free(c->header);
	free(c->header_ids.id);
	c->header = xmalloc(n + 1);
	memcpy(c->header, c->text, n);
	c->n_header_text = n;
	c->header_ids = (struct continuation){ 0 };
	if (n > 0) {
		encode(c->tok, &c->out, c->header, n);
		c->header_ids = ids_copy(c->out.ids, c->out.n);
	}
}

static void encode_prompt(struct choices *c, size_t question, int shots)
{
	build_prompt(c, question, shots);
	find_header(c);
	encode(c->tok, &c->out, c->text, c->n_text);
}

/* The tokens of the header, where an uncut prompt begins with them and goes on. */
static size_t header_of(const struct choices *c, const struct item *it)
{
	const struct continuation *h = &c->header_ids;

	return it->cut == 0 && h->n < it->n && begins_with(it->ids, it->n, h->id, h->n) ? h->n : 0;
}

/* With as many examples as the context has space for; without any, what is too long is cut off the
 * front. */
static void prepare_alike(struct choices *c, size_t i, struct item *it)
{
	size_t most = c->context + 1 - c->longest_choice;

	it->n_choices = c->q->n_choices;
	encode_prompt(c, i, it->shots);
	while (c->out.n > most && it->shots > 0)
		encode_prompt(c, i, --it->shots);
	if (c->out.n == 0)
		die("%s: question %zu: an empty prompt", c->q->task, i);
	check_ids(c, c->out.ids, c->out.n);
	it->fewer = it->shots < c->q->shots;
	it->cut = c->out.n > most ? c->out.n - most : 0;
	it->ids = c->out.ids + it->cut;
	it->n = c->out.n - it->cut;
	it->n_header = header_of(c, it);
}

/* -- choices of a question's own --------------------------------------------------------------- */

/* Its tokens behind the question's prompt. They fit the context; returns how many were cut off the
 * front. */
static size_t encode_whole(struct choices *c, struct continuation *w, const struct choice_text *t,
	size_t question)
{
	const char *lead = t->lead ? t->lead : "";
	size_t n_text = strlen(t->text), n = c->n_text + strlen(lead), n_bare = n, cut = 0, most;
	char *both = xmalloc(n + 1 + n_text);

	memcpy(both, c->text, c->n_text);
	memcpy(both + c->n_text, lead, n - c->n_text);
	both[n] = ' ';
	memcpy(both + n + 1, t->text, n_text);
	utf8_strip_end(both, &n_bare);
	encode(c->tok, &c->out, both, n_bare);
	*w = ids_copy(c->out.ids, c->out.n);
	encode(c->tok, &c->out, both, n + 1 + n_text);
	free(both);
	if (w->n == 0 || c->out.n <= w->n || c->out.n - w->n > c->context)
		die("%s: question %llu: %s", c->q->task, (unsigned long long)question,
			w->n == 0                  ? "an empty prompt"
				: c->out.n <= w->n ? "a choice that has no token behind the prompt"
						   : "a choice that is longer than the context");
	w->given = w->n;
	w->id = xrealloc(w->id, c->out.n, sizeof *w->id);
	memcpy(w->id + w->n, c->out.ids + w->n, (c->out.n - w->n) * sizeof *w->id);
	w->n = c->out.n;
	most = c->context + 1;
	if (w->n > most) {
		cut = w->n - most;
		memmove(w->id, w->id + cut, most * sizeof *w->id);
		w->n = most;
		w->given -= cut;
	}
	w->length = utf8_length(t->text, n_text);
	return cut;
}

/* How many tokens all prompts begin with. */
static size_t common_prompt(const struct continuation *w, int n)
{
	size_t same = w[0].given;

	for (int i = 1; i < n; i++) {
		size_t k = 0;

		while (k < same && k < w[i].given && w[i].id[k] == w[0].id[k])
			k++;
		same = k;
	}
	return same;
}

static void forget_whole(struct choices *c)
{
	for (int i = 0; i < MAX_CHOICES; i++) {
		free(c->whole[i].id);
		c->whole[i].id = NULL;
	}
}

static void prepare_own(struct choices *c, size_t i, struct item *it)
{
	const struct question *q = &c->q->question[i];

	forget_whole(c);
	build_prompt(c, i, it->shots);
	find_header(c);
	it->n_choices = q->n_choices;
	it->by_length = 1;
	for (int k = 0; k < q->n_choices; k++) {
		struct choice_text t = c->q->choice_of(c->q->source, i, k);
		size_t cut = encode_whole(c, &c->whole[k], &t, q->row);

		check_ids(c, c->whole[k].id, c->whole[k].n);
		it->cut = cut > it->cut ? cut : it->cut;
	}
	it->n = common_prompt(c->whole, q->n_choices);
	it->ids = c->whole[0].id;
	for (int k = 0; k < q->n_choices; k++) {
		c->choice[k] = c->whole[k];
		c->choice[k].id += it->n;
		c->choice[k].n -= it->n;
		c->choice[k].given -= it->n;
	}
	it->n_header = header_of(c, it);
}

static void prepare(void *source, size_t i, struct item *it)
{
	struct choices *c = source;
	const struct question *q = &c->q->question[i];

	*it = (struct item){ .choice = c->choice,
		.subject = q->subject,
		.row = q->row,
		.answer = q->answer,
		.shots = c->q->shots };
	if (c->q->choice_of != NULL)
		prepare_own(c, i, it);
	else
		prepare_alike(c, i, it);
}

static void prompt(const void *source, size_t i, int shots, FILE *to)
{
	const struct choices *c = source;

	c->q->prompt(c->q->source, i, shots, to);
}

/* -- bases ------------------------------------------------------------------------------------- */

static struct continuation last_token(struct choices *c, const char *text)
{
	encode(c->tok, &c->out, text, strlen(text));
	if (c->out.n == 0)
		die("\"%s\" has no token in this vocabulary", text);
	return ids_copy(c->out.ids + c->out.n - 1, 1);
}

static void find_choices(struct choices *c)
{
	build_prompt(c, 0, 0);
	c->longest_choice = 0;
	for (int i = 0; i < c->q->n_choices; i++) {
		const char *text = c->q->choice[i];
		struct continuation *to = &c->choice[i];

		*to = c->q->bare ? last_token(c, text)
				 : continuation_of(c->tok, c->text, c->n_text, text);
		check_ids(c, to->id, to->n);
		if (to->n > c->longest_choice)
			c->longest_choice = to->n;
	}
}

static void check_context(const struct choices *c)
{
	for (int i = 0; i < c->q->n_choices; i++)
		if (c->choice[i].n > c->context / 2)
			die("a context of %zu tokens is too short for \"%s\"", c->context,
				c->q->choice[i]);
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

static uint64_t begin(void *source, const struct model *m)
{
	struct choices *c = source;

	c->tok = tok_open(base_path(m->base));
	tok_set_bos(c->tok, c->bos);
	c->n_vocab = (uint32_t)m->shape->n_vocab;
	c->context = (size_t)m->shape->n_ctx;
	if (c->q->choice_of == NULL) {
		find_choices(c);
		check_context(c);
	}
	add_tokenizer(c->tokenizers, c->tok);
	return 0;
}

static void end(void *source)
{
	struct choices *c = source;

	for (int i = 0; i < c->q->n_choices; i++)
		free(c->choice[i].id);
	forget_whole(c);
	free(c->text);
	free(c->header);
	free(c->header_ids.id);
	tok_out_free(&c->out);
	tok_close(c->tok);
	*c = (struct choices){ .q = c->q, .bos = c->bos, .tokenizers = c->tokenizers };
}

/* Of one tokenizer alone, no list. */
static json_t *tokenizer(const void *source)
{
	const json_t *list = ((const struct choices *)source)->tokenizers;

	return json_deep_copy(json_array_size(list) > 1 ? list : json_array_get(list, 0));
}

/* -- the task ---------------------------------------------------------------------------------- */

struct task choice_open(const struct questions *q, int bos)
{
	struct choices *c = xcalloc(1, sizeof *c);

	c->q = q;
	c->bos = bos;
	c->tokenizers = json_array();
	return (struct task){
		.name = q->task,
		.item = "question",
		.unit = "questions",
		.n = q->n,
		.units = (double)q->n,
		.batch_rows = BATCH_ROWS,
		.hash = q->hash,
		.docs = q->docs,
		.metric = q->metric,
		.source = c,
		.begin = begin,
		.prepare = prepare,
		.end = end,
		.prompt = prompt,
		.tokenizer = tokenizer,
	};
}

void choice_close(struct task *t)
{
	struct choices *c = t->source;

	json_decref(c->tokenizers);
	free(c);
}
