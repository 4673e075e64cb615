/* angle_input - the streams that distances are summed from
 *
 * The main thread reads and unpacks, which is most of the work; the others take batches of states,
 * each into sums of its own. Where a sequence has several tokens, they only compute the distances,
 * and the main thread adds these up in the order of the tokens.
 */
#include "angle/angle.h"
#include "file/json.h"
#include "stream/meta.h"
#include "sys/crew.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES = 256 << 10, BATCH_MAX = 16, BATCHES_A_THREAD = 4 };

enum form { FORM_NONE, FORM_LAST, FORM_CHOSEN, FORM_ALL }; /* of hidden records */

struct state_batch { /* of states, for one thread */
	float *x;    /* [cap, rows, d] */
	uint64_t doc[BATCH_MAX];
	int begins[BATCH_MAX]; /* 1: the first token of its sequence */
	double *distance;      /* [cap, pairs], where sequences have several tokens */
	size_t n;
	int bad_layer; /* of state n_good, -1: none */
	size_t n_good;
};

struct sequence_mean { /* of a sequence with several tokens, whose batches are taken back */
	uint64_t doc, tokens;
	double *sum; /* [pairs] */
};

struct sequence_in {              /* the sequence that is being read */
	int open;                 /* 1: some of it has been read */
	uint64_t doc, ntok, last; /* last: the position last read, or the layer */
	float *x;                 /* [layers, ntok, d] with all tokens, as far as it was read */
	size_t layers, cap;       /* layers read; floats there is room for */
	uint64_t n_given;         /* its tokens that the crew has */
};

struct angle_input { /* what has been read of all files */
	const struct angle_request *q;
	struct angles *angles;
	json_t *meta, *provenance;
	/* of all parts before the current one; of angle streams as their meta says */
	struct docs docs;
	struct docs part_docs; /* of the current part, if it is hidden */
	enum form form;        /* of all hidden records */
	size_t rows, d;        /* of every state; rows 0: none has come */
	uint64_t doc;          /* of the record last read */
	uint64_t n_new;        /* sequences that are not in angles yet */
	uint64_t n_without;    /* sequences without any of the tokens that are wanted */
	struct crew *crew;
	struct angle_part **part; /* [threads_held()] */
	/* [n_batches], the crew's items; the one that is filled, NULL: none */
	struct state_batch *batch, *filling;
	size_t n_batches, cap; /* cap: states of a batch */
	struct sequence_in now;
	struct sequence_mean mean;
};

/* 1: a sequence may have several tokens, so that the mean of their distances counts. */
static int has_means(const struct angle_input *r)
{
	return r->form != FORM_LAST;
}

/* -- the crew ---------------------------------------------------------------------------------- */

static void add_batch(void *ctx, int thread, void *item)
{
	const struct angle_input *r = ctx;
	struct state_batch *b = item;
	size_t pairs = angle_part_pairs(r->rows);

	b->bad_layer = -1;
	for (b->n_good = 0; b->n_good < b->n && b->bad_layer < 0; b->n_good += b->bad_layer < 0) {
		const float *x = b->x + b->n_good * r->rows * r->d;

		b->bad_layer = has_means(r)
			? angle_part_distances(r->part[thread], x, r->d,
				  b->distance + b->n_good * pairs)
			: angle_part_add(r->part[thread], b->doc[b->n_good], x, r->d);
	}
}

/* The first state decides the shape of all. */
static void check_shape(const struct angle_input *r, size_t rows, size_t d, const struct rec_in *in)
{
	if (rows < 2 || rows > MAX_LAYERS + 1 || d < 1)
		rec_bad(in, "x must have 2 to 513 rows, at least one column");
	if ((r->angles->layers && rows != (size_t)r->angles->layers + 1) ||
		(r->rows && d != r->d) || (r->rows && rows != r->rows))
		rec_bad(in, "x has another shape than in the records before");
	if ((size_t)r->q->width >= rows)
		die("%s: %s %d: the model has only %zu layers", rec_file(in),
			setting(SETTING_WIDTH), r->q->width, rows - 1);
}

static void start_crew(struct angle_input *r, size_t rows, size_t d)
{
	size_t state = rows * d * sizeof(float), pairs = angle_part_pairs(rows);

	r->rows = rows;
	r->d = d;
	r->cap = state > BATCH_BYTES              ? 1
		: BATCH_BYTES / state > BATCH_MAX ? BATCH_MAX
						  : BATCH_BYTES / state;
	r->n_batches = threads_held() > 1 ? BATCHES_A_THREAD * (size_t)threads_held() : 1;
	r->batch = xcalloc(r->n_batches, sizeof(*r->batch));
	for (size_t i = 0; i < r->n_batches; i++) {
		r->batch[i].x = xmalloc(r->cap * state);
		if (has_means(r))
			r->batch[i].distance = xcalloc(r->cap * pairs, sizeof(double));
	}
	r->mean.sum = xcalloc(pairs, sizeof(*r->mean.sum));
	r->part = xcalloc(threads_held(), sizeof(*r->part));
	for (int i = 0; i < threads_held(); i++)
		r->part[i] = angle_part_new(rows, r->q->width);
	r->crew = crew_new(threads_held(), r->batch, r->n_batches, sizeof(*r->batch), add_batch, r);
}

static void stop_crew(struct angle_input *r)
{
	free(r->now.x);
	if (!r->crew)
		return;
	crew_close(r->crew);
	for (size_t i = 0; i < r->n_batches; i++) {
		free(r->batch[i].x);
		free(r->batch[i].distance);
	}
	for (int i = 0; i < threads_held(); i++)
		angle_part_free(r->part[i]);
	free(r->batch);
	free(r->part);
	free(r->mean.sum);
}

/* The mean of the sequence that is complete joins the sums of the main thread, which is thread 0:
 * it works on nothing else meanwhile. */
static void end_mean(struct angle_input *r)
{
	struct sequence_mean *m = &r->mean;
	size_t pairs = angle_part_pairs(r->rows);

	if (!m->tokens)
		return;
	for (size_t k = 0; k < pairs; k++)
		m->sum[k] /= (double)m->tokens;
	angle_part_add_distances(r->part[0], m->doc, m->sum);
	memset(m->sum, 0, pairs * sizeof(*m->sum));
	m->tokens = 0;
}

static void add_to_means(struct angle_input *r, const struct state_batch *b)
{
	size_t pairs = angle_part_pairs(r->rows);

	for (size_t i = 0; i < b->n; i++) {
		if (b->begins[i])
			end_mean(r);
		r->mean.doc = b->doc[i];
		r->mean.tokens++;
		for (size_t k = 0; k < pairs; k++)
			r->mean.sum[k] += b->distance[i * pairs + k];
	}
}

/* Takes a batch back: 1, or 0: none is under way. */
static int take_batch(struct angle_input *r, const struct rec_in *in)
{
	struct state_batch *b = crew_take(r->crew);

	if (b && b->bad_layer >= 0)
		die("%s: document %llu, layer %d: x is zero or not finite", rec_file(in),
			(unsigned long long)b->doc[b->n_good], b->bad_layer);
	if (b && has_means(r))
		add_to_means(r, b);
	return b != NULL;
}

static struct state_batch *batch_to_fill(struct angle_input *r, const struct rec_in *in)
{
	while (!r->filling) {
		r->filling = crew_free_item(r->crew);
		if (r->filling)
			r->filling->n = 0;
		else
			take_batch(r, in);
	}
	return r->filling;
}

static void give_batch(struct angle_input *r)
{
	if (r->filling)
		crew_give(r->crew);
	r->filling = NULL;
}

/* All sequences so far into the table. */
static void add_samples(struct angle_input *r, const struct rec_in *in)
{
	if (!r->crew)
		return;
	give_batch(r);
	while (take_batch(r, in))
		;
	end_mean(r);
	for (int i = 0; i < threads_held(); i++)
		angles_add_part(r->angles, r->part[i]);
	r->n_new = 0;
}

/* Room for a state [rows, d] of a token of this document, the next of the batch. begins: it is the
 * first of its sequence. */
static float *state_to_fill(struct angle_input *r, const struct rec_in *in, uint64_t doc,
	int begins)
{
	struct state_batch *b;

	if (begins && r->n_new == ANGLE_PART_COUNT)
		add_samples(r, in);
	r->n_new += (uint64_t)begins;
	b = batch_to_fill(r, in);
	b->doc[b->n] = doc;
	b->begins[b->n] = begins;
	return b->x + b->n++ * r->rows * r->d;
}

static void state_filled(struct angle_input *r)
{
	if (r->filling->n == r->cap)
		give_batch(r);
}

/* -- hidden records ---------------------------------------------------------------------------- */

static int is_wanted(const struct angle_input *r, uint64_t position, uint64_t ntok)
{
	return !r->q->pick || positions_have(r->q->pick, position, ntok);
}

/* All tokens of the sequence whose layers have been read. */
static void give_all_tokens(struct angle_input *r, const struct rec_in *in)
{
	struct sequence_in *s = &r->now;
	size_t layer = s->ntok * r->d;

	for (uint64_t t = 0; t < s->ntok; t++) {
		float *x;

		if (!is_wanted(r, t, s->ntok))
			continue;
		x = state_to_fill(r, in, s->doc, s->n_given++ == 0);
		for (size_t l = 0; l < r->rows; l++)
			memcpy(x + l * r->d, s->x + l * layer + t * r->d, r->d * sizeof(float));
		state_filled(r);
	}
}

/* Ends the sequence that was being read, if there is one. */
static void end_sequence(struct angle_input *r, const struct rec_in *in)
{
	struct sequence_in *s = &r->now;

	if (!s->open)
		return;
	if (r->form == FORM_ALL) {
		check_shape(r, s->layers, r->d, in);
		if (!r->crew)
			start_crew(r, s->layers, r->d);
		give_all_tokens(r, in);
	}
	r->n_without += !s->n_given;
	s->open = 0;
}

static void begin_sequence(struct angle_input *r, const struct hidden *h, const struct rec_in *in)
{
	end_sequence(r, in);
	r->now.open = 1;
	r->now.doc = h->doc;
	r->now.ntok = h->ntok;
	r->now.n_given = 0;
	r->now.layers = 0;
}

/* One layer of all tokens of a sequence. */
static void add_layer(struct angle_input *r, const struct hidden *h, const void *x,
	const struct rec_in *in)
{
	struct sequence_in *s = &r->now;
	size_t n = h->rows * h->d, need;

	if (h->layer == 0)
		begin_sequence(r, h, in);
	if (!h->rows || h->rows != h->ntok || !h->d || (r->d && h->d != r->d))
		rec_bad(in, "x has another shape than [ntok, d]");
	if (!s->open || h->doc != s->doc || h->ntok != s->ntok || (size_t)h->layer != s->layers ||
		h->layer > MAX_LAYERS)
		rec_bad(in, "key 'layer': not the next layer of its sequence");
	r->d = h->d;
	need = (s->layers + 1) * n;
	if (need > s->cap) {
		s->cap = r->rows * n > need ? r->rows * n : need;
		s->x = xrealloc(s->x, s->cap, sizeof(*s->x));
	}
	memcpy(s->x + s->layers++ * n, x, n * sizeof(float));
}

/* One token at every layer: the last of its sequence, or a chosen one. */
static void add_token(struct angle_input *r, const struct hidden *h, const void *x,
	const struct rec_in *in)
{
	struct sequence_in *s = &r->now;
	uint64_t position = h->chosen ? h->position : h->ntok - 1;

	if (h->chosen && position >= h->ntok)
		rec_bad(in, "key 'position': beyond the sequence");
	check_shape(r, h->rows, h->d, in);
	if (!r->crew)
		start_crew(r, h->rows, h->d);
	if (!s->open || !h->chosen || h->doc != s->doc || h->ntok != s->ntok || position <= s->last)
		begin_sequence(r, h, in);
	s->last = position;
	if (!is_wanted(r, position, h->ntok))
		return;
	memcpy(state_to_fill(r, in, h->doc, s->n_given++ == 0), x, r->rows * r->d * sizeof(float));
	state_filled(r);
}

static int next_hidden(struct angle_input *r, struct rec_in *in)
{
	struct hidden h;
	const void *x;
	enum form form;

	if (!hidden_peek(in, &h, &x))
		return 0;
	form = h.layer >= 0 ? FORM_ALL : h.chosen ? FORM_CHOSEN : FORM_LAST;
	if (r->form != FORM_NONE && form != r->form)
		rec_bad(in, "of other tokens than the records before");
	r->form = form;
	(form == FORM_ALL ? add_layer : add_token)(r, &h, x, in);
	r->doc = h.doc;
	return 1;
}

/* -- streams ----------------------------------------------------------------------------------- */

static int next_angle(struct angle_input *r, struct rec_in *in)
{
	struct angle p;
	const char *why;

	if (!angle_read(in, &p))
		return 0;
	if (angles_add_sums(r->angles, &p, &why))
		rec_bad(in, why);
	return 1;
}

/* The documents of a part that has been read, or that its header names, join those before. */
static void close_part(struct angle_input *r, const struct rec_in *in)
{
	uint64_t shared;

	if (docs_union(&r->docs, &r->part_docs, &shared))
		die("%s: document %llu is in this part and in one before", rec_file(in),
			(unsigned long long)shared);
	docs_free(&r->part_docs);
}

/* What the meta of a hidden stream says once only some of its tokens are taken. */
static void meta_pick(const struct angle_request *q, json_t *meta)
{
	json_object_del(meta, "all_tokens");
	json_object_del(meta, "positions");
	if (!positions_are_last(q->pick))
		json_put(meta, "positions", json_string(q->pick_text));
}

static void begin_part(struct angle_input *r, const struct rec_in *in)
{
	json_t *meta = json_copy((json_t *)rec_meta(in));
	const json_t *docs = json_object_get(meta, "docs");

	close_part(r, in);
	if (rec_kind(in) == KIND_ANGLE && docs && docs_from_json(&r->part_docs, docs))
		die("%s: meta.docs is no list of apart ranges [first, last]", rec_file(in));
	json_object_del(meta, "docs");
	if (rec_kind(in) == KIND_HIDDEN && r->q->pick)
		meta_pick(r->q, meta);
	meta_add(&r->meta, meta, NULL, rec_file(in));
	json_decref(meta);
}

static void read_file(struct angle_input *r, struct rec_in *in)
{
	int part = rec_part(in), hidden = rec_kind(in) == KIND_HIDDEN;

	begin_part(r, in);
	while (hidden ? next_hidden(r, in) : next_angle(r, in)) {
		if (rec_part(in) != part)
			begin_part(r, in);
		part = rec_part(in);
		if (hidden)
			docs_add(&r->part_docs, r->doc);
	}
	end_sequence(r, in);
	add_samples(r, in);
	close_part(r, in);
	r->provenance = provenance_merge(r->provenance, rec_all_provenance(in));
}

struct angles *angles_read(char *const *files, const struct angle_request *q, json_t **meta,
	json_t **provenance)
{
	static const enum kind kinds[] = { KIND_ANGLE, KIND_HIDDEN };
	char *const standard_input[] = { "-", NULL };
	struct angle_input r = { .q = q, .angles = angles_new(q->width) };
	struct fault err;

	for (char *const *f = *files ? files : standard_input; *f; f++) {
		char *const one[] = { *f, NULL };
		struct rec_in *in = rec_open_any(one, kinds, q->hidden ? 2 : 1);

		read_file(&r, in);
		rec_close(in);
	}
	if (angles_check(r.angles, &err))
		die("%s", err.text);
	if (r.n_without)
		warn("%llu sequences have none of the positions: they don't count",
			(unsigned long long)r.n_without);
	if (r.docs.n)
		json_put(r.meta, "docs", docs_to_json(&r.docs));
	stop_crew(&r);
	docs_free(&r.docs);
	*meta = r.meta;
	*provenance = r.provenance;
	return r.angles;
}
