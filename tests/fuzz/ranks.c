/* tiktoken's file: a line for each token, in base64 with its rank. */
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct tok t = { .quiet = 1 };
	struct fault err = { "" };
	int rc;

	tok_is_ranks((const char *)bytes, n);
	rc = tok_read_ranks(&t, (const char *)bytes, n, &err);
	tokenizer_used(&t, rc, &err, bytes, n);
	return 0;
}
