/* words - the words that an option's value may be
 *
 * A row of the tables has them in one text, with blanks between.
 */
#ifndef COPPICE_WORDS_H
#define COPPICE_WORDS_H

#include "cli/opt.h"

#include <stddef.h>

/* Steps through a text of words: returns the length of the word that begins at *at, once blanks are
 * skipped; 0 behind the last. The caller adds it to *at for the next one. */
size_t words_next(const char **at);
/* 1: the value is a list of words, with commas between. */
int words_are_listed(const struct opt *o);
/* Ends the program as a misuse where arg is none of the row's words, or no list of them, and says
 * which it may have been meant to be. typed: the option and its value, as they were typed. */
void words_check(const struct opt *o, const char *arg, const char *typed);
/* Prints the words that a shell offers for the option, with blanks between; 0: there are none. */
int words_print(const struct opt *o);

#endif
