/* c4 - see c4.h
 */
#include "eval/c4.h"

#include "eval/loss.h"
#include "ops.h"
#include "sys/memory.h"
#include "token/tok.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* -- reading ----------------------------------------------------------------------------------- */

static void add_meta(void *meta, const struct rec_in *in)
{
	meta_add(meta, rec_meta(in), NULL, rec_file(in));
}

static void set_hash(struct c4 *c)
{
	const struct sequences *s = c->sequences;
	XXH64_hash_t ids = XXH3_64bits(s->ids, s->first[s->n] * sizeof *s->ids);
	XXH64_hash_t first = XXH3_64bits_withSeed(s->first, (s->n + 1) * sizeof *s->first, 1);

	snprintf(c->hash, sizeof c->hash, "%016llx", (unsigned long long)(ids ^ first));
}

struct c4 *c4_open(char *const *files, uint64_t skip, uint64_t limit)
{
	struct c4 *c = xcalloc(1, sizeof *c);

	c->skip = skip;
	c->sequences = sequences_load(files, skip, limit, add_meta, &c->meta);
	for (size_t i = 0; i < c->sequences->n; i++)
		docs_add(&c->docs, c->sequences->doc[i]);
	set_hash(c);
	return c;
}

void c4_close(struct c4 *c)
{
	sequences_free(c->sequences);
	docs_free(&c->docs);
	json_decref(c->meta);
	free(c);
}

/* -- the task ---------------------------------------------------------------------------------- */

/* The bytes of the text that the predicted tokens stand for; 0 where t does not know them all. */
static uint64_t bytes_of(const struct sequences *s, const struct tok *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = s->first[i] + 1; k < s->first[i + 1]; k++) {
			if (s->ids[k] >= tok_size(t))
				return 0;
			n += tok_bytes(t, s->ids[k]);
		}
	return n;
}

/* It can be told where the model's own tokenizer made the tokens. */
static uint64_t text_bytes(const struct c4 *c, const char *model)
{
	const char *hash = json_string_value(json_object_get(json_object_get(c->meta, "tokenizer"),
		"hash"));
	struct tok *t = hash ? tok_find(model) : NULL;
	uint64_t n = t && strcmp(hash, tok_hash(t)) == 0 ? bytes_of(c->sequences, t) : 0;

	if (t)
		tok_close(t);
	return n;
}

/* The tokenizer is gone before memory is planned. */
static uint64_t begin(void *source, const struct model *m)
{
	const struct c4 *c = source;
	const char *path = base_path(m->base);

	sequences_check(c->sequences, path, (size_t)m->shape->n_ctx, (uint64_t)m->shape->n_vocab);
	return text_bytes(c, path);
}

static void prepare(void *source, size_t i, struct item *it)
{
	const struct c4 *c = source;
	struct tokens t = sequences_at(c->sequences, i);

	*it = (struct item){ .ids = t.ids, .n = t.n, .row = c->skip + i, .answer = -1 };
}

struct task c4_task(struct c4 *c)
{
	const struct sequences *s = c->sequences;

	return (struct task){
		.name = "c4",
		.item = "sequence",
		.unit = "tokens",
		.n = s->n,
		.units = (double)s->first[s->n],
		.batch_rows = ops_batch_rows(0),
		.hash = c->hash,
		.docs = &c->docs,
		.metric = loss_metric(),
		.source = c,
		.begin = begin,
		.prepare = prepare,
	};
}
