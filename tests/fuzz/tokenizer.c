/* tokenizer.json */
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct tok t = { .quiet = 1 };
	struct fault err = { "" };
	int rc = tok_read_json(&t, (const char *)bytes, n, NULL, &err);

	tokenizer_used(&t, rc, &err, bytes, n);
	return 0;
}
