/* Tokenizer files that are wrong: each is refused with a text that says so, without a crash or a
 * large allocation. Each is a small good file with one thing spoilt; the good ones are accepted.
 */
#include "file/gguf.h"
#include "files.h"
#include "token/tok_own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <cmocka.h>

/* Room that no wrong file may need. */
enum { ROOM = 512 << 20 };

static int no_room_limit; /* under AddressSanitizer, which reserves terabytes */

static void limit_room(void)
{
	struct rlimit r = { ROOM, ROOM };

	if (!no_room_limit)
		setrlimit(RLIMIT_AS, &r);
}

/* -- tokenizer.json ---------------------------------------------------------------------------- */

#define BYTES "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"
#define SPM \
	"\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\" " \
	"\"},\"content\":\"\xe2\x96\x81\"}"
#define VOCAB "\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"\xe2\x96\x81\":3}"
#define MODEL "\"model\":{" VOCAB ",\"merges\":[\"a b\"]}"

static const char good_json[] = "{" BYTES "," MODEL "}", good_spm[] = "{" SPM "," MODEL "}";

static const struct {
	const char *what, *text, *why;
} jsons[] = {
	{ "empty", "", "JSON" },
	{ "cut",
		"{" BYTES ","
		"\"model\":{\"vocab\":{\"a\":0",
		"JSON" },
	{ "not UTF-8", "{\"model\":\"\xff\"}", "JSON" },
	{ "no object", "[1]", "no JSON object" },
	{ "a key twice", "{" BYTES "," MODEL "," MODEL "}", "JSON" },
	{ "no model", "{" BYTES "}", "model" },
	{ "model is a list", "{" BYTES ",\"model\":[]}", "model" },
	{ "no vocabulary", "{" BYTES ",\"model\":{\"merges\":[]}}", "vocab" },
	{ "no merges", "{" BYTES ",\"model\":{" VOCAB "}}", "merges" },
	{ "model type", "{" BYTES ",\"model\":{\"type\":\"Unigram\"," VOCAB ",\"merges\":[]}}",
		"Unigram" },
	{ "dropout", "{" BYTES ",\"model\":{\"dropout\":0.1," VOCAB ",\"merges\":[]}}", "dropout" },
	{ "subword prefix",
		"{" BYTES ",\"model\":{\"continuing_subword_prefix\":\"##\"," VOCAB
		",\"merges\":[]}}",
		"prefix" },
	{ "word suffix",
		"{" BYTES ",\"model\":{\"end_of_word_suffix\":\"</w>\"," VOCAB ",\"merges\":[]}}",
		"suffix" },
	{ "neither kind", "{" MODEL "}", "neither" },
	{ "an id twice", "{" BYTES ",\"model\":{\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}",
		"two tokens" },
	{ "a negative id", "{" BYTES ",\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}", "id" },
	{ "a huge id", "{" BYTES ",\"model\":{\"vocab\":{\"a\":4294967295},\"merges\":[]}}", "id" },
	{ "an id beyond 64 bits",
		"{" BYTES ",\"model\":{\"vocab\":{\"a\":99999999999999999999},\"merges\":[]}}",
		"id" },
	{ "an id that is text", "{" BYTES ",\"model\":{\"vocab\":{\"a\":\"0\"},\"merges\":[]}}",
		"id" },
	{ "a fraction as id", "{" BYTES ",\"model\":{\"vocab\":{\"a\":0.5},\"merges\":[]}}", "id" },
	{ "merge of an unknown left", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[\"x b\"]}}",
		"no token" },
	{ "merge of an unknown right",
		"{" BYTES ",\"model\":{" VOCAB ",\"merges\":[[\"a\",\"x\"]]}}", "no token" },
	{ "merge to an unknown token", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[\"b a\"]}}",
		"no token" },
	{ "merge without a space", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[\"ab\"]}}",
		"space" },
	{ "merge of nothing", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[\"\"]}}", "space" },
	{ "merge of three", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[[\"a\",\"b\",\"a\"]]}}",
		"merge" },
	{ "merge of numbers", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[[0,1]]}}", "merge" },
	{ "a merge twice", "{" BYTES ",\"model\":{" VOCAB ",\"merges\":[\"a b\",[\"a\",\"b\"]]}}",
		"twice" },
	{ "unknown unk", "{" BYTES ",\"model\":{\"unk_token\":\"<unk>\"," VOCAB ",\"merges\":[]}}",
		"unk" },
	{ "no U+2581", "{" SPM ",\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}", "U+2581" },
	{ "some byte tokens",
		"{" SPM ",\"model\":{\"byte_fallback\":true,\"vocab\":{\"\xe2\x96\x81\":0,\"<0x00>"
		"\":1},\"merges\":[]}}",
		"byte tokens" },
	{ "normalizer kind", "{\"normalizer\":{\"type\":\"NFKC\"}," BYTES "," MODEL "}", "NFKC" },
	{ "normalizer settings",
		"{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" "
		"+\"},\"content\":\"\xe2\x96\x81\"}," MODEL "}",
		"Replace" },
	{ "normalizer is text", "{\"normalizer\":\"NFC\"," BYTES "," MODEL "}", "normalizer" },
	{ "sequence in a sequence",
		"{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Sequence\","
		"\"normalizers\":[]}]}," BYTES "," MODEL "}",
		"Sequence" },
	{ "sequence of nothing", "{\"normalizer\":{\"type\":\"Sequence\"}," BYTES "," MODEL "}",
		"Sequence" },
	{ "Prepend alone",
		"{\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\xe2\x96\x81\"}," BYTES
		"," MODEL "}",
		"Prepend" },
	{ "pre-tokeniser kind", "{\"pre_tokenizer\":{\"type\":\"Punctuation\"}," MODEL "}",
		"Punctuation" },
	{ "pre-tokeniser after bytes",
		"{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
		"\"ByteLevel\"},"
		"{\"type\":\"Digits\"}]}," MODEL "}",
		"after" },
	{ "many pre-tokenisers",
		"{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"}"
		","
		"{\"type\":\"Digits\"},{\"type\":\"Digits\"},{\"type\":\"Digits\"},{\"type\":"
		"\"Digits\"},{\"type\":\"Digits\"},"
		"{\"type\":\"Digits\"},{\"type\":\"Digits\"},{\"type\":\"ByteLevel\"}]}," MODEL "}",
		"more than" },
	{ "split behaviour",
		"{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":"
		"\"Removed\"}," MODEL "}",
		"Isolated" },
	{ "split inverted",
		"{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":"
		"\"Isolated\","
		"\"invert\":true}," MODEL "}",
		"Isolated" },
	{ "broken pattern",
		"{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a\"},"
		"\"behavior\":\"Isolated\"}," MODEL "}",
		"pattern" },
	{ "foreign pattern",
		"{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\h+\"},"
		"\"behavior\":\"Isolated\"}," MODEL "}",
		"not supported" },
	{ "Metaspace's sign",
		"{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"_\"}," MODEL "}",
		"Metaspace" },
	{ "Metaspace's scheme",
		"{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\xe2\x96\x81\","
		"\"prepend_scheme\":"
		"\"last\"}," MODEL "}",
		"last" },
	{ "added tokens no list", "{\"added_tokens\":{}," BYTES "," MODEL "}", "added_tokens" },
	{ "added token no object", "{\"added_tokens\":[7]," BYTES "," MODEL "}", "added token" },
	{ "added token without id",
		"{\"added_tokens\":[{\"content\":\"<s>\"}]," BYTES "," MODEL "}", "added token" },
	{ "added token's id elsewhere",
		"{\"added_tokens\":[{\"content\":\"a\",\"id\":9}]," BYTES "," MODEL "}",
		"vocabulary" },
	{ "added token's id taken",
		"{\"added_tokens\":[{\"content\":\"<s>\",\"id\":1}]," BYTES "," MODEL "}", "id 1" },
	{ "added token's id too far",
		"{\"added_tokens\":[{\"content\":\"<s>\",\"id\":1000000}]," BYTES "," MODEL "}",
		"next" },
	{ "added token of nothing",
		"{\"added_tokens\":[{\"content\":\"\",\"id\":4}]," BYTES "," MODEL "}", "0 bytes" },
	{ "added token twice",
		"{\"added_tokens\":[{\"content\":\"a\",\"id\":0},{\"content\":\"a\",\"id\":0}]"
		"," BYTES "," MODEL "}",
		"same text" },
	{ "a key of the file", "{\"added\":[1]," BYTES "," MODEL "}",
		"the file: key \"added\" is not known" },
	{ "a key of the model",
		"{" BYTES ",\"model\":{\"min_frequency\":2," VOCAB ",\"merges\":[]}}",
		"min_frequency" },
	{ "a key of a part",
		"{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"lowercase\":true}," MODEL "}",
		"lowercase" },
	{ "a key of a part in a sequence",
		"{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\","
		"\"left\":1}]}," BYTES "," MODEL "}",
		"left" },
	{ "template of two",
		"{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{}}"
		","
		"{\"SpecialToken\":{\"id\":\"a\"}}]}," BYTES "," MODEL "}",
		"TemplateProcessing" },
	{ "template without id",
		"{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{"
		"\"SpecialToken\":{\"id\":\"a\"}},"
		"{\"Sequence\":{}}]}," BYTES "," MODEL "}",
		"no id" },
	{ "template with a strange id",
		"{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{"
		"\"SpecialToken\":"
		"{\"id\":\"a\"}},{\"Sequence\":{}}],\"special_tokens\":{\"a\":{\"ids\":[99]}}}"
		"," BYTES "," MODEL "}",
		"no id" },
	{ "template of nothing",
		"{\"post_processor\":{\"type\":\"TemplateProcessing\"}," BYTES "," MODEL "}",
		"Template" },
	{ "post-processor kind",
		"{\"post_processor\":{\"type\":\"BertProcessing\"}," BYTES "," MODEL "}", "Bert" },
};

static int read_json(const char *text, size_t n, struct fault *err)
{
	struct tok t = { 0 };
	int rc = tok_read_json(&t, text, n, NULL, err);

	tok_parts_free(&t);
	return rc;
}

static void refused(int rc, const char *err, const char *what, const char *why)
{
	if (rc == 0)
		fail_msg("%s: accepted", what);
	if (!strstr(err, why))
		fail_msg("%s: \"%s\" does not say \"%s\"", what, err, why);
}

static void json(void **state)
{
	struct fault err;

	(void)state;
	assert_int_equal(read_json(good_json, sizeof good_json - 1, &err), 0);
	assert_int_equal(read_json(good_spm, sizeof good_spm - 1, &err), 0);
	for (size_t i = 0; i < sizeof jsons / sizeof *jsons; i++) {
		int rc = read_json(jsons[i].text, strlen(jsons[i].text), &err);

		refused(rc, err.text, jsons[i].what, jsons[i].why);
	}
}

/* Cut at every byte; with every byte changed: refused or read, nothing worse. */
static void json_spoilt(void **state)
{
	struct fault err;
	char text[sizeof good_json];

	(void)state;
	for (size_t n = 0; n < sizeof good_json - 1; n++)
		assert_int_equal(read_json(good_json, n, &err), -1);
	for (size_t i = 0; i < sizeof good_json - 1; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(text, good_json, sizeof text);
			text[i] ^= (char)(1 << bit);
			read_json(text, sizeof text - 1, &err);
		}
}

static void json_large(void **state)
{
	size_t n = 64 << 20;
	struct fault err;
	char *text = malloc(n);

	(void)state;
	memset(text, '[', n);
	refused(read_json(text, n, &err), err.text, "nested 64 million deep", "JSON");
	memset(text, '[', 100000);
	refused(read_json(text, 100000, &err), err.text, "nested 100,000 deep", "JSON");
	for (size_t i = 1; i < n; i++)
		text[i] = i & 1 ? '1' : ',';
	refused(read_json(text, n, &err), err.text, "32 million numbers", "JSON");
	free(text);
}

/* -- SentencePiece ----------------------------------------------------------------------------- */

static void put_field(struct bytes *b, int number, const void *bytes, size_t n)
{
	unsigned char head[3] = { (unsigned char)(number << 3 | 2), (unsigned char)(n | 128),
		(unsigned char)(n >> 7) };

	bytes_add(b, head, 3);
	bytes_add(b, bytes, n);
}

static void put_piece(struct bytes *b, const char *text, float score, int type)
{
	struct bytes p = { 0 };

	put_field(&p, 1, text, strlen(text));
	bytes_add(&p, "\x15", 1);
	bytes_add(&p, &score, 4);
	bytes_add(&p, (unsigned char[]){ 0x18, (unsigned char)type }, 2);
	put_field(b, 1, p.p, p.n);
	free(p.p);
}

/* What is wrong with the model; NULL: nothing. */
static struct bytes spm_model(const char *what)
{
	static const char trainer[] = { 0x18, 2 }; /* BPE */
	/* prefix, no removal, escape */
	static const char normalizer[] = { 0x18, 1, 0x20, 0, 0x28, 1 };
	struct bytes b = { 0 };
	const struct {
		const char *what, *trainer, *normalizer;
		int n_trainer, n_normalizer;
	} others[] = {
		{ "unigram", "\x18\x01", normalizer, 2, 6 },
		{ "no trainer", "", normalizer, 0, 6 },
		{ "suffix", "\x18\x02\xc0\x01\x01", normalizer, 5, 6 },
		{ "bytes without pieces", "\x18\x02\x98\x02\x01", normalizer, 5, 6 },
		{ "unknown id", "\x18\x02\xc0\x02\x63", normalizer, 5, 6 },
		{ "a number as text",
			"\x1a\x01"
			"2",
			normalizer, 3, 6 },
		{ "charsmap", trainer, "\x20\x00\x12\x01x", 2, 5 },
		{ "spaces removed", trainer, "\x18\x01", 2, 2 },
		{ "spaces not escaped", trainer, "\x20\x00\x28\x00", 2, 4 },
	};

	what = what ? what : "";
	put_piece(&b, "<unk>", 0, 2);
	put_piece(&b, "a", strcmp(what, "NaN") ? -1 : 0.0f / 0.0f, 1);
	put_piece(&b, strcmp(what, "a piece twice") ? "b" : "a", -2, 1);
	put_piece(&b, strcmp(what, "a character of no piece") ? "ab" : "ac", -3, 1);
	if (strcmp(what, "no space"))
		put_piece(&b, "\xe2\x96\x81", -4, 1);
	if (!strcmp(what, "an empty piece"))
		put_piece(&b, "", -4, 1);
	if (!strcmp(what, "a piece that is no UTF-8"))
		put_piece(&b, "\xff", -4, 1);
	if (!strcmp(what, "an unused piece"))
		put_piece(&b, "x", -4, 5);
	if (!strcmp(what, "a type that there is not"))
		put_piece(&b, "x", -4, 9);
	if (!strcmp(what, "a byte's wrong name"))
		put_piece(&b, "<0xZZ>", -4, 6);
	if (!strcmp(what, "one byte piece"))
		put_piece(&b, "<0x00>", -4, 6);
	if (!strcmp(what, "a long piece")) {
		char text[602] = { 0 };

		put_piece(&b, text, -4, 1);
		memset(text, 'a', 601);
		put_piece(&b, text, -4, 1);
	}
	if (!strcmp(what, "a length beyond the end"))
		bytes_add(&b,
			"\x0a\x7f"
			"abc",
			5);
	if (!strcmp(what, "a huge length"))
		bytes_add(&b, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
	if (!strcmp(what, "a group"))
		bytes_add(&b, "\x0b", 1);
	if (!strcmp(what, "a piece as a number"))
		bytes_add(&b, "\x08\x01", 2);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(what, others[i].what)) {
			put_field(&b, 2, others[i].trainer, (size_t)others[i].n_trainer);
			put_field(&b, 3, others[i].normalizer, (size_t)others[i].n_normalizer);
			return b;
		}
	put_field(&b, 2, trainer, 2);
	put_field(&b, 3, normalizer, 6);
	return b;
}

static int read_spm(struct bytes b, struct fault *err)
{
	struct tok t = { 0 };
	int rc = tok_read_spm(&t, (char *)b.p, b.n, err);

	tok_parts_free(&t);
	return rc;
}

static void spm(void **state)
{
	static const struct {
		const char *what, *why;
	} cases[] = {
		{ "unigram", "type 1" },
		{ "no trainer", "type 1" },
		{ "suffix", "suffix" },
		{ "bytes without pieces", "disagree" },
		{ "unknown id", "unknown" },
		{ "a number as text", "damaged" },
		{ "charsmap", "charsmap" },
		{ "spaces removed", "remove" },
		{ "spaces not escaped", "escape" },
		{ "NaN", "not a number" },
		{ "a piece twice", "same text" },
		{ "a character of no piece", "character" },
		{ "no space", "U+2581" },
		{ "an empty piece", "empty" },
		{ "a piece that is no UTF-8", "UTF-8" },
		{ "an unused piece", "type 5" },
		{ "a type that there is not", "type 9" },
		{ "a byte's wrong name", "byte" },
		{ "one byte piece", "byte" },
		{ "a long piece", "" },
		{ "a length beyond the end", "damaged" },
		{ "a huge length", "damaged" },
		{ "a group", "damaged" },
		{ "a piece as a number", "damaged" },
	};
	struct fault err;
	struct bytes b = spm_model(NULL);

	(void)state;
	assert_int_equal(read_spm(b, &err), 0);
	for (size_t n = 0; n < b.n; n++) {
		struct bytes cut = { b.p, n };

		assert_int_equal(read_spm(cut, &err), -1);
	}
	for (size_t i = 0; i < b.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			b.p[i] ^= (unsigned char)(1 << bit);
			read_spm(b, &err);
			b.p[i] ^= (unsigned char)(1 << bit);
		}
	free(b.p);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		b = spm_model(cases[i].what);
		refused(read_spm(b, &err), err.text, cases[i].what, cases[i].why);
		free(b.p);
	}
}

/* -- rank files, merges.txt -------------------------------------------------------------------- */

static int read_ranks(const char *text, struct fault *err)
{
	struct tok t = { 0 };
	int rc = tok_read_ranks(&t, text, strlen(text), err);

	tok_parts_free(&t);
	return rc;
}

static void ranks(void **state)
{
	static const struct {
		const char *what, *text, *why;
	} cases[] = {
		{ "nothing", "", "neither" },
		{ "two tokens", "IQ== 0\nIg== 1\n", "neither" },
		{ "no rank", "IQ==\n", "line" },
		{ "a word for a rank", "IQ== x\n", "line" },
		{ "a sign", "IQ== -1\n", "line" },
		{ "two spaces", "IQ==  1\n", "line" },
		{ "a huge rank", "IQ== 99999999999\n", "line" },
		{ "rank 999999999", "IQ== 999999999\n", "id" },
		{ "no base64", "I!== 0\n", "base64" },
		{ "cut base64", "IQ= 0\n", "base64" },
		{ "only padding", "==== 0\n", "base64" },
		{ "a rank twice", "IQ== 0\nIg== 0\n", "two tokens" },
		{ "an empty line", "IQ== 0\n\nIg== 1\n", "line" },
	};
	struct fault err;
	char *long_one = malloc(2000);

	(void)state;
	assert_true(tok_is_ranks("IQ== 0\n", 7));
	assert_false(tok_is_ranks("\x0a\x05hello", 7));
	assert_false(tok_is_ranks("", 0));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(read_ranks(cases[i].text, &err), err.text, cases[i].what, cases[i].why);
	memset(long_one, 'A', 1600);
	strcpy(long_one + 1600, " 0\n");
	refused(read_ranks(long_one, &err), err.text, "a long token", "too long");
	free(long_one);
}

static int read_merges(const char *vocab, const char *merges, const char *added, struct fault *err)
{
	const struct merges_rule rule = { SPLIT_GPT2 };
	json_t *more = added ? json_loads(added, 0, NULL) : NULL;
	struct tok t = { 0 };
	int rc = tok_read_merges(&t, &rule, (struct tok_text){ vocab, strlen(vocab) },
		(struct tok_text){ merges, strlen(merges) }, more, err);

	json_decref(more);
	tok_parts_free(&t);
	return rc;
}

static void merges(void **state)
{
	static const char vocab[] = "{\"a\":0,\"b\":1,\"ab\":2,\"<|endoftext|>\":3}",
			  list[] = "#version: 0.2\na b\n";
	static const struct {
		const char *what, *vocab, *merges, *added, *why;
	} cases[] = {
		{ "vocabulary cut", "{\"a\":0", list, NULL, "JSON" },
		{ "vocabulary a list", "[]", list, NULL, "object" },
		{ "an id that is text", "{\"a\":\"0\"}", list, NULL, "number" },
		{ "a merge of one", vocab, "ab\n", NULL, "space" },
		{ "a merge of an unknown token", vocab, "a c\n", NULL, "no token" },
		{ "a merge twice", vocab, "a b\na b\n", NULL, "twice" },
		{ "a binary merge", vocab, "\x01\x02 \x03\n", NULL, "no token" },
		{ "added token's id taken", vocab, list, "[{\"content\":\"xx\",\"id\":1}]",
			"not the next that is free" },
		{ "added token's id elsewhere", vocab, list, "[{\"content\":\"ab\",\"id\":4}]",
			"another in vocab.json" },
		{ "added token's huge id", vocab, list, "[{\"content\":\"xx\",\"id\":1000000000}]",
			"not the next" },
		{ "added token's negative id", vocab, list, "[{\"content\":\"xx\",\"id\":-5}]",
			"not the next" },
		{ "an empty added token", vocab, list, "[{\"content\":\"\",\"id\":4}]", "0 bytes" },
	};
	struct fault err;

	(void)state;
	assert_int_equal(read_merges(vocab, list,
				 "[{\"content\":\"xx\",\"id\":4},{\"content\":\"none\"}]", &err),
		0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(read_merges(cases[i].vocab, cases[i].merges, cases[i].added, &err),
			err.text, cases[i].what, cases[i].why);
}

/* -- GGUF -------------------------------------------------------------------------------------- */

static void pair_array(struct gguf_file *f, const char *key, uint32_t type, uint64_t count)
{
	pair_head(f, key, 9);
	bytes_u32(&f->pairs, type);
	bytes_u64(&f->pairs, count);
}

static void pair_strings(struct gguf_file *f, const char *key, const char *const *s, uint64_t n)
{
	pair_array(f, key, 8, n);
	for (uint64_t i = 0; i < n; i++)
		bytes_str(&f->pairs, s[i]);
}

static void pair_numbers(struct gguf_file *f, const char *key, uint32_t type, const void *v,
	uint64_t n)
{
	pair_array(f, key, type, n);
	bytes_add(&f->pairs, v, 4 * n);
}

static int read_gguf(const char *what, int is_spm, struct fault *err)
{
	struct gguf_file f = { .magic = "GGUF", .version = 3, .alignment = 32 };
	const char *tokens[] = { "<unk>", "a", "b", "ab", is_spm ? "\xe2\x96\x81" : "\xc4\xa0" },
		   *list[] = { "a b" };
	float scores[] = { 0, -1, -2, -3, -4 };
	int32_t types[] = { 2, 1, 1, 1, 1 };
	struct tok t = { 0 };
	struct gguf g = { 0 };
	struct bytes b;
	int rc;

	if (!strcmp(what, "a token twice"))
		tokens[2] = "a";
	if (!strcmp(what, "a token that is no UTF-8"))
		tokens[2] = "\xff";
	if (!strcmp(what, "a type that there is not"))
		types[1] = 7;
	if (!strcmp(what, "type 0"))
		types[1] = 0;
	if (!strcmp(what, "a byte token"))
		types[1] = 6;
	if (!strcmp(what, "an empty control token")) {
		tokens[1] = "";
		types[1] = 3;
	}
	if (!strcmp(what, "NaN"))
		scores[1] = 0.0f / 0.0f;
	if (!strcmp(what, "an unknown merge"))
		list[0] = "a c";
	if (!strcmp(what, "a merge of one"))
		list[0] = "ab";
	if (strcmp(what, "no model"))
		pair_str(&f, "tokenizer.ggml.model",
			!strcmp(what, "model bert") ? "bert"
				: is_spm            ? "llama"
						    : "gpt2");
	if (!strcmp(what, "pre of another kind"))
		pair_str(&f, "tokenizer.ggml.pre", "tekken");
	if (!strcmp(what, "pre a number"))
		pair_u32(&f, "tokenizer.ggml.pre", 1);
	if (!strcmp(what, "tokens a number"))
		pair_u32(&f, "tokenizer.ggml.tokens", 1);
	else if (!strcmp(what, "tokens of numbers"))
		pair_numbers(&f, "tokenizer.ggml.tokens", 5, types, 5);
	else if (strcmp(what, "no tokens"))
		pair_strings(&f, "tokenizer.ggml.tokens", tokens, 5);
	pair_numbers(&f, "tokenizer.ggml.token_type", !strcmp(what, "types as reals") ? 6 : 5,
		types, strcmp(what, "too few types") ? 5 : 4);
	if (strcmp(what, "no scores"))
		pair_numbers(&f, "tokenizer.ggml.scores", 6, scores,
			strcmp(what, "too few scores") ? 5 : 4);
	if (strcmp(what, "no merges"))
		pair_strings(&f, "tokenizer.ggml.merges", list, 1);
	if (!strcmp(what, "bos of no token"))
		pair_u32(&f, "tokenizer.ggml.bos_token_id", 4000000000u);
	if (!strcmp(what, "eos a text"))
		pair_str(&f, "tokenizer.ggml.eos_token_id", "x");
	if (!strcmp(what, "add_bos a number"))
		pair_u32(&f, "tokenizer.ggml.add_bos_token", 1);
	if (!strcmp(what, "EOS added")) {
		pair_head(&f, "tokenizer.ggml.add_eos_token", 7);
		bytes_add(&f.pairs, "\1", 1);
	}
	if (!strcmp(what, "extra spaces removed") || !strcmp(what, "none removed")) {
		pair_head(&f, "tokenizer.ggml.remove_extra_whitespaces", 7);
		bytes_add(&f.pairs, !strcmp(what, "none removed") ? "\0" : "\1", 1);
	}
	if (!strcmp(what, "a charsmap"))
		pair_numbers(&f, "tokenizer.ggml.precompiled_charsmap", 5, types, 1);
	if (!strcmp(what, "a key that nobody knows"))
		pair_str(&f, "tokenizer.ggml.normalizer.kind", "NFKC");
	if (!strcmp(what, "ids of other tokens"))
		pair_u32(&f, "tokenizer.ggml.fim_pre_token_id", 3);
	b = gguf_file_bytes(&f);
	rc = gguf_parse(&g, b.p, b.n, err);
	if (!rc) {
		rc = tok_read_gguf(&t, &g, err);
		gguf_free(&g);
	}
	tok_parts_free(&t);
	free(b.p);
	free(f.pairs.p);
	return rc;
}

static void gguf(void **state)
{
	static const struct {
		const char *what;
		int spm;
		const char *why;
	} cases[] = {
		{ "no model", 0, "model" },
		{ "model bert", 0, "bert" },
		{ "pre of another kind", 0, "tekken" },
		{ "pre a number", 0, "pre" },
		{ "no tokens", 0, "tokens" },
		{ "tokens a number", 1, "tokens" },
		{ "tokens of numbers", 0, "tokens" },
		{ "too few types", 1, "token_type" },
		{ "types as reals", 0, "token_type" },
		{ "a token twice", 0, "same text" },
		{ "a token that is no UTF-8", 1, "UTF-8" },
		{ "a type that there is not", 1, "token_type" },
		{ "type 0", 0, "token_type" },
		{ "a byte token", 0, "token_type" },
		{ "a byte token", 1, "byte" },
		{ "an empty control token", 0, "0 bytes" },
		{ "NaN", 1, "not a number" },
		{ "no scores", 1, "scores" },
		{ "too few scores", 1, "scores" },
		{ "no merges", 0, "merges" },
		{ "an unknown merge", 0, "no token" },
		{ "a merge of one", 0, "space" },
		{ "bos of no token", 1, "bos" },
		{ "eos a text", 0, "eos" },
		{ "add_bos a number", 1, "add_bos" },
		{ "EOS added", 1, "add_eos" },
		{ "extra spaces removed", 1, "remove_extra_whitespaces is set" },
		{ "a charsmap", 1, "precompiled_charsmap is set" },
		{ "a key that nobody knows", 0, "normalizer.kind is set" },
	};
	struct fault err;

	(void)state;
	assert_int_equal(read_gguf("", 0, &err), 0);
	assert_int_equal(read_gguf("", 1, &err), 0);
	assert_int_equal(read_gguf("none removed", 1, &err), 0);
	assert_int_equal(read_gguf("ids of other tokens", 0, &err), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(read_gguf(cases[i].what, cases[i].spm, &err), err.text, cases[i].what,
			cases[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(json_spoilt),
		cmocka_unit_test(json_large),
		cmocka_unit_test(spm),
		cmocka_unit_test(ranks),
		cmocka_unit_test(merges),
		cmocka_unit_test(gguf),
	};

#ifdef __SANITIZE_ADDRESS__
	no_room_limit = 1;
#endif
	limit_room();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
