/* tokens - what every tokenizer that was read from any bytes must do: give ids that it has, for any
 * text
 */
#ifndef COPPICE_TESTS_FUZZ_TOKENS_H
#define COPPICE_TESTS_FUZZ_TOKENS_H

#include "fuzz.h"
#include "token/tok_own.h"

static inline void tokens_of(const struct tok *t, const char *text, size_t n)
{
	struct tok_out out = { 0 };

	tok_encode(t, &out, text, n);
	for (size_t i = 0; i < out.n && !out.failed; i++) {
		holds(out.ids[i] < tok_size(t));
		tok_bytes(t, out.ids[i]);
	}
	tok_out_free(&out);
}

/* rc: what the reader said. The text is a fixed one, and some of the file itself. */
static inline void tokenizer_used(struct tok *t, int rc, const struct fault *err,
	const uint8_t *bytes, size_t n)
{
	static const char text[] = "The year 2024: \xc3\xa9t\xc3\xa9, don't "
				   "\xe4\xb8\xad\xe6\x96\x87  \n\n x\xff<|endoftext|>ab ba";

	if (rc) {
		holds(*err->text);
	} else {
		tok_finish(t);
		tokens_of(t, text, sizeof text - 1);
		tokens_of(t, (const char *)bytes, n < 256 ? n : 256);
	}
	tok_parts_free(t);
}

#endif
