/* make-hidden FIRST COUNT [META]: hidden records of documents FIRST .. FIRST+COUNT-1, each the same
 * whenever it is made; 9 layers, width 70. META: JSON that is added to the header's meta.
 * SPOIL=DOC:LAYER:VALUE in the environment puts a value over a whole row; SPREAD=1 makes all blocks
 * of a width about equally far. */
#include "stream/records.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 10, D = 70 };

static void make(float x[ROWS][D], uint64_t doc)
{
	uint64_t z = doc * 0x9e3779b97f4a7c15u + 1, bad_doc;
	const char *spoil = getenv("SPOIL");
	int spread = getenv("SPREAD") != NULL;
	float value;
	int row;

	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < D; c++) {
			z = z * 6364136223846793005u + 1442695040888963407u;
			x[r][c] = (float)(z >> 40) * 0x1p-23f - 1 +
				(r && !spread ? x[r - 1][c] : 0);
		}
	if (spoil && sscanf(spoil, "%lu:%d:%f", &bad_doc, &row, &value) == 3 && bad_doc == doc)
		for (int c = 0; c < D; c++)
			x[row][c] = value;
}

int main(int argc, char *argv[])
{
	uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
	json_t *meta = json_pack("{sssiss}", "print", "0123456789abcdef", "layers", ROWS - 1,
		"kernel", "avx2");
	json_t *more = argc > 3 ? json_loads(argv[3], 0, NULL) : NULL;
	_Alignas(64) float x[ROWS][D];
	struct rec_out *out;

	json_object_update(meta, more);
	out = rec_create(stdout, "standard output", KIND_HIDDEN, NULL, NULL, meta, 0);
	for (uint64_t doc = first; doc < first + count; doc++) {
		struct hidden h = {
			.doc = doc, .ntok = 7, .layer = -1, .x = x[0], .rows = ROWS, .d = D
		};

		make(x, doc);
		hidden_write(out, &h);
	}
	rec_finish(out);
	json_decref(meta);
	json_decref(more);
	return 0;
}
