/* checkpoint-cmp [-a ADAPTER] [-q] BASE KEEP NEW: is NEW what a written checkpoint of BASE's layers
 * KEEP (0,1,5-7) must be?
 *
 * Every tensor that is copied must be the same bytes of the same type. With -a the linear weights
 * must be W + s B A, with -q of W after NF4, computed here in double and rounded once: within half
 * a step of their type, and a little for f32.
 */
#include "file/nf4.h"
#include "model/layers.h"
#include "model/model.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct base *old, *new;
static struct adapter *adapter;
static int keep[MAX_LAYERS], n_keep, nf4, copied, computed;
static enum tensor_type computed_type;

static int is_linear(enum role r)
{
	return (r >= ROLE_Q && r <= ROLE_V) || r == ROLE_O || (r >= ROLE_GATE && r <= ROLE_DOWN);
}

static float *values(const struct tensor *t)
{
	float *v = xcalloc(t->rows * t->cols, sizeof(*v));

	tensor_rows(t, 0, t->rows, v);
	return v;
}

/* Of rounding to nearest at v, and a little for sums that were made in f32. */
static double half_step(enum tensor_type t, double v)
{
	int bits = t == T_BF16 ? 8 : t == T_F16 ? 11 : 24, least = t == T_F16 ? -14 : -126;

	return ldexp(1.001, (v && ilogb(v) > least ? ilogb(v) : least) - bits) + 1e-7;
}

/* As bitsandbytes has them: a matrix of Hugging Face's is one, whatever the file at hand does. */
static float *quantised(const struct tensor *t, enum role r, int layer)
{
	int fused = r >= ROLE_Q && r <= ROLE_V && arch_hf_fused(base_shape(old));
	float *all = NULL, *w = values(t);
	uint64_t n = 0, first = 0;

	if (!fused) {
		nf4_round_trip(w, t->rows * t->cols);
		return w;
	}
	for (enum role k = ROLE_Q; k <= ROLE_V; k++) {
		struct tensor part;

		base_tensor(old, k, layer, &part);
		first = k == r ? n : first;
		all = xrealloc(all, n + part.rows * part.cols, sizeof(*all));
		tensor_rows(&part, 0, part.rows, all + n);
		n += part.rows * part.cols;
	}
	nf4_round_trip(all, n);
	memcpy(w, all + first, t->rows * t->cols * sizeof(*w));
	free(all);
	return w;
}

static void compare_computed(const struct tensor *a, const struct tensor *b, const struct lora *l,
	enum role r, int layer)
{
	float *w = nf4 ? quantised(a, r, layer) : values(a), *got = values(b);

	for (uint64_t i = 0; i < a->rows; i++)
		for (uint64_t c = 0; c < a->cols; c++) {
			double sum = 0, v;

			for (int k = 0; l && l->a && k < l->rank; k++)
				sum += (double)l->b[i * l->rank + k] * l->a[k * a->cols + c];
			v = w[i * a->cols + c] + (l && l->a ? l->scale : 0) * sum;
			if (!(fabs(got[i * a->cols + c] - v) <= half_step(b->type, v)))
				die("%s [%d, %d]: %.9g, not %.9g", b->name, (int)i, (int)c,
					got[i * a->cols + c], v);
		}
	computed++;
	computed_type = b->type;
	free(w);
	free(got);
}

static void compare_bytes(const struct tensor *a, const struct tensor *b)
{
	uint64_t row = tensor_bytes(a->type, a->cols), step = a->n_dims == 1 ? row / a->cols : row;

	if (a->type != b->type)
		die("%s: %s, not %s", b->name, tensor_type_name(b->type),
			tensor_type_name(a->type));
	if (a->type == T_NF4) {
		float *x = values(a), *y = values(b);

		if (memcmp(x, y, a->rows * a->cols * sizeof(*x)))
			die("%s: other values", b->name);
		free(x);
		free(y);
	} else if (memcmp((const char *)a->data + a->row0 * step,
			   (const char *)b->data + b->row0 * step, a->rows * row)) {
		die("%s: other bytes", b->name);
	}
	copied++;
}

static int get(struct base *b, enum role r, int layer, int bias, struct tensor *t)
{
	return bias ? base_bias(b, r, layer, t) : base_tensor(b, r, layer, t);
}

static void compare(enum role r, int i, int bias)
{
	struct tensor a, b;
	int have = get(old, r, i < 0 ? -1 : keep[i], bias, &a), lora = adapter && i >= 0;
	const struct lora *l = lora ? adapter->lora + (size_t)i * ROLE_COUNT + r : NULL;

	if (have != get(new, r, i, bias, &b))
		die("layer %d, role %d: %s", i, r, have ? "is missing" : "is new");
	if (!have)
		return;
	if (a.rows != b.rows || a.cols != b.cols)
		die("%s: another shape", b.name);
	if (!bias && i >= 0 && is_linear(r) && (nf4 || (l && l->a) || (adapter && a.type == T_NF4)))
		compare_computed(&a, &b, l, r, keep[i]);
	else
		compare_bytes(&a, &b);
	base_forget(old, &a);
	base_forget(new, &b);
}

int main(int argc, char *argv[])
{
	static struct model_rec rec;
	const char *folder = NULL;
	struct fault err;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		nf4 |= argv[1][1] == 'q';
		if (argv[1][1] == 'a') {
			folder = argv[2];
			argc--;
			argv++;
		}
	}
	if (argc != 4 || layers_parse(argv[2], keep, MAX_LAYERS, &n_keep, &err))
		die("usage: checkpoint-cmp [-a ADAPTER] [-q] BASE KEEP NEW");
	old = base_open(argv[1]);
	new = base_open(argv[3]);
	if (base_shape(new)->n_layers != n_keep)
		die("%d layers, not %d", base_shape(new)->n_layers, n_keep);
	rec.n_keep = n_keep;
	memcpy(rec.keep, keep, sizeof(keep));
	if (folder)
		adapter = adapter_open(folder, old, &rec);
	for (enum role r = 0; r < ROLE_COUNT; r++)
		for (int i = role_in_layer(r) ? 0 : -1; i < (role_in_layer(r) ? n_keep : 0); i++) {
			compare(r, i, 0);
			compare(r, i, 1);
		}
	printf("%d copied, %d computed as %s\n", copied, computed,
		computed ? tensor_type_name(computed_type) : "none");
	return 0;
}
