/* make-tiny - writes a small model by the weight formula of the golden values, for tests and
 * benchmarks
 *
 * A second route to a checkpoint: it shares no code with the library, neither its table of families
 * nor its readers and writers. NAME is one of tests/golden/tiny (NAME-bf16 too), a
 * path to a config.json, or "llama", which is built in, takes its sizes from --set, and has a
 * tokenizer whose 300 tokens are its whole vocabulary.
 */
#include "../formula.h"
#include "../golden.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

static const char usage[] =
	"usage: make-tiny [OPTIONS] NAME FOLDER\n"
	"\n"
	"  --set KEY=JSON   a key of config.json\n"
	"  --v5             the config as transformers 5 writes it\n"
	"  --bf16           weights rounded to bfloat16, and stored so\n"
	"  --gguf=TYPE      also FOLDER/model.gguf, its matrices in f32, f16, bf16 or q8_0\n"
	"  --tokenizer      also a tokenizer.json (\"llama\" has it anyhow)\n"
	"  --salt=S         other weights\n"
	"\n"
	"example: make-tiny --set num_hidden_layers=8 --gguf=f16 llama out\n";

static const char llama_config[] =
	"{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", "
	"\"attention_bias\": false,"
	" \"bos_token_id\": 1, \"eos_token_id\": 0, \"hidden_act\": \"silu\", \"hidden_size\": 64,"
	" \"intermediate_size\": 96, \"max_position_embeddings\": 2048, \"mlp_bias\": false,"
	" \"num_attention_heads\": 4, \"num_hidden_layers\": 7, \"num_key_value_heads\": 2,"
	" \"rms_norm_eps\": 1e-05, \"rope_scaling\": null, \"rope_theta\": 10000.0,"
	" \"tie_word_embeddings\": false, \"torch_dtype\": \"float32\", \"vocab_size\": 300}";

enum store { F32 = 0, F16 = 1, Q8_0 = 8, BF16 = 30 }; /* GGUF's numbers */

struct weight {         /* a tensor of the checkpoint */
	char name[128]; /* in the folder */
	char gguf[128];
	int n_dims;
	uint64_t rows, cols;
	int heads; /* > 0: GGUF's llama order interleaves the halves of so many heads */
};

static struct {
	const char *salt;
	int bf16;
	json_t *config;
	struct weight *list;
	size_t n;
} model = { .salt = "" };

static _Noreturn void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("make-tiny: ", stderr);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *need(void *p)
{
	if (!p)
		fail("out of memory");
	return p;
}

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f)
		fail("%s: %s", path, strerror(errno));
	return f;
}

static void finish(FILE *f)
{
	if (ferror(f) | fclose(f))
		fail("a file could not be written");
}

/* -- config and the list of weights ------------------------------------------------------------ */

static json_t *config_read(const char *name, int v5)
{
	const char *path = name;
	json_error_t e;
	json_t *j;

	if (strcmp(name, "llama") == 0)
		return need(json_loads(llama_config, 0, NULL));
	if (!strchr(name, '/'))
		path = golden_path("tiny/%s/config%s.json", name, v5 ? "-v5" : "");
	j = json_load_file(path, 0, &e);
	if (!j)
		fail("%s: %s", path, e.text);
	return j;
}

static void config_set(json_t *config, const char *arg)
{
	const char *eq = strchr(arg, '=');
	json_t *v = eq ? json_loads(eq + 1, JSON_DECODE_ANY, NULL) : NULL;
	char *key = need(strdup(arg));

	if (!v)
		fail("--set %s: no KEY=JSON", arg);
	key[eq - arg] = 0;
	json_object_set_new(config, key, v);
	free(key);
}

/* The integer under a key; otherwise: where it is absent or null. */
static uint64_t size_of(const char *key, uint64_t otherwise)
{
	json_t *v = json_object_get(model.config, key);

	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : otherwise;
}

static int flag(const char *key)
{
	return json_is_true(json_object_get(model.config, key));
}

static const char *family(void)
{
	const char *s = json_string_value(json_object_get(model.config, "model_type"));

	return s ? s : "";
}

static int is(const char *name)
{
	return strcmp(family(), name) == 0;
}

static struct weight *add(int n_dims, uint64_t rows, uint64_t cols, const char *gguf,
	const char *name)
{
	struct weight *w;

	model.list = need(realloc(model.list, (model.n + 1) * sizeof *model.list));
	w = &model.list[model.n++];
	*w = (struct weight){ .n_dims = n_dims, .rows = rows, .cols = cols };
	snprintf(w->name, sizeof w->name, "%s", name);
	snprintf(w->gguf, sizeof w->gguf, "%s", gguf);
	return w;
}

/* One of layer i: a matrix [rows, cols], or a vector where cols is 0; with its bias; heads: as
 * above. */
static void add_layer(int i, const char *gguf, const char *name, uint64_t rows, uint64_t cols,
	int bias, int heads)
{
	const char *prefix = is("qwen") ? "transformer.h" : "model.layers";
	char n[128], g[128];

	for (int b = 0; b <= bias; b++) {
		int n_dims = cols && !b ? 2 : 1;

		snprintf(n, sizeof n, "%s.%d.%s.%s", prefix, i, name, b ? "bias" : "weight");
		snprintf(g, sizeof g, "blk.%d.%s.%s", i, gguf, b ? "bias" : "weight");
		add(n_dims, n_dims == 2 ? rows : 1, n_dims == 2 ? cols : rows, g, n)->heads = heads;
	}
}

static void add_layer_qwen(int i)
{
	uint64_t d = size_of("hidden_size", 0), ff = size_of("intermediate_size", 0) / 2;

	add_layer(i, "attn_norm", "ln_1", d, 0, 0, 0);
	add_layer(i, "attn_qkv", "attn.c_attn", 3 * d, d, 1, 0);
	add_layer(i, "attn_output", "attn.c_proj", d, d, 0, 0);
	add_layer(i, "ffn_norm", "ln_2", d, 0, 0, 0);
	add_layer(i, "ffn_up", "mlp.w1", ff, d, 0, 0);
	add_layer(i, "ffn_gate", "mlp.w2", ff, d, 0, 0);
	add_layer(i, "ffn_down", "mlp.c_proj", d, ff, 0, 0);
}

static void add_layer_other(int i)
{
	uint64_t d = size_of("hidden_size", 0), ff = size_of("intermediate_size", 0);
	uint64_t heads = size_of("num_attention_heads", 0),
		 kv = size_of("num_key_value_heads", heads);
	uint64_t hd = size_of("head_dim", d / heads);
	int phi = is("phi"), bias = phi || is("qwen2") || flag("attention_bias");
	int swap = is("llama") || is("mistral");

	add_layer(i, "attn_norm", "input_layernorm", d, 0, phi, 0);
	add_layer(i, "attn_q", "self_attn.q_proj", heads * hd, d, bias, swap ? (int)heads : 0);
	add_layer(i, "attn_k", "self_attn.k_proj", kv * hd, d, bias, swap ? (int)kv : 0);
	add_layer(i, "attn_v", "self_attn.v_proj", kv * hd, d, bias, 0);
	if (is("qwen3")) {
		add_layer(i, "attn_q_norm", "self_attn.q_norm", hd, 0, 0, 0);
		add_layer(i, "attn_k_norm", "self_attn.k_norm", hd, 0, 0, 0);
	}
	add_layer(i, "attn_output", phi ? "self_attn.dense" : "self_attn.o_proj", d, heads * hd,
		phi || flag("attention_bias"), 0);
	if (phi) {
		add_layer(i, "ffn_up", "mlp.fc1", ff, d, 1, 0);
		add_layer(i, "ffn_down", "mlp.fc2", d, ff, 1, 0);
		return;
	}
	add_layer(i, "ffn_norm", "post_attention_layernorm", d, 0, 0, 0);
	add_layer(i, "ffn_gate", "mlp.gate_proj", ff, d, flag("mlp_bias"), 0);
	add_layer(i, "ffn_up", "mlp.up_proj", ff, d, flag("mlp_bias"), 0);
	add_layer(i, "ffn_down", "mlp.down_proj", d, ff, flag("mlp_bias"), 0);
}

static void add_all(void)
{
	uint64_t d = size_of("hidden_size", 0), vocab = size_of("vocab_size", 0);
	int layers = (int)size_of("num_hidden_layers", 0), phi = is("phi"), qwen = is("qwen");

	if (!d || !vocab || !layers)
		fail("the config lacks a size");
	add(2, vocab, d, "token_embd.weight",
		qwen ? "transformer.wte.weight" : "model.embed_tokens.weight");
	for (int i = 0; i < layers; i++) {
		if (qwen)
			add_layer_qwen(i);
		else
			add_layer_other(i);
	}
	add(1, 1, d, "output_norm.weight",
		qwen          ? "transformer.ln_f.weight"
			: phi ? "model.final_layernorm.weight"
			      : "model.norm.weight");
	if (phi)
		add(1, 1, d, "output_norm.bias", "model.final_layernorm.bias");
	if (!flag("tie_word_embeddings"))
		add(2, vocab, d, "output.weight", "lm_head.weight");
	if (phi)
		add(1, 1, vocab, "output.bias", "lm_head.bias");
}

/* -- values ------------------------------------------------------------------------------------ */

static uint16_t half_of(float f)
{
	_Float16 h = (_Float16)f;
	uint16_t u;

	memcpy(&u, &h, 2);
	return u;
}

static void put_q8_0(FILE *f, const float *x)
{
	float top = 0, scale;
	int8_t q[32];
	uint16_t h;

	for (int i = 0; i < 32; i++)
		top = fmaxf(top, fabsf(x[i]));
	scale = top / 127;
	for (int i = 0; i < 32; i++)
		q[i] = (int8_t)(top > 0 ? roundf(x[i] / scale) : 0);
	h = half_of(scale);
	fwrite(&h, 2, 1, f);
	fwrite(q, 1, 32, f);
}

static uint64_t bytes_of(enum store s, uint64_t n)
{
	return s == F32 ? 4 * n : s == Q8_0 ? n / 32 * 34 : 2 * n;
}

static void put_values(FILE *f, enum store s, const float *x, uint64_t n)
{
	if (s == F32)
		fwrite(x, 4, n, f);
	for (uint64_t i = 0; s == Q8_0 && i < n; i += 32)
		put_q8_0(f, x + i);
	for (uint64_t i = 0; (s == F16 || s == BF16) && i < n; i++) {
		float r = formula_bf16(x[i]);
		uint16_t h = half_of(x[i]);

		if (s == BF16)
			memcpy(&h, (char *)&r + 2, 2);
		fwrite(&h, 2, 1, f);
	}
}

/* Values in the folder's order. */
static float *values(const struct weight *w)
{
	float *x = need(malloc(w->rows * w->cols * sizeof *x));

	formula_fill(x, w->rows * w->cols, model.salt, w->name, w->n_dims, w->cols, model.bf16);
	return x;
}

/* -- the folder -------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct weight *)a)->name, ((const struct weight *)b)->name);
}

static void write_safetensors(const char *folder)
{
	enum store store = model.bf16 ? BF16 : F32;
	json_t *head = json_pack("{s:{s:s}}", "__metadata__", "format", "pt");
	FILE *f = create(folder, "model.safetensors");
	uint64_t at = 0, n;
	char *text;

	qsort(model.list, model.n, sizeof *model.list, by_name);
	for (size_t i = 0; i < model.n; i++) {
		const struct weight *w = &model.list[i];
		uint64_t end = at + bytes_of(store, w->rows * w->cols);
		json_t *shape = w->n_dims == 2
			? json_pack("[II]", (json_int_t)w->rows, (json_int_t)w->cols)
			: json_pack("[I]", (json_int_t)w->cols);

		json_object_set_new(head, w->name,
			json_pack("{s:s, s:o, s:[II]}", "dtype", store == F32 ? "F32" : "BF16",
				"shape", shape, "data_offsets", (json_int_t)at, (json_int_t)end));
		at = end;
	}
	text = need(json_dumps(head, JSON_COMPACT));
	n = (strlen(text) + 7) / 8 * 8;
	fwrite(&n, 8, 1, f);
	fprintf(f, "%-*s", (int)n, text);
	for (size_t i = 0; i < model.n; i++) {
		float *x = values(&model.list[i]);

		put_values(f, store, x, model.list[i].rows * model.list[i].cols);
		free(x);
	}
	finish(f);
	free(text);
	json_decref(head);
}

/* -- a tokenizer: two control tokens, the bytes in GPT-2's alphabet, and some merges ----------- */

/* " yes" stays two tokens and " no" is one, so that answers of one and of several tokens both
 * occur. */
static const char *const merges[] = {
	"Ġ A",
	"Ġ B",
	"Ġ C",
	"Ġ D",
	"Ġ n",
	"Ġn o",
	"Ġ y",
	"e s",
	"Ġ N",
	"ĠN o",
	"Y es",
	"Ġ t",
	"h e",
	"Ġt he",
	"i n",
	"o n",
	"r e",
	"Ġ a",
	"a n",
	"Ġa n",
	"Ġan d",
	"e r",
	"a t",
	"o u",
	"Ġ s",
	"Ġ w",
	"Ġ o",
	"i t",
	"Ġ i",
	"Ġi s",
	"o r",
	"in g",
	"e n",
	"Ġo f",
	"Ġt o",
	"Ġi n",
	"e d",
	"l e",
	"a r",
	"a l",
	"s t",
	"Ċ Ċ",
};
enum { N_MERGES = sizeof merges / sizeof *merges, N_SPECIAL = 2 };

/* The byte of rank i: printable ASCII first, so that a small vocabulary can say something. */
static int byte_at(int i)
{
	static const char first[] = "\n\t\r";

	if (i < 95)
		return 32 + i;
	if (i < 98)
		return first[i - 95];
	for (int b = 0, n = 98; b < 256; b++) {
		if ((b < 32 || b > 126) && (b == 0 || !memchr(first, b, 3)) && n++ == i)
			return b;
	}
	return -1;
}

/* GPT-2's code point for a byte, as UTF-8. */
static void byte_text(int byte, char s[8])
{
	unsigned c = (unsigned)byte;

	if (byte < 33 || (byte > 126 && byte < 161) || byte == 173) {
		c = 0x100;
		for (int b = 0; b < byte; b++)
			c += b < 33 || (b > 126 && b < 161) || b == 173;
	}
	snprintf(s, 8, c < 0x80 ? "%c" : "%c%c", c < 0x80 ? (int)c : (int)(0xc0 | c >> 6),
		(int)(0x80 | (c & 63)));
}

/* Text of a token, and its type as GGUF numbers them. */
static int token_text(uint64_t id, char s[64])
{
	static const char *const special[N_SPECIAL] = { "<|endoftext|>", "<|begin|>" };
	const char *gap;

	if (id < N_SPECIAL) {
		strcpy(s, special[id]);
		return 3;
	}
	id -= N_SPECIAL;
	if (id < 256) {
		byte_text(byte_at((int)id), s);
		return 1;
	}
	if (id - 256 < N_MERGES) {
		gap = strchr(merges[id - 256], ' ');
		snprintf(s, 64, "%.*s%s", (int)(gap - merges[id - 256]), merges[id - 256], gap + 1);
		return 1;
	}
	snprintf(s, 64, "<|unused_%d|>", (int)(id - 256 - N_MERGES));
	return 5;
}

/* How many of the merges a vocabulary has room for. */
static size_t n_merges(void)
{
	uint64_t vocab = size_of("vocab_size", 0), before = N_SPECIAL + 256;

	return vocab <= before ? 0 : vocab - before < N_MERGES ? vocab - before : N_MERGES;
}

static void write_tokenizer(const char *folder)
{
	json_t *vocab = json_object(), *list = json_array(), *added = json_array(), *j;
	FILE *f = create(folder, "tokenizer.json");
	char s[64];

	for (uint64_t id = 0; id < N_SPECIAL + 256 + n_merges() && id < size_of("vocab_size", 0);
		id++) {
		if (token_text(id, s) == 3)
			json_array_append_new(added,
				json_pack("{s:I, s:s, s:b, s:b, s:b, s:b, s:b}", "id",
					(json_int_t)id, "content", s, "single_word", 0, "lstrip", 0,
					"rstrip", 0, "normalized", 0, "special", 1));
		json_object_set_new(vocab, s, json_integer((json_int_t)id));
	}
	for (size_t i = 0; i < n_merges(); i++)
		json_array_append_new(list, json_string(merges[i]));
	j = json_pack("{s:s, s:n, s:n, s:o, s:n, s:{s:s, s:b, s:b, s:b}, s:{s:s, s:b, s:b, s:b},"
		      " s:{s:s, s:b, s:b, s:b}, s:{s:s, s:n, s:n, s:n, s:n, s:b, s:b, s:o, s:o}}",
		"version", "1.0", "truncation", "padding", "added_tokens", added, "normalizer",
		"pre_tokenizer", "type", "ByteLevel", "add_prefix_space", 0, "trim_offsets", 1,
		"use_regex", 1, "post_processor", "type", "ByteLevel", "add_prefix_space", 1,
		"trim_offsets", 0, "use_regex", 1, "decoder", "type", "ByteLevel",
		"add_prefix_space", 1, "trim_offsets", 1, "use_regex", 1, "model", "type", "BPE",
		"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
		"fuse_unk", 0, "byte_fallback", 0, "vocab", vocab, "merges", list);
	json_dumpf(need(j), f, JSON_INDENT(1));
	finish(f);
	json_decref(j);
	f = create(folder, "tokenizer_config.json");
	fputs("{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"bos_token\": \"<|begin|>\","
	      " \"eos_token\": \"<|endoftext|>\"}\n",
		f);
	finish(f);
}

/* -- GGUF -------------------------------------------------------------------------------------- */

enum { U32 = 4, I32 = 5, FLOAT = 6, BOOL = 7, STRING = 8, ARRAY = 9 };
static uint64_t n_pairs;

static void put(FILE *f, const void *p, size_t n)
{
	fwrite(p, 1, n, f);
}
static void put_u32(FILE *f, uint32_t v)
{
	put(f, &v, 4);
}
static void put_u64(FILE *f, uint64_t v)
{
	put(f, &v, 8);
}

static void put_str(FILE *f, const char *s)
{
	put_u64(f, strlen(s));
	put(f, s, strlen(s));
}

/* "ARCH.KEY" where the key begins with a dot, and its type */
static void pair(FILE *f, const char *arch, const char *key, uint32_t type)
{
	char s[128];

	snprintf(s, sizeof s, "%s%s", *key == '.' ? arch : "", key);
	put_str(f, s);
	put_u32(f, type);
	n_pairs++;
}

static void pair_u32(FILE *f, const char *arch, const char *key, uint64_t v)
{
	pair(f, arch, key, U32);
	put_u32(f, (uint32_t)v);
}

static void pair_f32(FILE *f, const char *arch, const char *key, double v)
{
	float x = (float)v;

	pair(f, arch, key, FLOAT);
	put(f, &x, 4);
}

static void pair_str(FILE *f, const char *key, const char *v)
{
	pair(f, "", key, STRING);
	put_str(f, v);
}

static void pair_array(FILE *f, const char *key, uint32_t type, uint64_t n)
{
	pair(f, "", key, ARRAY);
	put_u32(f, type);
	put_u64(f, n);
}

/* The number under a key of rope_scaling, rope_parameters or the config itself. */
static double number(const char *key, double otherwise)
{
	static const char *const places[] = { "rope_scaling", "rope_parameters", "" };

	for (size_t i = 0; i < 3; i++) {
		json_t *in = *places[i] ? json_object_get(model.config, places[i]) : model.config;
		json_t *v = json_object_get(in, key);

		if (json_is_number(v))
			return json_number_value(v);
	}
	return otherwise;
}

static void put_pairs(FILE *f, const char *arch, enum store store)
{
	uint64_t d = size_of("hidden_size", 0), heads = size_of("num_attention_heads", 1),
		 hd = size_of("head_dim", d / heads);
	int phi = is("phi"), qwen = is("qwen");
	double eps = number("rms_norm_eps",
		number("layer_norm_eps", number("layer_norm_epsilon", 1e-6)));

	pair_str(f, "general.architecture", arch);
	pair_str(f, "general.name", "tiny");
	pair_u32(f, "", "general.file_type",
		store == F32            ? 0
			: store == F16  ? 1
			: store == Q8_0 ? 7
					: 32);
	pair_u32(f, arch, ".block_count", size_of("num_hidden_layers", 0));
	pair_u32(f, arch, ".context_length",
		size_of(qwen ? "seq_length" : "max_position_embeddings", 2048));
	pair_u32(f, arch, ".embedding_length", d);
	pair_u32(f, arch, ".feed_forward_length", size_of("intermediate_size", 0));
	pair_u32(f, arch, ".attention.head_count", heads);
	if (!qwen)
		pair_u32(f, arch, ".attention.head_count_kv",
			size_of("num_key_value_heads", heads));
	if (hd * heads != d) {
		pair_u32(f, arch, ".attention.key_length", hd);
		pair_u32(f, arch, ".attention.value_length", hd);
	}
	pair_f32(f, arch,
		phi ? ".attention.layer_norm_epsilon" : ".attention.layer_norm_rms_epsilon", eps);
	pair_u32(f, arch, ".rope.dimension_count",
		phi ? (uint64_t)((double)hd * number("partial_rotary_factor", 0.5)) : hd);
	if (!phi)
		pair_f32(f, arch, ".rope.freq_base",
			number("rope_theta", number("rotary_emb_base", 10000)));
	pair_u32(f, arch, ".vocab_size", size_of("vocab_size", 0));
}

static void put_vocabulary(FILE *f)
{
	uint64_t vocab = size_of("vocab_size", 0);
	uint32_t type;
	char s[64];

	pair_str(f, "tokenizer.ggml.model", "gpt2");
	pair_str(f, "tokenizer.ggml.pre", "gpt-2");
	pair_array(f, "tokenizer.ggml.tokens", STRING, vocab);
	for (uint64_t id = 0; id < vocab; id++) {
		token_text(id, s);
		put_str(f, s);
	}
	pair_array(f, "tokenizer.ggml.token_type", I32, vocab);
	for (uint64_t id = 0; id < vocab; id++) {
		type = (uint32_t)token_text(id, s);
		put_u32(f, type);
	}
	pair_array(f, "tokenizer.ggml.merges", STRING, n_merges());
	for (size_t i = 0; i < n_merges(); i++)
		put_str(f, merges[i]);
	pair_u32(f, "", "tokenizer.ggml.bos_token_id", 1);
	pair_u32(f, "", "tokenizer.ggml.eos_token_id", 0);
	pair(f, "", "tokenizer.ggml.add_bos_token", BOOL);
	putc(0, f);
}

/* llama3's scaling as GGUF has it: what each frequency is divided by */
static float *rope_factors(uint64_t n, uint64_t hd)
{
	double theta = number("rope_theta", 10000), s = number("factor", 1),
	       a = number("low_freq_factor", 1);
	double b = number("high_freq_factor", 4),
	       c = number("original_max_position_embeddings", 8192);
	float *x = need(malloc(n * sizeof *x));

	for (uint64_t i = 0; i < n; i++) {
		double wave = 2 * M_PI * pow(theta, 2.0 * (double)i / (double)hd),
		       t = (c / wave - a) / (b - a);

		x[i] = (float)(wave < c / b ? 1 : wave > c / a ? s : 1 / ((1 - t) / s + t));
	}
	return x;
}

/* Row r of the file is row h hd + s hd/2 + i of the folder, where r = h hd + 2i + s. */
static void interleave(float *x, const struct weight *w)
{
	uint64_t bias = w->n_dims == 1, rows = bias ? w->cols : w->rows, cols = bias ? 1 : w->cols;
	uint64_t hd = rows / (uint64_t)w->heads;
	float *from = need(malloc(rows * cols * sizeof *from));

	memcpy(from, x, rows * cols * sizeof *x);
	for (uint64_t r = 0; r < rows; r++) {
		uint64_t h = r / hd, i = r % hd / 2, s = r % 2;

		memcpy(x + r * cols, from + (h * hd + s * hd / 2 + i) * cols, cols * sizeof *x);
	}
	free(from);
}

static enum store store_of(const struct weight *w, enum store store)
{
	if (w->n_dims == 1)
		return F32;
	return store == Q8_0 && w->cols % 32 ? F16 : store;
}

static void put_info(FILE *f, const struct weight *w, enum store store, uint64_t offset)
{
	put_str(f, w->gguf);
	put_u32(f, (uint32_t)w->n_dims);
	put_u64(f, w->cols);
	if (w->n_dims == 2)
		put_u64(f, w->rows);
	put_u32(f, store);
	put_u64(f, offset);
}

static void pad(FILE *f)
{
	while (ftell(f) % 32)
		putc(0, f);
}

static void put_weight(FILE *f, const struct weight *w, enum store store)
{
	float *x = strcmp(w->gguf, "rope_freqs.weight") ? values(w)
							: rope_factors(w->cols, 2 * w->cols);

	if (w->heads)
		interleave(x, w);
	put_values(f, store, x, w->rows * w->cols);
	pad(f);
	free(x);
}

static void write_gguf(const char *folder, enum store store)
{
	const char *arch = is("mistral") ? "llama" : is("phi") ? "phi2" : family();
	uint64_t at = 0, heads = size_of("num_attention_heads", 1),
		 hd = size_of("head_dim", size_of("hidden_size", 0) / heads);
	FILE *f = create(folder, "model.gguf");

	if (number("low_freq_factor", 0) > 0)
		add(1, 1, hd / 2, "rope_freqs.weight", "");
	fputs("GGUF", f);
	put_u32(f, 3);
	put_u64(f, model.n);
	put_u64(f, 0); /* the number of pairs, below */
	put_pairs(f, arch, store);
	put_vocabulary(f);
	for (size_t i = 0; i < model.n; i++) {
		const struct weight *w = &model.list[i];

		put_info(f, w, store_of(w, store), at);
		at += (bytes_of(store_of(w, store), w->rows * w->cols) + 31) / 32 * 32;
	}
	pad(f);
	for (size_t i = 0; i < model.n; i++)
		put_weight(f, &model.list[i], store_of(&model.list[i], store));
	fseek(f, 16, SEEK_SET);
	put_u64(f, n_pairs);
	finish(f);
}

/* ---------------------------------------------------------------------------------------------- */

static enum store store_named(const char *s)
{
	static const struct {
		const char *name;
		enum store store;
	} names[] = {
		{ "f32", F32 },
		{ "f16", F16 },
		{ "bf16", BF16 },
		{ "q8_0", Q8_0 },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(s, names[i].name) == 0)
			return names[i].store;
	fail("--gguf=%s: f32, f16, bf16 or q8_0", s);
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "set", required_argument, 0, 's' },
		{ "v5", no_argument, 0, '5' },
		{ "bf16", no_argument, 0, 'b' },
		{ "gguf", required_argument, 0, 'g' },
		{ "tokenizer", no_argument, 0, 't' },
		{ "salt", required_argument, 0, 'S' },
		{ 0 },
	};
	const char *sets[32], *gguf = NULL;
	int n_sets = 0, v5 = 0, tokenizer = 0, c;
	FILE *f;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's' && n_sets < 32)
			sets[n_sets++] = optarg;
		else if (c == '5')
			v5 = 1;
		else if (c == 'b')
			model.bf16 = 1;
		else if (c == 'g')
			gguf = optarg;
		else if (c == 't')
			tokenizer = 1;
		else if (c == 'S')
			model.salt = optarg;
		else
			return fputs(usage, stderr), 2;
	}
	if (argc - optind != 2)
		return fputs(usage, stderr), 2;
	model.config = config_read(argv[optind], v5);
	model.bf16 |= formula_ends(argv[optind], "-bf16");
	for (int i = 0; i < n_sets; i++)
		config_set(model.config, sets[i]);
	if (model.bf16)
		json_object_set_new(model.config, v5 ? "dtype" : "torch_dtype",
			json_string("bfloat16"));
	if (mkdir(argv[optind + 1], 0777) && errno != EEXIST)
		fail("%s: %s", argv[optind + 1], strerror(errno));
	add_all();
	f = create(argv[optind + 1], "config.json");
	json_dumpf(model.config, f, JSON_INDENT(2));
	putc('\n', f);
	finish(f);
	write_safetensors(argv[optind + 1]);
	if (tokenizer || strcmp(argv[optind], "llama") == 0)
		write_tokenizer(argv[optind + 1]);
	if (gguf)
		write_gguf(argv[optind + 1], store_named(gguf));
	return 0;
}
