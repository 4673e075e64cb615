/* Readers of bytes under attack: a tiny GGUF and a tiny safetensors file cut at every byte, with
 * every byte of their headers changed in several ways, and counts that promise too much. Nothing
 * may crash or read outside the bytes (they end at a page that may not be touched); what is
 * accepted must lie within the file. */
#include "file/gguf.h"
#include "file/json.h"
#include "file/safetensors.h"
#include "files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

static struct fault err;

/* A copy whose end is the end of what may be read. */
struct guarded {
	unsigned char *map, *p;
	size_t n, size;
};

static struct guarded guard(const unsigned char *bytes, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (n + page - 1) / page * page;
	struct guarded g = { .n = n, .size = room + page };

	g.map = mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(g.map != MAP_FAILED);
	assert_int_equal(mprotect(g.map + room, page, PROT_NONE), 0);
	g.p = g.map + room - n;
	memcpy(g.p, bytes, n);
	return g;
}

static void unguard(struct guarded *g)
{
	munmap(g->map, g->size);
}

static int inside(const struct guarded *g, const unsigned char *p, uint64_t n)
{
	return p >= g->p && n <= (uint64_t)(g->p + g->n - p);
}

/* 1 if it is accepted; then all that is offered is touched. */
static int try_gguf(const struct guarded *b)
{
	struct gguf g;
	struct gguf_str s;
	volatile unsigned char sum = 0;

	err.text[0] = 0;
	if (gguf_parse(&g, b->p, b->n, &err)) {
		assert_true(strlen(err.text) > 0);
		return 0;
	}
	for (size_t i = 0; i < g.n_pairs; i++) {
		struct gguf_strings it = { .pair = &g.pairs[i] };

		assert_true(inside(b, g.pairs[i].raw, g.pairs[i].n_raw));
		while (g.pairs[i].type == GGUF_STRING && gguf_next_string(&it, &s))
			assert_true(inside(b, (const unsigned char *)s.s, s.n));
	}
	for (size_t i = 0; i < g.n_tensors; i++) {
		assert_true(inside(b, g.tensors[i].data, g.tensors[i].bytes));
		sum = (unsigned char)(sum + g.tensors[i].data[g.tensors[i].bytes - 1]);
	}
	gguf_free(&g);
	return 1;
}

static int try_st(const struct guarded *b)
{
	struct st s;

	err.text[0] = 0;
	if (st_parse(&s, b->p, b->n, &err)) {
		assert_true(strlen(err.text) > 0);
		return 0;
	}
	for (size_t i = 0; i < s.n; i++)
		assert_true(inside(b, s.tensors[i].data, s.tensors[i].bytes));
	st_free(&s);
	return 1;
}

static struct bytes small_gguf(void)
{
	static const float values[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct gguf_file f = { .magic = "GGUF", .version = 3, .alignment = 32 };
	struct bytes b;

	pair_str(&f, "general.architecture", "llama");
	pair_u32(&f, "general.alignment", 32);
	pair_head(&f, "tokens", 9);
	bytes_u32(&f.pairs, 8);
	bytes_u64(&f.pairs, 3);
	bytes_str(&f.pairs, "a");
	bytes_str(&f.pairs, "");
	bytes_str(&f.pairs, "bcd");
	pair_head(&f, "scores", 9);
	bytes_u32(&f.pairs, 6);
	bytes_u64(&f.pairs, 8);
	bytes_add(&f.pairs, values, sizeof values);
	gguf_file_add(&f, "one", 0, 4, 2, 32)->data = values;
	gguf_file_add(&f, "two", 8, 32, 2, 68);
	gguf_file_add(&f, "three", 0, 1, 0, 4)->data = values;
	b = gguf_file_bytes(&f);
	free(f.pairs.p);
	return b;
}

static struct bytes small_st(void)
{
	struct st_file f = { 0 };

	st_file_add(&f, "a.weight", "F32", 2, 3, NULL, 24);
	st_file_add(&f, "b.weight", "BF16", 0, 5, NULL, 10);
	st_file_add(&f, "c", "U8", 0, 0, NULL, 0);
	return st_file_bytes(&f);
}

static void cut_everywhere(struct bytes b, int (*try)(const struct guarded *), size_t whole)
{
	for (size_t n = 0; n <= b.n; n++) {
		struct guarded g = guard(b.p, n);

		assert_int_equal(try(&g), n >= whole);
		unguard(&g);
	}
}

/* Every byte of the header to every one of a few values, and one bit flipped: accepted or not,
 * never a crash. */
static void change_everywhere(struct bytes b, int (*try)(const struct guarded *), size_t header)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff, '"', '}', '9', '-' };
	struct guarded g = guard(b.p, b.n);

	for (size_t i = 0; i < header; i++) {
		unsigned char was = g.p[i];

		for (size_t k = 0; k < sizeof values + 8; k++) {
			g.p[i] = k < 8 ? was ^ (unsigned char)(1 << k) : values[k - 8];
			try(&g);
		}
		g.p[i] = was;
	}
	assert_int_equal(try(&g), 1);
	unguard(&g);
}

static void gguf_cut(void **state)
{
	struct bytes b = small_gguf();

	(void)state;
	/* the padding behind the last value may be missing */
	cut_everywhere(b, try_gguf, b.n - 28);
	free(b.p);
}

static void gguf_changed(void **state)
{
	struct bytes b = small_gguf();

	(void)state;
	change_everywhere(b, try_gguf, b.n - 160);
	free(b.p);
}

static void st_cut(void **state)
{
	struct bytes b = small_st();

	(void)state;
	cut_everywhere(b, try_st, b.n);
	free(b.p);
}

static void st_changed(void **state)
{
	struct bytes b = small_st();

	(void)state;
	change_everywhere(b, try_st, b.n - 34);
	free(b.p);
}

/* What a GGUF file holds comes back: integers of every type, strings, arrays. */
static void gguf_values(void **state)
{
	struct bytes b = small_gguf();
	struct gguf g;
	struct gguf_str s;
	struct gguf_strings it = { 0 };
	uint64_t u;
	double d;

	(void)state;
	assert_int_equal(gguf_parse(&g, b.p, b.n, &err), 0);
	assert_int_equal(g.n_pairs, 4);
	assert_int_equal(gguf_uint(&g, "general.alignment", &u), 1);
	assert_int_equal(u, 32);
	assert_int_equal(gguf_uint(&g, "nothing", &u), 0);
	assert_int_equal(gguf_uint(&g, "general.architecture", &u), -1);
	assert_int_equal(gguf_float(&g, "general.alignment", &d), -1);
	assert_int_equal(gguf_string(&g, "general.architecture", &s), 1);
	assert_true(gguf_str_is(s, "llama"));
	it.pair = gguf_array(&g, "tokens", GGUF_STRING);
	assert_non_null(it.pair);
	assert_true(gguf_next_string(&it, &s) && gguf_str_is(s, "a"));
	assert_true(gguf_next_string(&it, &s) && gguf_str_is(s, ""));
	assert_true(gguf_next_string(&it, &s) && gguf_str_is(s, "bcd"));
	assert_int_equal(gguf_next_string(&it, &s), 0);
	assert_null(gguf_array(&g, "tokens", GGUF_F32));
	assert_true(gguf_f32_at(gguf_array(&g, "scores", GGUF_F32), 7) == 8);
	assert_non_null(gguf_tensor(&g, "two"));
	assert_null(gguf_tensor(&g, "tw"));
	assert_int_equal(gguf_tensor(&g, "two")->bytes, 68);
	gguf_free(&g);
	free(b.p);
}

static void gguf_integers(void **state)
{
	static const struct {
		uint32_t type;
		int size;
		uint64_t raw;
		int64_t value;
	} all[] = {
		{ 0, 1, 0xff, 255 },
		{ 1, 1, 0xff, -1 },
		{ 2, 2, 0xffff, 65535 },
		{ 3, 2, 0x8000, -32768 },
		{ 4, 4, 0xffffffff, 4294967295 },
		{ 5, 4, 0xffffffff, -1 },
		{ 10, 8, 5, 5 },
		{ 11, 8, UINT64_MAX, -1 },
		{ 10, 8, UINT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct gguf_file f = { .magic = "GGUF", .version = 2, .alignment = 32 };
		struct gguf g;
		struct bytes b;
		uint64_t u;

		pair_head(&f, "k", all[i].type);
		bytes_add(&f.pairs, &all[i].raw, (size_t)all[i].size);
		b = gguf_file_bytes(&f);
		assert_int_equal(gguf_parse(&g, b.p, b.n, &err), 0);
		assert_true(gguf_int_at(gguf_pair(&g, "k"), 0) == all[i].value);
		assert_int_equal(gguf_uint(&g, "k", &u), all[i].value < 0 ? -1 : 1);
		gguf_free(&g);
		free(f.pairs.p);
		free(b.p);
	}
}

static int parse(json_t **j, const char *text, size_t max_nodes)
{
	return json_parse(j, text, strlen(text), max_nodes, &err);
}

static void json_bounds(void **state)
{
	json_t *j = NULL, *o;
	int64_t i = 0;
	double d;
	int b;

	(void)state;
	assert_int_equal(parse(&j, "[[[[1]]]]", 4), -1);
	assert_int_equal(parse(&j, "{\"a\":1,\"a\":2}", 99), -1);
	assert_int_equal(parse(&j, "{}x", 99), -1);
	assert_int_equal(parse(&j, "", 99), -1);
	assert_int_equal(
		parse(&o, "{\"a\":3.0,\"b\":1e99,\"c\":null,\"d\":true,\"e\":\"x\",\"f\":[]}", 99),
		0);
	assert_true(json_get_int(o, "a", 1, 3, &i, &err) == 1 && i == 3);
	assert_int_equal(json_get_int(o, "a", 4, 9, &i, &err), -1);
	assert_int_equal(json_get_int(o, "b", 0, 9, &i, &err), -1);
	assert_int_equal(json_get_int(o, "c", 0, 9, &i, &err), 0);
	assert_int_equal(json_get_bool(o, "e", &b, &err), -1);
	assert_int_equal(json_get_real(o, "b", &d, &err), 1);
	assert_true(json_is_unset(o, "c") && json_is_unset(o, "f") && json_is_unset(o, "zz") &&
		!json_is_unset(o, "d"));
	json_decref(o);
	/* an integer beyond 64 bits, as in tokenizer configs */
	assert_int_equal(parse(&o, "{\"n\":1000000000000000019884624838656,\"k\":7}", 99), 0);
	assert_true(json_get_int(o, "k", 0, 9, &i, &err) == 1 && i == 7);
	json_decref(o);
	/* the others stay whole, and so do the limits of 64 bits, and what is no number */
	assert_int_equal(parse(&o,
				 "{\"99999999999999999999\":\"-99999999999999999999\\\"\","
				 "\"w\":[-9223372036854775808,9223372036854775807,"
				 "9223372036854775808,"
				 "-12345678901234567890,12345678901234567890.5,3e2,4]}",
				 99),
		0);
	assert_string_equal(json_string_value(json_object_get(o, "99999999999999999999")),
		"-99999999999999999999\"");
	for (size_t k = 0; k < 7; k++)
		assert_int_equal(json_is_integer(json_array_get(json_object_get(o, "w"), k)),
			k < 2 || k == 6);
	json_decref(o);
	assert_int_equal(parse(&o, "[99999999999999999999,\"", 99), -1);
	assert_int_equal(parse(&o, "[99999999999999999999,\"\\", 99), -1);
	assert_int_equal(parse(&o, "[99999999999999999999,1e999]", 99), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gguf_cut),
		cmocka_unit_test(gguf_changed),
		cmocka_unit_test(st_cut),
		cmocka_unit_test(st_changed),
		cmocka_unit_test(gguf_values),
		cmocka_unit_test(gguf_integers),
		cmocka_unit_test(json_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
