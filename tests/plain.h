/* plain - what the operations of ops.h and a whole layer compute, in plain loops over doubles: to
 * be read, and to be compared with
 *
 * T is the number of rows, d the model's width, H and K the numbers of query and of key and value
 * heads, hd the dims of a head, ff the width of the feed-forward network, r an adapter's rank. A
 * matrix w[out, in] lies row after row. dx is the gradient of some loss by x; functions add to the
 * gradients that they are given. To be included after cmocka.h.
 */
#ifndef COPPICE_TESTS_PLAIN_H
#define COPPICE_TESTS_PLAIN_H

#include "ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline double *zeros(size_t n)
{
	return calloc(n + 1, sizeof(double));
}

static inline double *doubles(const float *x, size_t n)
{
	double *y = zeros(n);

	for (size_t i = 0; i < n; i++)
		y[i] = (double)x[i];
	return y;
}

static inline double dot_plain(const double *x, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * y[i];
	return sum;
}

/* y[n] += a x[n] */
static inline void add_plain(double *y, double a, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] += a * x[i];
}

/* -- norms ------------------------------------------------------------------------------------- */

/* The mean of a row x[n], 0 for RMS, and r = 1 / sqrt(variance + eps). */
static inline double norm_moments(double *mean, const double *x, size_t n, int kind, double eps)
{
	double var = 0;

	*mean = 0;
	for (size_t i = 0; kind == NORM_KIND_LAYER && i < n; i++)
		*mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		var += (x[i] - *mean) * (x[i] - *mean) / (double)n;
	return 1 / sqrt(var + eps);
}

/* y[n] = (x - mean) r w + b, of one row; b NULL: none. */
static inline void norm_plain(double *y, const double *x, const double *w, const double *b,
	size_t n, int kind, double eps)
{
	double mean, r = norm_moments(&mean, x, n, kind, eps);

	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - mean) * r * w[i] + (b ? b[i] : 0);
}

/* With z = (x - mean) r and g = w dy, r and mean being functions of x too:
 *
 *   dx += r (g - mean(g) - z mean(g z)), for RMS without mean(g)
 */
static inline void norm_back_plain(double *dx, const double *dy, const double *x, const double *w,
	size_t n, int kind, double eps)
{
	double mean, r = norm_moments(&mean, x, n, kind, eps), g_mean = 0, gz_mean = 0;

	for (size_t i = 0; i < n; i++) {
		g_mean += kind == NORM_KIND_LAYER ? w[i] * dy[i] / (double)n : 0;
		gz_mean += w[i] * dy[i] * (x[i] - mean) * r / (double)n;
	}
	for (size_t i = 0; i < n; i++)
		dx[i] += r * (w[i] * dy[i] - g_mean - (x[i] - mean) * r * gz_mean);
}

/* -- activations ------------------------------------------------------------------------------- */

static inline double act_plain(double z, int kind)
{
	if (kind == ACT_KIND_SILU)
		return z / (1 + exp(-z));
	return 0.5 * z * (1 + tanh(sqrt(2 / M_PI) * (z + 0.044715 * z * z * z)));
}

/* Its derivative. */
static inline double act_slope_plain(double z, int kind)
{
	if (kind == ACT_KIND_SILU) {
		double s = 1 / (1 + exp(-z));

		return s * (1 + z * (1 - s));
	}
	double t = tanh(sqrt(2 / M_PI) * (z + 0.044715 * z * z * z));

	return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * sqrt(2 / M_PI) * (1 + 3 * 0.044715 * z * z);
}

/* -- rotation ---------------------------------------------------------------------------------- */

/* RoPE of one head x[hd] at a position, in place: dims i and i + rotary / 2 are a point of the
 * plane, rotated by the angle pos inv_freq[i], which is a product of f32 values as models compute
 * it. sign -1: rotated back. */
static inline void rope_plain(double *x, const struct heads *h, size_t pos, double sign)
{
	int half = h->rotary / 2;

	for (int i = 0; i < half; i++) {
		double angle = sign * (double)((float)pos * h->inv_freq[i]);
		double a = x[i], b = x[i + half];

		x[i] = a * cos(angle) - b * sin(angle);
		x[i + half] = b * cos(angle) + a * sin(angle);
	}
}

/* One row q|k|v[(H+2K) hd], in place: the heads of q and k normed, where there are norms, and
 * rotated. */
static inline void heads_plain(double *row, const struct heads *h, const double *q_norm,
	const double *k_norm, size_t pos)
{
	size_t hd = (size_t)h->head_dim;

	for (int i = 0; i < h->n_heads + h->n_kv; i++, row += hd) {
		const double *norm = i < h->n_heads ? q_norm : k_norm;

		if (norm)
			norm_plain(row, row, norm, NULL, hd, NORM_KIND_RMS, (double)h->eps);
		rope_plain(row, h, pos, 1);
	}
}

/* Back: row, the gradient by what came out, becomes that by x[(H+2K) hd], what went in. */
static inline void heads_back_plain(double *row, const double *x, const struct heads *h,
	const double *q_norm, const double *k_norm, size_t pos)
{
	size_t hd = (size_t)h->head_dim;

	for (int i = 0; i < h->n_heads + h->n_kv; i++, row += hd, x += hd) {
		const double *norm = i < h->n_heads ? q_norm : k_norm;
		double dy[256];

		rope_plain(row, h, pos, -1);
		if (!norm)
			continue;
		memcpy(dy, row, hd * sizeof *dy);
		memset(row, 0, hd * sizeof *row);
		norm_back_plain(row, dy, x, norm, hd, NORM_KIND_RMS, (double)h->eps);
	}
}

/* -- attention over a forest of segments ------------------------------------------------------- */

/* row[pos + len]: the rows of a segment's path, its ancestors' and then its own, so that row[t] is
 * that at position t. Returns how many there are. */
static inline size_t path_of(size_t *row, const struct segments *s, int seg)
{
	size_t n = s->seg[seg].parent < 0 ? 0 : path_of(row, s, s->seg[seg].parent);

	for (size_t i = 0; i < s->seg[seg].len; i++)
		row[n++] = s->seg[seg].first + i;
	return n;
}

/* The first position that the query at position t sees. */
static inline size_t oldest_key(const struct heads *h, size_t t)
{
	return h->window && t + 1 > (size_t)h->window ? t + 1 - (size_t)h->window : 0;
}

/* o[T, H hd] and lse[T, H] of qkv[T, (H+2K) hd]: each query of each head sees the keys on its path
 * up to its own position, or the last `window` of them. K heads of keys and values serve H of
 * queries, each H / K of them. */
static inline void attention_plain(double *o, double *lse, const double *qkv, const struct heads *h,
	const struct segments *s)
{
	size_t H = (size_t)h->n_heads, K = (size_t)h->n_kv, hd = (size_t)h->head_dim,
	       wide = (H + 2 * K) * hd;
	size_t *row = calloc(s->rows, sizeof *row); /* [positions]: the path's rows */
	double *p = zeros(s->rows);                 /* [positions]: scores of keys, then weights */

	for (int i = 0; i < s->n; i++) {
		size_t n = path_of(row, s, i);

		for (size_t t = s->seg[i].pos; t < n; t++)
			for (size_t head = 0; head < H; head++) {
				size_t kv = head * K / H, from = oldest_key(h, t);
				const double *q = qkv + row[t] * wide + head * hd; /* [hd] */
				const double *k = qkv + (H + kv) * hd;     /* [hd], of row 0 */
				const double *v = qkv + (H + K + kv) * hd; /* likewise */
				double *out = o + (row[t] * H + head) * hd, max = -INFINITY,
				       sum = 0;

				for (size_t j = from; j <= t; j++) {
					p[j] = dot_plain(q, k + row[j] * wide, hd) /
						sqrt((double)hd);
					max = fmax(max, p[j]);
				}
				for (size_t j = from; j <= t; j++)
					sum += p[j] = exp(p[j] - max);
				memset(out, 0, hd * sizeof *out);
				for (size_t j = from; j <= t; j++)
					add_plain(out, p[j] / sum, v + row[j] * wide, hd);
				lse[row[t] * H + head] = max + log(sum);
			}
	}
	free(row), free(p);
}

/* dqkv += the gradient by qkv, from dout, that by o. The softmax's weights are p = e^(score - lse),
 * and with o = sum of p v:
 *
 *   dv += p dout    dp = dout . v    dscore = p (dp - dout . o)    dq += dscore k    dk += dscore q
 */
static inline void attention_back_plain(double *dqkv, const double *dout, const double *o,
	const double *lse, const double *qkv, const struct heads *h, const struct segments *s)
{
	size_t H = (size_t)h->n_heads, K = (size_t)h->n_kv, hd = (size_t)h->head_dim,
	       wide = (H + 2 * K) * hd;
	size_t *row = calloc(s->rows, sizeof *row);
	double root = sqrt((double)hd);

	for (int i = 0; i < s->n; i++) {
		size_t n = path_of(row, s, i);

		for (size_t t = s->seg[i].pos; t < n; t++)
			for (size_t head = 0; head < H; head++) {
				size_t kv = head * K / H, out = (row[t] * H + head) * hd;
				size_t q = row[t] * wide + head * hd;
				double delta = dot_plain(dout + out, o + out, hd);

				for (size_t j = oldest_key(h, t); j <= t; j++) {
					size_t k = row[j] * wide + (H + kv) * hd, v = k + K * hd;
					double score = dot_plain(qkv + q, qkv + k, hd) / root;
					double p = exp(score - lse[row[t] * H + head]);
					double dp = dot_plain(dout + out, qkv + v, hd);
					double dscore = p * (dp - delta) / root;

					add_plain(dqkv + v, p, dout + out, hd);
					add_plain(dqkv + q, dscore, qkv + k, hd);
					add_plain(dqkv + k, dscore, qkv + q, hd);
				}
			}
	}
	free(row);
}

/* -- linear maps with adapters ----------------------------------------------------------------- */

/* y = x W^T + bias + (x A^T) B^T, with W[out, in], A[r, in], B[out, r]. NULL: no bias, no
 * adapter. */
struct plain_linear {
	size_t out, in, r;
	const double *w, *bias, *a, *b;
	double *da, *db; /* the adapter's gradients; NULL: not wanted */
};

/* y[T, out] of x[T, in] */
static inline void linear_plain(double *y, const double *x, const struct plain_linear *l, size_t T)
{
	for (size_t t = 0; t < T; t++, y += l->out, x += l->in) {
		for (size_t i = 0; i < l->out; i++)
			y[i] = dot_plain(l->w + i * l->in, x, l->in) + (l->bias ? l->bias[i] : 0);
		for (size_t j = 0; l->a && j < l->r; j++) {
			double ax = dot_plain(l->a + j * l->in, x, l->in);

			for (size_t i = 0; i < l->out; i++)
				y[i] += l->b[i * l->r + j] * ax;
		}
	}
}

/* dx += dy W + (dy B) A    dB += dy^T (x A^T)    dA += (dy B)^T x */
static inline void linear_back_plain(double *dx, const double *dy, const double *x,
	const struct plain_linear *l, size_t T)
{
	for (size_t t = 0; t < T; t++, dy += l->out, dx += l->in, x += l->in) {
		for (size_t i = 0; i < l->out; i++)
			add_plain(dx, dy[i], l->w + i * l->in, l->in);
		for (size_t j = 0; l->a && j < l->r; j++) {
			double ax = dot_plain(l->a + j * l->in, x, l->in), dax = 0;

			for (size_t i = 0; i < l->out; i++) {
				dax += dy[i] * l->b[i * l->r + j];
				if (l->db)
					l->db[i * l->r + j] += dy[i] * ax;
			}
			add_plain(dx, dax, l->a + j * l->in, l->in);
			if (l->da)
				add_plain(l->da + j * l->in, dax, x, l->in);
		}
	}
}

/* -- a layer ----------------------------------------------------------------------------------- */

struct plain_layer {
	size_t d, ff;
	int norm, act, gated, parallel; /* NORM_KIND_, ACT_KIND_ */
	double eps;
	struct heads heads;
	const double *norm1, *norm1_bias, *norm2, *norm2_bias; /* [d] */
	const double *q_norm, *k_norm;                         /* [hd], or NULL */
	struct plain_linear qkv, o, gate, up, down;
};

/* What a layer computes on the way. */
struct plain_acts {
	double *n1, *n2;       /* [T, d]: the norms' outputs */
	double *qkv, *rotated; /* [T, (H+2K) hd]: before and after norms and rotation of heads */
	double *o, *lse;       /* [T, H hd], [T, H] */
	double *h;             /* [T, d]: x + A(N1 x) */
	double *gate, *up;     /* [T, ff] */
	double *act;           /* [T, ff]: act(gate) up, or act(up) */
};

static inline struct plain_acts plain_acts_new(const struct plain_layer *l, size_t T)
{
	return (struct plain_acts){ zeros(T * l->d), zeros(T * l->d), zeros(T * l->qkv.out),
		zeros(T * l->qkv.out), zeros(T * l->o.in), zeros(T * (size_t)l->heads.n_heads),
		zeros(T * l->d), zeros(T * l->ff), zeros(T * l->ff), zeros(T * l->ff) };
}

static inline void plain_acts_free(struct plain_acts *a)
{
	free(a->n1), free(a->n2), free(a->qkv), free(a->rotated), free(a->o), free(a->lse);
	free(a->h), free(a->gate), free(a->up), free(a->act);
}

/* y[T, d] = the layer of x[T, d]:
 *
 *   h = x + A(N1 x)    y = h + M(N2 h)    or, parallel,    y = h + M(N1 x)
 */
static inline void layer_plain(double *y, struct plain_acts *a, const double *x,
	const struct plain_layer *l, const struct segments *s)
{
	size_t T = s->rows, d = l->d, wide = l->qkv.out;

	for (size_t t = 0; t < T; t++)
		norm_plain(a->n1 + t * d, x + t * d, l->norm1, l->norm1_bias, d, l->norm, l->eps);
	linear_plain(a->qkv, a->n1, &l->qkv, T);
	memcpy(a->rotated, a->qkv, T * wide * sizeof *a->qkv);
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t++)
			heads_plain(a->rotated + (s->seg[i].first + t) * wide, &l->heads, l->q_norm,
				l->k_norm, s->seg[i].pos + t);
	attention_plain(a->o, a->lse, a->rotated, &l->heads, s);
	linear_plain(a->h, a->o, &l->o, T);
	add_plain(a->h, 1, x, T * d);

	for (size_t t = 0; t < T && !l->parallel; t++)
		norm_plain(a->n2 + t * d, a->h + t * d, l->norm2, l->norm2_bias, d, l->norm,
			l->eps);
	if (l->parallel)
		memcpy(a->n2, a->n1, T * d * sizeof *a->n1);
	if (l->gated)
		linear_plain(a->gate, a->n2, &l->gate, T);
	linear_plain(a->up, a->n2, &l->up, T);
	for (size_t i = 0; i < T * l->ff; i++)
		a->act[i] = l->gated ? act_plain(a->gate[i], l->act) * a->up[i]
				     : act_plain(a->up[i], l->act);
	linear_plain(y, a->act, &l->down, T);
	add_plain(y, 1, a->h, T * d);
}

/* dx[T, d] = the gradient by x, from dy, that by y, and of the adapters, which are added to: the
 * chain rule, from the end of layer_plain to its beginning. */
static inline void layer_back_plain(double *dx, const double *dy, const struct plain_acts *a,
	const double *x, const struct plain_layer *l, const struct segments *s)
{
	size_t T = s->rows, d = l->d, wide = l->qkv.out;
	double *dact = zeros(T * l->ff), *dgate = zeros(T * l->ff), *dup = zeros(T * l->ff);
	double *dn2 = zeros(T * d), *dh = zeros(T * d), *dout = zeros(T * l->o.in);
	double *dqkv = zeros(T * wide), *dn1 = zeros(T * d);

	linear_back_plain(dact, dy, a->act, &l->down, T);
	for (size_t i = 0; i < T * l->ff; i++) {
		dgate[i] = dact[i] * a->up[i] * act_slope_plain(a->gate[i], l->act);
		dup[i] = dact[i] *
			(l->gated ? act_plain(a->gate[i], l->act)
				  : act_slope_plain(a->up[i], l->act));
	}
	if (l->gated)
		linear_back_plain(dn2, dgate, a->n2, &l->gate, T);
	linear_back_plain(dn2, dup, a->n2, &l->up, T);

	/* h is added to y, and goes into it by N2; parallel: N1 x does instead */
	memcpy(dh, dy, T * d * sizeof *dh);
	for (size_t t = 0; t < T && !l->parallel; t++)
		norm_back_plain(dh + t * d, dn2 + t * d, a->h + t * d, l->norm2, d, l->norm,
			l->eps);
	if (l->parallel)
		memcpy(dn1, dn2, T * d * sizeof *dn1);

	linear_back_plain(dout, dh, a->o, &l->o, T);
	attention_back_plain(dqkv, dout, a->o, a->lse, a->rotated, &l->heads, s);
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t++) {
			size_t at = (s->seg[i].first + t) * wide;

			heads_back_plain(dqkv + at, a->qkv + at, &l->heads, l->q_norm, l->k_norm,
				s->seg[i].pos + t);
		}
	linear_back_plain(dn1, dqkv, a->n1, &l->qkv, T);

	/* x is added to h, and goes into it by N1 */
	memcpy(dx, dh, T * d * sizeof *dx);
	for (size_t t = 0; t < T; t++)
		norm_back_plain(dx + t * d, dn1 + t * d, x + t * d, l->norm1, d, l->norm, l->eps);
	free(dact), free(dgate), free(dup), free(dn2), free(dh), free(dout), free(dqkv), free(dn1);
}

#endif
