/* added - tokens that are found in a text before anything else happens to it: <s>, <|im_end|>, runs
 * of spaces
 *
 * The leftmost is found, and of several there the longest. They are a trie over their bytes, so
 * that a text costs the same however many there are.
 */
#ifndef COPPICE_ADDED_H
#define COPPICE_ADDED_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

struct added_token {
	uint32_t id;
	uint8_t single_word;    /* only between characters that are no word characters */
	uint8_t lstrip, rstrip; /* swallows the white space on that side */
};

/* A set of added tokens. Begins as zeros. */
struct added {
	struct added_token *token;
	uint32_t n, cap;
	uint64_t *key; /* hash table: node << 8 | byte -> child; 0: empty */
	uint32_t *child;
	uint32_t mask, n_nodes;
	uint32_t *end; /* [n_nodes] 1 + index of the token that ends at a node, 0: none */
	uint32_t cap_nodes;
	/* Bytes that a token begins with, and those that are the second of one, all where one is a
	 * single byte: bit h % 8 of row h / 8, column l is for the byte of high half h and low half
	 * l. */
	uint8_t first[2][16], second[2][16];
	int spm; /* 1: " " in the text stands for U+2581, which is no white space */
};

/* Adds a token of text[0..n). 0, or -1 with err where the text is empty, longer than TOKEN_MAX, or
 * there already. */
int added_add(struct added *a, const char *text, size_t n, struct added_token token,
	struct fault *err);
void added_free(struct added *a);

/* Finds the next token in text[from..n): 1 with *m, its place [start, end) with the white space
 * that it swallows, and its id; or 0. */
struct added_match {
	size_t start, end;
	uint32_t id;
};
int added_next(const struct added *a, const char *text, size_t n, size_t from,
	struct added_match *m);

#endif
