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

/* Returns the length of the longest valid beginning of text[0..n). */
size_t utf8_valid(const char *text, size_t n);
/* Returns the length of the character that begins at s, *ok being 1; or where it is incomplete or
 * wrong, *ok being 0, the length of its maximal subpart, which Unicode recommends to replace. n:
 * the bytes at s, at least 1. */
size_t utf8_step(const char *s, size_t n, int *ok);
/* Copies text[0..n) to out, which has a capacity of 3 n bytes, with U+FFFD for each maximal subpart
 * of what is wrong. Returns out's length, and adds the number of bytes replaced to *bad. */
size_t utf8_repair(char *out, const char *text, size_t n, uint64_t *bad);

/* Returns the character at s, in valid text; *len becomes its length. */
uint32_t utf8_get(const char *s, size_t *len);
size_t utf8_put(char *out, uint32_t c); /* writes a character: 1 to 4 bytes; returns how many */

/* Classes of a character. CLASS_OTHER is what is none of \s, \p{L}, \p{N}. */
enum utf8_class { CLASS_OTHER, CLASS_LETTER, CLASS_NUMBER, CLASS_SPACE };
enum utf8_class utf8_class_of(uint32_t c);
int utf8_is_word(uint32_t c); /* 1 where c is one of \w, else 0 */
extern const uint8_t utf8_ascii_class[128];

/* Returns the class of the character at s, in valid text; *len becomes its length. */
static inline enum utf8_class utf8_class_at(const char *s, size_t *len)
{
	unsigned char b = (unsigned char)*s;

	if (b < 128) {
		*len = 1;
		return utf8_ascii_class[b];
	}
	return utf8_class_of(utf8_get(s, len));
}

/* Strips valid text s[0..*n) of the white space at both ends, as Python's str.strip() does, to
 * which U+001C..U+001F are white space, too. Returns where the rest begins; *n becomes its
 * length. */
const char *utf8_strip(const char *s, size_t *n);
/* The same for one end, as str.lstrip() and str.rstrip() do. */
const char *utf8_strip_front(const char *s, size_t *n);
void utf8_strip_end(const char *s, size_t *n);
/* Returns the number of characters of valid text s[0..n). */
size_t utf8_length(const char *s, size_t n);

/* Returns valid text s with its first character in title case and all others in lower case, as
 * Python's str.capitalize() has them; new. */
char *utf8_capitalize(const char *s);

/* Returns 1 where NFC surely leaves valid text[0..n) as it is; 0 where it may not. */
int utf8_is_nfc(const char *text, size_t n);
/* Returns NFC of valid text[0..n): *n_out bytes, new. Takes time n log n whatever the text is. */
char *utf8_nfc(const char *text, size_t n, size_t *n_out);

#endif
