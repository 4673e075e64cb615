/* The CSV reader: what RFC 4180 and Python's csv module make of some texts, hostile ones refused by
 * name, and the row counts of all of data/mmlu (285 dev, 1531 val, 14042 test; answers A 3222, B
 * 3462, C 3582, D 3776) */
#include "eval/mmlu.h"
#include "file/csv.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lacks.h"

/* Rows as "a|b / c|d". */
static void assert_rows(const char *text, size_t n, const char *want)
{
	struct csv c;
	struct fault err;
	char got[1000] = "";

	if (csv_parse(&c, text, n, &err) < 0)
		fail_msg("refused: %s", err.text);
	for (size_t r = 0; r < c.n_rows; r++)
		for (size_t k = c.first[r]; k < c.first[r + 1]; k++) {
			strcat(got, k > c.first[r] ? "|" : r > 0 ? " / " : "");
			strcat(got, c.cell[k]);
		}
	assert_string_equal(got, want);
	csv_free(&c);
}

static void reads(void **state)
{
	static const char *const cases[][2] = {
		{ "a,b\nc,d\n", "a|b / c|d" },
		{ "a,b\r\nc,d\r\n", "a|b / c|d" },
		{ "a,b\rc,d", "a|b / c|d" },
		{ "a,b\nc,d", "a|b / c|d" },
		{ "a,\n,b\n,\n", "a| / |b / |" },
		{ "\"a,b\",\"c\"\"d\"\n", "a,b|c\"d" },
		{ "\"a\nb\",\"c\r\nd\"\n", "a\nb|c\r\nd" },
		{ "\"\",\"\"\"\"", "|\"" },
		{ "say \"x\",y\"", "say \"x\"|y\"" },
		{ "a\n\n\r\n\nb\n", "a / b" },
		{ " a , b ", " a | b " },
		{ "\xef\xbb\xbf"
		  "a,b",
			"a|b" },
		{ "caf\xc3\xa9,\xf0\x9f\x8c\xb3", "caf\xc3\xa9|\xf0\x9f\x8c\xb3" },
		{ "", "" },
		{ "\n", "" },
		{ ",", "|" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_rows(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

/* Line numbers count the lines within quotes. */
static void counts_lines(void **state)
{
	struct csv c;
	struct fault err;
	const char *text = "a\n\"b\r\nb\rb\nb\"\n\nc\n";

	(void)state;
	assert_int_equal(csv_parse(&c, text, strlen(text), &err), 0);
	assert_int_equal(c.n_rows, 3);
	assert_int_equal(c.line[1], 2);
	assert_int_equal(c.line[2], 7);
	csv_free(&c);
}

#define BYTES(s) s, sizeof s - 1
static const struct {
	const char *name, *text;
	size_t n;
	const char *why;
} hostile[] = {
	{ "a quote that is never closed", BYTES("a,\"b\nc"), "line 1: a quote is never closed" },
	{ "a quote at the very end", BYTES("a,b\nc,\""), "line 2: a quote is never closed" },
	{ "text after a closing quote", BYTES("a\n\"b\"c,d\n"),
		"line 2: text after a closing quote" },
	{ "a NUL byte", BYTES("a\0b,c\n"), "contains a NUL byte" },
	{ "a byte that is no UTF-8", BYTES("a,\xff\n"), "byte 2: not UTF-8" },
	{ "a cut character", BYTES("a,\xe2\x82"), "byte 2: not UTF-8" },
	{ "an overlong slash", BYTES("a,\xc0\xaf\n"), "byte 2: not UTF-8" },
	{ "a surrogate", BYTES("\xed\xa0\x80"), "byte 0: not UTF-8" },
	{ "five cells", BYTES("q,a,b,c,A\n"),
		"line 1: 5 cells, not question, four choices and letter" },
	{ "seven cells", BYTES("q,a,b,c,d,e,A\n"),
		"line 1: 7 cells, not question, four choices and letter" },
	{ "an answer E", BYTES("q,a,b,c,d,A\nq,a,b,c,d,E\n"),
		"line 2: the answer \"E\" is none of A B C D" },
	{ "an answer of two letters", BYTES("q,a,b,c,d,AB\n"),
		"line 1: the answer \"AB\" is none of A B C D" },
	{ "an empty answer", BYTES("q,a,b,c,d,\n"), "line 1: the answer \"\" is none of A B C D" },
	{ "a header line", BYTES("question,A,B,C,D,answer\n"),
		"line 1: the answer \"answer\" is none of A B C D" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct csv c;
		struct fault err = { "" };

		if (csv_parse(&c, hostile[i].text, hostile[i].n, &err) == 0 &&
			mmlu_check(&c, &err) == 0)
			fail_msg("%s: not refused", hostile[i].name);
		assert_string_equal(err.text, hostile[i].why);
		csv_free(&c);
	}
}

/* Every beginning of a text is read or refused, never read beyond. */
static void survives_cuts(void **state)
{
	const char text[] = "a,\"b\"\"\r\n\xe2\x82\xac\",\n\"\",c\r\"x\"";

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		char *copy = malloc(n + 1);
		struct fault err;
		struct csv c;

		memcpy(copy, text, n);
		copy = realloc(copy, n ? n : 1);
		csv_parse(&c, copy, n, &err);
		csv_free(&c);
		free(copy);
	}
}

static void read_file(const char *path, size_t *rows, size_t letters[4])
{
	static char bytes[8 << 20];
	FILE *f = fopen(path, "rb");
	struct fault err;
	struct csv c;
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	if (csv_parse(&c, bytes, n, &err) < 0 || mmlu_check(&c, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	*rows += c.n_rows;
	for (size_t r = 0; r < c.n_rows; r++)
		letters[c.cell[c.first[r + 1] - 1][0] - 'A']++;
	csv_free(&c);
}

static void real_files(void **state)
{
	static const struct {
		const char *split;
		size_t rows;
	} splits[] = { { "dev", 285 }, { "val", 1531 }, { "test", 14042 } };
	static const size_t want[4] = { 3222, 3462, 3582, 3776 };
	size_t letters[4];

	(void)state;
	need_data("data/mmlu");
	for (int i = 0; i < 3; i++) {
		size_t rows = 0;
		glob_t g;

		assert_int_equal(glob(data_path("data/mmlu/%s/*.csv", splits[i].split), 0, NULL,
					 &g),
			0);
		assert_int_equal(g.gl_pathc, 57);
		memset(letters, 0, sizeof letters);
		for (size_t k = 0; k < g.gl_pathc; k++)
			read_file(g.gl_pathv[k], &rows, letters);
		assert_int_equal(rows, splits[i].rows);
		globfree(&g);
	}
	assert_memory_equal(letters, want, sizeof want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(counts_lines),
		cmocka_unit_test(refuses),
		cmocka_unit_test(survives_cuts),
		cmocka_unit_test(real_files),
	};
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
