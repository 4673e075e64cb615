/* version - what this source is called, compiled apart, so that another commit compiles nothing else */
#include "cli/cli.h"

const char *cli_version(void)
{
	return COPPICE_VERSION;
}
