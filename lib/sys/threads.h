/* threads - how many threads of OpenMP the process has
 */
#ifndef COPPICE_THREADS_H
#define COPPICE_THREADS_H

#ifdef __cplusplus
extern "C" {
#endif

/* How many threads are of use where nobody says a number: the processors that this process may run
 * on, or fewer where a control group gives it less time or OMP_NUM_THREADS asks for fewer. */
int threads_useful(void);
/* Has OpenMP make teams of so many threads, and no smaller ones when it likes. Returns how many it
 * will really give, from 1. */
int threads_hold(int threads);
/* What threads_hold returned last; 1 at first. */
int threads_held(void);

#ifdef __cplusplus
}
#endif
#endif
