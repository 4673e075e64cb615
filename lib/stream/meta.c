/* meta - what the parts of one measurement must agree on before their records are added
 *
 * The comparison is pure and takes JSON, so that every rule can be tested without a file; only
 * meta_add knows streams.
 */
#include "stream/meta.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

static const char *const always[] = { "print", "keep", "layers", "adapter_print", "quant",
	"tokenizer", "length", "dtype", "all_tokens", "positions", NULL };

/* -- ranges of documents ----------------------------------------------------------------------- */

/* First range whose last document is at least doc. */
static size_t docs_find(const struct docs *d, uint64_t doc)
{
	size_t lo = 0, hi = d->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->r[mid].last < doc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void docs_insert(struct docs *d, size_t at, uint64_t first, uint64_t last)
{
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 16;
		d->r = xrealloc(d->r, d->cap, sizeof(*d->r));
	}
	memmove(d->r + at + 1, d->r + at, (d->n - at) * sizeof(*d->r));
	d->r[at] = (struct docs_range){ first, last };
	d->n++;
}

/* Joins the range at with its neighbours where they touch. */
static void docs_join(struct docs *d, size_t at)
{
	if (at + 1 < d->n && d->r[at].last != UINT64_MAX &&
		d->r[at].last + 1 == d->r[at + 1].first) {
		d->r[at].last = d->r[at + 1].last;
		memmove(d->r + at + 1, d->r + at + 2, (d->n - at - 2) * sizeof(*d->r));
		d->n--;
	}
	if (at > 0 && d->r[at - 1].last + 1 == d->r[at].first) {
		d->r[at - 1].last = d->r[at].last;
		memmove(d->r + at, d->r + at + 1, (d->n - at - 1) * sizeof(*d->r));
		d->n--;
	}
}

void docs_add(struct docs *d, uint64_t doc)
{
	size_t at;

	if (doc == UINT64_MAX) /* means "all that follow" as an end */
		die("document number %llu is too large", (unsigned long long)doc);
	at = d->n && d->r[d->n - 1].last < doc ? d->n : docs_find(d, doc);
	if (at < d->n && d->r[at].first <= doc)
		return;
	docs_insert(d, at, doc, doc);
	docs_join(d, at);
}

int docs_union(struct docs *d, const struct docs *other, uint64_t *shared)
{
	for (size_t i = 0; i < other->n; i++) {
		struct docs_range o = other->r[i];
		size_t at = docs_find(d, o.first);

		if (at < d->n && d->r[at].first <= o.last) {
			*shared = d->r[at].first > o.first ? d->r[at].first : o.first;
			return -1;
		}
		docs_insert(d, at, o.first, o.last);
		docs_join(d, at);
	}
	return 0;
}

uint64_t docs_common(const struct docs *a, const struct docs *b)
{
	uint64_t n = 0;

	for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
		const struct docs_range *x = &a->r[i], *y = &b->r[j];
		uint64_t first = x->first > y->first ? x->first : y->first;
		uint64_t last = x->last < y->last ? x->last : y->last;

		if (first <= last)
			n += last - first + 1;
		if (x->last < y->last)
			i++;
		else
			j++;
	}
	return n;
}

int docs_from_json(struct docs *d, const json_t *j)
{
	if (!json_is_array(j))
		return -1;
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *r = json_array_get(j, i), *a = json_array_get(r, 0),
			     *b = json_array_get(r, 1);
		json_int_t first = json_integer_value(a), last = json_integer_value(b);
		struct docs one = { .n = 1,
			.r = &(struct docs_range){
				first, json_is_null(b) ? UINT64_MAX : (uint64_t)last } };
		uint64_t shared;

		if (json_array_size(r) != 2 || !json_is_integer(a) || first < 0 ||
			(!json_is_null(b) && (!json_is_integer(b) || last < first)))
			return -1;
		if (docs_union(d, &one, &shared))
			return -1;
	}
	return 0;
}

json_t *docs_to_json(const struct docs *d)
{
	json_t *j = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *end = d->r[i].last == UINT64_MAX ? json_null()
							 : json_integer((json_int_t)d->r[i].last);

		json_add(j, json_pack("[Io]", (json_int_t)d->r[i].first, end));
	}
	return j;
}

void docs_free(struct docs *d)
{
	free(d->r);
	*d = (struct docs){ 0 };
}

/* -- meta -------------------------------------------------------------------------------------- */

/* An absent key and null say the same. */
static int same(const json_t *a, const json_t *b)
{
	if (!a || json_is_null(a))
		return !b || json_is_null(b);
	return b && json_equal(a, b);
}

static int must_agree(const char *key, const char *const *extra)
{
	for (const char *const *k = always; *k; k++)
		if (!strcmp(*k, key))
			return 1;
	for (const char *const *k = extra; k && *k; k++)
		if (!strcmp(*k, key))
			return 1;
	return 0;
}

static int check_keys(const char *const *keys, const json_t *into, const json_t *part,
	struct fault *err)
{
	for (; keys && *keys; keys++) {
		const json_t *a = json_object_get(into, *keys), *b = json_object_get(part, *keys);
		char *s, *t;

		if (same(a, b))
			continue;
		s = a ? json_dumps(a, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		t = b ? json_dumps(b, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		fault(err,
			"meta.%s is %.60s here, but %.60s in the part before: these don't add up",
			*keys, t ? t : "absent", s ? s : "absent");
		free(s);
		free(t);
		return -1;
	}
	return 0;
}

static int merge_docs(json_t *into, const json_t *part, struct fault *err)
{
	const json_t *a = json_object_get(into, "docs"), *b = json_object_get(part, "docs");
	struct docs d = { 0 }, e = { 0 };
	uint64_t shared;
	int bad = -1;

	if ((a && docs_from_json(&d, a)) || (b && docs_from_json(&e, b)))
		fault(err, "meta.docs is no list of apart ranges [first, last]");
	else if (docs_union(&d, &e, &shared))
		fault(err, "document %llu is in this part and in one before",
			(unsigned long long)shared);
	else
		bad = 0;
	if (!bad && (a || b))
		json_put(into, "docs", docs_to_json(&d));
	docs_free(&d);
	docs_free(&e);
	return bad;
}

/* Both names, each once: "avx2+avx512_core_bf16". */
static void merge_kernels(json_t *into, const json_t *part)
{
	const char *a = json_string_value(json_object_get(into, "kernel"));
	const char *b = json_string_value(json_object_get(part, "kernel"));
	char *names[64], *text, *save = NULL, *joined = NULL;
	int n = 0;

	if (!a || !b || !strcmp(a, b))
		return;
	text = xasprintf("%s+%s", a, b);
	for (char *s = strtok_r(text, "+", &save); s && n < 64; s = strtok_r(NULL, "+", &save)) {
		int i = n;

		for (int k = 0; k < n; k++)
			if (!strcmp(names[k], s))
				i = -1;
		if (i < 0)
			continue;
		for (; i > 0 && strcmp(names[i - 1], s) > 0; i--)
			names[i] = names[i - 1];
		names[i] = s;
		n++;
	}
	for (int i = 0; i < n; i++) {
		char *longer = joined ? xasprintf("%s+%s", joined, names[i]) : xstrdup(names[i]);

		free(joined);
		joined = longer;
	}
	json_put(into, "kernel", json_string(joined));
	free(joined);
	free(text);
}

/* Keys that nothing is known of say something about all parts, or are left out. */
static void drop_unequal(json_t *into, const json_t *part, const char *const *extra)
{
	const char *key;
	json_t *value;
	void *tmp;

	json_object_foreach_safe(into, tmp, key, value) if (strcmp(key, "docs") &&
		strcmp(key, "kernel") && !must_agree(key, extra) &&
		!same(value, json_object_get(part, key))) json_object_del(into, key);
}

int meta_merge(json_t **into, const json_t *part, const char *const *extra, struct fault *err)
{
	struct docs d = { 0 };
	const json_t *docs = json_object_get(part, "docs");
	int bad;

	if (!*into) {
		bad = docs && docs_from_json(&d, docs);
		docs_free(&d);
		if (bad) {
			fault(err, "meta.docs is no list of apart ranges [first, last]");
			return -1;
		}
		*into = json_deep_copy(part);
		return 0;
	}
	if (check_keys(always, *into, part, err) || check_keys(extra, *into, part, err) ||
		merge_docs(*into, part, err))
		return -1;
	merge_kernels(*into, part);
	drop_unequal(*into, part, extra);
	return 0;
}

int meta_mixed(const json_t *meta)
{
	const char *k = json_string_value(json_object_get(meta, "kernel"));

	return k && strchr(k, '+');
}

void meta_add(json_t **into, const json_t *part, const char *const *extra, const char *file)
{
	int before = *into && meta_mixed(*into);
	struct fault err;

	if (meta_merge(into, part, extra, &err))
		die("%s: %s", file, err.text);
	if (!before && meta_mixed(*into))
		warn("%s: the parts were computed with other kernels: they add up, but not to the "
		     "bits of one run",
			file);
}
