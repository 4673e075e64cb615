/* spelling - see spelling.h
 */
#include "cli/spelling.h"

const char *const spelling[SETTING_COUNT] = {
	[SETTING_THREADS] = "-j",
	[SETTING_MEMORY] = "--memory",
	[SETTING_MODEL] = "-m",
	[SETTING_BASE] = "--base",
	[SETTING_ADAPTER] = "--adapter",
	[SETTING_QUANT] = "--quant",
	[SETTING_DTYPE] = "--dtype",
	[SETTING_IGNORE] = "--ignore",
	[SETTING_FIELD] = "--field",
	[SETTING_TRUNCATE] = "-l",
	[SETTING_PACK] = "-p",
	[SETTING_BOS] = "--bos",
	[SETTING_NO_BOS] = "--no-bos",
	[SETTING_WIDTH] = "-n",
	[SETTING_OUTPUT] = "-o",
	[SETTING_RESUME] = "--resume",
	[SETTING_BATCH] = "--batch",
	[SETTING_AUX] = "--aux",
	[SETTING_INIT] = "--init",
	[SETTING_SHOTS] = "-k",
	[SETTING_DEV] = "--dev",
	[SETTING_SKIP] = "--skip",
	[SETTING_LIMIT] = "--limit",
	[SETTING_PAIRS] = "--by",
	[SETTING_FULL] = "--full",
};
