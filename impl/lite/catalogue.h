/* SPDX-License-Identifier: BSD-3-Clause */
/* Gets the item vectors of a catalogue, or of a part of it: reads them from the model folder's
 * cache, else computes them and stores them there. Engines, peers and exports all use this. */
#ifndef L4R_LITE_CATALOGUE_H
#define L4R_LITE_CATALOGUE_H

#include "impl/lite/items.h"

struct l4r_catalogue {
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack; /* its precision and kernels are part of the cache's key */
  const struct l4r_model *model;
  const struct l4r_dataset *dataset; /* TEXT; NULL: no texts are available; the vectors are in the
                                        cache, or items are only ids */
  struct l4r_lite_items *items;      /* the Item LLM where it is open already, else NULL */
  int cache;                         /* 1: the cache may be read and written */
  int64_t begin, end;                /* items begin + 1 .. end alone; end 0: all */
};
/* Fills vectors[items][D]; row i-1 is item i (row 0 is item begin + 1). *cached is 1 when they came
 * from the cache. L4R_USAGE when texts are needed that are not cached and there is no data set. */
int l4r_catalogue_vectors(const struct l4r_catalogue *catalogue, float *vectors, int *cached);

/* Does the same on a blis stack in fp32 that it opens itself. */
int l4r_catalogue_compute(const struct l4r_model *model, const struct l4r_dataset *dataset,
                          struct l4r_team *team, int cache, float *vectors);

#endif
