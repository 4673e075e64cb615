/* budget - how much memory there is to plan for
 *
 * What is free is what the machine has available, or less where a control group (a container) sets
 * a limit. All sizes are bytes.
 */
#ifndef COPPICE_BUDGET_H
#define COPPICE_BUDGET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Says how much memory to plan for; 0, as at first: nine tenths of what is free whenever
 * memory_budget is asked. */
void memory_set_limit(size_t bytes);
size_t memory_limit(void); /* what was said; 0: nothing was */

/* The memory to plan for: the limit, or nine tenths of what is free now. */
size_t memory_budget(void);
/* The part of the budget that is spent already, or will be whatever is planned: the program, its
 * libraries, its threads. */
size_t memory_own(void);
size_t memory_peak(void); /* the most that this process has held so far */

#ifdef __cplusplus
}
#endif
#endif
