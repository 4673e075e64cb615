/* model - a reference opened: a base checkpoint, the layers kept of it, an adapter
 *
 * All file formats answer one question here: the tensor for this role in this layer. Nothing is
 * read but headers until a tensor's rows are asked for.
 */
#ifndef COPPICE_MODEL_H
#define COPPICE_MODEL_H

#include "cli/settings.h"
#include "file/tensor.h"
#include "model/arch.h"
#include "stream/records.h"

/* A base checkpoint: a safetensors folder, a bitsandbytes folder or a GGUF file, mapped and
 * checked. */
struct base;
struct base *base_open(const char *path); /* dies with one line */
void base_close(struct base *b);
const struct shape *base_shape(const struct base *b);
const char *base_path(const struct base *b);
/* fingerprint: 16 hex digits (coppice-files(5), FINGERPRINTS) */
const char *base_fingerprint(const struct base *b);
int base_is_gguf(const struct base *b);
int base_is_nf4(const struct base *b); /* its linear layers are T_NF4 already */
/* a tensor of its file that is there only because the user has it ignored */
int base_is_ignored(const struct base *b, const char *name);
/* its config says tied, but there is a head in the file, which is used */
int base_has_own_head(const struct base *b);
/* The tensor for a role: 1, or 0 where the model has none (no bias; tied head: the embedding is
 * given). layer: number in the base, -1 outside layers. */
int base_tensor(const struct base *b, enum role r, int layer, struct tensor *t);
int base_bias(const struct base *b, enum role r, int layer, struct tensor *t);
/* Drops the mapped pages of a tensor that has been read (and what base_tensor made for a 4-bit one:
 * ask for it again before reading again); asks for those of one that soon will be. */
void base_forget(const struct base *b, const struct tensor *t);
void base_fetch(const struct base *b, const struct tensor *t);

/* LoRA adapter of a PEFT folder, checked against a pruned shape, and against the model that it says
 * it was trained on. */
struct lora {
	const float *a, *b; /* [rank, in], [out, rank], f32; a NULL: no adapter there */
	int rank;
	double scale; /* alpha / rank, or alpha / sqrt(rank) with use_rslora */
};
struct adapter {
	int rank, least;      /* the largest and the smallest of the modules' */
	double scale;         /* of all modules; NAN: they differ */
	int n_layers;         /* of the pruned model */
	int trained_nf4;      /* 1: it says that its base had gone through NF4 */
	struct lora *lora;    /* [n_layers][ROLE_COUNT] */
	char fingerprint[17]; /* XXH3 of adapter_model.safetensors, hex */
	json_t *config;       /* adapter_config.json */
	float *values;        /* all of the matrices, in one piece */
};
struct adapter *adapter_open(const char *folder, const struct base *b, const struct model_rec *rec);
/* 1: one rank and one scale are those of all modules */
int adapter_is_even(const struct adapter *a);
void adapter_close(struct adapter *a);

/* One model: what a model record says, opened. */
struct model {
	struct model_rec *rec;     /* owned; paths as given */
	struct base *base;         /* shared by the models of one list */
	const struct shape *shape; /* of the base */
	struct adapter *adapter;   /* or NULL */
	int nf4;                   /* the linear layers of the base are to be quantised to NF4 */
};

/* All models that a tool works on, with what the settings say applied. Dies with one line. made:
 * the steps of the stream they came from (NULL for a bare checkpoint). */
struct models {
	int n;
	struct model *list;
	json_t *made;
};
struct models *models_open(const struct model_settings *set);
void models_close(struct models *m);
/* The same for tools that take one: dies when there are more. */
struct models *models_open_one(const struct model_settings *set);
/* A record for a whole base, nothing dropped. */
struct model_rec *model_rec_of_base(const struct base *b);

#endif
