/* lacks - cmocka tests that are left out, and why: tests/one passes the reason on to prove
 *
 * After cmocka.h.
 */
#ifndef COPPICE_TESTS_LACKS_H
#define COPPICE_TESTS_LACKS_H

#include "golden.h"

#include <unistd.h>

/* Leaves out the running test unless COPPICE_SHARED has this file or folder ("data/mmlu"). */
static inline void need_data(const char *name)
{
	if (access(data_path("%s", name), R_OK) == 0)
		return;
	print_message("# lacks no %s in COPPICE_SHARED\n", name);
	skip();
}

/* Leaves out the running test unless the demo's model is there. */
static inline void need_smollm(void)
{
	if (access(smollm_path(), R_OK) == 0)
		return;
	print_message("# lacks no SmolLM2, which make model fetches\n");
	skip();
}

#endif
