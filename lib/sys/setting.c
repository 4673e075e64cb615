/* setting - see setting.h
 */
#include "sys/setting.h"

static const char *const words[SETTING_COUNT] = {
	[SETTING_THREADS] = "threads",
	[SETTING_MEMORY] = "memory",
	[SETTING_MODEL] = "model",
	[SETTING_BASE] = "base",
	[SETTING_ADAPTER] = "adapter",
	[SETTING_QUANT] = "quant",
	[SETTING_DTYPE] = "dtype",
	[SETTING_IGNORE] = "ignore",
	[SETTING_FIELD] = "field",
	[SETTING_TRUNCATE] = "truncate",
	[SETTING_PACK] = "pack",
	[SETTING_BOS] = "bos",
	[SETTING_NO_BOS] = "no-bos",
	[SETTING_WIDTH] = "width",
	[SETTING_OUTPUT] = "output",
	[SETTING_RESUME] = "resume",
	[SETTING_BATCH] = "batch",
	[SETTING_AUX] = "aux",
	[SETTING_INIT] = "init",
	[SETTING_SHOTS] = "shots",
	[SETTING_DEV] = "dev",
	[SETTING_SKIP] = "skip",
	[SETTING_LIMIT] = "limit",
	[SETTING_PAIRS] = "by",
	[SETTING_FULL] = "full",
};
static const char *const *spellings = words;

const char *setting(enum setting s)
{
	return spellings[s];
}

void setting_spellings(const char *const *list)
{
	spellings = list;
}
