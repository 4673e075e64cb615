/* records - records of each kind from msgpack into structs and back
 *
 * A record that comes in has passed kind_check, so keys and types are as the table of kinds says.
 */
#include "stream/records.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <string.h>

/* -- fetching ---------------------------------------------------------------------------------- */

static int absent(const msgpack_object *v)
{
	return !v || v->type == MSGPACK_OBJECT_NIL;
}

static uint64_t get_count(const msgpack_object *m, const char *key)
{
	return map_find(m, key)->via.u64;
}

static int get_int(const msgpack_object *m, const char *key)
{
	const msgpack_object *v = map_find(m, key);

	return absent(v) ? -1 : (int)v->via.u64;
}

static double get_real(const msgpack_object *m, const char *key)
{
	const msgpack_object *v = map_find(m, key);

	return absent(v) ? NAN : (double)mp_number(v);
}

static const char *get_text(struct rec_in *in, const msgpack_object *m, const char *key,
	size_t *len)
{
	const msgpack_object *v = map_find(m, key);
	char *s;

	if (absent(v))
		return NULL;
	s = rec_alloc(in, v->via.str.size + (size_t)1);
	memcpy(s, v->via.str.ptr, v->via.str.size);
	s[v->via.str.size] = 0;
	if (len)
		*len = v->via.str.size;
	return s;
}

/* A copy of the elements, aligned as the bytes of a record are not. */
static void *get_tensor(struct rec_in *in, const msgpack_object *m, const char *key,
	struct rec_tensor *t)
{
	const char *why;
	void *p;

	if (tensor_parse(map_find(m, key), t, &why))
		rec_bad(in, why);
	p = rec_alloc(in, t->n * t->size);
	memcpy(p, t->data, t->n * t->size);
	return p;
}

static void pack_count(msgpack_packer *pk, const char *key, uint64_t v)
{
	mp_pack_str(pk, key);
	msgpack_pack_uint64(pk, v);
}

/* -1: nil */
static void pack_int(msgpack_packer *pk, const char *key, int v)
{
	mp_pack_str(pk, key);
	if (v < 0)
		msgpack_pack_nil(pk);
	else
		msgpack_pack_int(pk, v);
}

static void pack_real(msgpack_packer *pk, const char *key, double v)
{
	mp_pack_str(pk, key);
	msgpack_pack_double(pk, v);
}

static void pack_real_or_nil(msgpack_packer *pk, const char *key, double v)
{
	if (!isnan(v)) {
		pack_real(pk, key, v);
		return;
	}
	mp_pack_str(pk, key);
	msgpack_pack_nil(pk);
}

/* An integer where it is one of 64 bits. */
static void pack_sum(msgpack_packer *pk, const char *key, long double v)
{
	mp_pack_str(pk, key);
	if (v != truncl(v) || v < (long double)INT64_MIN || v > (long double)UINT64_MAX)
		msgpack_pack_double(pk, (double)v);
	else if (v < 0)
		msgpack_pack_int64(pk, (int64_t)v);
	else
		msgpack_pack_uint64(pk, (uint64_t)v);
}

static void pack_text(msgpack_packer *pk, const char *key, const char *s)
{
	mp_pack_str(pk, key);
	mp_pack_str(pk, s);
}

static void pack_tensor(msgpack_packer *pk, const char *key, const char *dtype, int dims,
	const size_t *shape, const void *data)
{
	size_t bytes = dtype_size(dtype);

	mp_pack_str(pk, key);
	msgpack_pack_map(pk, 3);
	pack_text(pk, "dtype", dtype);
	mp_pack_str(pk, "shape");
	msgpack_pack_array(pk, (size_t)dims);
	for (int i = 0; i < dims; i++) {
		msgpack_pack_uint64(pk, shape[i]);
		bytes *= shape[i];
	}
	if (bytes > MP_BYTES)
		die("key '%s': a record holds at most 1 GiB", key);
	mp_pack_str(pk, "data");
	msgpack_pack_bin_with_body(pk, data, bytes);
}

/* -- tokens, hidden ---------------------------------------------------------------------------- */

int tokens_read(struct rec_in *in, struct tokens *t)
{
	msgpack_object m;
	struct rec_tensor ids;

	if (!rec_next(in, &m))
		return 0;
	t->doc = get_count(&m, "doc");
	t->ids = get_tensor(in, &m, "ids", &ids);
	t->n = ids.n;
	return 1;
}

void tokens_write(struct rec_out *out, const struct tokens *t)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, 2);
	pack_count(pk, "doc", t->doc);
	pack_tensor(pk, "ids", "u32", 1, &t->n, t->ids);
	rec_put(out);
}

int hidden_peek(struct rec_in *in, struct hidden *h, const void **x)
{
	msgpack_object m;
	struct rec_tensor t;
	const char *why;

	if (!rec_next(in, &m))
		return 0;
	if (tensor_parse(map_find(&m, "x"), &t, &why))
		rec_bad(in, why);
	*h = (struct hidden){ .doc = get_count(&m, "doc"),
		.ntok = get_count(&m, "ntok"),
		.layer = get_int(&m, "layer"),
		.chosen = map_find(&m, "position") != NULL,
		.rows = t.shape[0],
		.d = t.shape[1] };
	if (h->chosen)
		h->position = get_count(&m, "position");
	*x = t.data;
	return 1;
}

int hidden_read(struct rec_in *in, struct hidden *h)
{
	const void *x;
	float *copy;

	if (!hidden_peek(in, h, &x))
		return 0;
	copy = rec_alloc(in, h->rows * h->d * sizeof *copy);
	h->x = memcpy(copy, x, h->rows * h->d * sizeof *copy);
	return 1;
}

void hidden_write(struct rec_out *out, const struct hidden *h)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, 3 + (h->layer >= 0) + (size_t)h->chosen);
	pack_count(pk, "doc", h->doc);
	pack_count(pk, "ntok", h->ntok);
	if (h->layer >= 0)
		pack_count(pk, "layer", (uint64_t)h->layer);
	if (h->chosen)
		pack_count(pk, "position", h->position);
	pack_tensor(pk, "x", "f32", 2, (size_t[]){ h->rows, h->d }, h->x);
	rec_put(out);
}

/* -- angle, block ------------------------------------------------------------------------------ */

int angle_read(struct rec_in *in, struct angle *a)
{
	struct rec_tensor resamples;
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	a->n = get_int(&m, "n");
	a->l = get_int(&m, "l");
	a->s = (struct sums){
		.count = get_count(&m, "count"),
		.mean = get_real(&m, "mean"),
		.sem = get_real(&m, "sem"),
		.sum = mp_number(map_find(&m, "sum")),
		.sumsq = mp_number(map_find(&m, "sumsq")),
	};
	a->resamples = map_find(&m, "resamples") ? get_tensor(in, &m, "resamples", &resamples)
						 : NULL;
	return 1;
}

void angle_write(struct rec_out *out, const struct angle *a)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, a->resamples ? 8 : 7);
	pack_int(pk, "n", a->n);
	pack_int(pk, "l", a->l);
	pack_count(pk, "count", a->s.count);
	pack_real(pk, "mean", a->s.mean);
	pack_real(pk, "sem", a->s.sem);
	pack_sum(pk, "sum", a->s.sum);
	pack_sum(pk, "sumsq", a->s.sumsq);
	if (a->resamples)
		pack_tensor(pk, "resamples", "u64", 1, (size_t[]){ RESAMPLES }, a->resamples);
	rec_put(out);
}

static void get_block(const msgpack_object *m, struct block *b)
{
	b->n = get_int(m, "n");
	b->l = get_int(m, "l");
	b->mean = get_real(m, "mean");
	b->sem = get_real(m, "sem");
	b->layers = get_int(m, "layers");
	memset(b->rule, 0, sizeof b->rule);
	memcpy(b->rule, map_find(m, "rule")->via.str.ptr, map_find(m, "rule")->via.str.size);
	b->resampled = map_find(m, "sure") && map_find(m, "second");
	b->sure = b->resampled ? get_real(m, "sure") : 0;
	b->second = b->resampled ? get_int(m, "second") : 0;
}

static void pack_block(msgpack_packer *pk, const struct block *b)
{
	msgpack_pack_map(pk, b->resampled ? 8 : 6);
	pack_int(pk, "n", b->n);
	pack_int(pk, "l", b->l);
	pack_real_or_nil(pk, "mean", b->mean);
	pack_real_or_nil(pk, "sem", b->sem);
	pack_int(pk, "layers", b->layers);
	pack_text(pk, "rule", b->rule);
	if (b->resampled) {
		pack_real(pk, "sure", b->sure);
		pack_int(pk, "second", b->second);
	}
}

int block_read(struct rec_in *in, struct block *b)
{
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	get_block(&m, b);
	return 1;
}

void block_write(struct rec_out *out, const struct block *b)
{
	pack_block(rec_packer(out), b);
	rec_put(out);
}

/* -- model ------------------------------------------------------------------------------------- */

static void get_model(struct rec_in *in, const msgpack_object *m, struct model_rec *r)
{
	const msgpack_object *keep = map_find(m, "keep"), *block = map_find(m, "block");

	memset(r, 0, sizeof *r);
	r->base = get_text(in, m, "base", NULL);
	r->fingerprint = get_text(in, m, "print", NULL);
	r->n_keep = (int)keep->via.array.size;
	for (int i = 0; i < r->n_keep; i++)
		r->keep[i] = (int)keep->via.array.ptr[i].via.u64;
	r->adapter = get_text(in, m, "adapter", NULL);
	r->adapter_fingerprint = get_text(in, m, "adapter_print", NULL);
	r->quant = get_text(in, m, "quant", NULL);
	r->has_block = !absent(block);
	if (r->has_block)
		get_block(block, &r->block);
}

static void pack_model(msgpack_packer *pk, const struct model_rec *m)
{
	msgpack_pack_map(pk, 7);
	pack_text(pk, "base", m->base);
	pack_text(pk, "print", m->fingerprint);
	mp_pack_str(pk, "keep");
	msgpack_pack_array(pk, (size_t)m->n_keep);
	for (int i = 0; i < m->n_keep; i++)
		msgpack_pack_int(pk, m->keep[i]);
	pack_text(pk, "adapter", m->adapter);
	pack_text(pk, "adapter_print", m->adapter_fingerprint);
	pack_text(pk, "quant", m->quant);
	mp_pack_str(pk, "block");
	if (m->has_block)
		pack_block(pk, &m->block);
	else
		msgpack_pack_nil(pk);
}

int model_rec_read(struct rec_in *in, struct model_rec *m)
{
	msgpack_object o;

	if (!rec_next(in, &o))
		return 0;
	get_model(in, &o, m);
	return 1;
}

void model_rec_write(struct rec_out *out, const struct model_rec *m)
{
	pack_model(rec_packer(out), m);
	rec_put(out);
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct model_rec *model_rec_copy(const struct model_rec *m)
{
	struct model_rec *c = xmalloc(sizeof *c);

	*c = *m;
	c->base = copy_text(m->base);
	c->fingerprint = copy_text(m->fingerprint);
	c->adapter = copy_text(m->adapter);
	c->adapter_fingerprint = copy_text(m->adapter_fingerprint);
	c->quant = copy_text(m->quant);
	return c;
}

void model_rec_free(struct model_rec *m)
{
	if (!m)
		return;
	free((char *)m->base);
	free((char *)m->fingerprint);
	free((char *)m->adapter);
	free((char *)m->adapter_fingerprint);
	free((char *)m->quant);
	free(m);
}

/* -- loss, sample, score, cost ----------------------------------------------------------------- */

int loss_read(struct rec_in *in, struct loss_rec *l)
{
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	l->step = get_count(&m, "step");
	l->lr = get_real(&m, "lr");
	l->loss = get_real(&m, "loss");
	l->ce = get_real(&m, "ce");
	l->aux = get_real(&m, "aux");
	l->norm = get_real(&m, "norm");
	l->tokens = get_count(&m, "tokens");
	l->valid = get_real(&m, "valid");
	return 1;
}

void loss_write(struct rec_out *out, const struct loss_rec *l)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, isnan(l->valid) ? 7 : 8);
	pack_count(pk, "step", l->step);
	pack_real(pk, "lr", l->lr);
	pack_real(pk, "loss", l->loss);
	pack_real(pk, "ce", l->ce);
	pack_real(pk, "aux", l->aux);
	pack_real(pk, "norm", l->norm);
	pack_count(pk, "tokens", l->tokens);
	if (!isnan(l->valid))
		pack_real(pk, "valid", l->valid);
	rec_put(out);
}

int sample_read(struct rec_in *in, struct sample *s)
{
	const msgpack_object *top;
	struct rec_tensor logp;
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	s->task = get_text(in, &m, "task", NULL);
	s->subject = get_text(in, &m, "subject", NULL);
	s->row = get_count(&m, "row");
	s->model = get_count(&m, "model");
	s->logp = get_tensor(in, &m, "logp", &logp);
	s->n_logp = logp.n;
	s->answer = get_int(&m, "answer");
	s->choice = get_int(&m, "choice");
	s->has_norm = map_find(&m, "choice_norm") != NULL;
	s->choice_norm = s->has_norm ? get_int(&m, "choice_norm") : 0;
	top = map_find(&m, "top");
	s->top = absent(top) ? -1 : top->via.boolean;
	s->ntok = get_count(&m, "ntok");
	s->prompt_len = 0;
	s->prompt = get_text(in, &m, "prompt", &s->prompt_len);
	s->nats = get_real(&m, "nats");
	if (isnan(s->nats))
		s->nats = 0;
	return 1;
}

void sample_write(struct rec_out *out, const struct sample *s)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, 9 + (s->has_norm != 0) + (s->prompt != NULL) + (s->nats != 0));
	pack_text(pk, "task", s->task);
	pack_text(pk, "subject", s->subject);
	pack_count(pk, "row", s->row);
	pack_count(pk, "model", s->model);
	pack_tensor(pk, "logp", "f32", 1, &s->n_logp, s->logp);
	pack_int(pk, "answer", s->answer);
	pack_int(pk, "choice", s->choice);
	if (s->has_norm)
		pack_int(pk, "choice_norm", s->choice_norm);
	mp_pack_str(pk, "top");
	if (s->top < 0)
		msgpack_pack_nil(pk);
	else if (s->top)
		msgpack_pack_true(pk);
	else
		msgpack_pack_false(pk);
	pack_count(pk, "ntok", s->ntok);
	if (s->prompt) {
		mp_pack_str(pk, "prompt");
		msgpack_pack_str_with_body(pk, s->prompt, s->prompt_len);
	}
	if (s->nats != 0)
		pack_real(pk, "nats", s->nats);
	rec_put(out);
}

/* The keys that the table does not have. */
static json_t *own_keys(struct rec_in *in, const msgpack_object *m)
{
	json_t *own = rec_hold(in, json_object());

	if (mp_memory(m) > MP_HEADER_MEMORY)
		rec_bad(in, "the task's own keys take more memory than they may");
	for (uint32_t i = 0; i < m->via.map.size; i++) {
		const msgpack_object_kv *kv = &m->via.map.ptr[i];
		const msgpack_object_str *k = &kv->key.via.str;
		json_t *v;

		if (key_find(KIND_SCORE, k->ptr, k->size))
			continue;
		v = mp_to_json(&kv->val);
		if (!v || memchr(k->ptr, 0, k->size) ||
			json_object_setn_new(own, k->ptr, k->size, v))
			rec_bad(in, "one of the task's own keys has no form in JSON");
	}
	return own;
}

static const struct model_rec *get_the_model(struct rec_in *in, const msgpack_object *m)
{
	struct model_rec *model = rec_alloc(in, sizeof *model);

	get_model(in, map_find(m, "model"), model);
	return model;
}

int score_read(struct rec_in *in, struct score *s)
{
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	s->task = get_text(in, &m, "task", NULL);
	s->metric = get_text(in, &m, "metric", NULL);
	s->value = get_real(&m, "value");
	s->stderr_ = get_real(&m, "stderr");
	s->count = get_count(&m, "count");
	s->sum = get_real(&m, "sum");
	s->sumsq = get_real(&m, "sumsq");
	s->model = get_the_model(in, &m);
	s->own = own_keys(in, &m);
	return 1;
}

void score_write(struct rec_out *out, const struct score *s)
{
	msgpack_packer *pk = rec_packer(out);
	const char *key;
	json_t *v;

	msgpack_pack_map(pk, 8 + json_object_size(s->own));
	pack_text(pk, "task", s->task);
	pack_text(pk, "metric", s->metric);
	pack_real(pk, "value", s->value);
	pack_real(pk, "stderr", s->stderr_);
	pack_count(pk, "count", s->count);
	pack_real(pk, "sum", s->sum);
	pack_real(pk, "sumsq", s->sumsq);
	mp_pack_str(pk, "model");
	pack_model(pk, s->model);
	json_object_foreach((json_t *)s->own, key, v)
	{
		mp_pack_str(pk, key);
		mp_from_json(pk, v);
	}
	rec_put(out);
}

int cost_read(struct rec_in *in, struct cost *c)
{
	const msgpack_object *peak;
	msgpack_object m;

	if (!rec_next(in, &m))
		return 0;
	peak = map_find(&m, "peak");
	*c = (struct cost){ .parameters = get_count(&m, "parameters"),
		.adapter_parameters = get_count(&m, "adapter_parameters"),
		.bytes_bf16 = get_count(&m, "bytes_bf16"),
		.bytes_nf4 = get_count(&m, "bytes_nf4"),
		.flop = get_real(&m, "flop"),
		.kv = get_real(&m, "kv"),
		.length = get_count(&m, "length"),
		.rate = get_real(&m, "rate"),
		.peak = peak ? peak->via.u64 : 0,
		.model = get_the_model(in, &m) };
	return 1;
}

void cost_write(struct rec_out *out, const struct cost *c)
{
	msgpack_packer *pk = rec_packer(out);

	msgpack_pack_map(pk, 8 + !isnan(c->rate) + (c->peak != 0));
	pack_count(pk, "parameters", c->parameters);
	pack_count(pk, "adapter_parameters", c->adapter_parameters);
	pack_count(pk, "bytes_bf16", c->bytes_bf16);
	pack_count(pk, "bytes_nf4", c->bytes_nf4);
	pack_sum(pk, "flop", c->flop);
	pack_sum(pk, "kv", c->kv);
	pack_count(pk, "length", c->length);
	if (!isnan(c->rate))
		pack_real(pk, "rate", c->rate);
	if (c->peak)
		pack_count(pk, "peak", c->peak);
	mp_pack_str(pk, "model");
	pack_model(pk, c->model);
	rec_put(out);
}
