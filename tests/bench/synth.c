/* synth - a Llama of random bf16 weights, of any shape, in seconds: a folder, or a GGUF file
 * without a vocabulary
 *
 * For timings only. Matrices have entries of either sign between 2^-7 and 2^-5, so that states stay
 * finite; norms are all 1. Every 4 MiB come from a seed of their own, so that all threads write at
 * once.
 */
#include "cli/cli.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t width = 576, ffn = 1536, layers = 30, heads = 9, kv = 3, vocab = 49152,
	       context = 2048;
static int tied, gguf;

static const struct opt opts[] = { { 0, "width", "D", OPT_INT, &width, "d" },
	{ 0, "ffn", "N", OPT_INT, &ffn, "width of the FFN" },
	{ 0, "layers", "L", OPT_INT, &layers, "layers" },
	{ 0, "heads", "H", OPT_INT, &heads, "heads, d / H wide" },
	{ 0, "kv", "K", OPT_INT, &kv, "heads of keys and values" },
	{ 0, "vocab", "V", OPT_INT, &vocab, "vocabulary" },
	{ 0, "context", "N", OPT_INT, &context, "longest sequence" },
	{ 0, "tied", NULL, OPT_FLAG, &tied, "the output layer is the embedding" },
	{ 0, "gguf", NULL, OPT_FLAG, &gguf, "PATH is a GGUF file for llama.cpp" }, { 0 } };
static const struct cli cli = {
	.name = "synth",
	.operands = "PATH",
	.opts = opts,
	.about = "a Llama of random weights; default: SmolLM2-135M's shape",
	.example = "synth --layers=2 --tied out/tiny",
};

struct weight {
	char name[80];
	int64_t rows, cols; /* rows 0: a vector */
	uint64_t at;        /* in the file's data */
};
static struct weight *list;
static size_t n_list;

static uint64_t bytes_of(const struct weight *w)
{
	return w->rows ? 2 * (uint64_t)(w->rows * w->cols) : (gguf ? 4 : 2) * (uint64_t)w->cols;
}

static void add(const char *name, int64_t rows, int64_t cols)
{
	struct weight *last = n_list ? &list[n_list - 1] : NULL, *w;
	uint64_t end = last ? last->at + bytes_of(last) : 0;

	list = xrealloc(list, n_list + 1, sizeof *list);
	w = &list[n_list++];
	*w = (struct weight){ .rows = rows, .cols = cols, .at = gguf ? (end + 31) / 32 * 32 : end };
	snprintf(w->name, sizeof w->name, "%s.weight", name);
}

static void add_layer(int64_t layer)
{
	int64_t q = width, k = width / heads * kv;
	const struct {
		const char *hf, *gguf;
		int64_t rows, cols;
	} part[] = {
		{ "input_layernorm", "attn_norm", 0, width },
		{ "post_attention_layernorm", "ffn_norm", 0, width },
		{ "self_attn.q_proj", "attn_q", q, width },
		{ "self_attn.k_proj", "attn_k", k, width },
		{ "self_attn.v_proj", "attn_v", k, width },
		{ "self_attn.o_proj", "attn_output", width, q },
		{ "mlp.gate_proj", "ffn_gate", ffn, width },
		{ "mlp.up_proj", "ffn_up", ffn, width },
		{ "mlp.down_proj", "ffn_down", width, ffn },
	};
	char name[64];

	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		snprintf(name, sizeof name, "%s.%d.%s", gguf ? "blk" : "model.layers", (int)layer,
			gguf ? part[i].gguf : part[i].hf);
		add(name, part[i].rows, part[i].cols);
	}
}

static void add_all(void)
{
	add(gguf ? "token_embd" : "model.embed_tokens", vocab, width);
	for (int64_t i = 0; i < layers; i++)
		add_layer(i);
	add(gguf ? "output_norm" : "model.norm", 0, width);
	if (!tied)
		add(gguf ? "output" : "lm_head", vocab, width);
}

/* -- what stands before the data --------------------------------------------------------------- */

static void put_config(const char *path)
{
	struct out_file o = out_open(path);

	fprintf(o.f,
		"{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", "
		"\"attention_bias\": false,\n"
		" \"bos_token_id\": 1, \"eos_token_id\": 2, \"hidden_act\": \"silu\", "
		"\"hidden_size\": %ld,\n"
		" \"intermediate_size\": %ld, \"max_position_embeddings\": %ld, \"mlp_bias\": "
		"false,\n"
		" \"num_attention_heads\": %ld, \"num_hidden_layers\": %ld, "
		"\"num_key_value_heads\": %ld,\n"
		" \"rms_norm_eps\": 1e-05, \"rope_scaling\": null, \"rope_theta\": 10000.0,\n"
		" \"tie_word_embeddings\": %s, \"torch_dtype\": \"bfloat16\", \"vocab_size\": "
		"%ld}\n",
		width, ffn, context, heads, layers, kv, tied ? "true" : "false", vocab);
	out_close(&o);
}

static void put_header(FILE *f)
{
	char *text = NULL;
	size_t n = 0;
	uint64_t padded;
	FILE *t = open_memstream(&text, &n);

	for (size_t i = 0; i < n_list; i++) {
		const struct weight *w = &list[i];

		fprintf(t, "%c\"%s\":{\"dtype\":\"BF16\",\"shape\":[", i ? ',' : '{', w->name);
		if (w->rows)
			fprintf(t, "%ld,", w->rows);
		fprintf(t, "%ld],\"data_offsets\":[%lu,%lu]}", w->cols, w->at, w->at + bytes_of(w));
	}
	fputc('}', t);
	fclose(t);
	padded = (n + 7) / 8 * 8;
	fwrite(&padded, 8, 1, f);
	fprintf(f, "%-*s", (int)padded, text);
	free(text);
}

static void put_string(FILE *f, const char *s)
{
	uint64_t n = strlen(s);

	fwrite(&n, 8, 1, f);
	fwrite(s, 1, n, f);
}

static void put_number(FILE *f, const char *key, int64_t value)
{
	uint32_t type = 4, v = (uint32_t)value;

	put_string(f, key);
	fwrite(&type, 4, 1, f);
	fwrite(&v, 4, 1, f);
}

static void put_text(FILE *f, const char *key, const char *value)
{
	uint32_t type = 8;

	put_string(f, key);
	fwrite(&type, 4, 1, f);
	put_string(f, value);
}

static void put_pairs(FILE *f)
{
	uint32_t type = 6;
	float eps = 1e-5f;

	put_text(f, "general.architecture", "llama");
	put_text(f, "tokenizer.ggml.model", "no_vocab");
	put_number(f, "llama.block_count", layers);
	put_number(f, "llama.context_length", context);
	put_number(f, "llama.embedding_length", width);
	put_number(f, "llama.feed_forward_length", ffn);
	put_number(f, "llama.attention.head_count", heads);
	put_number(f, "llama.attention.head_count_kv", kv);
	put_number(f, "llama.rope.dimension_count", width / heads);
	put_number(f, "llama.vocab_size", vocab);
	put_string(f, "llama.attention.layer_norm_rms_epsilon");
	fwrite(&type, 4, 1, f);
	fwrite(&eps, 4, 1, f);
}

static void put_gguf(FILE *f)
{
	uint64_t n = n_list, pairs = 11;
	uint32_t version = 3;

	fputs("GGUF", f);
	fwrite(&version, 4, 1, f);
	fwrite(&n, 8, 1, f);
	fwrite(&pairs, 8, 1, f);
	put_pairs(f);
	for (size_t i = 0; i < n_list; i++) {
		uint64_t cols = (uint64_t)list[i].cols, rows = (uint64_t)list[i].rows;
		uint32_t dims = rows ? 2 : 1, type = rows ? 30 : 0; /* bf16, f32 */

		put_string(f, list[i].name);
		fwrite(&dims, 4, 1, f);
		fwrite(&cols, 8, 1, f);
		if (rows)
			fwrite(&rows, 8, 1, f);
		fwrite(&type, 4, 1, f);
		fwrite(&list[i].at, 8, 1, f);
	}
	while (ftell(f) % 32)
		putc(0, f);
}

/* -- data -------------------------------------------------------------------------------------- */

enum { BLOCK = 2 << 20 }; /* values */

static void random_values(uint16_t *to, size_t n, uint64_t seed)
{
	uint64_t z = seed * 0x9e3779b97f4a7c15u + 1;

	for (size_t i = 0; i < n; i++) {
		if (i % 4 == 0) {
			z ^= z << 13;
			z ^= z >> 7;
			z ^= z << 17;
		}
		/* sign, one of two exponents, mantissa */
		to[i] = (uint16_t)((z >> 16 * (i % 4) & 0x80ff) | 0x3c00);
	}
}

static int write_at(int fd, const void *p, size_t n, uint64_t at)
{
	return pwrite(fd, p, n, (off_t)at) == (ssize_t)n;
}

static int put_matrix(int fd, const struct weight *w, uint64_t start)
{
	size_t n = (size_t)(w->rows * w->cols), blocks = (n + BLOCK - 1) / BLOCK;
	int good = 1;

#pragma omp parallel num_threads(common.threads)
	{
		uint16_t *some = xmalloc(BLOCK * sizeof *some);

#pragma omp for reduction(&& : good)
		for (size_t b = 0; b < blocks; b++) {
			size_t count = n - b * BLOCK < BLOCK ? n - b * BLOCK : BLOCK;

			random_values(some, count, w->at + b);
			good = good && write_at(fd, some, 2 * count, start + w->at + 2 * b * BLOCK);
		}
		free(some);
	}
	return good;
}

static int put_ones(int fd, const struct weight *w, uint64_t start)
{
	uint16_t *ones = xcalloc((size_t)w->cols, 4);
	int good;

	for (int64_t i = 0; i < w->cols; i++)
		ones[gguf ? 2 * i + 1 : i] = 0x3f80;
	good = write_at(fd, ones, bytes_of(w), start + w->at);
	free(ones);
	return good;
}

int main(int argc, char *argv[])
{
	char **path = cli_parse(&cli, argc, argv), *file;
	uint64_t start;
	FILE *f;

	if (!path[0])
		misuse("a path is wanted");
	if (width < 1 || heads < 1 || width % heads || kv < 1 || heads % kv || ffn < 1 ||
		layers < 1 || vocab < 3)
		misuse("sizes that do not fit each other");
	if (!gguf && mkdir(path[0], 0777) && errno != EEXIST)
		die("%s: %s", path[0], strerror(errno));
	if (!gguf)
		put_config(xasprintf("%s/config.json", path[0]));
	file = gguf ? path[0] : xasprintf("%s/model.safetensors", path[0]);
	add_all();
	f = fopen(file, "wb");
	if (!f)
		die("%s: %s", file, strerror(errno));
	if (gguf)
		put_gguf(f);
	else
		put_header(f);
	start = (uint64_t)ftell(f);
	if (fflush(f))
		die("%s: %s", file, strerror(errno));
	for (size_t i = 0; i < n_list; i++)
		if (!(list[i].rows ? put_matrix : put_ones)(fileno(f), &list[i], start))
			die("%s: write: %s", file, strerror(errno));
	if (fclose(f))
		die("%s: %s", file, strerror(errno));
	free(list);
	return 0;
}
