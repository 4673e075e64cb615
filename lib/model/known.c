/* known - the rule for what a model's files say beyond what is read; see known.h
 */
#include "model/known.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/setting.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 256 };

/* -- rows -------------------------------------------------------------------------------------- */

/* 1: one of the words, with blanks between, is the name; 2: it is a pattern that the name fits. */
static int fits(const char *words, const char *name)
{
	char pattern[PATH];

	for (size_t n; *words; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		snprintf(pattern, sizeof pattern, "%.*s", (int)n, words);
		if (n && fnmatch(pattern, name, 0) == 0)
			return strpbrk(pattern, "*[") ? 2 : 1;
	}
	return 0;
}

static const struct known_row *row_of(enum known_reader of, const char *family, const char *name)
{
	static const struct known_row none = { .rule = KNOWN_NONE };

	for (const struct known_row *r = known_rows[of]; r->names; r++)
		if (fits(r->names, name) && (!r->family || (family && fits(r->family, family))))
			return r;
	return &none;
}

int known_name(enum known_reader of, const char *family, const char *name)
{
	return row_of(of, family, name)->rule == KNOWN_PASS;
}

/* -- values ------------------------------------------------------------------------------------ */

/* Nothing is said: null, false, nothing in it; in a GGUF file, which has no null, 0 too. */
static int is_unset(const struct known *k, const json_t *v)
{
	size_t i;
	json_t *e;

	if (!v || json_is_null(v) || json_is_false(v) ||
		(json_is_string(v) && !json_string_length(v)) ||
		(json_is_object(v) && !json_object_size(v)))
		return 1;
	json_array_foreach(v, i, e) if (k->of != KNOWN_GGUF || !is_unset(k, e)) return 0;
	return json_is_array(v) ||
		(k->of == KNOWN_GGUF && json_is_number(v) && json_number_value(v) == 0);
}

static int is_word(const struct known *k, const json_t *v, const char *word)
{
	char *end;
	double number = strtod(word, &end);

	if (json_is_boolean(v))
		return strcmp(word, json_is_true(v) ? "true" : "false") == 0;
	if (json_is_number(v) && strcmp(word, "L") == 0)
		return json_number_value(v) == k->n_layers;
	if (json_is_number(v))
		return end != word && !*end && number == json_number_value(v);
	return json_is_string(v) && strcasecmp(json_string_value(v), word) == 0;
}

static int is_allowed(const struct known *k, const json_t *v, const char *values)
{
	char word[64];

	if (!values)
		return is_unset(k, v);
	for (size_t n; *values; values += n + (values[n] == '|')) {
		n = strcspn(values, "|");
		snprintf(word, sizeof word, "%.*s", (int)n, values);
		if (is_word(k, v, word))
			return 1;
		if (strcmp(word, "true") == 0 && json_is_false(v))
			return 0; /* here false says something */
	}
	return is_unset(k, v);
}

/* -- forms ------------------------------------------------------------------------------------- */

/* 1: a layer's number, or a range of them: "3", "07", "0-15". */
static int is_number_text(const char *s)
{
	size_t n = strspn(s, "0123456789-:,");

	return n > 0 && n < 16 && !s[n] && *s != '-';
}

/* 1: a word of the text has a layer's number between dots or at its end, as in
 * "model.layers.3.mlp", "blk.3" or "layer_3"; not "h100", which is a device. */
static int names_layer(const char *s)
{
	static const char *const before[] = { "layers", "layer", "blk", "block", "blocks", "h",
		NULL };

	for (const char *p = s; p; p = strpbrk(p, "., ") ? strpbrk(p, "., ") + 1 : NULL)
		for (const char *const *b = before; *b; b++) {
			size_t n = strlen(*b), mark, digits;

			if (strncasecmp(p, *b, n))
				continue;
			mark = strspn(p + n, "._-");
			digits = strspn(p + n + mark, "0123456789");
			if (digits && mark + n > 1 &&
				(!p[n + mark + digits] || strchr("., ", p[n + mark + digits])))
				return 1;
		}
	return 0;
}

/* 1: a list or range of layers as text: "3,4", "21-29"; not "2024-01-31", nor "12:30". */
static int lists_layers(const char *s, int n_layers)
{
	int numbers = 0;

	if (!is_number_text(s) || strchr(s, ':'))
		return 0;
	for (size_t n; *s; s += n + (s[n] != 0)) {
		n = strcspn(s, "-,");
		if (!n || strtol(s, NULL, 10) > n_layers)
			return 0;
		numbers++;
	}
	return numbers > 1;
}

/* Whole numbers, none further from 0 than most; at least one. */
static int all_within(const json_t *array, json_int_t most)
{
	size_t i;
	json_t *e;

	json_array_foreach(array, i, e) if (!json_is_integer(e) || json_integer_value(e) < -most ||
		json_integer_value(e) > most) return 0;
	return json_array_size(array) > 0;
}

static int any_named(const json_t *array)
{
	size_t i;
	json_t *e;

	json_array_foreach(array, i, e) if (json_is_string(e) &&
		(names_layer(json_string_value(e)) ||
			is_number_text(json_string_value(e)))) return 1;
	return 0;
}

static int has_word(const char *key, const char *const *words)
{
	for (; *words; words++)
		if (strcasestr(key, *words))
			return 1;
	return 0;
}

static int keyed(const json_t *object)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)object, key,
		v) if (is_number_text(key) || names_layer(key)) return 1;
	return 0;
}

/* One entry a layer, one for each of its two parts, or one between each two layers. */
static int as_long_as(size_t n, int n_layers)
{
	size_t l = (size_t)n_layers;

	return n_layers && (n == l || (l > 4 && (n == 2 * l || n + 1 == l || n == l + 1)));
}

int known_by_layer(const char *key, const json_t *value, int n_layers, int own_code,
	const char **why)
{
	static const char *const parts[] = { "layer", "block", "attn", "mlp", "ffn", "head",
		"expert", "depth", NULL };

	*why = NULL;
	if (json_is_array(value) && as_long_as(json_array_size(value), n_layers))
		*why = "is as long as the model has layers";
	else if (all_within(value, INT64_MAX) && has_word(key, parts))
		*why = "may be a list of layers";
	else if (n_layers && (own_code || !strcasestr(key, "_id")) && all_within(value, n_layers))
		*why = "may be a list of layers";
	else if (json_is_string(value) && lists_layers(json_string_value(value), n_layers))
		*why = "may be a list of layers";
	else if (any_named(value) || keyed(value) || names_layer(key) ||
		(json_is_string(value) && names_layer(json_string_value(value))))
		*why = "goes by layer";
	return *why != NULL;
}

/* -- the rule ---------------------------------------------------------------------------------- */

void known_read(struct known *k, const char *key)
{
	if (k->n_read == sizeof k->read / sizeof *k->read)
		die("too many keys are read");
	k->read[k->n_read++] = key;
}

static int was_read(const struct known *k, const char *key)
{
	for (int i = 0; i < k->n_read; i++)
		if (strcmp(k->read[i], key) == 0)
			return 1;
	return 0;
}

const char *known_way_out(const char *key)
{
	static char text[PATH + 64];

	snprintf(text, sizeof text, " (%s=%s takes it as harmless)", setting(SETTING_IGNORE), key);
	return text;
}

static int refuse(const char *path, const json_t *value, const char *values, struct fault *err)
{
	char *is = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
	int bad;

	if (values && !json_is_array(value) && !json_is_object(value))
		bad = fault(err, "%s is %.40s; supported is %s%s", path, is ? is : "?", values,
			known_way_out(path));
	else
		bad = fault(err, "%s is %.40s, which is not supported%s", path, is ? is : "?",
			known_way_out(path));
	free(is);
	return bad;
}

void known_note(struct known *k, const char *path)
{
	size_t n = strlen(k->unknown), left = sizeof k->unknown - n;

	if (left > strlen(path) + 8)
		snprintf(k->unknown + n, left, "%s%s", n ? ", " : "", path);
	else if (n > 3 && strcmp(k->unknown + n - 3, "..."))
		snprintf(k->unknown + n, left, " ...");
}

/* What no row speaks of, in config.json. */
static int check_form(struct known *k, const char *path, const char *key, const json_t *value,
	struct fault *err)
{
	struct known inner = { k->of, k->family, path, k->n_layers, k->own_code };
	const char *why;
	size_t i;
	json_t *e;

	if (is_unset(k, value))
		return 0;
	if (known_by_layer(key, value, k->n_layers, k->own_code, &why))
		return fault(err, "%s: unknown, and %s%s", path, why, known_way_out(path));
	if (json_is_object(value)) {
		if (known_check(&inner, value, err))
			return -1;
		if (*inner.unknown)
			known_note(k, inner.unknown);
		return 0;
	}
	json_array_foreach(value, i, e) if ((json_is_object(e) || json_is_array(e)) &&
		check_form(&inner, path, key, e, err)) return -1;
	known_note(k, path);
	return 0;
}

/* A pattern lets numbers and words pass, and not whatever a list may say under such a name. */
static int is_by_layer(const struct known *k, const struct known_row *r, const char *key,
	const json_t *value)
{
	const char *why;

	return k->of == KNOWN_CONFIG && fits(r->names, key) == 2 && !strstr(key, "token") &&
		known_by_layer(key, value, k->n_layers, k->own_code, &why);
}

int known_check_one(struct known *k, const char *key, const json_t *value, struct fault *err)
{
	const struct known_row *r = row_of(k->of, k->family, key);
	char path[PATH];

	snprintf(path, sizeof path, "%s%s%s", k->within ? k->within : "", k->within ? "." : "",
		key);
	if (was_read(k, key) || (r->rule == KNOWN_PASS && !is_by_layer(k, r, key, value)))
		return 0;
	if (r->rule == KNOWN_MUST)
		return is_allowed(k, value, r->values) ? 0 : refuse(path, value, r->values, err);
	if (k->of == KNOWN_CONFIG)
		return check_form(k, path, key, value, err);
	return is_unset(k, value) ? 0 : refuse(path, value, NULL, err);
}

int known_check(struct known *k, const json_t *object, struct fault *err)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)object, key,
		v) if (known_check_one(k, key, v, err)) return -1;
	return 0;
}
