/* SPDX-License-Identifier: BSD-3-Clause */
/* T5's attention for one head of one sequence, short enough that its scores stay in cache, and the
 * position bias expanded from buckets to distances. */
#ifndef L4R_BLIS_ATTENTION_H
#define L4R_BLIS_ATTENTION_H

#include "impl/blis/kernels/attend.h"
#include "impl/model/config.h"
#include "impl/model/weights.h"

#include <stdint.h>

struct l4r_bias { /* bias of head h at distance d = key - query: value[h * stride + d + zero] */
  float *value;   /* readable L4R_LANES beyond every distance */
  int64_t stride, zero;
};
/* From `name` [buckets][heads] for distances -(length-1) .. length-1. L4R_INPUT, L4R_ENVIRONMENT.
 */
int l4r_bias_open(struct l4r_bias *bias, const struct l4r_t5_shape *shape,
                  const struct l4r_weights *weights, const char *prefix, const char *name,
                  int bidirectional, int64_t length);
void l4r_bias_close(struct l4r_bias *bias);
int64_t l4r_bias_bytes(const struct l4r_bias *bias, int64_t heads);

/* In fp32; the attention's scratch is l4r_attention_scratch(keys, width) floats. */
int64_t l4r_attention_scratch(int64_t keys, int64_t width);
void l4r_attend(const struct l4r_kernels *kernels, const struct l4r_attention *attention);

/* The leading dimension that transposed keys need. Pure. */
int64_t l4r_transposed_columns(int64_t keys);
/* transposed[K][ld] = transpose of k[keys][K], zeros behind `keys` up to a multiple of 32 <= ld. */
void l4r_transpose_keys(const float *k, int64_t ldk, int64_t keys, int64_t width, float *transposed,
                        int64_t ld);

#endif
