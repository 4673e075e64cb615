/* tokenizer.model: a protocol buffer of SentencePiece. */
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct tok t = { .quiet = 1 };
	struct fault err = { "" };
	int rc = tok_read_spm(&t, (const char *)bytes, n, &err);

	tokenizer_used(&t, rc, &err, bytes, n);
	return 0;
}
