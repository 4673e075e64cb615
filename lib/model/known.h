/* known - what a model's files may say, and what of it changes nothing
 *
 * One rule for every reader: what a reader asks for is obeyed; of the rest, what is known to change
 * nothing passes, and what is set and isn't known is refused by name, with the way out. The rows
 * are in known_rows.c. Only config.json has room for what nobody knows: scalars pass and are named
 * in a warning, for hub configs carry them by the dozen; but whatever has the form of something by
 * layer is refused.
 *
 * The way out is to have the key ignored (stream/ignore.h).
 */
#ifndef COPPICE_KNOWN_H
#define COPPICE_KNOWN_H

#include "sys/fault.h"

#include <jansson.h>
#include <stddef.h>

enum known_reader {
	KNOWN_CONFIG,  /* a member of config.json, or of an object in it */
	KNOWN_ADAPTER, /* of adapter_config.json */
	KNOWN_GGUF,    /* a pair of a GGUF file; its architecture's own without "llama." in front */
	KNOWN_TENSOR,  /* a tensor that no role of the family is */
	/* a file beside a checkpoint, in small letters: those that hold for fewer layers pass */
	KNOWN_FILE,
	KNOWN_READERS
};

enum known_rule {
	KNOWN_PASS,   /* changes nothing, whatever it says */
	KNOWN_MUST,   /* changes nothing while it has one of these values, or is unset */
	KNOWN_NOBODY, /* read by nobody here: passes with a warning, whatever later rows say */
	KNOWN_NONE    /* in no row */
};

/* A row: names are patterns of fnmatch; the first row that fits holds. */
struct known_row {
	const char *names; /* one or several, with a blank between */
	enum known_rule rule;
	/* of KNOWN_MUST: JSON scalars or words, '|' between, L the number of layers; or NULL */
	const char *values;
	/* NULL: any; else families with a blank between, as in config.json or GGUF */
	const char *family;
};
/* each ends with a row without names */
extern const struct known_row *const known_rows[KNOWN_READERS];

/* One object being read. */
struct known {
	enum known_reader of;
	const char *family; /* model_type or architecture; NULL: of none */
	/* path of the object in its file, for messages; NULL: the file itself */
	const char *within;
	int n_layers; /* 0: not known yet */
	int own_code; /* it names code of its own: lists of small numbers are suspect */
	int n_read;
	const char *read[96]; /* keys that the reader reads; not copied */
	char unknown[384];    /* what passed without being known: names with ", " between */
};

/* Notes that the reader reads this key, and obeys it. key must live as long as k. */
void known_read(struct known *k, const char *key);
/* Checks every member of object that the reader does not read, by the rule: 0, or -1 with err. */
int known_check(struct known *k, const json_t *object, struct fault *err);
/* The same for one key and its value. */
int known_check_one(struct known *k, const char *key, const json_t *value, struct fault *err);
/* Adds a name to those that passed without being known. */
void known_note(struct known *k, const char *path);
/* Returns 1 where a name without a value, of a tensor or a file, has a row with KNOWN_PASS; else
 * 0. */
int known_name(enum known_reader of, const char *family, const char *name);
/* Returns 1, with *why, a static text, where a value has the form of something by layer: a list
 * with an entry for each of n_layers, a list of layer numbers, an object or names keyed by them. */
int known_by_layer(const char *key, const json_t *value, int n_layers, int own_code,
	const char **why);
/* Returns the end of a refusal, with the way out: " (--ignore=KEY takes it as harmless)" in the
 * spelling of setting.h. It holds until the next call. */
const char *known_way_out(const char *key);

#endif
