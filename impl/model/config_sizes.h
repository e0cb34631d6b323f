/* SPDX-License-Identifier: BSD-3-Clause */
/* Default configurations by kind and size, and scales that follow from them. */
#ifndef L4R_MODEL_CONFIG_SIZES_H
#define L4R_MODEL_CONFIG_SIZES_H

#include "impl/model/config.h"

/* Returns the factor of scores with a tied head: tied_scale, or where that is 0, 1 with SASRec
 * blocks, as published, else D^-0.5. Pure. */
double l4r_tied_scale(const struct l4r_model_config *config);

/* Returns the width between the two layers of an adapter, 0 where it has not two. Pure. */
int64_t l4r_adapter_middle(const struct l4r_model_config *config);

/* Returns the factor of a decoder's state before the output layer: D^-0.5 or 1. Pure. */
float l4r_output_scale_of(const struct l4r_t5_shape *shape);

/* Fills a configuration for a kind and a size name ("tiny", "mini", "base", "t5-small") with the
 * defaults of the README; the caller sets vocabulary and items. L4R_USAGE for an unknown size
 * (sasrec has no "t5-small"). */
int l4r_config_defaults(enum l4r_kind kind, const char *size, struct l4r_model_config *config);

#endif
