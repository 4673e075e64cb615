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

/* Sets how much memory to plan for. bytes 0, as at first: nine tenths of what is free each time
 * memory_budget is called. */
void memory_set_limit(size_t bytes);
size_t memory_limit(void); /* the limit that was set; 0: none */

/* Returns the memory to plan for: the limit, or nine tenths of what is free now. */
size_t memory_budget(void);
/* Returns the part of the budget that is spent whatever is planned: on the program, its libraries
 * and its threads. */
size_t memory_own(void);
size_t memory_heap(void); /* what is allocated now */
size_t memory_peak(void); /* the most that this process has held so far */

#ifdef __cplusplus
}
#endif
#endif
