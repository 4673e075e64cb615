/* projection - the four matrices of a layer, as products take them, and the adapters on them
 *
 * This is the only list of them. A product takes several matrices of a checkpoint at once: those of
 * q, k and v lie one under the other as one weight [out, in], and so do those of gate and up. What
 * is made for a layer, its weights, what they cost, what the forward and the backward pass keep,
 * the adapters' operands, is made by going over this list.
 */
#ifndef COPPICE_PROJECTION_H
#define COPPICE_PROJECTION_H

#include "model/arch.h"
#include "ops.h"

enum projection {
	PROJ_QKV,  /* [(H+2K) hd, d]: q over k over v */
	PROJ_O,    /* [d, H hd]: attention's output */
	PROJ_UP,   /* [2 ff, d]: gate over up; or [ff, d] where nothing is gated */
	PROJ_DOWN, /* [d, ff] */
	PROJ_COUNT
};

/* Sets *roles to the roles whose matrices projection p is made of, from top to bottom; static.
 * Returns their number. */
int proj_roles(const enum role **roles, const struct shape *s, enum projection p);
/* Return the rows and the columns of its weight W[out, in]: y[T, out] = x[T, in] W^T. */
size_t proj_out(const struct shape *s, enum projection p);
size_t proj_in(const struct shape *s, enum projection p);
/* Returns how the rows of its weight are laid out: by whole heads for q, k and v, gate over up, or
 * with neither. */
struct weight_layout proj_layout(const struct shape *s, enum projection p);
/* Returns the number of columns of the widest matrix over the rows of a batch that a layer has. */
size_t proj_widest(const struct shape *s);

/* What adapters sit on, numbered as coppice-method(7), DROPOUT, numbers them; and q, k and v as
 * one, which are read but never trained. */
enum lora_site { LORA_GATE, LORA_UP, LORA_DOWN, LORA_OUT, LORA_QKV, LORA_COUNT };

/* One such site in a model of shape s. */
struct lora_shape {
	enum role role;     /* the matrix that is adapted; of LORA_QKV the first */
	enum projection on; /* the product that the adapter adds to */
	int part;           /* the part of its columns: 1 for up where there is a gate, else 0 */
	size_t out, in;     /* the adapter's B is [out, r], its A [r, in]; 0: the family has none */
};
struct lora_shape lora_shape(const struct shape *s, int site);

#endif
