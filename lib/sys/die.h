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

/* The program's name, for messages and for the steps of `made`: what program_set_name said (a
 * static text), or what the program was started as. */
const char *program_name(void);
const char *program_version(void); /* "0.1", "0.1+12.g0123456789ab": see .ci/version */
void program_set_name(const char *name);
/* How much is said: quiet silences warn, say and progress; verbose has note speak. At first
 * neither. */
void program_set_voice(int quiet, int verbose);
int program_is_quiet(void);

/* Prints one line; removes registered temporaries; exits with EXIT_FAILED, or with
 * EXIT_MISUSED. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void misuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* unless quiet */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* if verbose */
/* A line of result for people, as it stands, on standard error; unless quiet. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For places where little can be relied on any more: a signal handler, a failed allocation, any
 * thread. Prints one line "tool: WHAT: WHY" (WHAT may be NULL) with nothing but write; removes
 * registered temporaries; exits with EXIT_FAILED. */
void die_now(const char *what, const char *why) __attribute__((noreturn));

/* Registers what a program's end undoes. It must be safe in a signal handler, and returns 0, or the
 * number of the thread that is at it already and will end the program. */
void die_undoes(int (*undo)(void));
/* Registers what takes a line of progress off the screen before a message. Safe as above. */
void die_clears(void (*clear)(void));

#ifdef __cplusplus
}
#endif
#endif
