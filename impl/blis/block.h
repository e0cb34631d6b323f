/* SPDX-License-Identifier: BSD-3-Clause */
/* The weights of one T5 block as the kernels read them, and the passes that encoder and decoder
 * share. */
#ifndef L4R_BLIS_BLOCK_H
#define L4R_BLIS_BLOCK_H

#include "impl/blis/matrix.h"
#include "impl/model/config.h"
#include "impl/model/weights.h"

struct l4r_block {
  float *self_norm, *cross_norm, *ff_norm;      /* weights of norms [D] */
  struct l4r_matrix qkv, self_o;                /* [D][3HK]: q | k | v; [HK][D] */
  struct l4r_matrix cross_q, cross_kv, cross_o; /* [D][HK]; [D][2HK]: k | v; decoder only */
  struct l4r_matrix wi, wo;                     /* [D][F] or [D][2F]: wi_0 | wi_1; [F][D] */
  struct l4r_skip_gate {
    struct l4r_matrix matrix; /* [D][D] */
    float *bias;              /* [D]; NULL: no gate */
  } self_gate, ff_gate;       /* LiGR's, encoder only */
};

/* Packs, for that kernel, block `index` of prefix + "encoder." or "decoder.".
 * L4R_INPUT or L4R_ENVIRONMENT; what was taken is freed by l4r_block_close either way. */
int l4r_block_open(struct l4r_block *block, const struct l4r_t5_shape *shape,
                   const struct l4r_weights *weights, const char *prefix, int decoder,
                   int64_t index, const struct l4r_gemm_kernel *gemm);
void l4r_block_close(struct l4r_block *block);
int64_t l4r_block_bytes(const struct l4r_block *block, int64_t width);

/* A copy of the weights of a norm. */
int l4r_norm_weight_open(float **norm_weight, const struct l4r_weights *weights, const char *prefix,
                         const char *name, int64_t width);

/* Distance of the rows of a feed-forward's inner state: its columns, off the multiples of 1 KiB, or
 * the rows of a tile would fall into the same few sets of the first-level cache. Pure. */
int64_t l4r_inner_ld(const struct l4r_t5_shape *shape);

struct l4r_feed_forward { /* x[rows][D] += wo(act(wi(norm(x)))) */
  const struct l4r_block *block;
  const struct l4r_t5_shape *shape;
  int64_t rows;
  float *x, *normed; /* [rows][D] */
  float *inner;      /* [rows][l4r_inner_ld] */
  float *gate;       /* [rows][D]; read where the block has gates */
};

/* All workers of a group call it; begins with a barrier's worth of nothing and ends without one: x
 * is complete after the caller's next l4r_work_group_meet. */
void l4r_feed_forward(const struct l4r_work_group *group, const struct l4r_feed_forward *ff);

/* out[rows][D] = norm(x), the group's rows divided among its workers; no barrier inside. */
void l4r_norm_rows(const struct l4r_work_group *group, const struct l4r_t5_shape *shape,
                   int64_t rows, const float *x, const float *norm_weight, float *out);

#endif
