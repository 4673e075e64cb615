/* known_gguf - the rule on the pairs of a GGUF file; see known_gguf.h
 */
#include "model/known_gguf.h"

#include "file/json.h"
#include "stream/ignore.h"
#include "sys/fault.h"

#include <string.h>

enum { NAME = 128, SOME = 64 };

static json_t *one_value(const struct gguf_pair *p, uint64_t i)
{
	double real;

	switch (p->type) {
	case GGUF_BOOL: return json_boolean(gguf_int_at(p, i));
	case GGUF_F32: return json_real((double)gguf_f32_at(p, i));
	case GGUF_F64: memcpy(&real, p->value + 8 * i, 8); return json_real(real);
	default: return json_integer(gguf_int_at(p, i));
	}
}

/* The value as JSON: of an array no more than its first entries. New; NULL: it has no form in JSON
 * (a NaN). */
static json_t *value_of(const struct gguf_pair *p)
{
	struct gguf_strings it = { .pair = p };
	struct gguf_str s;
	json_t *all = p->array ? json_array() : NULL, *v = NULL;

	for (uint64_t i = 0; i < p->count && i < SOME; i++) {
		if (p->type == GGUF_STRING)
			v = gguf_next_string(&it, &s) ? json_stringn(s.s, s.n) : NULL;
		else
			v = one_value(p, i);
		if (!p->array || !v)
			break;
		json_add(all, v);
	}
	return all ? all : v;
}

static int check_pair(struct known *k, const char *key, const struct gguf_pair *p,
	struct fault *err)
{
	json_t *v = value_of(p);
	int bad;

	if (!v)
		return fault(err, "%s.%s has a value that is no number or text", k->within, key);
	bad = known_check_one(k, key, v, err);
	json_decref(v);
	return bad;
}

/* A file of another kind has the same architecture's name in it. */
static int check_type(const struct gguf *g, struct fault *err)
{
	struct gguf_str type = { "model", 5 };

	if (gguf_string(g, "general.type", &type) < 0 || gguf_str_is(type, "model"))
		return 0;
	return fault(err, "general.type is %.*s: no model%s", (int)(type.n < 64 ? type.n : 64),
		type.s, known_way_out("general.type"));
}

int known_gguf_check(struct known *k, const struct gguf *g, struct fault *err)
{
	size_t n = strlen(k->family);
	char key[NAME];

	if (check_type(g, err))
		return -1;
	k->within = k->family;
	for (size_t i = 0; i < g->n_pairs; i++) {
		struct gguf_str s = g->pairs[i].key;

		if (s.n <= n + 1 || memcmp(s.s, k->family, n) || s.s[n] != '.')
			continue;
		snprintf(key, sizeof key, "%.*s", (int)(s.n - n - 1), s.s + n + 1);
		if (check_pair(k, key, g->pairs + i, err))
			return -1;
	}
	return 0;
}

void known_gguf_strip(struct gguf *g)
{
	size_t kept = 0;
	char key[NAME];

	for (size_t i = 0; i < g->n_pairs; i++) {
		snprintf(key, sizeof key, "%.*s", (int)g->pairs[i].key.n, g->pairs[i].key.s);
		if (!ignore_covers(key))
			g->pairs[kept++] = g->pairs[i];
	}
	g->n_pairs = kept;
}
