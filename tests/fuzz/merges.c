/* vocab.json and merges.txt, a NUL between them. */
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct merges_rule rule = { SPLIT_GPT2, 1, 0 };
	const uint8_t *merges;
	size_t n_merges, n_vocab = fuzz_halves(bytes, n, &merges, &n_merges);
	struct tok t = { .quiet = 1 };
	struct fault err = { "" };
	int rc = tok_read_merges(&t, &rule, (struct tok_text){ (const char *)bytes, n_vocab },
		(struct tok_text){ (const char *)merges, n_merges }, NULL, &err);

	tokenizer_used(&t, rc, &err, bytes, n);
	return 0;
}
