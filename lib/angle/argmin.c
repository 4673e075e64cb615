/* argmin - which block of n layers to drop
 */
#include "angle/argmin.h"

#include "model/layers.h"
#include "sys/setting.h"

#include <math.h>
#include <string.h>

int widths_parse(struct widths *w, const char *text, struct fault *err)
{
	*w = (struct widths){ .all = !strcmp(text, "all") };
	return w->all ? 0 : layers_parse(text, w->n, MAX_LAYERS + 1, &w->count, err);
}

int widths_resolve(struct widths *w, int layers, struct fault *err)
{
	for (int n = 1; w->all && n < layers; n++)
		w->n[w->count++] = n;
	w->all = 0;
	for (int i = 0; i < w->count; i++)
		if (w->n[i] >= layers) {
			fault(err, "%s %d: the model has %d layers, at most %d can go",
				setting(SETTING_WIDTH), w->n[i], layers, layers - 1);
			return -1;
		}
	return 0;
}

static struct block empty(int layers, const char *rule)
{
	struct block b = { .n = 0, .l = 0, .mean = NAN, .sem = NAN, .layers = layers };

	snprintf(b.rule, sizeof b.rule, "%s", rule);
	return b;
}

/* 1: the block at l wins more often than that at m; or as often, with a smaller distance. */
static int is_ahead(const struct angles *a, int n, const int *wins, int l, int m)
{
	if (wins[l] != wins[m])
		return wins[l] > wins[m];
	return angles_at(a, n, l)->sum < angles_at(a, n, m)->sum;
}

/* How sure it is that the block at l is the best of its width. */
static void rate(struct block *b, const struct angles *a)
{
	int wins[MAX_LAYERS], told = angles_wins(a, b->n, wins);

	b->resampled = told && a->layers > b->n;
	if (!b->resampled)
		return;
	b->sure = (double)wins[b->l] / told;
	b->second = b->l == 0;
	for (int l = 0; l + b->n <= a->layers; l++)
		if (l != b->l && is_ahead(a, b->n, wins, l, b->second))
			b->second = l;
}

static struct block measured(const struct angles *a, int n, int l, const char *rule)
{
	struct block b = empty(a->layers, rule);
	struct angle p = angles_pair(a, n, l);

	b.n = n;
	b.l = l;
	b.mean = p.s.mean;
	b.sem = p.s.sem;
	rate(&b, a);
	return b;
}

struct block argmin_similarity(const struct angles *a, int n)
{
	return n ? measured(a, n, angles_best(a, n), RULE_SIMILARITY)
		 : empty(a->layers, RULE_SIMILARITY);
}

struct block argmin_every(const struct angles *a, int n, int l)
{
	return n ? measured(a, n, l, RULE_EVERY) : empty(a->layers, RULE_EVERY);
}

int argmin_places(int layers, int n)
{
	return n ? layers - n + 1 : 1;
}

struct block argmin_simple(int layers, int n)
{
	struct block b = empty(layers, RULE_SIMPLE);

	if (n) {
		b.n = n;
		b.l = layers - 1 - n;
	}
	return b;
}
