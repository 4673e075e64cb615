/* version - what this source is called, compiled apart, so that another commit compiles nothing
 * else */
#include "sys/die.h"

const char *program_version(void)
{
	return COPPICE_VERSION;
}
