#include "forward/corpus.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void check(const struct rec_in *in, const struct tokens *t, const struct shape *s,
	uint64_t n_embed)
{
	if (t->n > (size_t)s->n_ctx)
		die("%s: document %llu has %zu tokens, the model takes %d: use c4-tokenize -l",
			rec_file(in), (unsigned long long)t->doc, t->n, s->n_ctx);
	for (size_t i = 0; i < t->n; i++)
		if (t->ids[i] >= n_embed)
			die("%s: document %llu has token %u, the model knows %llu", rec_file(in),
				(unsigned long long)t->doc, t->ids[i], (unsigned long long)n_embed);
}

static void add(struct corpus *c, const struct tokens *t, XXH3_state_t *h)
{
	size_t at = c->n ? c->first[c->n] : 0;
	uint64_t n = t->n;

	if ((c->n & (c->n - 1)) == 0)
		c->first = xrealloc(c->first, 2 * c->n + 2, sizeof *c->first);
	c->first[c->n++] = at;
	c->first[c->n] = at + t->n;
	c->longest = t->n > c->longest ? t->n : c->longest;
	XXH3_64bits_update(h, &n, sizeof n);
	XXH3_64bits_update(h, t->ids, t->n * sizeof *t->ids);
}

void corpus_read(struct corpus *c, char *const *files, const struct models *m)
{
	struct rec_in *in = rec_open(files, KIND_TOKENS);
	XXH3_state_t *h = XXH3_createState();
	struct tensor embed = { 0 };
	size_t used = 0, cap = 0;
	struct tokens t;
	int part = -1;

	*c = (struct corpus){ 0 };
	if (!h)
		die("out of memory");
	XXH3_64bits_reset(h);
	base_tensor(m->list[0].base, ROLE_EMBED, -1, &embed);
	while (tokens_read(in, &t)) {
		if (rec_part(in) != part) {
			model_check_tokens(m, rec_meta(in));
			c->provenance = provenance_merge(c->provenance, rec_provenance(in));
			if (!c->meta)
				c->meta = json_deep_copy(rec_meta(in));
		}
		part = rec_part(in);
		check(in, &t, m->list[0].shape, embed.rows);
		if (used + t.n > cap) {
			cap = 2 * cap + t.n + 4096;
			c->ids = xrealloc(c->ids, cap, sizeof *c->ids);
		}
		memcpy(c->ids + used, t.ids, t.n * sizeof *c->ids);
		used += t.n;
		add(c, &t, h);
	}
	if (!c->n)
		die("%s: holds no sequence", rec_file(in));
	snprintf(c->hash, sizeof c->hash, "%016llx", (unsigned long long)XXH3_64bits_digest(h));
	XXH3_freeState(h);
	rec_close(in);
}

void corpus_free(struct corpus *c)
{
	free(c->ids);
	free(c->first);
	json_decref(c->provenance);
	json_decref(c->meta);
}
