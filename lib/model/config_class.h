/* config_class - the classes that a config.json names: those of its family, or code of its own
 *
 * `architectures` says what the weights are of, `auto_map` which code reads them. A classifier, or
 * a model that computes by code of its own, is another model than its family's, whatever its
 * tensors are called.
 */
#ifndef COPPICE_CONFIG_CLASS_H
#define COPPICE_CONFIG_CLASS_H

#include "model/known.h"
#include "sys/fault.h"

/* Checks both keys of config for k's family. auto_map sets k->own_code and adds to k->unknown. 0,
 * or -1 with err. */
int config_class_check(struct known *k, const json_t *config, struct fault *err);

#endif
