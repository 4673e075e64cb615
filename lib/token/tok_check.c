/* tok_check - whether token ids are those of a model's own tokenizer; see tok_check.h
 */
#include "token/tok_check.h"

#include "sys/die.h"
#include "token/tok.h"

#include <string.h>

/* Tokens of another vocabulary than the base's own are numbers that mean other words. */
static void check_vocabulary(const struct base *b, const char *hash)
{
	struct tok *t = tok_find(base_path(b));

	if (t && strcmp(tok_hash(t), hash))
		warn("%s: the tokens were made with another tokenizer than this model's",
			base_path(b));
	if (t)
		tok_close(t);
}

void tok_check_models(const struct models *m, const json_t *meta)
{
	const json_t *tokenizer = json_object_get(meta, "tokenizer"),
		     *size = json_object_get(tokenizer, "size");
	const char *hash = json_string_value(json_object_get(tokenizer, "hash"));

	for (int i = 0; i < m->n; i++) {
		const struct model *model = &m->list[i];

		if (json_is_integer(size) && json_integer_value(size) > model->shape->n_vocab)
			die("%s: has %d tokens, but the tokens stream comes from a tokenizer of "
			    "%lld",
				model->rec->base, model->shape->n_vocab,
				(long long)json_integer_value(size));
		if (hash && (i == 0 || model->base != m->list[i - 1].base))
			check_vocabulary(model->base, hash);
	}
}
