/* SPDX-License-Identifier: BSD-3-Clause */
/* The item vectors of a whole catalogue: read from the model folder's cache, else computed and kept
 * there. One place for engines, peers and exports. */
#ifndef L4R_LITE_CATALOGUE_H
#define L4R_LITE_CATALOGUE_H

#include "impl/lite/items.h"

struct l4r_catalogue {
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack; /* its precision and kernels are part of the cache's key */
  const struct l4r_model *model;
  const struct l4r_dataset *dataset; /* TEXT; NULL: there are no texts at hand, what is needed is
                                        in the cache, or items are ids alone */
  struct l4r_lite_items *items;      /* the Item LLM where it is open already, else NULL */
  int cache;                         /* may be read and written */
};
/* vectors[items][D], row i-1 is item i. *cached: 1 when they came from the cache. L4R_USAGE when
 * texts are needed, not cached, and there is no data set. */
int l4r_catalogue_vectors(const struct l4r_catalogue *catalogue, float *vectors, int *cached);

/* The same on a blis stack in fp32 of its own. */
int l4r_catalogue_compute(const struct l4r_model *model, const struct l4r_dataset *dataset,
                          struct l4r_team *team, int cache, float *vectors);

#endif
