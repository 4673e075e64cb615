/* wanted - what a shape needs of its files; see wanted.h
 */
#include "model/wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fused(const struct shape *s, enum role r, name_fn *name_of)
{
	char name[WANTED_NAME];

	return (r == ROLE_Q || r == ROLE_K || r == ROLE_V) &&
		name_of(s, ROLE_K, 0, name, sizeof name) > 0;
}

int want(struct wanted *w, const struct shape *s, enum role r, int layer, int bias,
	name_fn *name_of)
{
	long row0 = name_of(s, r, layer, w->name, sizeof w->name - 8);

	if (row0 < 0 || (bias && !shape_has_bias(s, r)))
		return 0;
	strcat(w->name, bias ? ".bias" : ".weight");
	shape_of_role(s, r, &w->rows, &w->cols);
	w->row0 = (uint64_t)row0;
	w->vector = bias || w->rows == 1;
	if (bias && w->rows > 1) {
		w->cols = w->rows;
		w->rows = 1;
	}
	w->file_rows = w->vector ? w->cols : w->rows;
	if (fused(s, r, name_of))
		w->file_rows = (uint64_t)(s->n_heads + 2 * s->n_kv) * (uint64_t)s->head_dim;
	return 1;
}

long wanted_fused(const struct shape *s, enum role r, int layer, char *name, size_t n)
{
	long rows = arch_gguf_fused_name(s, r, layer, name, n);

	return rows < 0 ? arch_gguf_name(s, r, layer, name, n) : rows;
}

/* The layer that a name with this prefix belongs to; -1: none, or a number beyond all bounds. */
static int layer_of(const char *name, const char *prefix)
{
	size_t n = strlen(prefix), digits;

	if (strncmp(name, prefix, n))
		return -1;
	digits = strspn(name + n, "0123456789");
	if (digits < 1 || digits > 6 || name[n + digits] != '.')
		return -1;
	return atoi(name + n);
}

int wanted_name(const struct shape *s, const char *name, int layer, name_fn *name_of)
{
	int outside = layer < 0 || layer >= s->n_layers;
	struct wanted w;

	for (int r = outside ? 0 : ROLE_NORM1; r < (outside ? ROLE_NORM1 : ROLE_COUNT); r++)
		for (int bias = 0; bias < 2; bias++)
			if (want(&w, s, (enum role)r, layer, bias, name_of) &&
				strcmp(w.name, name) == 0)
				return 1;
	return 0;
}

static const char *prefix_of(const struct shape *s, int gguf)
{
	return gguf ? "blk." : arch_layer_prefix(s);
}

int wanted_layer(const struct shape *s, int gguf, const char *name)
{
	return layer_of(name, prefix_of(s, gguf));
}

int wanted_beyond(const struct shape *s, int gguf, const char *name)
{
	const char *prefix = prefix_of(s, gguf);
	int layer = layer_of(name, prefix);

	return strncmp(name, prefix, strlen(prefix)) == 0 && (layer < 0 || layer >= s->n_layers);
}
