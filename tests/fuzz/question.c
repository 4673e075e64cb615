/* A line of BoolQ, and what a file is called that is something else. */
#include "eval/boolq.h"
#include "file/sniff.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct boolq_item it = { 0 };
	struct fault err = { "" };

	sniff(bytes, n < SNIFF_BYTES ? n : SNIFF_BYTES);
	sniff_as(bytes, n < SNIFF_BYTES ? n : SNIFF_BYTES, SNIFF_UNPACKED | SNIFF_BINARY);
	if (boolq_parse(&it, (const char *)bytes, n, &err)) {
		holds(*err.text);
	} else {
		holds(it.passage && it.question && (it.answer == 0 || it.answer == 1));
		boolq_item_free(&it);
	}
	return 0;
}
