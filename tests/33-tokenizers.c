/* Tokenizers against ids that other programs made: the vectors of data/tokenizers/expected through
 * every kind of file; hashes of what the tokenizers, sentencepiece and tiktoken libraries make of
 * all 4,000 documents of data/c4, of all questions and choices of data/mmlu, of all passages and
 * questions of data/boolq; the 64 documents of golden/smollm2; the texts of golden/tokenizers,
 * which are our own. A vocabulary's hash is the same through all of its files. All equal.
 */
#include "eval/boolq.h"
#include "eval/mmlu_read.h"
#include "file/gguf.h"
#include "file/proto.h"
#include "file/text.h"
#include "files.h"
#include "token/tok_own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <xxhash.h>
#include <cmocka.h>

#include "lacks.h"

enum { MOST = 256 << 20 };

static char *file_of(const char *name)
{
	return data_path("data/tokenizers/%s", name);
}

/* -- vectors ----------------------------------------------------------------------------------- */

static void check_vector(const struct tok *t, struct tok_out *out, const char *text, size_t n,
	char *want, int number)
{
	size_t k = 0;
	char *end;

	tok_encode(t, out, text, n);
	for (char *p = want; *p; p = end) {
		uint32_t id = (uint32_t)strtoul(p, &end, 10);

		if (end == p)
			break;
		if (k >= out->n || out->ids[k] != id)
			fail_msg("text %d: id %zu is not %u", number, k, id);
		k++;
	}
	assert_int_equal(k, out->n);
}

/* The 47 texts and their ids, a line each. */
static void check_vectors(struct tok *t, const char *name)
{
	static const char between[] = "\n__ggml_vocab_test__\n";
	size_t n_in, n_out, len;
	char *in = text_slurp(data_path("data/tokenizers/expected/%s.inp", name), MOST, &n_in);
	char *ids = text_slurp(data_path("data/tokenizers/expected/%s.out", name), MOST, &n_out);
	char *text = in, *line = ids, *end, *eol;
	struct tok_out out = { 0 };
	int count = 0;

	tok_set_bos(t, 0);
	while (text) {
		end = strstr(text, between);
		len = end ? (size_t)(end - text) : n_in - (size_t)(text - in);
		eol = strchr(line, '\n');
		if (eol)
			*eol = 0;
		check_vector(t, &out, text, len, line, count++);
		text = end ? end + sizeof between - 1 : NULL;
		line = eol ? eol + 1 : line + strlen(line);
	}
	assert_int_equal(count, 47);
	tok_out_free(&out);
	free(in);
	free(ids);
}

static void vectors(void **state)
{
	static const struct {
		const char *file, *name;
		int64_t bos, eos;
		int adds;
	} files[] = {
		{ "llama2/tokenizer.json", "llama-spm", 1, 2, 1 },
		{ "llama2/tokenizer.model", "llama-spm", 1, 2, 1 },
		{ "llama3/tokenizer.json", "llama-bpe", 128000, 128001, 0 },
		{ "llama3/tokenizer.model", "llama-bpe", 128000, 128001, 0 },
		{ "gpt2/tokenizer.json", "gpt-2", 50256, 50256, 0 },
		{ "gpt2/vocab.json", "gpt-2", 50256, 50256, 0 },
		{ "phi2-codegen/tokenizer.json", "phi-2", 50256, 50256, 0 },
		{ "phi2-codegen/vocab.json", "phi-2", 50256, 50256, 0 },
		{ "qwen3/tokenizer.json", "qwen2", 151643, 151645, 0 },
		{ "qwen/qwen.tiktoken", "qwen2", 151643, 151643, 0 },
	};

	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct tok *t = tok_open(file_of(files[i].file));

		assert_int_equal(tok_adds_bos(t), files[i].adds);
		assert_int_equal(tok_bos(t), files[i].bos);
		assert_int_equal(tok_eos(t), files[i].eos);
		check_vectors(t, files[i].name);
		tok_close(t);
	}
}

static void vectors_of_smollm(void **state)
{
	struct tok *t;

	(void)state;
	need_data("data/tokenizers");
	need_smollm();
	t = tok_open(smollm_path());
	assert_int_equal(tok_adds_bos(t), 0);
	assert_int_equal(tok_size(t), 49152);
	check_vectors(t, "smollm");
	tok_close(t);
}

/* -- texts of our own -------------------------------------------------------------------------- */

/* Ids that the tokenizers library makes of golden/tokenizers' texts. */
static void check_own(const char *path, const char *name)
{
	json_t *top = json_load_file(golden_path("tokenizers/tokenizers.json"), 0, NULL);
	json_t *list = json_object_get(top, name), *ids, *id;
	struct tok *t = tok_open(path);
	struct tok_out out = { 0 };
	size_t i, k;

	assert_int_equal(json_array_size(list), 28);
	tok_set_bos(t, 0);
	json_array_foreach(list, i, ids)
	{
		const json_t *text = json_array_get(json_object_get(top, "texts"), i);

		tok_encode(t, &out, json_string_value(text), json_string_length(text));
		if (out.n != json_array_size(ids))
			fail_msg("%s: text %zu: %zu ids", name, i, out.n);
		json_array_foreach(ids, k, id) if (out.ids[k] != json_integer_value(id))
			fail_msg("%s: text %zu: id %zu is %u", name, i, k, out.ids[k]);
	}
	tok_out_free(&out);
	tok_close(t);
	json_decref(top);
}

static void own_texts(void **state)
{
	static const struct {
		const char *file, *name;
	} files[] = {
		{ "llama2/tokenizer.json", "llama2" },
		{ "llama2/tokenizer.model", "llama2" },
		{ "mistral-v1/tokenizer.json", "mistral-v1" },
		{ "mistral-v1/tokenizer.model", "mistral-v1" },
		{ "llama3/tokenizer.json", "llama3" },
		{ "llama3/tokenizer.model", "llama3" },
		{ "gpt2/tokenizer.json", "gpt2" },
		{ "gpt2/vocab.json", "gpt2" },
		{ "phi2-codegen/tokenizer.json", "phi2-codegen" },
		{ "phi2-codegen/vocab.json", "phi2-codegen" },
		{ "qwen3/tokenizer.json", "qwen3" },
		{ "qwen/qwen.tiktoken", "qwen3" },
	};

	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		check_own(file_of(files[i].file), files[i].name);
}

static void own_texts_of_smollm(void **state)
{
	(void)state;
	need_smollm();
	check_own(smollm_path(), "smollm2");
}

/* -- GGUF files made of the others ------------------------------------------------------------- */

static void pair_array(struct gguf_file *f, const char *key, uint32_t type, uint64_t count)
{
	pair_head(f, key, 9);
	bytes_u32(&f->pairs, type);
	bytes_u64(&f->pairs, count);
}

/* Hundreds of thousands of strings, gathered in memory and added at once. */
struct strings {
	FILE *f;
	char *p;
	size_t n;
};

static void strings_open(struct strings *s)
{
	s->f = open_memstream(&s->p, &s->n);
	assert_non_null(s->f);
}

static void strings_add(struct strings *s, const char *text, uint64_t n)
{
	fwrite(&n, sizeof n, 1, s->f);
	fwrite(text, 1, n, s->f);
}

static void strings_close(struct strings *s, struct gguf_file *f)
{
	fclose(s->f);
	bytes_add(&f->pairs, s->p, s->n);
	free(s->p);
}

static struct tok *tok_of_gguf(struct gguf_file *f)
{
	struct bytes b = gguf_file_bytes(f);
	struct tok *t = calloc(1, sizeof *t);
	struct gguf g = { 0 };
	struct fault err;

	assert_int_equal(gguf_parse(&g, b.p, b.n, &err), 0);
	if (tok_read_gguf(t, &g, &err))
		fail_msg("%s", err.text);
	tok_finish(t);
	gguf_free(&g);
	free(b.p);
	free(f->pairs.p);
	return t;
}

static struct tok *gguf_of_spm(const char *file)
{
	struct gguf_file f = { .magic = "GGUF", .version = 3, .alignment = 32 };
	struct bytes scores = { 0 }, types = { 0 };
	struct strings text;
	struct proto_field piece, part;
	struct proto p;
	uint64_t count = 0;
	size_t n;
	char *bytes = text_slurp(file, MOST, &n);

	strings_open(&text);
	p = (struct proto){ (unsigned char *)bytes, (unsigned char *)bytes + n };
	while (proto_next(&p, &piece) > 0) {
		uint32_t type = 1, score = 0;

		if (piece.number != 1)
			continue;
		while (proto_next(&piece.bytes, &part) > 0) {
			if (part.number == 1)
				strings_add(&text, (const char *)part.bytes.at, part.value);
			if (part.number == 2)
				score = (uint32_t)part.value;
			if (part.number == 3)
				type = (uint32_t)part.value;
		}
		bytes_u32(&scores, score);
		bytes_u32(&types, type);
		count++;
	}
	pair_str(&f, "tokenizer.ggml.model", "llama");
	pair_array(&f, "tokenizer.ggml.tokens", 8, count);
	strings_close(&text, &f);
	pair_array(&f, "tokenizer.ggml.scores", 6, count);
	bytes_add(&f.pairs, scores.p, scores.n);
	pair_array(&f, "tokenizer.ggml.token_type", 5, count);
	bytes_add(&f.pairs, types.p, types.n);
	free(scores.p);
	free(types.p);
	free(bytes);
	return tok_of_gguf(&f);
}

/* Tokens and types of a tokenizer.json by id; the gap at the end is padded as llama.cpp's converter
 * does. */
static void put_tokens(struct gguf_file *f, const json_t *vocab, const json_t *added)
{
	size_t n = json_object_size(vocab) + json_array_size(added) + 8, i;
	const char **name = calloc(n, sizeof *name), *s;
	uint32_t *type = calloc(n, sizeof *type);
	struct strings text;
	json_t *v;

	json_object_foreach((json_t *)vocab, s, v)
	{
		name[json_integer_value(v)] = s;
		type[json_integer_value(v)] = 1;
	}
	json_array_foreach(added, i, v)
	{
		size_t id = (size_t)json_integer_value(json_object_get(v, "id"));

		name[id] = json_string_value(json_object_get(v, "content"));
		type[id] = json_is_true(json_object_get(v, "special")) ? 3 : 4;
	}
	pair_array(f, "tokenizer.ggml.tokens", 8, n);
	strings_open(&text);
	for (i = 0; i < n; i++) {
		char pad[32];

		snprintf(pad, sizeof pad, "[PAD%zu]", i);
		strings_add(&text, name[i] ? name[i] : pad, strlen(name[i] ? name[i] : pad));
		type[i] = type[i] ? type[i] : 5;
	}
	strings_close(&text, f);
	pair_array(f, "tokenizer.ggml.token_type", 5, n);
	bytes_add(&f->pairs, type, n * sizeof *type);
	free(name);
	free(type);
}

static struct tok *gguf_of_json(const char *file, const char *pre)
{
	struct gguf_file f = { .magic = "GGUF", .version = 3, .alignment = 32 };
	json_t *top = json_load_file(file, 0, NULL), *model = json_object_get(top, "model"),
	       *merges, *m;
	struct strings text;
	char line[2048];
	size_t i;

	assert_non_null(top);
	merges = json_object_get(model, "merges");
	pair_str(&f, "tokenizer.ggml.model", "gpt2");
	pair_str(&f, "tokenizer.ggml.pre", pre);
	put_tokens(&f, json_object_get(model, "vocab"), json_object_get(top, "added_tokens"));
	pair_array(&f, "tokenizer.ggml.merges", 8, json_array_size(merges));
	strings_open(&text);
	json_array_foreach(merges, i, m)
	{
		if (json_is_array(m))
			snprintf(line, sizeof line, "%s %s",
				json_string_value(json_array_get(m, 0)),
				json_string_value(json_array_get(m, 1)));
		else
			snprintf(line, sizeof line, "%s", json_string_value(m));
		strings_add(&text, line, strlen(line));
	}
	strings_close(&text, &f);
	pair_u32(&f, "tokenizer.ggml.bos_token_id", 5);
	json_decref(top);
	return tok_of_gguf(&f);
}

/* The same vectors and the same hash as the file that it was made of. */
static void check_gguf(struct tok *t, const char *file, const char *name, int adds_bos)
{
	struct tok *other = tok_open(file);

	assert_string_equal(tok_hash(t), tok_hash(other));
	assert_int_equal(tok_size(t), tok_size(other));
	assert_int_equal(tok_adds_bos(t), adds_bos);
	check_vectors(t, name);
	tok_close(other);
	tok_close(t);
}

static void gguf_spm(void **state)
{
	const char *file = file_of("llama2/tokenizer.model");

	(void)state;
	need_data("data/tokenizers");
	check_gguf(gguf_of_spm(file), file, "llama-spm", 1);
}

static void gguf_bytes(void **state)
{
	static const struct {
		const char *file, *pre, *name;
		int adds_bos;
	} files[] = {
		{ "gpt2/tokenizer.json", "gpt-2", "gpt-2", 0 },
		{ "phi2-codegen/tokenizer.json", "phi-2", "phi-2", 0 },
		{ "llama3/tokenizer.json", "llama-bpe", "llama-bpe", 1 },
		{ "qwen3/tokenizer.json", "qwen2", "qwen2", 0 },
	};

	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *file = file_of(files[i].file);

		check_gguf(gguf_of_json(file, files[i].pre), file, files[i].name,
			files[i].adds_bos);
	}
}

static void hashes(void **state)
{
	static const char *const same[][2] = {
		{ "llama2/tokenizer.json", "llama2/tokenizer.model" },
		{ "mistral-v1/tokenizer.json", "mistral-v1/tokenizer.model" },
		{ "llama3/tokenizer.json", "llama3/tokenizer.model" },
		{ "gpt2/tokenizer.json", "gpt2/vocab.json" },
		{ "phi2-codegen/tokenizer.json", "phi2-codegen/vocab.json" },
	};
	char seen[5][17];

	(void)state;
	need_data("data/tokenizers");
	for (int i = 0; i < 5; i++) {
		struct tok *a = tok_open(file_of(same[i][0])), *b = tok_open(file_of(same[i][1]));

		assert_string_equal(tok_hash(a), tok_hash(b));
		assert_int_equal(tok_size(a), tok_size(b));
		for (uint32_t id = 0; id < tok_size(a); id++)
			assert_int_equal(tok_bytes(a, id), tok_bytes(b, id));
		strcpy(seen[i], tok_hash(a));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(seen[i], seen[k]);
		tok_close(a);
		tok_close(b);
	}
}

/* -- whole corpora ----------------------------------------------------------------------------- */

/* XXH3 of all texts' ids as u32, each text's closed by FFFFFFFF. */
struct hashing {
	struct tok *t;
	XXH3_state_t *h;
	struct tok_out out;
};

static void add_text(struct hashing *g, const char *text, size_t n)
{
	const uint32_t end = UINT32_MAX;

	tok_encode(g->t, &g->out, text, n);
	XXH3_64bits_update(g->h, g->out.ids, g->out.n * sizeof *g->out.ids);
	XXH3_64bits_update(g->h, &end, sizeof end);
}

static void add_c4(struct hashing *g, const char *sample)
{
	struct text_in *in = text_open((char *[]){ data_path("data/c4/c4-%s.sample.json.gz",
							   sample),
					       NULL },
		NULL, 0);
	const char *text;
	uint64_t doc;
	size_t n;

	while (text_next(in, &text, &n, &doc))
		add_text(g, text, n);
	text_close(in);
}

/* Question and choices of every row, splits and subjects in order. */
static void add_mmlu(struct hashing *g)
{
	static const char *const splits[] = { "dev", "test", "val" };
	char *const files[] = { data_path("data/mmlu"), NULL };
	int n;

	for (int i = 0; i < 3; i++) {
		struct mmlu_subject *s = mmlu_read(&(struct mmlu_files){ .files = files,
							   .split = splits[i] },
			&n);

		for (int k = 0; k < n; k++)
			for (size_t row = 0; row < s[k].test.n; row++)
				for (int c = 0; c < 5; c++)
					add_text(g, s[k].test.row[row].cell[c],
						strlen(s[k].test.row[row].cell[c]));
		mmlu_subjects_free(s, n);
	}
}

static void add_boolq(struct hashing *g)
{
	struct text_in *in = text_open((char *[]){ data_path("data/boolq/train.jsonl"),
					       data_path("data/boolq/val.jsonl"), NULL },
		NULL, 1);
	struct boolq_item item;
	const char *line;
	struct fault err;
	uint64_t doc;
	size_t n;

	while (text_next(in, &line, &n, &doc)) {
		assert_int_equal(boolq_parse(&item, line, n, &err), 0);
		add_text(g, item.passage, strlen(item.passage));
		add_text(g, item.question, strlen(item.question));
		boolq_item_free(&item);
	}
	text_close(in);
}

enum corpus { C4_TRAIN, C4_VALIDATION, MMLU, BOOLQ, CORPORA };

static uint64_t hash_of(struct tok *t, enum corpus which)
{
	struct hashing g = { t, XXH3_createState(), { 0 } };
	uint64_t v;

	tok_set_bos(t, 0);
	XXH3_64bits_reset(g.h);
	switch (which) {
	case MMLU: add_mmlu(&g); break;
	case BOOLQ: add_boolq(&g); break;
	default: add_c4(&g, which == C4_TRAIN ? "train" : "validation");
	}
	assert_int_equal(g.out.replaced, 0);
	v = XXH3_64bits_digest(g.h);
	XXH3_freeState(g.h);
	tok_out_free(&g.out);
	return v;
}

/* Made with tokenizers 0.23.3 for *.json, sentencepiece 0.2.3 for the models of SentencePiece,
 * tiktoken 0.14.0 for ranks. */
static void corpora(void **state)
{
	static const struct {
		const char *file;
		uint64_t hash[CORPORA];
	} files[] = {
		{ "llama2/tokenizer.json",
			{ 0x19a275901ca44bf2, 0x336c811b0ba83463, 0xe22c4506740136f2,
				0x71ea3e6cae5eabcb } },
		{ "llama2/tokenizer.model",
			{ 0x19a275901ca44bf2, 0x336c811b0ba83463, 0xe22c4506740136f2,
				0x71ea3e6cae5eabcb } },
		{ "mistral-v1/tokenizer.json",
			{ 0x4576090f396a5886, 0x719c8e322d538a50, 0x3088cf841d9abc39,
				0x78efa629d1256e44 } },
		{ "mistral-v1/tokenizer.model",
			{ 0x4576090f396a5886, 0x719c8e322d538a50, 0x3088cf841d9abc39,
				0x78efa629d1256e44 } },
		{ "llama3/tokenizer.json",
			{ 0x62f8f2ade7b8bc7d, 0x475cb9151dbcc5ce, 0xf2649fcd64192bcb,
				0xdaa2f98b17924620 } },
		{ "llama3/tokenizer.model",
			{ 0x62f8f2ade7b8bc7d, 0x475cb9151dbcc5ce, 0xf2649fcd64192bcb,
				0xdaa2f98b17924620 } },
		{ "gpt2/tokenizer.json",
			{ 0x0b45fab7cd605b17, 0x90122152a4272ca3, 0xdf9cd3167f29557f,
				0x086e1b670dfa847e } },
		{ "gpt2/vocab.json",
			{ 0x0b45fab7cd605b17, 0x90122152a4272ca3, 0xdf9cd3167f29557f,
				0x086e1b670dfa847e } },
		{ "phi2-codegen/tokenizer.json",
			{ 0x7c23d699d8718c78, 0xbf0e16d411f413cc, 0xd1ee3040888303d1,
				0x086e1b670dfa847e } },
		{ "qwen3/tokenizer.json",
			{ 0x3d087c2a77512d71, 0xd0cc4b69b00baa01, 0x4c2f185f6fec50e2,
				0xd981bbbdfc2bff37 } },
		{ "qwen/qwen.tiktoken",
			{ 0x3d087c2a77512d71, 0xd0cc4b69b00baa01, 0x4c2f185f6fec50e2,
				0xd981bbbdfc2bff37 } },
	};

	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct tok *t = tok_open(file_of(files[i].file));

		for (enum corpus c = 0; c < CORPORA; c++)
			if (hash_of(t, c) != files[i].hash[c])
				fail_msg("%s: other ids in corpus %d", files[i].file, (int)c);
		tok_close(t);
	}
}

static void smollm_golden(void **state)
{
	json_t *top = json_load_file(golden_path("smollm2/tokens.json"), 0, NULL), *ids, *id;
	struct text_in *in;
	struct tok_out out = { 0 };
	const char *text;
	uint64_t doc;
	struct tok *t;
	size_t n, i;

	(void)state;
	need_data("data/c4");
	need_smollm();
	t = tok_open(smollm_path());
	in = text_open((char *[]){ data_path("data/c4/c4-validation.sample.json.gz"), NULL }, NULL,
		0);
	ids = json_object_get(top, "ids");
	assert_int_equal(json_array_size(ids), 64);
	while (text_next(in, &text, &n, &doc) && doc < 64) {
		tok_encode(t, &out, text, n);
		assert_int_equal(out.n,
			json_integer_value(json_array_get(json_object_get(top, "full_length"),
				doc)));
		assert_int_equal(json_array_size(json_array_get(ids, doc)),
			out.n < 512 ? out.n : 512);
		json_array_foreach(json_array_get(ids, doc), i, id)
			assert_int_equal(out.ids[i], json_integer_value(id));
	}
	text_close(in);
	tok_out_free(&out);
	tok_close(t);
	json_decref(top);
}

/* -- BOS and special tokens in the text: coppice-tokenizers(7), SENTENCEPIECE BPE -------------- */

static void check_ids(const struct tok *t, const char *text, int count, ...)
{
	struct tok_out out = { 0 };
	va_list ap;

	tok_encode(t, &out, text, strlen(text));
	va_start(ap, count);
	assert_int_equal(out.n, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(out.ids[i], va_arg(ap, int));
	va_end(ap);
	tok_out_free(&out);
}

static void specials(void **state)
{
	struct tok *t;

	(void)state;
	need_data("data/tokenizers");
	t = tok_open(file_of("llama2/tokenizer.json"));
	check_ids(t, "a", 2, 1, 263);
	check_ids(t, "<s>a", 2, 1, 263); /* BOS once */
	check_ids(t, "<s><s>a", 3, 1, 1, 263);
	check_ids(t, "", 1, 1);
	tok_set_bos(t, 0);
	check_ids(t, "", 0);
	check_ids(t, "a", 1, 263);
	check_ids(t, " a", 2, 29871, 263);
	check_ids(t, "Hello</s>World", 3, 15043, 2, 2787);
	check_ids(t, "Hello</s> World", 4, 15043, 2, 29871, 2787);
	tok_close(t);
	t = tok_open(file_of("llama2/tokenizer.model"));
	tok_set_bos(t, 0);
	check_ids(t, " a", 2, 29871, 263);
	check_ids(t, "Hello</s>World", 5, 15043, 829, 29879, 29958, 14058);
	check_ids(t, "Hello</s> World", 5, 15043, 829, 29879, 29958, 2787);
	check_ids(t,
		"a\xff"
		"b",
		3, 263, 30140, 29890); /* U+FFFD */
	tok_close(t);
	t = tok_open(file_of("llama3/tokenizer.json"));
	tok_set_bos(t, 1);
	check_ids(t, "<|begin_of_text|> A", 2, 128000, 362);
	tok_close(t);
	t = tok_open(file_of("phi2-codegen/tokenizer.json"));
	/* 31 spaces, then 9 */
	check_ids(t, "x                                        y", 4, 87, 50257, 50279, 88);
	tok_close(t);
}

/* tok_bytes adds up to the text. */
static void bytes_of_tokens(void **state)
{
	static const char text[] = "A caf\xc3\xa9 \xe2\x82\xac 5, \xf0\x9f\x8c\xb3\n\n  end";
	/* the space that SentencePiece puts in front */
	static const struct {
		const char *file;
		size_t more;
	} files[] = {
		{ "llama2/tokenizer.json", 1 },
		{ "gpt2/tokenizer.json", 0 },
		{ "qwen/qwen.tiktoken", 0 },
	};

	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < 3; i++) {
		struct tok *t = tok_open(file_of(files[i].file));
		struct tok_out out = { 0 };
		size_t total = 0;

		tok_encode(t, &out, text, sizeof text - 1);
		for (size_t k = 0; k < out.n; k++)
			total += tok_bytes(t, out.ids[k]);
		assert_int_equal(total, sizeof text - 1 + files[i].more);
		if (tok_bos(t) >= 0)
			assert_int_equal(tok_bytes(t, (uint32_t)tok_bos(t)), 0);
		assert_int_equal(tok_bytes(t, UINT32_MAX), 0);
		tok_out_free(&out);
		tok_close(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(vectors_of_smollm),
		cmocka_unit_test(own_texts),
		cmocka_unit_test(own_texts_of_smollm),
		cmocka_unit_test(gguf_spm),
		cmocka_unit_test(gguf_bytes),
		cmocka_unit_test(hashes),
		cmocka_unit_test(corpora),
		cmocka_unit_test(smollm_golden),
		cmocka_unit_test(specials),
		cmocka_unit_test(bytes_of_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
