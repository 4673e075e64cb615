/* environment - what of its surroundings a tool obeys, and what is taken away before any library
 * has read it
 *
 * Every executable with cli_parse has it: before the constructors of its libraries run, it starts
 * itself anew without the variables that could change what they compute, print or allocate, and
 * with threads that wait asleep. Nothing is done where nothing is amiss. Where something must be
 * done and can't, one line says so, and the exit is EXIT_MISUSED. What is kept is listed in
 * environment.c, with the reasons, and in coppice(7), for users.
 */
#ifndef COPPICE_ENVIRONMENT_H
#define COPPICE_ENVIRONMENT_H

enum { MOST_THREADS = 4096 }; /* the largest number of threads that -j takes */

/* Returns how many of `threads` threads OMP_NUM_THREADS and OMP_THREAD_LIMIT allow, for use where
 * the number was not set by -j. */
int environment_threads(int threads);

#endif
