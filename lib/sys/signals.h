/* signals - what a signal does to a tool: it leaves no temporaries, and what is no bug of ours is
 * said in a line
 *
 *   SIGPIPE, SIGXFSZ    ignored: write says EPIPE and EFBIG, and that is an error like others
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

/* Once, before there are other threads. A signal that the caller ignores (nohup, a job in the
 * background) stays ignored, and one that a sanitizer has is left to it. Stacks are made as large
 * as the tools need them, where that is allowed. */
void signals_catch(void);
/* What the program does from here on takes a moment, and is not to be half done: who asks it to go
 * is not heard. */
void signals_ignore(void);

#endif
