/* renumber - names of tensors in a model that has fewer layers
 */
#ifndef COPPICE_RENUMBER_H
#define COPPICE_RENUMBER_H

/* Gives a tensor's name the number that its layer has among the kept ones. name: as the base has
 * it; prefix: what stands before the number, "model.layers." or "blk."; keep[n_keep]: the kept
 * layers of the base, ascending. Returns 1 with *renamed, new, which is the same name where it does
 * not begin with prefix and a number; 0 where its layer is dropped, and *renamed is not set. */
int renumber(const char *name, const char *prefix, const int *keep, int n_keep, char **renamed);

#endif
