/* fit - which model an adapter of ours belongs to: its base, the layers kept of it, what is in
 * these
 */
#include "model/fit.h"

#include "file/json.h"
#include "model/fingerprint.h"
#include "model/known.h"
#include "model/layers.h"
#include "stream/ignore.h"
#include "sys/die.h"
#include "sys/fault.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const char key_base[] = "coppice.base", key_layers[] = "coppice.layers",
		  key_of[] = "coppice.layers_of";
static const char key_weights[] = "coppice.weights", key_quant[] = "coppice.quant";

/* -- what the layers hold ---------------------------------------------------------------------- */

/* Kind, shape, and some bytes, as the fingerprint of a base has them. */
static void hash_tensor(XXH3_state_t *h, enum role r, int bias, const struct tensor *t)
{
	uint64_t row = t->type == T_NF4 ? t->cols / 2 : tensor_bytes(t->type, t->cols),
		 n = t->rows * row;
	/* of q, k, v fused */
	uint64_t first = t->n_dims == 1 ? t->row0 * tensor_bytes(t->type, 1) : t->row0 * row;
	const unsigned char *at = (const unsigned char *)t->data + first;
	const char *type = tensor_type_name(t->type);
	uint64_t words[] = { (uint64_t)r, (uint64_t)bias, t->rows, t->cols };

	XXH3_64bits_update(h, words, sizeof words);
	XXH3_64bits_update(h, type, strlen(type) + 1);
	fingerprint_sample(h, at, n);
}

static void hash_layers(struct base *b, const struct model_rec *rec, char fingerprint[17])
{
	XXH3_state_t *h = XXH3_createState();
	struct tensor t;

	if (!h)
		die("out of memory");
	XXH3_64bits_reset(h);
	for (int i = 0; i < rec->n_keep; i++)
		for (int r = ROLE_NORM1; r < ROLE_COUNT; r++)
			for (int bias = 0; bias < 2; bias++) {
				if (!(bias ? base_bias(b, (enum role)r, rec->keep[i], &t)
					   : base_tensor(b, (enum role)r, rec->keep[i], &t)))
					continue;
				hash_tensor(h, (enum role)r, bias, &t);
				base_forget(b, &t);
			}
	snprintf(fingerprint, 17, "%016llx", (unsigned long long)XXH3_64bits_digest(h));
	XXH3_freeState(h);
}

/* -- fit.h ------------------------------------------------------------------------------------- */

void fit_put(json_t *metadata, struct base *b, const struct model_rec *rec, int nf4)
{
	char *layers = layers_text(rec->keep, rec->n_keep), of[16], weights[17];

	hash_layers(b, rec, weights);
	snprintf(of, sizeof of, "%d", base_shape(b)->n_layers);
	json_put(metadata, key_base, json_string(base_fingerprint(b)));
	json_put(metadata, key_layers, json_string(layers));
	json_put(metadata, key_of, json_string(of));
	json_put(metadata, key_weights, json_string(weights));
	json_put(metadata, key_quant, json_string(nf4 ? "nf4" : "none"));
	free(layers);
}

static const char *text(const json_t *metadata, const char *key)
{
	const char *s = json_string_value(json_object_get(metadata, key));

	return s ? s : "?";
}

int fit_check(const json_t *metadata, struct base *b, const struct model_rec *rec,
	struct fault *err)
{
	const char *weights = json_string_value(json_object_get(metadata, key_weights));
	const char *was = text(metadata, key_layers), *fingerprint = text(metadata, key_base);
	char *is, now[17];
	int fits;

	if (!weights || ignore_covers(key_weights))
		return 0;
	is = layers_text(rec->keep, rec->n_keep);
	fits = !strcmp(fingerprint, base_fingerprint(b)) && !strcmp(was, is);
	if (!fits) {
		hash_layers(b, rec, now);
		fits = !strcmp(weights, now);
	}
	if (!fits)
		fault(err,
			"was made for layers %.200s of a model of %.20s with the fingerprint "
			"%.20s, not for layers %.200s of "
			"this one of %d, %s%s",
			was, text(metadata, key_of), fingerprint, is, base_shape(b)->n_layers,
			base_fingerprint(b), known_way_out(key_weights));
	free(is);
	return fits ? 0 : -1;
}

int fit_is_nf4(const json_t *metadata)
{
	return !strcmp(text(metadata, key_quant), "nf4");
}
