/* model - a model that was opened: a base checkpoint, the layers kept of it, an adapter
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
struct base *base_open(const char *path); /* new; dies with one line where it is refused */
void base_close(struct base *b);
const struct shape *base_shape(const struct base
		*b); /* belongs to b, as all that is returned here */
const char *base_path(const struct base *b);
/* fingerprint: 16 hex digits (coppice-files(5), FINGERPRINTS) */
const char *base_fingerprint(const struct base *b);
int base_is_gguf(const struct base *b);
int base_is_nf4(const struct base *b); /* 1 where its linear layers are T_NF4 already, else 0 */
/* Returns 1 where a tensor of the file passes only because the user has it ignored, else 0. */
int base_is_ignored(const struct base *b, const char *name);
/* Returns 1 where the config says that the head is tied, but the file has a head, which is used. */
int base_has_own_head(const struct base *b);
/* Fetch the weight, or the bias, of a role into *t: 1, or 0 where the model has none. Where the
 * head is tied, its weight is the embedding's. layer: its number in the base, -1 outside layers.
 * The base keeps what base_tensor computes for a 4-bit weight until base_forget. */
int base_tensor(struct base *b, enum role r, int layer, struct tensor *t);
int base_bias(const struct base *b, enum role r, int layer, struct tensor *t);
/* base_forget drops the mapped pages of a tensor that has been read, and what base_tensor allocated
 * for a 4-bit one, which must be fetched again before it is read again. base_fetch has the kernel
 * read the pages of a tensor that will be read soon. */
void base_forget(struct base *b, const struct tensor *t);
void base_fetch(const struct base *b, const struct tensor *t);

/* A LoRA adapter of a PEFT folder. */
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
/* Opens the adapter in folder for the layers that rec keeps of b; new, freed by adapter_close. Dies
 * with one line where its shapes do not fit, or it says that it was trained on another model. */
struct adapter *adapter_open(const char *folder, struct base *b, const struct model_rec *rec);
/* Returns 1 where all modules have the same rank and scale, else 0. */
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

/* All models that a tool works on. provenance: the steps of the stream that they come from; NULL
 * for a bare checkpoint. models_open opens them as the settings say; it dies with one line. */
struct models {
	int n;
	struct model *list;
	json_t *provenance;
};
struct models *models_open(const struct model_settings *set);
void models_close(struct models *m);
/* The same for tools that work on one model: dies where there are more. */
struct models *models_open_one(const struct model_settings *set);
/* Returns the record of a whole base, nothing dropped; new. */
struct model_rec *model_rec_of_base(const struct base *b);

#endif
