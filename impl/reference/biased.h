/* SPDX-License-Identifier: BSD-3-Clause */
/* Layers with biases, of which SASRec's and BERT's blocks consist. Part of the reference stack:
 * plain loops, never optimised. */
#ifndef L4R_REFERENCE_BIASED_H
#define L4R_REFERENCE_BIASED_H

#include "impl/reference/reference.h"

/* Bytes that an arena takes for so many values. Pure. */
static inline size_t l4r_arena_rounded(int64_t count, size_t size) {
  return ((size_t)count * size + 63) / 64 * 64;
}

/* Copy part + ".weight" (a matrix is transposed; columns 0: a norm's vector) and part + ".bias"; a
 * table, [rows][D], as it is. L4R_INPUT from l4r_weights_get. */
int l4r_biased_copy(struct l4r_arena *arena, const struct l4r_encoder_spec *spec, const char *part,
                    int64_t rows, int64_t columns, struct l4r_biased *to);
int l4r_biased_copy_table(struct l4r_arena *arena, const struct l4r_encoder_spec *spec,
                          const char *name, int64_t rows, const float **out);

/* out[D] = (x - mean) / deviation * weight + bias. out may be x. */
void l4r_biased_norm(const struct l4r_t5_shape *shape, const struct l4r_biased *norm,
                     const float *x, float *out);
/* y[out] = x[in] . weight + bias; sum is scratch of `out` doubles. */
void l4r_biased_apply(const struct l4r_biased *linear, const float *x, int64_t in, int64_t out,
                      double *sum, float *y);

/* L4R_USAGE when a batch exceeds what was opened. */
int l4r_biased_check(const struct l4r_ragged *batch, int64_t max_count, int64_t max_length,
                     int64_t max_positions);

#endif
