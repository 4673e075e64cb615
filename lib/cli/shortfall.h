/* shortfall - one line of warning where --skip, --limit or --sample asks for more than there is
 */
#ifndef COPPICE_SHORTFALL_H
#define COPPICE_SHORTFALL_H

#include <stdint.h>

/* Warns where fewer items were found than wanted. files are the operands, none meaning standard
 * input; what names the items ("documents"). found is how many there are, or as many as were looked
 * for; the first skip of them were left out, and wanted of the rest were wanted, UINT64_MAX meaning
 * all. */
void shortfall(char *const *files, const char *what, uint64_t found, uint64_t skip,
	uint64_t wanted);

#endif
