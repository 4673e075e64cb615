/* layers - lists of layer numbers: as options give them, as messages show them, as models keep them
 */
#include "model/layers.h"

#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

/* A number below MAX_LAYERS + 1 without sign or space, or -1. */
static int number(const char **s)
{
	int v = 0;

	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; ++*s) {
		v = 10 * v + (**s - '0');
		if (v > MAX_LAYERS)
			return -1;
	}
	return v;
}

int layers_parse(const char *text, int *list, int cap, int *n, struct fault *err)
{
	const char *s = text;

	for (*n = 0;; s++) {
		int first = number(&s), last = first;

		if (first >= 0 && *s == '-') {
			s++;
			last = number(&s);
		}
		if (first < 0 || last < first || (*s && *s != ',')) {
			fault(err, "'%.100s' is no list like 3,7,21-28", text);
			return -1;
		}
		for (; first <= last; first++) {
			if (*n == cap) {
				fault(err, "'%.100s' has more than %d numbers", text, cap);
				return -1;
			}
			list[(*n)++] = first;
		}
		if (!*s)
			return 0;
	}
}

char *layers_text(const int *list, int n)
{
	char *text = xstrdup("");

	for (int i = 0, end; i < n; i = end) {
		char *longer;

		for (end = i + 1; end < n && list[end] == list[end - 1] + 1; end++)
			;
		if (end - i > 1)
			longer = xasprintf("%s%s%d-%d", text, i ? "," : "", list[i], list[end - 1]);
		else
			longer = xasprintf("%s%s%d", text, i ? "," : "", list[i]);
		free(text);
		text = longer;
	}
	return text;
}

int layers_drop(struct model_rec *m, int n_layers, const int *list, int n, struct fault *err)
{
	char state[MAX_LAYERS] = { 0 }; /* 1: kept until now, 2: dropped now */
	int kept = 0;

	for (int i = 0; i < m->n_keep; i++)
		state[m->keep[i]] = 1;
	for (int i = 0; i < n; i++) {
		if (list[i] < 0 || list[i] >= n_layers)
			fault(err, "no layer %d: the base has %d, from 0", list[i], n_layers);
		else if (!state[list[i]])
			fault(err, "layer %d has been dropped before", list[i]);
		else if (state[list[i]] == 2)
			fault(err, "layer %d is named twice", list[i]);
		else {
			state[list[i]] = 2;
			continue;
		}
		return -1;
	}
	if (n == m->n_keep) {
		fault(err, "that would drop all %d layers", n);
		return -1;
	}
	for (int i = 0; i < m->n_keep; i++)
		if (state[m->keep[i]] == 1)
			m->keep[kept++] = m->keep[i];
	m->n_keep = kept;
	m->has_block = 0;
	return 0;
}

int layers_drop_block(struct model_rec *m, int n_layers, const struct block *b, struct fault *err)
{
	int list[MAX_LAYERS];

	if (b->layers != n_layers && b->layers != m->n_keep) {
		fault(err, "the block is of a model of %d layers, this one has %d", b->layers,
			m->n_keep);
		return -1;
	}
	if (b->n < 0 || b->l < 0 || b->n > b->layers || b->l > b->layers - b->n) {
		fault(err, "a block of %d layers from layer %d is not within %d", b->n, b->l,
			b->layers);
		return -1;
	}
	for (int i = 0; i < b->n; i++)
		list[i] = b->layers == n_layers ? b->l + i : m->keep[b->l + i];
	if (layers_drop(m, n_layers, list, b->n, err))
		return -1;
	m->has_block = 1;
	m->block = *b;
	return 0;
}

int layers_dropped(const struct model_rec *m, int n_layers, int *out)
{
	int n = 0;

	for (int l = 0, i = 0; l < n_layers; l++)
		if (i < m->n_keep && m->keep[i] == l)
			i++;
		else
			out[n++] = l;
	return n;
}

char *layers_describe(const struct model_rec *m)
{
	const struct block *b = &m->block;
	char *s = !m->has_block || b->n == 0 ? xasprintf("%d layers", m->n_keep)
		: b->n == 1
		? xasprintf("layer %d of %d dropped", b->l, b->layers)
		: xasprintf("layers %d-%d of %d dropped", b->l, b->l + b->n - 1, b->layers);
	char *all = xasprintf("%s%s%s%s", s, m->quant ? ", " : "", m->quant ? m->quant : "",
		m->adapter ? ", adapter" : "");

	free(s);
	return all;
}
