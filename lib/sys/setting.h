/* setting - what the user calls a setting that a message names
 *
 * Some messages show the way out: give more memory, ignore this key. lib says which setting it
 * means; how it is spelt is the business of whoever lets the user set it. cli registers the
 * spellings of the command line (cli/spelling.c).
 */
#ifndef COPPICE_SETTING_H
#define COPPICE_SETTING_H

#ifdef __cplusplus
extern "C" {
#endif

enum setting {
	/* of every tool, and of tools that open a model */
	SETTING_THREADS,
	SETTING_MEMORY,
	SETTING_MODEL,
	SETTING_BASE,
	SETTING_ADAPTER,
	SETTING_QUANT,
	SETTING_DTYPE,
	SETTING_IGNORE,
	/* of the text, its tokenizer, and what hidden states are kept */
	SETTING_FIELD,
	SETTING_TRUNCATE,
	SETTING_PACK,
	SETTING_BOS,
	SETTING_NO_BOS,
	/* of the layers to drop */
	SETTING_WIDTH,
	/* of healing */
	SETTING_OUTPUT,
	SETTING_RESUME,
	SETTING_BATCH,
	SETTING_AUX,
	SETTING_INIT,
	/* of evaluations */
	SETTING_SHOTS,
	SETTING_DEV,
	SETTING_SKIP,
	SETTING_LIMIT,
	SETTING_PAIRS,
	/* of what is printed of records */
	SETTING_FULL,
	SETTING_COUNT
};

/* Returns the spelling of a setting ("--memory"), or a plain word ("memory") where none is
 * registered; static. Safe in a signal handler. */
const char *setting(enum setting s);
/* Registers the spellings, list[SETTING_COUNT], which must be static. */
void setting_spellings(const char *const *list);

#ifdef __cplusplus
}
#endif
#endif
