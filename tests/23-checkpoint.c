/* Values of whole checkpoints through base_tensor: golden/checkpoint's files against the formula
 * (equal bits), 4-bit ones against what bitsandbytes 0.50 dequantises (hashes), PEFT adapters, and
 * models made here for what no golden file has: fused q,k,v, biases, llama order of biases, F16,
 * split files behind symbolic links. */
#include "file/half.h"
#include "file/json.h"
#include "files.h"
#include "formula.h"
#include "golden.h"
#include "model/bnb.h"
#include "model/folder.h"
#include "model/model.h"
#include "sys/map.h"

#include <errno.h>
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <cmocka.h>

static char dir[] = "/tmp/coppice-checkpoint-XXXXXX";

static const char *made(const char *file)
{
	static char path[8192];

	snprintf(path, sizeof path, "%s/%s", dir, file);
	return path;
}

static float *values(const struct tensor *t)
{
	float *v = malloc(t->rows * t->cols * sizeof *v);

	tensor_rows(t, 0, t->rows, v);
	return v;
}

/* Each tensor of a base that its family has against the formula of its Hugging Face name. */
static void check_formula(struct base *b, int bf16)
{
	const struct shape *s = base_shape(b);

	for (int layer = -1; layer < s->n_layers; layer++)
		for (int r = 0; r < ROLE_COUNT; r++)
			for (int bias = 0; bias < 2; bias++) {
				char name[256];
				struct tensor t;
				float *got, *all;
				long row0 = arch_hf_name(s, (enum role)r, layer, name,
					sizeof name - 8);
				uint64_t before, total;

				if ((layer < 0) == role_in_layer((enum role)r) ||
					!(bias ? base_bias(b, (enum role)r, layer, &t)
					       : base_tensor(b, (enum role)r, layer, &t)))
					continue;
				if (r == ROLE_HEAD && s->tied)
					strcpy(name, "model.embed_tokens");
				strcat(name, bias ? ".bias" : ".weight");
				before = (uint64_t)row0 * (t.n_dims == 1 ? 1 : t.cols);
				total = before + t.rows * t.cols;
				all = malloc(total * sizeof *all);
				formula_fill(all, total, "", name, t.n_dims, t.cols, bf16);
				got = values(&t);
				if (memcmp(got, all + before, t.rows * t.cols * sizeof *got))
					fail_msg("%s (%s) differs", name, t.name);
				base_forget(b, &t);
				free(got);
				free(all);
			}
}

static void golden_plain(void **state)
{
	struct base *b;

	(void)state;
	b = base_open(golden_path("checkpoint/plain"));
	check_formula(b, 1);
	base_close(b);
}

static void golden_sharded(void **state)
{
	struct base *b;

	(void)state;
	b = base_open(golden_path("checkpoint/sharded"));
	check_formula(b, 1);
	base_close(b);
}

/* hash: XXH3 of all linear layers' values, dequantised to bfloat16 by bitsandbytes' generic
 * implementation, as f32. (Its AVX-512 kernel counts blocks by rows and takes wrong scales where
 * rows are a multiple of 16 but not of 64 long.) */
static void golden_bnb4(void **state)
{
	static const enum role roles[] = { ROLE_Q, ROLE_K, ROLE_V, ROLE_O, ROLE_GATE, ROLE_UP,
		ROLE_DOWN };
	XXH3_state_t *h = XXH3_createState();
	struct base *b;

	(void)state;
	b = base_open(golden_path("checkpoint/bnb4"));
	assert_int_equal(base_is_nf4(b), 1);
	XXH3_64bits_reset(h);
	for (int layer = 0; layer < 7; layer++)
		for (int i = 0; i < 7; i++) {
			struct tensor t;
			float *v;

			assert_int_equal(base_tensor(b, roles[i], layer, &t), 1);
			base_fetch(b, &t);
			v = values(&t);
			XXH3_64bits_update(h, v, t.rows * t.cols * sizeof *v);
			free(v);
			base_forget(b, &t);
		}
	assert_int_equal(XXH3_64bits_digest(h), 0x79105bf0597f13d5);
	XXH3_freeState(h);
	base_close(b);
}

/* A layer saved by bitsandbytes alone, behind a symbolic link: SHA-256 of its bfloat16 values. */
static void golden_linear4bit(void **state)
{
	struct fault err;
	char target[4096], text[2 * SHA256_DIGEST_LENGTH + 1];
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct bytes config = { 0 }, bf16 = { 0 };
	struct folder *f;
	struct bnb parts;
	struct tensor t;
	float *absmax, *v;
	json_t *want;

	(void)state;
	assert_int_equal(json_load_path(&want, golden_path("nf4/linear4bit/expected.json"), 1 << 20,
				 NULL, NULL, &err),
		0);
	mkdir(made("linear"), 0700);
	bytes_add(&config, "{}", 2);
	bytes_write(&config, made("linear/config.json"));
	assert_non_null(realpath(golden_path("nf4/linear4bit/model.safetensors"), target));
	assert_int_equal(symlink(target, made("linear/model.safetensors")), 0);
	f = folder_open(made("linear"));
	folder_map(f);
	assert_int_equal(bnb_find(&parts, f, "layer.bias", &err), 0);
	assert_int_equal(bnb_find(&parts, f, "layer.weight", &err), 1);
	absmax = malloc(bnb_blocks(&parts) * sizeof *absmax);
	bnb_absmax(&parts, absmax);
	t = (struct tensor){ .type = T_NF4,
		.n_dims = 2,
		.rows = parts.rows,
		.cols = parts.cols,
		.data = parts.codes->data,
		.nf4 = { absmax, parts.code, parts.to } };
	v = values(&t);
	for (uint64_t i = 0; i < t.rows * t.cols; i++) {
		uint16_t h = f32_to_bf16(v[i]);

		bytes_add(&bf16, &h, 2);
	}
	SHA256(bf16.p, bf16.n, digest);
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	assert_string_equal(text,
		json_string_value(json_object_get(json_object_get(want, "dequantised"), "sha256")));
	folder_close(f);
	json_decref(want);
	free(absmax);
	free(v);
	free(bf16.p);
	free(config.p);
}

static void golden_adapter(void **state)
{
	static const enum role roles[] = { ROLE_GATE, ROLE_UP, ROLE_DOWN };
	struct model_rec *rec;
	struct base *b;
	struct adapter *a;

	(void)state;
	b = base_open(golden_path("checkpoint/plain"));
	rec = model_rec_of_base(b);
	a = adapter_open(golden_path("checkpoint/adapter"), b, rec);
	assert_int_equal(a->rank, 4);
	assert_true(a->scale == 2);
	for (int layer = 0; layer < 7; layer++) {
		assert_null(a->lora[layer * ROLE_COUNT + ROLE_Q].a);
		for (int i = 0; i < 3; i++) {
			const struct lora *l = &a->lora[layer * ROLE_COUNT + (int)roles[i]];
			char module[128], name[256];
			uint64_t out, in;
			float *v;

			shape_of_role(base_shape(b), roles[i], &out, &in);
			arch_hf_name(base_shape(b), roles[i], layer, module, sizeof module);
			v = malloc((out > in ? out : in) * 4 * sizeof *v);
			snprintf(name, sizeof name, "base_model.model.%s.lora_A.weight", module);
			formula_fill(v, 4 * in, "", name, 2, in, 0);
			assert_memory_equal(v, l->a, 4 * in * sizeof *v);
			snprintf(name, sizeof name, "base_model.model.%s.lora_B.weight", module);
			formula_fill(v, out * 4, "", name, 2, 4, 0);
			assert_memory_equal(v, l->b, out * 4 * sizeof *v);
			free(v);
		}
	}
	adapter_close(a);
	model_rec_free(rec);
	base_close(b);
}

/* -- models made here -------------------------------------------------------------------------- */

/* All tensors of a shape by the formula, F32 or F16; fused ones once. */
static void add_tensors(struct st_file *f, const struct shape *s, const char *dtype)
{
	for (int layer = -1; layer < s->n_layers; layer++)
		for (int r = 0; r < ROLE_COUNT; r++)
			for (int bias = 0; bias < 2; bias++) {
				char name[128];
				uint64_t rows, cols, n;
				long row0 = arch_hf_name(s, (enum role)r, layer, name,
					sizeof name - 8);
				int vector, half = strcmp(dtype, "F16") == 0;
				float *v;

				if ((layer < 0) == role_in_layer((enum role)r) || row0 ||
					(r == ROLE_HEAD && s->tied) ||
					(bias && !shape_has_bias(s, (enum role)r)))
					continue;
				shape_of_role(s, (enum role)r, &rows, &cols);
				rows *= strstr(name, "c_attn") ? 3 : 1;
				vector = bias || rows == 1;
				n = vector ? (rows == 1 ? cols : rows) : rows * cols;
				strcat(name, bias ? ".bias" : ".weight");
				v = malloc(n * sizeof *v);
				formula_fill(v, n, "", name, vector ? 1 : 2, cols, 0);
				for (uint64_t i = 0; half && i < n; i++)
					((uint16_t *)v)[i] = f32_to_f16(v[i]);
				st_file_add(f, name, dtype, vector ? 0 : rows, vector ? n : cols, v,
					n * (half ? 2 : 4));
			}
}

static void write_bytes(const struct bytes *b, const char *folder, const char *file)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, file);
	bytes_write(b, made(path));
}

static void write_whole(struct st_file *f, const char *folder)
{
	struct bytes b = st_file_bytes(f);

	write_bytes(&b, folder, "model.safetensors");
	free(b.p);
}

/* In files of per_file tensors each, with their index. */
static void write_shards(struct st_file *f, const char *folder, uint64_t per_file)
{
	struct bytes index = { 0 };

	st_file_add_text(&index, "{\"weight_map\":{");
	for (uint64_t from = 0; from < f->n; from += per_file) {
		struct bytes b;
		char part[64];

		snprintf(part, sizeof part, "part-%d.safetensors", (int)(from / per_file));
		for (uint64_t i = 0; i < f->n; i++) {
			f->t[i].skip = i < from || i >= from + per_file;
			if (!f->t[i].skip)
				st_file_add_text(&index, "%s\"%s\":\"%s\"", i ? "," : "",
					f->t[i].name, part);
		}
		b = st_file_bytes(f);
		write_bytes(&b, folder, part);
		free(b.p);
	}
	st_file_add_text(&index, "}}");
	write_bytes(&index, folder, "model.safetensors.index.json");
	free(index.p);
}

/* A folder with a tiny golden config and its tensors; per_file 0: in one file. */
static void write_folder(const char *name, const char *dtype, uint64_t per_file)
{
	struct fault err;
	char path[512];
	struct st_file *f = calloc(1, sizeof *f);
	struct bytes config;
	struct shape s;
	json_t *j;

	snprintf(path, sizeof path, "tiny/%s/config.json", name);
	assert_int_equal(json_load_path(&j, golden_path("%s", path), 1 << 20, (char **)&config.p,
				 &config.n, &err),
		0);
	assert_int_equal(shape_from_config(&s, j, &err), 0);
	mkdir(made(name), 0700);
	write_bytes(&config, name, "config.json");
	add_tensors(f, &s, dtype);
	if (per_file)
		write_shards(f, name, per_file);
	else
		write_whole(f, name);
	for (uint64_t i = 0; i < f->n; i++)
		free((void *)(uintptr_t)f->t[i].data);
	free(f);
	free(config.p);
	json_decref(j);
}

static void made_folders(void **state)
{
	static const char *const names[] = { "llama-mha", "mistral", "qwen1", "phi2", "qwen2",
		"qwen3" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct base *b;

		write_folder(names[i], "F32", i % 2 ? 7 : 0);
		b = base_open(made(names[i]));
		check_formula(b, 0);
		base_close(b);
	}
}

static void f16_folder(void **state)
{
	struct base *b;
	struct tensor t;
	float want[4], *got;

	(void)state;
	write_folder("llama3", "F16", 0);
	b = base_open(made("llama3"));
	assert_int_equal(base_tensor(b, ROLE_DOWN, 3, &t), 1);
	formula_fill(want, 4, "", "model.layers.3.mlp.down_proj.weight", 2, 88, 0);
	got = values(&t);
	for (int i = 0; i < 4; i++)
		assert_true(got[i] == f16_to_f32(f32_to_f16(want[i])));
	free(got);
	base_close(b);
}

/* A number that says where it stands: row and column of Hugging Face's order. */
static float mark(int row, int col)
{
	return (float)(1000 * row + col);
}

/* A GGUF of the llama architecture with F32 q, k, v and biases, each or fused, rows in llama order
 * as a converter writes them: what comes out must be in Hugging Face's order. */
static void llama_order(void **state)
{
	(void)state;
	for (int fused = 0; fused < 2; fused++) {
		static float qkv[64 * 32], bias[64];
		static const struct {
			enum role r;
			int rows, heads, row0;
			const char *name;
		} part[] = {
			{ ROLE_Q, 32, 4, 0, "attn_q" },
			{ ROLE_K, 16, 2, 32, "attn_k" },
			{ ROLE_V, 16, 0, 48, "attn_v" },
		};
		struct gguf_file *f = malloc(sizeof *f);
		struct bytes b;
		struct base *base;
		char name[64];

		gguf_tiny(f);
		for (int p = 0; p < 3; p++)
			for (int row = 0; row < part[p].rows; row++) {
				int hd = 8, in_head = row % hd, from = row;

				/* file row 2i + s of a head is its row s hd/2 + i */
				if (part[p].heads)
					from = row - in_head + in_head % 2 * hd / 2 + in_head / 2;
				for (int c = 0; c < 32; c++)
					qkv[(part[p].row0 + row) * 32 + c] = mark(100 * p + from,
						c);
				bias[part[p].row0 + row] = mark(100 * p + from, 7);
			}
		for (int layer = 0; layer < 2; layer++) {
			for (int p = 0; p < 3; p++) {
				struct file_tensor *t;

				snprintf(name, sizeof name, "blk.%d.%s.weight", layer,
					part[p].name);
				t = file_find(f->t, f->n_tensors, name);
				t->type = 0, t->bytes = (uint64_t)part[p].rows * 128,
				t->data = qkv + part[p].row0 * 32;
				t->skip = fused;
				snprintf(name, sizeof name, "blk.%d.%s.bias", layer, part[p].name);
				if (!fused)
					gguf_file_add(f, name, 0, (uint64_t)part[p].rows, 0,
						(uint64_t)part[p].rows * 4)
						->data = bias + part[p].row0;
			}
			snprintf(name, sizeof name, "blk.%d.attn_qkv.weight", layer);
			if (fused)
				gguf_file_add(f, name, 0, 32, 64, sizeof qkv)->data = qkv;
			snprintf(name, sizeof name, "blk.%d.attn_qkv.bias", layer);
			if (fused)
				gguf_file_add(f, name, 0, 64, 0, sizeof bias)->data = bias;
		}
		b = gguf_file_bytes(f);
		bytes_write(&b, made("order.gguf"));
		base = base_open(made("order.gguf"));
		for (int p = 0; p < 3; p++) {
			struct tensor t;
			float *v;

			assert_int_equal(base_tensor(base, part[p].r, 1, &t), 1);
			v = values(&t);
			for (int row = 0; row < part[p].rows; row++)
				for (int c = 0; c < 32; c++)
					assert_true(v[row * 32 + c] == mark(100 * p + row, c));
			free(v);
			assert_int_equal(base_bias(base, part[p].r, 1, &t), 1);
			v = values(&t);
			for (int row = 0; row < part[p].rows; row++)
				assert_true(v[row] == mark(100 * p + row, 7));
			free(v);
		}
		base_close(base);
		free(b.p);
		free(f->pairs.p);
		free(f);
	}
}

/* A fingerprint changes with a byte of a weight, with a pair of the architecture, not with another
 * pair. */
static void fingerprints(void **state)
{
	char first[17];
	static const unsigned char spoiled[340] = { 0, 1 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct gguf_file *f = malloc(sizeof *f);
		struct bytes b;
		struct base *base;

		gguf_tiny(f);
		if (i == 1)
			file_find(f->t, f->n_tensors, "token_embd.weight")->data = spoiled;
		if (i == 2)
			pair_f32(f, "llama.rope.freq_base", 20000);
		if (i == 3)
			pair_str(f, "general.name", "another name");
		b = gguf_file_bytes(f);
		bytes_write(&b, made("print.gguf"));
		base = base_open(made("print.gguf"));
		if (i == 0)
			strcpy(first, base_fingerprint(base));
		else
			assert_int_equal(strcmp(first, base_fingerprint(base)) == 0, i == 3);
		base_close(base);
		free(b.p);
		free(f->pairs.p);
		free(f);
	}
}

/* A file that has become shorter since it was mapped: an errno, where touching it would be the
 * end. */
static void shortened(void **state)
{
	enum { PAGES = 4 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bytes b = { 0 };
	struct map m;
	struct fault err;
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "%s/short", dir);
	bytes_zero(&b, PAGES * page);
	bytes_write(&b, path);
	assert_int_equal(map_file(&m, path, &err), 0);
	assert_int_equal(map_read(m.bytes, m.n), 0);
	assert_int_equal(truncate(path, (off_t)page), 0);
	assert_int_equal(map_read(m.bytes, page), 0);
#ifdef MADV_POPULATE_READ
	assert_int_equal(map_read(m.bytes + page + 5, 100), EFAULT);
	assert_int_equal(map_read(m.bytes, m.n), EFAULT);
#endif
	map_close(&m);
	free(b.p);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_plain),
		cmocka_unit_test(golden_sharded),
		cmocka_unit_test(golden_bnb4),
		cmocka_unit_test(golden_linear4bit),
		cmocka_unit_test(golden_adapter),
		cmocka_unit_test(made_folders),
		cmocka_unit_test(f16_folder),
		cmocka_unit_test(llama_order),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(shortened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
