/* records - the kinds of records as C structs, as records.5 says
 *
 * A read function fills the struct from the next record: 1, or 0 at the end of all streams.
 * Pointers in the struct belong to the reader and hold until the next read. It dies with file and
 * record number where a key is missing or has another type. Every kind has one, though no tool
 * needs those of hidden and loss: tests read with them what was written. A write function writes
 * one record, its keys in the order of records.5.
 */
#ifndef COPPICE_RECORDS_H
#define COPPICE_RECORDS_H

#include "stream/rec.h"
#include "stream/sums.h"

#include <stdint.h>

struct tokens {              /* one sequence */
	uint64_t doc;        /* its document's number in the input, from 0 */
	const uint32_t *ids; /* [n] */
	size_t n;            /* >= 1 */
};
int tokens_read(struct rec_in *in, struct tokens *t);
void tokens_write(struct rec_out *out, const struct tokens *t);

struct hidden { /* one sequence; with meta.all_tokens: one (sequence, layer) */
	uint64_t doc;
	uint64_t ntok;
	/* -1: x is all boundaries of one token; else the boundary of --all-tokens */
	int64_t layer;
	int chosen;        /* 1: x is of a chosen token, at this position; 0: of the last */
	uint64_t position; /* from 0 */
	const float *x; /* [rows, d], f32, row-major, aligned to 64 bytes; rows = L+1, or tokens */
	size_t rows, d;
};
int hidden_read(struct rec_in *in, struct hidden *h);
/* The same without a copy of x: h->x is NULL, and *x its bytes, at any alignment. */
int hidden_peek(struct rec_in *in, struct hidden *h, const void **x);
void hidden_write(struct rec_out *out, const struct hidden *h);

struct angle { /* one pair (n, l): distance of x(l) and x(l+n), or another measure of that block */
	int n, l;
	struct sums s; /* over the samples; they agree with each other (sums_check) */
	/* [RESAMPLES] sums in resamples of the documents; NULL (absent): not known */
	const uint64_t *resamples;
};
int angle_read(struct rec_in *in, struct angle *a);
void angle_write(struct rec_out *out, const struct angle *a);

#define RULE_SIMILARITY "similarity"
#define RULE_SIMPLE "simple"
#define RULE_EVERY "every" /* not chosen: one of all blocks of its width */

struct block {                   /* layers l .. l+n-1 of L */
	int n, l;                /* n = 0: an empty block, the base itself */
	double mean, sem;        /* NAN (written nil): rule simple, or n = 0 */
	int layers;              /* L */
	char rule[RULE_MAX + 1]; /* RULE_SIMILARITY and so on, or any other text */
	int resampled;           /* 1: the two that follow are known; else they are absent */
	double sure;             /* share of the resamples in which l is the best, 0 to 1 */
	int second;              /* the other l that most often is */
};
int block_read(struct rec_in *in, struct block *b);
void block_write(struct rec_out *out, const struct block *b);

enum { MAX_LAYERS = KEEP_MAX }; /* as llama.cpp */

struct model_rec {               /* a model by reference */
	const char *base;        /* path as the user gave it */
	const char *fingerprint; /* fingerprint of the base, hex digits */
	int keep[MAX_LAYERS];    /* kept layers of the base, ascending */
	int n_keep;
	const char *adapter;             /* path of a PEFT folder, or NULL */
	const char *adapter_fingerprint; /* or NULL */
	const char *quant;               /* NULL or "nf4" */
	int has_block;
	struct block block;
};
int model_rec_read(struct rec_in *in, struct model_rec *m);
void model_rec_write(struct rec_out *out, const struct model_rec *m);
/* Returns a copy of m that owns its strings and so outlives the next read; freed by
 * model_rec_free. */
struct model_rec *model_rec_copy(const struct model_rec *m);
void model_rec_free(struct model_rec *m);

struct loss_rec { /* one training step of qlora-heal */
	uint64_t step;
	double lr, loss, ce, aux, norm; /* loss = ce + W aux; norm before clipping */
	uint64_t tokens;                /* predicted tokens of this step */
	double valid;                   /* held-out loss, NAN (absent): not measured at this step */
};
int loss_read(struct rec_in *in, struct loss_rec *l);
void loss_write(struct rec_out *out, const struct loss_rec *l);

struct sample {                     /* one question or document */
	const char *task, *subject; /* subject NULL: none (nil) */
	uint64_t row;               /* in its file */
	uint64_t model;             /* index into meta.models */
	const float *logp;          /* [n_logp], n_logp = choices, or 1 */
	size_t n_logp;
	int answer; /* right choice, -1 (nil): none */
	int choice; /* the model's, -1 (nil): none */
	int top;    /* 1: the choice's token has the row's largest logit; -1 (nil): unknown */
	uint64_t ntok;
	const char *prompt; /* NULL (absent): only with --prompts */
	size_t prompt_len;
	double nats;               /* of a document: -logp in full; 0 (absent): a question */
	int has_norm, choice_norm; /* the model's by length; not of tasks without such (absent) */
};
int sample_read(struct rec_in *in, struct sample *s);
void sample_write(struct rec_out *out, const struct sample *s);

struct score { /* one result */
	const char *task, *metric;
	double value, stderr_; /* key "stderr" */
	uint64_t count;
	double sum, sumsq; /* what parts are merged from */
	const struct model_rec *model;
	/* the task's own keys, an object: subject, loss, normalised, ... (NULL: none) */
	const json_t *own;
};
int score_read(struct rec_in *in, struct score *s);
void score_write(struct rec_out *out, const struct score *s);

struct cost { /* what one model takes: model/cost.h */
	uint64_t parameters, adapter_parameters;
	uint64_t bytes_bf16, bytes_nf4; /* of both */
	double flop, kv;                /* of a token: means over a sequence of this length */
	uint64_t length;
	double rate;   /* tokens a second, NAN (absent): not measured */
	uint64_t peak; /* bytes, 0 (absent): not measured */
	const struct model_rec *model;
};
int cost_read(struct rec_in *in, struct cost *c);
void cost_write(struct rec_out *out, const struct cost *c);

#endif
