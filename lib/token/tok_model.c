/* tok_model - the tokenizer of the model that -m names; see tok.h
 *
 * A record's base is the one with its fingerprint, for a tokenizer as for weights: another one in
 * its place may have another vocabulary. But a machine that only makes tokens need not have the
 * weights.
 */
#include "token/tok.h"

#include "model/fingerprint.h"
#include "model/hub.h"
#include "model/ref.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>

/* What of the weights at a path is missing, as a phrase; NULL: nothing. */
static char *lacks(const char *path)
{
	switch (ref_kind(path)) {
	case REF_FOLDER: return hub_lacks(path);
	case REF_GGUF: return NULL;
	default: return xstrdup("is no model but a tokenizer's file");
	}
}

static void check(struct model_rec *const *recs, int n, const char *path)
{
	char fingerprint[17], *missing = lacks(path);

	if (missing) {
		warn("%s: %s; whether it is the base that the model record means can't be told",
			path, missing);
		free(missing);
		return;
	}
	fingerprint_of(path, fingerprint);
	for (int i = 0; i < n; i++)
		ref_check("the base", path, fingerprint, recs[i]->fingerprint);
}

/* Where the one base of all models of a stream is. New. */
static char *base_of(const struct ref *r, const char *where, json_t **provenance)
{
	int n;
	struct model_rec **recs = ref_records(r, &n, provenance);
	char *path = ref_find(where ? "" : r->dir, where ? where : recs[0]->base);

	for (int i = 1; i < n && !where; i++) {
		char *other = ref_find(r->dir, recs[i]->base);

		if (!ref_same_file(path, other))
			die("%s: models of several bases: %s, %s",
				r->path ? r->path : "standard input", recs[0]->base, recs[i]->base);
		free(other);
	}
	check(recs, n, path);
	for (int i = 0; i < n; i++)
		model_rec_free(recs[i]);
	free(recs);
	return path;
}

struct tok *tok_open_model(const char *model, const char *where, json_t **provenance)
{
	struct ref r = ref_open(model, where);
	char *base = NULL;
	struct tok *t;

	*provenance = NULL;
	if (r.kind == REF_STREAM)
		base = base_of(&r, where, provenance);
	t = tok_open(base ? base : r.path);
	free(base);
	ref_close(&r);
	return t;
}
