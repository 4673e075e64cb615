/* utf8 - UTF-8 checked once, then read without checks; what Unicode says of a character
 *
 * Everything after utf8_valid may assume valid text. Classes are those that tokenizers' patterns
 * ask for (coppice-tokenizers(7), PATTERNS): \s is White_Space and nothing else.
 */
#ifndef COPPICE_UTF8_H
#define COPPICE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 };

/* Length of the longest valid beginning of text[0..n). */
size_t utf8_valid(const char *text, size_t n);
/* Length of the character that begins at s, or of the maximal subpart of one that is cut or wrong
 * there, as Unicode recommends for replacing. *ok says which. n >= 1. */
size_t utf8_step(const char *s, size_t n, int *ok);
/* Copies text to out (room for 3 n bytes), U+FFFD for each maximal subpart. Returns out's length;
 * *bad counts the bytes replaced. */
size_t utf8_repair(char *out, const char *text, size_t n, uint64_t *bad);

/* The character at s of valid text; *len is its length. */
uint32_t utf8_get(const char *s, size_t *len);
size_t utf8_put(char *out, uint32_t c); /* 1 to 4 bytes */

/* Classes of a character. CLASS_OTHER is what is none of \s, \p{L}, \p{N}. */
enum utf8_class { CLASS_OTHER, CLASS_LETTER, CLASS_NUMBER, CLASS_SPACE };
enum utf8_class utf8_class_of(uint32_t c);
int utf8_is_word(uint32_t c); /* \w */
extern const uint8_t utf8_ascii_class[128];

/* The class of the character at s of valid text, and its length. */
static inline enum utf8_class utf8_class_at(const char *s, size_t *len)
{
	unsigned char b = (unsigned char)*s;

	if (b < 128) {
		*len = 1;
		return utf8_ascii_class[b];
	}
	return utf8_class_of(utf8_get(s, len));
}

/* Valid text without the white space at both ends: Python's str.strip(), which also takes
 * U+001C..U+001F. Returns the first byte that stays, *n becomes what stays. */
const char *utf8_strip(const char *s, size_t *n);

/* 1: NFC surely leaves valid text as it is; 0: it may not. */
int utf8_is_nfc(const char *text, size_t n);
/* NFC of valid text, in time n log n whatever the text is. New, *n_out bytes. */
char *utf8_nfc(const char *text, size_t n, size_t *n_out);

#endif
