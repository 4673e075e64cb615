/* signals - what a signal does to a tool: it leaves no temporaries, and what is no bug of ours is
 * said in a line
 *
 *   SIGPIPE             ignored: write says EPIPE, temporaries are removed, and then it ends the
 *                       tool after all, without a word: who reads has seen enough, or has said
 *                       what is wrong. Where the caller ignores it: one line, exit 1
 *   SIGXFSZ             ignored: write says EFBIG, and that is an error like others
 *   SIGBUS              a mapped file was cut short, or cannot be read: one line with its name,
 *                       exit 1
 *   SIGSEGV             of a stack that is too small: one line, exit 1
 *   SIGXCPU             one line, exit 1
 *   SIGINT, SIGTERM, SIGHUP, SIGABRT and whatever else ends a program: temporaries are removed,
 *                       and it ends by that signal
 *
 * What a C++ library throws and nobody catches ends with one line, too. A tool that must save
 * something first takes SIGINT and SIGTERM over (heal.c).
 */
#ifndef COPPICE_SIGNALS_H
#define COPPICE_SIGNALS_H

/* Installs the handlers. Called once, before there are other threads. A signal that the caller
 * ignores (nohup, a job in the background) stays ignored, and one that a sanitizer handles is left
 * to it. Stacks are enlarged to what the tools need, where that is allowed. */
void signals_catch(void);
/* What a write that said EPIPE ends in; returns where the caller of the program ignores SIGPIPE. */
void signals_pipe(void);
/* Ignores the signals that ask a program to end (SIGHUP, SIGINT, SIGQUIT, SIGTERM) from here on,
 * for last steps that are short and must not be left half done. */
void signals_ignore(void);

#endif
