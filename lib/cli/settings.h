/* settings - what a command line says about the models that a tool opens
 *
 * The command line fills it in; the tool hands it to what opens models. NULL says nothing.
 */
#ifndef COPPICE_SETTINGS_H
#define COPPICE_SETTINGS_H

enum { MOST_IGNORED = 64 };

struct model_settings {
	/* a folder, a GGUF file or a file with a model stream; NULL: standard input */
	const char *path;
	const char *base;    /* stands for the record's base */
	const char *adapter; /* stands for the record's adapter */
	const char *quant;   /* NULL: as the record says; "nf4" or "none" */
	/* keys, or patterns of them, that are read as if they were absent; NULL after the last */
	const char *ignore[MOST_IGNORED + 1];
};

#endif
