/* SPDX-License-Identifier: BSD-3-Clause */
/* Whitening: vectors of a pretrained encoder lie close together in a narrow cone; centred, and
 * multiplied so that their covariance is the identity, they tell items apart (Su et al. 2021). */
#ifndef L4R_MODEL_WHITEN_H
#define L4R_MODEL_WHITEN_H

#include <stdint.h>

/* Computes mean[width] and the lower triangle weight[width][width] (zeros above), the inverse of
 * the Cholesky factor of the covariance of vector[count][width] plus a thousandth of its mean
 * diagonal, without which fewer items than width would have no inverse. Any other whitening is this
 * one turned, and what follows is a learned matrix. L4R_INPUT where all vectors are equal,
 * L4R_ENVIRONMENT. Thread-safe. */
int l4r_whiten_make(const float *vector, int64_t count, int64_t width, float *weight, float *mean);

/* out[width] = weight (x - mean), in fp32 at any precision: small directions are differences of
 * large numbers. out may not be x. Pure. */
void l4r_whiten_apply(const float *weight, const float *mean, int64_t width, const float *x,
                      float *out);

/* x /= its length, as sentence-transformers' Normalize. Pure. */
void l4r_normalize(float *x, int64_t width);

#endif
