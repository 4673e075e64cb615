/* cost - what a model takes, counted from its shape; see cost.h
 */
#include "model/cost.h"

#include "file/nf4.h"

#include <math.h>

enum { VALUE = 2 }; /* bytes of a bf16, and of a key's or a value's element */

static const enum role matrices[] = { ROLE_Q, ROLE_K, ROLE_V, ROLE_O, ROLE_GATE, ROLE_UP,
	ROLE_DOWN };
enum { N_MATRICES = sizeof matrices / sizeof *matrices };

static uint64_t values(const struct shape *s, enum role r)
{
	uint64_t rows, cols;

	shape_of_role(s, r, &rows, &cols);
	return rows * cols;
}

static uint64_t layer_values(const struct shape *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < N_MATRICES; i++)
		sum += values(s, matrices[i]);
	return sum;
}

double cost_layer(const struct shape *s)
{
	return 2.0 * (double)layer_values(s);
}

double cost_head(const struct shape *s)
{
	return 2.0 * (double)values(s, ROLE_HEAD);
}

static uint64_t adapter_values(const struct adapter *a, const struct shape *s)
{
	uint64_t sum = 0, rows, cols;

	for (int i = 0; a && i < a->n_layers * ROLE_COUNT; i++) {
		shape_of_role(s, (enum role)(i % ROLE_COUNT), &rows, &cols);
		if (a->lora[i].a)
			sum += (uint64_t)a->lora[i].rank * (rows + cols);
	}
	return sum;
}

double cost_adapter(const struct adapter *a, const struct shape *s)
{
	return 2.0 * (double)adapter_values(a, s);
}

/* How many rows are cached of a sequence so long. */
static uint64_t cached(const struct shape *s, int l, uint64_t length)
{
	uint64_t window = (uint64_t)s->window[l];

	return window && window < length ? window : length;
}

/* The sum of the first n whole numbers. */
static double sum_to(uint64_t n)
{
	return (double)n * ((double)n + 1) / 2;
}

/* Keys that the rows before position n see, all together. */
static double keys_before(const struct shape *s, int l, uint64_t n)
{
	uint64_t most = cached(s, l, n);

	return sum_to(most) + (double)(n - most) * (double)most;
}

double cost_attention(const struct shape *s, int l, uint64_t first, uint64_t n)
{
	return 4.0 * s->head_dim * s->n_heads *
		(keys_before(s, l, first + n) - keys_before(s, l, first));
}

/* The layers' matrices in NF4, as they are quantised: q, k and v as one where they are one. */
static uint64_t layer_nf4(const struct shape *s)
{
	uint64_t sum = 0, qkv = 0;

	for (int i = 0; i < N_MATRICES; i++) {
		uint64_t n = values(s, matrices[i]);

		if (n && i < 3 && arch_hf_fused(s))
			qkv += n;
		else if (n)
			sum += nf4_bytes(n);
	}
	return sum + (qkv ? nf4_bytes(qkv) : 0);
}

static double kv_bytes(const struct model *m, uint64_t length)
{
	const struct shape *s = m->shape;
	double sum = 0;

	for (int i = 0; i < m->rec->n_keep; i++)
		sum += (double)cached(s, m->rec->keep[i], length);
	return 2.0 * s->n_kv * s->head_dim * VALUE * sum;
}

void cost_count(struct cost *c, const struct model *m, uint64_t length)
{
	const struct shape *s = m->shape;
	const struct model_rec *r = m->rec;
	uint64_t n = (uint64_t)r->n_keep;
	double attention = 0;

	for (int i = 0; i < r->n_keep; i++)
		attention += cost_attention(s, r->keep[i], 0, length);
	*c = (struct cost){ .parameters = shape_parameters(s, r->n_keep),
		.adapter_parameters = adapter_values(m->adapter, s),
		.flop = cost_layer(s) * (double)n + cost_head(s) + cost_adapter(m->adapter, s) +
			attention / (double)length,
		.kv = kv_bytes(m, length) / (double)length,
		.length = length,
		.rate = NAN,
		.model = r };
	c->bytes_bf16 = VALUE * (c->parameters + c->adapter_parameters);
	c->bytes_nf4 = c->bytes_bf16 - n * VALUE * layer_values(s) + n * layer_nf4(s);
}
