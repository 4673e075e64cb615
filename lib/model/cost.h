/* cost - what a model takes, counted from its shape: coppice-method(7), COST
 *
 * Nothing is run and no weight is read, so that the numbers are the same on every machine. A
 * product of [m, k] and [k, n] is 2 m n k operations.
 */
#ifndef COPPICE_COST_H
#define COPPICE_COST_H

#include "model/model.h"

/* Returns the operations of one row: of the products of one layer, of the output layer, and of an
 * adapter as it stands beside the weights (NULL: 0). */
double cost_layer(const struct shape *s);
double cost_head(const struct shape *s);
double cost_adapter(const struct adapter *a, const struct shape *s);
/* Returns the operations of attention in layer l of the base for the n rows from position first on,
 * each of which sees the keys up to itself, in the layer's window. */
double cost_attention(const struct shape *s, int l, uint64_t first, uint64_t n);

/* Fills *c for the model m and sequences of length >= 1 tokens. The adapter's parameters count
 * beside those of the base. rate and peak are those of a model that was not measured. c->model is
 * m's. */
void cost_count(struct cost *c, const struct model *m, uint64_t length);

#endif
