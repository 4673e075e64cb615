/* template - see template.h
 */
#include "eval/template.h"

#include "eval/task.h"
#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- values ------------------------------------------------------------------------------------ */

/* The value under key[0..n) of an object, that number of a list, or of a list of objects the list
 * of all that they have there. New; NULL: there is none. */
static json_t *step(const json_t *from, const char *key, size_t n)
{
	json_t *all, *j, *v;
	size_t i;

	if (json_is_object(from))
		return json_incref(json_object_getn(from, key, n));
	if (!json_is_array(from))
		return NULL;
	if (n > 0 && n < 6 && strspn(key, "0123456789") >= n)
		return json_incref(json_array_get(from, (size_t)atol(key)));
	all = json_array();
	json_array_foreach(from, i, j)
	{
		if ((v = step(json_is_object(j) ? j : NULL, key, n)) == NULL) {
			json_decref(all);
			return NULL;
		}
		json_add(all, v);
	}
	return all;
}

/* The value at path[0..n), keys with points between; new. NULL with err. */
static json_t *value_at(const json_t *o, const char *path, size_t n, struct fault *err)
{
	json_t *at = json_incref((json_t *)(uintptr_t)o), *next;

	for (size_t from = 0; at != NULL && from <= n;) {
		const char *dot = memchr(path + from, '.', n - from);
		size_t len = dot ? (size_t)(dot - path) - from : n - from;

		next = step(at, path + from, len);
		json_decref(at);
		at = next;
		from += len + 1;
	}
	if (at == NULL)
		fault(err, "nothing under {%.*s}", (int)n, path);
	return at;
}

/* With no more digits than it takes to tell the number from all others, as in 0.1. NULL: it is a
 * whole one of so many that some may be lost. */
static char *text_of_real(const json_t *j)
{
	double v = json_real_value(j), again;
	char *text = NULL;

	if (fabs(v) >= 0x1p53)
		return NULL;
	for (size_t digits = 15; digits <= 17; digits++) {
		free(text);
		text = json_dumps(j, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
		again = text ? strtod(text, NULL) : v;
		if (again >= v && again <= v)
			break;
	}
	return text;
}

/* Texts as they are, numbers and truth as JSON has them; new. NULL: it is none of these. */
static char *text_of(const json_t *j)
{
	return json_is_string(j)     ? xstrdup(json_string_value(j))
		: json_is_real(j)    ? text_of_real(j)
		: json_is_integer(j) ? json_dumps(j, JSON_ENCODE_ANY)
		: json_is_boolean(j) ? xstrdup(json_is_true(j) ? "true" : "false")
				     : NULL;
}

/* -- texts ------------------------------------------------------------------------------------- */

static int put_value(FILE *to, const char *path, size_t n, const json_t *o, struct fault *err)
{
	json_t *j = value_at(o, path, n, err);
	char *text = j ? text_of(j) : NULL;

	if (text != NULL)
		fputs(text, to);
	else if (j != NULL)
		fault(err, "{%.*s} is no text", (int)n, path);
	free(text);
	json_decref(j);
	return text ? 0 : -1;
}

static int put_template(FILE *to, const char *t, const char *end, const json_t *o,
	struct fault *err)
{
	while (t < end) {
		const char *close;

		if (*t == '\\' && t + 1 < end) {
			fputc(t[1] == 'n' ? '\n' : t[1] == 't' ? '\t' : t[1], to);
			t += 2;
		} else if (*t == '{') {
			if ((close = memchr(t, '}', (size_t)(end - t))) == NULL)
				return fault(err, "a template's { is never closed");
			if (put_value(to, t + 1, (size_t)(close - t) - 1, o, err) < 0)
				return -1;
			t = close + 1;
		} else {
			fputc(*t++, to);
		}
	}
	return 0;
}

/* The template t[0..end) with o's values; new, NULL with err. */
static char *expand(const char *t, const char *end, const json_t *o, struct fault *err)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);
	int r;

	if (to == NULL)
		die("out of memory");
	r = put_template(to, t, end, o, err);
	if (fclose(to) != 0)
		die("out of memory");
	if (r < 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* -- lists ------------------------------------------------------------------------------------- */

struct list {
	char *text[MAX_CHOICES], *label[MAX_CHOICES]; /* [n], owned; labels may be NULL */
	int n;
};

static void list_free(struct list *l)
{
	for (int i = 0; i < l->n; i++) {
		free(l->text[i]);
		free(l->label[i]);
	}
}

static int list_add(struct list *l, char *text, const char *label, struct fault *err)
{
	if (text == NULL)
		return -1;
	if (l->n == MAX_CHOICES) {
		free(text);
		return fault(err, "more than %d choices", MAX_CHOICES);
	}
	l->text[l->n] = text;
	l->label[l->n++] = label ? xstrdup(label) : NULL;
	return 0;
}

/* 1: the template is one value and nothing else. */
static int is_value(const char *t)
{
	return *t == '{' && t[strcspn(t, "}")] == '}' && t[strcspn(t, "}") + 1] == '\0';
}

static int list_of_value(struct list *l, const json_t *j, struct fault *err)
{
	const char *key;
	json_t *v;
	size_t i;

	fault(err, "the choices are no list of texts");
	if (json_is_object(j)) {
		json_object_foreach((json_t *)(uintptr_t)j, key,
			v) if (list_add(l, text_of(v), key, err) < 0) return -1;
	} else {
		json_array_foreach(j, i, v) if (list_add(l, text_of(v), NULL, err) < 0) return -1;
	}
	return l->n > 0 ? 0 : -1;
}

/* Of one value that is a list, or of templates with | between. */
static int read_list(struct list *l, const char *t, const json_t *o, struct fault *err)
{
	if (is_value(t)) {
		json_t *j = value_at(o, t + 1, strlen(t) - 2, err);
		int r = j ? list_of_value(l, j, err) : -1;

		json_decref(j);
		return r;
	}
	for (;;) {
		const char *end = t;

		while (*end != '\0' && *end != '|')
			end += *end == '\\' && end[1] != '\0' ? 2 : 1;
		if (list_add(l, expand(t, end, o, err), NULL, err) < 0)
			return -1;
		if (*end == '\0')
			return 0;
		t = end + 1;
	}
}

/* -- answers ----------------------------------------------------------------------------------- */

static int find(char *const *list, int n, const char *s)
{
	for (int i = 0; i < n; i++)
		if (list[i] != NULL && strcmp(list[i], s) == 0)
			return i;
	return -1;
}

/* A label, a choice's text, a number from 0, a letter from A, or false and true. */
static int which(const struct list *l, const json_t *j)
{
	char *s = text_of(j);
	int i = s ? find(l->label, l->n, s) : -1;

	if (i < 0 && json_is_string(j))
		i = find(l->text, l->n, s);
	if (i < 0 && s && *s && strlen(s) < 6 && s[strspn(s, "0123456789")] == '\0' &&
		(l->n == 0 || l->label[0] == NULL))
		i = atoi(s);
	if (i < 0 && s && s[0] >= 'A' && s[0] <= 'Z' && s[1] == '\0' && l->label[0] == NULL)
		i = s[0] - 'A';
	if (i < 0 && json_is_boolean(j) && l->n == 2)
		i = json_is_true(j);
	free(s);
	return i < l->n ? i : -1;
}

static json_t *answer_of(const char *t, const json_t *o, struct fault *err)
{
	char *text;
	json_t *j;

	if (is_value(t))
		return value_at(o, t + 1, strlen(t) - 2, err);
	text = expand(t, t + strlen(t), o, err);
	j = text ? json_string(text) : NULL;
	if (text != NULL && j == NULL)
		fault(err, "the answer's template is no UTF-8");
	free(text);
	return j;
}

static int take_labels(struct list *l, const char *t, const json_t *o, struct fault *err)
{
	struct list labels = { .n = 0 };
	int r = read_list(&labels, t, o, err);

	if (r == 0 && labels.n != l->n)
		r = fault(err, "%d labels of %d choices", labels.n, l->n);
	for (int i = 0; r == 0 && i < l->n; i++) {
		free(l->label[i]);
		l->label[i] = xstrdup(labels.text[i]);
	}
	list_free(&labels);
	return r;
}

static int read_choices(const struct templates *t, struct posed *p, struct list *l, const json_t *o,
	struct fault *err)
{
	json_t *answer;

	if (read_list(l, t->choices, o, err) < 0 ||
		(t->labels && take_labels(l, t->labels, o, err) < 0) ||
		(answer = answer_of(t->answer, o, err)) == NULL)
		return -1;
	posed_choices(p, (const char *const *)l->text, (size_t)l->n);
	p->answer = which(l, answer);
	json_decref(answer);
	return p->answer < 0 ? fault(err,
				       "the answer is neither label, text, number nor letter of "
				       "one of the %d choices",
				       l->n)
			     : 0;
}

int templates_read(const struct templates *t, struct posed *p, const json_t *o, struct fault *err)
{
	struct list l = { .n = 0 };
	int r;

	*p = (struct posed){ 0 };
	if ((p->prompt = expand(t->question, t->question + strlen(t->question), o, err)) == NULL)
		return -1;
	r = read_choices(t, p, &l, o, err);
	list_free(&l);
	return r;
}
