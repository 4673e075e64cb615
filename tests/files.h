/* files - tiny GGUF and safetensors files for tests, put together piece by piece
 *
 * A test describes pairs and tensors, spoils what it wants to spoil, and gets the bytes. Shares no
 * code with the library's readers.
 */
#ifndef COPPICE_TESTS_FILES_H
#define COPPICE_TESTS_FILES_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	unsigned char *p;
	size_t n;
};

static inline void bytes_add(struct bytes *b, const void *p, size_t n)
{
	b->p = realloc(b->p, b->n + n + 1);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void bytes_u32(struct bytes *b, uint32_t v)
{
	bytes_add(b, &v, 4);
}
static inline void bytes_u64(struct bytes *b, uint64_t v)
{
	bytes_add(b, &v, 8);
}

static inline void bytes_str(struct bytes *b, const char *s)
{
	bytes_u64(b, strlen(s));
	bytes_add(b, s, strlen(s));
}

static inline void bytes_zero(struct bytes *b, uint64_t n)
{
	b->p = realloc(b->p, b->n + n + 1);
	memset(b->p + b->n, 0, n);
	b->n += n;
}

static inline void bytes_write(const struct bytes *b, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(b->p, 1, b->n, f) != b->n || fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* -- GGUF -------------------------------------------------------------------------------------- */

struct file_tensor {
	char name[128];
	uint32_t n_dims, type; /* of GGUF */
	uint64_t dims[8];      /* dims[0] the fastest in GGUF, the slowest in safetensors */
	uint64_t bytes;        /* of its data */
	const void *data;      /* NULL: zeros */
	uint64_t offset;       /* UINT64_MAX: after the tensor before it */
	const char *dtype;     /* of safetensors */
	int skip;              /* leave it out */
};

struct gguf_file {
	const char *magic;
	uint32_t version, alignment;
	struct bytes pairs;
	uint64_t n_pairs, n_tensors;
	uint64_t more_pairs, more_tensors; /* added to the counts in the head */
	struct file_tensor t[128];
};

static inline void pair_head(struct gguf_file *f, const char *key, uint32_t type)
{
	bytes_str(&f->pairs, key);
	bytes_u32(&f->pairs, type);
	f->n_pairs++;
}

static inline void pair_u32(struct gguf_file *f, const char *key, uint32_t v)
{
	pair_head(f, key, 4);
	bytes_u32(&f->pairs, v);
}

static inline void pair_f32(struct gguf_file *f, const char *key, float v)
{
	pair_head(f, key, 6);
	bytes_add(&f->pairs, &v, 4);
}

static inline void pair_str(struct gguf_file *f, const char *key, const char *v)
{
	pair_head(f, key, 8);
	bytes_str(&f->pairs, v);
}

static inline struct file_tensor *gguf_file_add(struct gguf_file *f, const char *name,
	uint32_t type, uint64_t in, uint64_t out, uint64_t bytes)
{
	struct file_tensor *t = &f->t[f->n_tensors++];

	*t = (struct file_tensor){ .n_dims = out ? 2 : 1,
		.type = type,
		.dims = { in, out ? out : 1, 1, 1 },
		.bytes = bytes,
		.offset = UINT64_MAX };
	snprintf(t->name, sizeof t->name, "%s", name);
	return t;
}

static inline struct file_tensor *file_find(struct file_tensor *t, uint64_t n, const char *name)
{
	for (uint64_t i = 0; i < n; i++)
		if (strcmp(t[i].name, name) == 0)
			return &t[i];
	fprintf(stderr, "no tensor %s\n", name);
	exit(1);
}

static inline void gguf_file_infos(struct bytes *b, struct gguf_file *f)
{
	uint64_t next = 0;

	for (uint64_t i = 0; i < f->n_tensors; i++) {
		struct file_tensor *t = &f->t[i];

		if (t->skip)
			continue;
		bytes_str(b, t->name);
		bytes_u32(b, t->n_dims);
		for (uint32_t d = 0; d < t->n_dims && d < 8; d++)
			bytes_u64(b, t->dims[d]);
		bytes_u32(b, t->type);
		bytes_u64(b, t->offset == UINT64_MAX ? next : t->offset);
		next = (next + t->bytes + f->alignment - 1) / f->alignment * f->alignment;
	}
}

static inline struct bytes gguf_file_bytes(struct gguf_file *f)
{
	struct bytes b = { 0 };
	uint64_t n = 0;

	for (uint64_t i = 0; i < f->n_tensors; i++)
		n += !f->t[i].skip;
	bytes_add(&b, f->magic, 4);
	bytes_u32(&b, f->version);
	bytes_u64(&b, n + f->more_tensors);
	bytes_u64(&b, f->n_pairs + f->more_pairs);
	bytes_add(&b, f->pairs.p, f->pairs.n);
	gguf_file_infos(&b, f);
	for (uint64_t i = 0; i < f->n_tensors; i++) {
		if (f->t[i].skip)
			continue;
		bytes_zero(&b, (f->alignment - b.n % f->alignment) % f->alignment);
		if (f->t[i].data)
			bytes_add(&b, f->t[i].data, f->t[i].bytes);
		else
			bytes_zero(&b, f->t[i].bytes);
	}
	bytes_zero(&b, (f->alignment - b.n % f->alignment) % f->alignment);
	return b;
}

/* A llama of 2 layers: d 32, 4 heads of 8, 2 of keys, ff 64, 10 tokens; matrices Q8_0, tied head.
 * Zeros, or the numbers that the caller gives the tensors. */
static inline void gguf_tiny(struct gguf_file *f)
{
	static const struct {
		const char *name;
		uint64_t in, out;
	} layer[] = {
		{ "attn_norm", 32, 0 },
		{ "attn_q", 32, 32 },
		{ "attn_k", 32, 16 },
		{ "attn_v", 32, 16 },
		{ "attn_output", 32, 32 },
		{ "ffn_norm", 32, 0 },
		{ "ffn_gate", 32, 64 },
		{ "ffn_up", 32, 64 },
		{ "ffn_down", 64, 32 },
	};
	char name[64];

	*f = (struct gguf_file){ .magic = "GGUF", .version = 3, .alignment = 32 };
	pair_str(f, "general.architecture", "llama");
	pair_u32(f, "llama.block_count", 2);
	pair_u32(f, "llama.context_length", 64);
	pair_u32(f, "llama.embedding_length", 32);
	pair_u32(f, "llama.feed_forward_length", 64);
	pair_u32(f, "llama.attention.head_count", 4);
	pair_u32(f, "llama.attention.head_count_kv", 2);
	pair_f32(f, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	pair_u32(f, "llama.vocab_size", 10);
	gguf_file_add(f, "token_embd.weight", 8, 32, 10, 340);
	gguf_file_add(f, "output_norm.weight", 0, 32, 0, 128);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < sizeof layer / sizeof *layer; k++) {
			snprintf(name, sizeof name, "blk.%d.%s.weight", i, layer[k].name);
			gguf_file_add(f, name, layer[k].out ? 8 : 0, layer[k].in, layer[k].out,
				layer[k].out ? layer[k].in / 32 * 34 * layer[k].out
					     : layer[k].in * 4);
		}
}

/* -- safetensors ------------------------------------------------------------------------------- */

struct st_file {
	struct file_tensor t[256];
	uint64_t n;
	const char *more; /* text put in before the last brace */
	uint64_t gap;     /* bytes left free before the last tensor's data */
};

static inline struct file_tensor *st_file_add(struct st_file *f, const char *name,
	const char *dtype, uint64_t rows, uint64_t cols, const void *data, uint64_t bytes)
{
	struct file_tensor *t = &f->t[f->n++];

	*t = (struct file_tensor){ .n_dims = rows ? 2 : 1,
		.dims = { rows ? rows : cols, cols },
		.dtype = dtype,
		.data = data,
		.bytes = bytes,
		.offset = UINT64_MAX };
	snprintf(t->name, sizeof t->name, "%s", name);
	return t;
}

static inline void st_file_add_text(struct bytes *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	bytes_add(b, text, strlen(text));
}

static inline struct bytes st_file_header(const struct st_file *f)
{
	struct bytes h = { 0 };
	uint64_t next = 0;

	st_file_add_text(&h, "{\"__metadata__\":{\"format\":\"pt\"}");
	for (uint64_t i = 0; i < f->n; i++) {
		const struct file_tensor *t = &f->t[i];

		if (t->skip)
			continue;
		st_file_add_text(&h, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[", t->name, t->dtype);
		for (uint32_t d = 0; d < t->n_dims; d++)
			st_file_add_text(&h, "%s%llu", d ? "," : "",
				(unsigned long long)t->dims[d]);
		if (t->offset != UINT64_MAX)
			next = t->offset;
		st_file_add_text(&h, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)next,
			(unsigned long long)(next + t->bytes));
		next += t->bytes;
	}
	st_file_add_text(&h, "%s}", f->more ? f->more : "");
	return h;
}

static inline struct bytes st_file_bytes(const struct st_file *f)
{
	struct bytes h = st_file_header(f), b = { 0 };

	bytes_u64(&b, h.n);
	bytes_add(&b, h.p, h.n);
	for (uint64_t i = 0; i < f->n; i++) {
		if (f->t[i].skip)
			continue;
		if (f->t[i].data)
			bytes_add(&b, f->t[i].data, f->t[i].bytes);
		else
			bytes_zero(&b, f->t[i].bytes);
	}
	free(h.p);
	return b;
}

#endif
