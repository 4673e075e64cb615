/* fingerprint - see fingerprint.h
 */
#include "model/fingerprint.h"

#include "model/ref.h"
#include "sys/die.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { SAMPLE = 4096 };

void fingerprint_sample(XXH3_state_t *h, const unsigned char *data, uint64_t bytes)
{
	if (bytes <= 3 * SAMPLE) {
		XXH3_64bits_update(h, data, bytes);
		return;
	}
	XXH3_64bits_update(h, data, SAMPLE);
	XXH3_64bits_update(h, data + (bytes - SAMPLE) / 2, SAMPLE);
	XXH3_64bits_update(h, data + bytes - SAMPLE, SAMPLE);
	map_forget(data, bytes);
}

static void hash_tensor(XXH3_state_t *h, const char *name, size_t n_name, const char *type,
	int n_dims, const uint64_t *dims, const unsigned char *data, uint64_t bytes)
{
	uint64_t n = (uint64_t)n_dims;

	XXH3_64bits_update(h, name, n_name);
	XXH3_64bits_update(h, "", 1);
	XXH3_64bits_update(h, type, strlen(type) + 1);
	XXH3_64bits_update(h, &n, 8);
	XXH3_64bits_update(h, dims, 8 * n);
	XXH3_64bits_update(h, &bytes, 8);
	fingerprint_sample(h, data, bytes);
}

static void hash_folder(XXH3_state_t *h, const struct folder *f)
{
	XXH3_64bits_update(h, f->config_text, f->n_config);
	for (size_t i = 0; i < f->n_tensors; i++) {
		const struct st_tensor *t = f->tensors[i].tensor;

		hash_tensor(h, t->name, strlen(t->name), t->dtype, t->n_dims, t->dims, t->data,
			t->bytes);
	}
}

/* The pairs that shape the model: its architecture's own; not names, licences or tokenizers. */
static void hash_gguf(XXH3_state_t *h, const struct gguf *g)
{
	struct gguf_str arch = { "", 0 };

	gguf_string(g, "general.architecture", &arch);
	for (size_t i = 0; i < g->n_pairs; i++) {
		struct gguf_str key = g->pairs[i].key;

		if (gguf_str_is(key, "general.architecture") ||
			(key.n > arch.n && memcmp(key.s, arch.s, arch.n) == 0 &&
				key.s[arch.n] == '.'))
			XXH3_64bits_update(h, g->pairs[i].raw, g->pairs[i].n_raw);
	}
	for (size_t i = 0; i < g->n_tensors; i++) {
		const struct gguf_tensor *t = &g->tensors[g->by_name[i]];

		hash_tensor(h, t->name.s, t->name.n, tensor_type_name(t->type), t->n_dims, t->dims,
			t->data, t->bytes);
	}
}

static XXH3_state_t *begin(void)
{
	XXH3_state_t *h = XXH3_createState();

	if (!h)
		die("out of memory");
	XXH3_64bits_reset(h);
	return h;
}

static void end(XXH3_state_t *h, char fingerprint[17])
{
	snprintf(fingerprint, 17, "%016llx", (unsigned long long)XXH3_64bits_digest(h));
	XXH3_freeState(h);
}

void fingerprint_folder(const struct folder *f, char fingerprint[17])
{
	XXH3_state_t *h = begin();

	hash_folder(h, f);
	end(h, fingerprint);
}

void fingerprint_gguf(const struct gguf *g, char fingerprint[17])
{
	XXH3_state_t *h = begin();

	hash_gguf(h, g);
	end(h, fingerprint);
}

void fingerprint_of(const char *path, char fingerprint[17])
{
	if (ref_kind(path) == REF_FOLDER) {
		struct folder *f = folder_open(path);

		folder_map(f);
		folder_scattered(f, 1);
		fingerprint_folder(f, fingerprint);
		folder_close(f);
	} else {
		struct gguf *g = gguf_open(path);

		map_scattered(&g->map, 1);
		fingerprint_gguf(g, fingerprint);
		gguf_close(g);
	}
}
