/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the buckets of T5's position bias. */
#ifndef L4R_MODEL_BUCKET_H
#define L4R_MODEL_BUCKET_H

#include <stdint.h>

/* Returns T5's relative position bucket (Raffel et al. 2020; mesh_tensorflow's
 * relative_position_bucket); distance = key position - query position. Both stacks and training use
 * it. Pure. */
int l4r_t5_bucket(int64_t distance, int bidirectional, int64_t buckets, int64_t max_distance);

#endif
