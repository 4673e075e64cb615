/* CSV, as MMLU has it: rows of cells that lie in the text, and no more of them than bytes. */
#include "file/csv.h"
#include "file/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fault err = { "" };
	struct csv c;

	if (csv_parse(&c, (const char *)bytes, n, &err)) {
		holds(*err.text);
		return 0;
	}
	holds(c.n_rows <= n);
	for (size_t r = 0; r < c.n_rows; r++) {
		holds(c.first[r] < c.first[r + 1]);
		for (size_t k = c.first[r]; k < c.first[r + 1]; k++)
			holds(utf8_valid(c.cell[k], strlen(c.cell[k])) == strlen(c.cell[k]));
	}
	csv_free(&c);
	return 0;
}
