/* spelling - the options by which a user changes what messages of lib name (sys/setting.h)
 *
 * A setting has the same option in all tools that have it.
 */
#ifndef COPPICE_SPELLING_H
#define COPPICE_SPELLING_H

#include "sys/setting.h"

extern const char *const spelling[SETTING_COUNT];

#endif
