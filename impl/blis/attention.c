/* SPDX-License-Identifier: BSD-3-Clause */
/* Attention over a ragged batch without padding: every (sequence, head) is a task of its own.
 *
 *   keys transposed once  K^T [K][T]        in the worker's scratch
 *   per 24 queries:       S = Q K^T         one small gemm, rows padded to a tile
 *                         S = softmax(S + bias row)   bias(j - i) is contiguous in j
 *                         out = S V         V read in place
 *
 * Logits are not divided by sqrt(K): T5 folds that into its initialisation. With a causal mask the
 * block of queries reads only the keys up to its last query. */
#include "impl/blis/attention.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/bucket.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <string.h>

enum { QUERIES = 24, KEY_TILE = 32 };

static int64_t round_up(int64_t n, int64_t unit) {
  return (n + unit - 1) / unit * unit;
}

/* Rows of keys are a tile multiple apart, but not of 1 KiB: as l4r_padded. */
int64_t l4r_transposed_columns(int64_t keys) {
  int64_t row = round_up(keys, KEY_TILE);
  return row % 256 ? row : row + 16;
}

int64_t l4r_attention_scratch(int64_t keys, int64_t width) {
  return (width + QUERIES) * l4r_transposed_columns(keys);
}

int l4r_bias_open(struct l4r_bias *bias, const struct l4r_t5_shape *shape,
                  const struct l4r_weights *weights, const char *prefix, const char *name,
                  int bidirectional, int64_t length) {
  const float *table;
  int status = l4r_weights_get(weights, prefix, name, shape->buckets, shape->heads, &table);
  if (status) return status;
  bias->zero = length - 1;
  bias->stride = round_up(2 * length + L4R_LANES, L4R_LANES);
  bias->value = l4r_alloc((size_t)shape->heads, (size_t)bias->stride * sizeof(float),
                          "position bias");
  if (!bias->value) return L4R_ENVIRONMENT;
  for (int64_t d = -(length - 1); d < length; d++) {
    int bucket = l4r_t5_bucket(d, bidirectional, shape->buckets, shape->max_distance);
    for (int64_t h = 0; h < shape->heads; h++)
      bias->value[h * bias->stride + d + bias->zero] = table[bucket * shape->heads + h];
  }
  return L4R_OK;
}

void l4r_bias_close(struct l4r_bias *bias) {
  l4r_free(bias->value);
  *bias = (struct l4r_bias){0};
}

int64_t l4r_bias_bytes(const struct l4r_bias *bias, int64_t heads) {
  return bias->value ? heads * bias->stride * (int64_t)sizeof(float) : 0;
}

void l4r_transpose_keys(const float *k, int64_t ldk, int64_t keys, int64_t width, float *transposed,
                        int64_t ld) {
  enum { BLOCK = 16 };
  int64_t end = round_up(keys, KEY_TILE);
  for (int64_t j0 = 0; j0 < end; j0 += BLOCK)
    for (int64_t d = 0; d < width; d++) {
      float *row = transposed + d * ld + j0;
      int64_t n = keys - j0 < BLOCK ? keys - j0 : BLOCK;
      for (int64_t j = 0; j < n; j++) row[j] = k[(j0 + j) * ldk + d];
      for (int64_t j = n < 0 ? 0 : n; j < BLOCK; j++) row[j] = 0;
    }
}

static void block(const struct l4r_kernels *kernels, const struct l4r_attention *a,
                  const float *transposed, int64_t ld, float *score, int64_t begin,
                  int64_t queries) {
  int64_t last = a->first + begin + queries; /* keys that the block's last query sees, if causal */
  int64_t keys = a->causal && last < a->keys ? last : a->keys;
  kernels->gemm(&(struct l4r_gemm){.m = queries,
                                   .n = round_up(keys, KEY_TILE),
                                   .k = a->width,
                                   .a = a->q + begin * a->ldq,
                                   .lda = a->ldq,
                                   .b = transposed,
                                   .ldb = ld,
                                   .c = score,
                                   .ldc = ld});
  for (int64_t i = 0; i < queries; i++) {
    int64_t position = a->first + begin + i;
    int64_t seen = a->causal && position + 1 < keys ? position + 1 : keys;
    float *row = score + i * ld;
    kernels->softmax(seen, row, a->bias ? a->bias - position : NULL);
    for (int64_t j = round_up(seen, L4R_LANES); j < keys; j++) row[j] = 0;
  }
  kernels->gemm(&(struct l4r_gemm){.m = queries,
                                   .n = a->width,
                                   .k = keys,
                                   .a = score,
                                   .lda = ld,
                                   .b = a->v,
                                   .ldb = a->ldkv,
                                   .c = a->out + begin * a->ldo,
                                   .ldc = a->ldo});
}

void l4r_attend(const struct l4r_kernels *kernels, const struct l4r_attention *a) {
  if (a->queries <= 0) return;
  if (a->keys <= 0) {
    for (int64_t i = 0; i < a->queries; i++)
      memset(a->out + i * a->ldo, 0, (size_t)a->width * sizeof(float));
    return;
  }
  const float *transposed = a->transposed;
  int64_t ld = transposed ? a->ld_transposed : l4r_transposed_columns(a->keys);
  float *score = a->scratch;
  if (!transposed) {
    l4r_transpose_keys(a->k, a->ldkv, a->keys, a->width, a->scratch, ld);
    transposed = a->scratch;
    score = a->scratch + a->width * ld;
  }
  for (int64_t begin = 0; begin < a->queries; begin += QUERIES) {
    int64_t queries = a->queries - begin < QUERIES ? a->queries - begin : QUERIES;
    block(kernels, a, transposed, ld, score, begin, queries);
  }
}
