/* split - pre-tokenisers, which split a text into the pieces that no merge crosses
 * (coppice-tokenizers(7), PATTERNS)
 *
 * The patterns of the families here are scanned by hand; any other pattern of a tokenizer.json goes
 * through PCRE2, if it is made of constructs that mean the same there, and is refused by name if
 * not.
 */
#ifndef COPPICE_SPLIT_H
#define COPPICE_SPLIT_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

enum split_kind {
	SPLIT_GPT2,       /* G of coppice-tokenizers(7), PATTERNS */
	SPLIT_LLAMA3,     /* L */
	SPLIT_QWEN,       /* Q: L with one number a piece */
	SPLIT_NUMBERS,    /* each number alone */
	SPLIT_REGEX,      /* matches and the gaps between them */
	SPLIT_JOINTS,     /* where no token has the two bytes side by side */
	SPLIT_EACH_SPACE, /* before every space */
	/* splits nothing: a space is put before what doesn't begin with one (tok.c) */
	SPLIT_ADD_SPACE,
};

struct split {
	enum split_kind kind;
	void *regex;
	/* of SPLIT_JOINTS: 65536 bits, 1 for the byte pairs (left << 8 | right) that stay
	 * together */
	uint8_t *joined;
};

extern const char split_gpt2[], split_llama3[], split_qwen[]; /* as a tokenizer.json has them */

/* Makes *p of a pattern: one of these three, or another regular expression. 0, or -1 with err where
 * it is none that means the same here. */
int split_parse(struct split *p, const char *pattern, struct fault *err);
/* The same, but always by way of PCRE2: what the scanners are tested against. */
int split_regex(struct split *p, const char *pattern, struct fault *err);
void split_free(struct split *p);

/* What regular expressions need as scratch memory, one for each thread. */
struct split_work;
struct split_work *split_work_new(void);
void split_work_free(struct split_work *w);

/* The pieces of s[0..n), valid UTF-8, n < 2^32, taken as the whole text. An iterator begins as { s,
 * n }, the rest zero. Each call of split_next goes on at s[at] and writes the lengths of the next
 * pieces to len, at most `most` of them; they leave nothing out. Returns how many; 0 at the end; -1
 * where the regular expression gave up, as only hostile ones do. */
struct split_iter {
	const char *s;
	size_t n, at, match_start, match_end;
};
int split_next(const struct split *p, struct split_work *w, struct split_iter *it, uint32_t *len,
	int most);

#endif
