/* SPDX-License-Identifier: BSD-3-Clause */
/* Configurations by name, and what follows from them. */
#ifndef L4R_MODEL_CONFIG_SIZES_H
#define L4R_MODEL_CONFIG_SIZES_H

#include "impl/model/config.h"

/* What scores with a tied head are multiplied by: tied_scale, or where it is 0, 1 with SASRec
 * blocks, as published, else D^-0.5.
 * Pure. */
double l4r_tied_scale(const struct l4r_model_config *config);

/* What a decoder's state is multiplied by before the output layer: D^-0.5 or 1. Pure. */
float l4r_output_scale_of(const struct l4r_t5_shape *shape);

/* Fills a configuration for a kind and a size name ("tiny", "mini", "base", "t5-small") with the
 * defaults of the README; vocabulary and items are the caller's. L4R_USAGE for an unknown size
 * (sasrec has no "t5-small"). */
int l4r_config_defaults(enum l4r_kind kind, const char *size, struct l4r_model_config *config);

#endif
