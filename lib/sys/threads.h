/* threads - how many threads of OpenMP the process has
 */
#ifndef COPPICE_THREADS_H
#define COPPICE_THREADS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Returns how many threads to use where the user sets no number: the processors that this process
 * may run on, or fewer where a control group gives it less time or OMP_NUM_THREADS allows fewer. */
int threads_useful(void);
/* Sets the size of OpenMP teams, which OpenMP then does not lower by itself. Returns the size that
 * it will really give, at least 1. */
int threads_hold(int threads);
/* Returns the last result of threads_hold; 1 at first. */
int threads_held(void);

#ifdef __cplusplus
}
#endif
#endif
