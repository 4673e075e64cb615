/* die - messages to the user, and the end of a program that cannot go on
 *
 * A message is one line "tool: file: what: why" on standard error. A program ends with one of the
 * statuses below. Everything here but die_now is for the main thread: parallel bodies record an
 * error and let the main thread raise it.
 *
 * This file stands below all others. What must be undone when a program ends, and what must leave
 * the screen before a line is printed, is registered here by the file that knows of it (temp.c,
 * progress.c).
 */
#ifndef COPPICE_DIE_H
#define COPPICE_DIE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_INTERRUPTED = 75 };

/* Returns the program's name, for messages and for the steps of `made`: the name given to
 * program_set_name, which is static, or the one that the program was started under. */
const char *program_name(void);
/* for example "0.1" or "0.1+12.g0123456789ab": see .ci/version */
const char *program_version(void);
void program_set_name(const char *name);
/* Sets which messages are printed. quiet silences warn, say and progress; verbose enables note.
 * Both are 0 at first. */
void program_set_voice(int quiet, int verbose);
int program_is_quiet(void);

/* Print one line, remove the registered temporaries, and exit: die with EXIT_FAILED, misuse with
 * EXIT_MISUSED. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void misuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* prints one line unless quiet */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* prints one line if verbose */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints a line of results for people on standard error, without the name of the tool in front,
 * unless quiet. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program where little can be relied on any more: in a signal handler, after a failed
 * allocation, or on any thread. It prints one line "tool: WHAT: WHY" (WHAT may be NULL) with
 * nothing but write, removes the registered temporaries, and exits with EXIT_FAILED. */
void die_now(const char *what, const char *why) __attribute__((noreturn));

/* Ends the program by that signal, whose action is the default one, without a word, having removed
 * the registered temporaries. For the main thread. */
void die_by(int signal) __attribute__((noreturn));

/* Registers the function that is called when the program ends early, to remove its temporaries. It
 * must be safe in a signal handler. It returns 0, or the number of the thread that is doing the
 * same already and will end the program. */
void die_undoes(int (*undo)(void));
/* Clears the screen, as before a line is printed. Safe in a signal handler. */
void die_clear(void);
/* Registers the function that clears the line of progress from the screen before a message. It must
 * be safe in a signal handler. */
void die_clears(void (*clear)(void));

#ifdef __cplusplus
}
#endif
#endif
