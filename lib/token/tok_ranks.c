/* tok_ranks - tiktoken's rank files: Llama-3's tokenizer.model, qwen.tiktoken
 * (coppice-tokenizers(7), RANK FILES)
 *
 * A line is "base64 rank"; the rank is the id, and the rank of the merges that give the token.
 * Special tokens are not in the file: which there are is known for two vocabularies, told by their
 * size; any other is refused.
 */
#include "token/tok_own.h"

#include "sys/fault.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

enum { QWEN = 151643, LLAMA3 = 128000 };

struct ranks_line {
	const char *text;
	size_t n;
	uint64_t rank;
};

static int digit64(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = memchr(digits, c, 64);

	return at ? (int)(at - digits) : -1;
}

/* Decodes base64 text into out, which has a capacity of n. Returns the number of bytes; -1 where it
 * is no base64. */
static long decode64(char *out, const char *s, size_t n)
{
	unsigned bits = 0, count = 0;
	long o = 0;
	int d;

	if (n == 0 || n % 4)
		return -1;
	n -= s[n - 1] == '=' ? s[n - 2] == '=' ? 2 : 1 : 0;
	for (size_t i = 0; i < n; i++) {
		d = digit64(s[i]);
		if (d < 0)
			return -1;
		bits = bits << 6 | (unsigned)d;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[o++] = (char)(bits >> count);
		}
	}
	return o;
}

/* The line at s: its two parts. Its length with the line break, or 0: it is none. */
static size_t read_line(struct ranks_line *l, const char *s, size_t n)
{
	const char *end = memchr(s, '\n', n), *space;
	size_t len = end ? (size_t)(end - s) : n, i;

	space = memchr(s, ' ', len);
	if (!space || space == s)
		return 0;
	*l = (struct ranks_line){ s, (size_t)(space - s) };
	i = l->n + 1;
	if (i == len || len - i > 9)
		return 0;
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
		l->rank = 10 * l->rank + (uint64_t)(s[i] - '0');
	return i == len ? len + (end != NULL) : 0;
}

int tok_is_ranks(const char *bytes, size_t n)
{
	struct ranks_line l;
	char text[TOKEN_MAX];

	return read_line(&l, bytes, n < TOKEN_MAX ? n : TOKEN_MAX) &&
		decode64(text, l.text, l.n) > 0;
}

static int read_ranks(struct tok *t, const char *bytes, size_t n, struct fault *err)
{
	char text[TOKEN_MAX];
	struct ranks_line l;
	size_t at, len;
	long k;

	for (at = 0; at < n; at += len) {
		len = read_line(&l, bytes + at, n - at);
		if (!len)
			return fault(err, "a line that is not \"base64 number\"");
		if (l.n > TOKEN_MAX)
			return fault(err, "token %llu: too long", (unsigned long long)l.rank);
		k = decode64(text, l.text, l.n);
		if (k <= 0)
			return fault(err, "token %llu: not base64", (unsigned long long)l.rank);
		if (vocab_add(&t->vocab, l.rank, text, (size_t)k, TOKEN_NORMAL, 1, err))
			return -1;
	}
	return 0;
}

static int add_special(struct tok *t, uint32_t id, const char *name, struct fault *err)
{
	size_t n = strlen(name);

	if (vocab_add(&t->vocab, id, name, n, TOKEN_CONTROL, 0, err))
		return -1;
	return added_add(&t->raw, name, n, (struct added_token){ id }, err);
}

static int add_numbered(struct tok *t, uint32_t id, const char *fmt, uint32_t number,
	struct fault *err)
{
	char name[64];

	snprintf(name, sizeof name, fmt, number);
	return add_special(t, id, name, err);
}

static int add_qwen(struct tok *t, struct fault *err)
{
	static const char *const first[] = { "<|endoftext|>", "<|im_start|>", "<|im_end|>" };

	for (uint32_t i = 0; i < 3; i++)
		if (add_special(t, QWEN + i, first[i], err))
			return -1;
	for (uint32_t i = 0; i < 205; i++)
		if (add_numbered(t, QWEN + 3 + i, "<|extra_%u|>", i, err))
			return -1;
	t->normal = NORMAL_NFC;
	t->eos = QWEN;
	return 0;
}

static int add_llama3(struct tok *t, struct fault *err)
{
	static const char *const named[10] = { "<|begin_of_text|>",
		"<|end_of_text|>", [6] = "<|start_header_id|>",
		"<|end_header_id|>", [9] = "<|eot_id|>" };
	uint32_t reserved = 0, i;

	for (i = 0; i < 256; i++)
		if (i < 10 && named[i] ? add_special(t, LLAMA3 + i, named[i], err)
				       : add_numbered(t, LLAMA3 + i,
						 "<|reserved_special_token_%u|>", reserved++, err))
			return -1;
	t->bos = LLAMA3;
	t->eos = LLAMA3 + 1;
	return 0;
}

static int read_specials(struct tok *t, struct fault *err)
{
	if (tok_add_split(t, t->vocab.n == QWEN ? SPLIT_QWEN : SPLIT_LLAMA3, err))
		return -1;
	if (t->vocab.n == QWEN)
		return add_qwen(t, err);
	if (t->vocab.n == LLAMA3)
		return add_llama3(t, err);
	return fault(err, "a rank file of %u tokens is neither Llama-3's nor Qwen's", t->vocab.n);
}

int tok_read_ranks(struct tok *t, const char *bytes, size_t n, struct fault *err)
{
	uint32_t *rank;
	int rc;

	t->bos = t->eos = -1;
	if (read_ranks(t, bytes, n, err) || read_specials(t, err) || vocab_index(&t->vocab, err))
		return -1;
	tok_set_bytes(t);
	for (int i = 0; i < 256; i++)
		if (t->bpe.byte[i] == NO_ID)
			return fault(err, "no token for byte %d", i);
	t->bpe.unknown = NO_ID;
	t->bpe.whole = 1;
	rank = xcalloc(t->vocab.n, sizeof *rank);
	for (uint32_t i = 0; i < t->vocab.n; i++)
		rank[i] = i;
	rc = bpe_from_ranks(&t->bpe, &t->vocab, rank, err);
	free(rank);
	return rc;
}
