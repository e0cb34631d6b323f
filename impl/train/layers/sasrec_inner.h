/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to SASRec's training layers: sasrec_open.c (memory, tensors) and sasrec.c (arithmetic).
 * As in T5's layers, a batch is processed in chunks of whole sequences, forward and backward, and
 * what backward needs is kept for the whole batch. */
#ifndef L4R_TRAIN_LAYERS_SASREC_INNER_H
#define L4R_TRAIN_LAYERS_SASREC_INNER_H

#include "impl/train/layers/biased.h"
#include "impl/train/layers/inner.h"

struct l4r_sasrec_gate { /* LiGR's; value NULL: none */
  struct l4r_layer_linears linear;
  l4r_real *value, *ungated; /* [P][D] the gate, and what it multiplies */
};

struct l4r_sasrec_block {
  struct l4r_layer_norms before, between; /* norms of the query and of the feed-forward's input */
  struct l4r_layer_linears q, k, v, o, wi, wo;
  struct l4r_sasrec_gate gate[2]; /* of attention, of the feed-forward */
  /* kept from forward to backward; P positions */
  l4r_real *x;            /* [P][D] the block's input */
  l4r_real *query;        /* [P][D] its norm, the input of q */
  l4r_real *qkv;          /* [P][3 * H*K], q already divided by sqrt(K) */
  l4r_real *weights;      /* attention: per sequence [H][queries][padded keys] */
  l4r_real *context;      /* [P][H*K] */
  l4r_real *z;            /* [P][D] the feed-forward's input */
  l4r_real *inner;        /* [P][F] */
  l4r_real *wide;         /* swiglu: [P][2F] wi's output, then its gradient; else NULL */
  uint64_t *inner_mask;   /* swiglu: [P][words of F] */
  uint64_t *dropout_mask; /* [P][words of D]: dropout of the feed-forward's output */
};

struct l4r_sasrec_layers {
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length;
  const struct l4r_layer_kernels *kernels;
  void *memory; /* the memory of all arrays below */
  struct l4r_sasrec_block *block;
  struct l4r_layer_norms final;
  int64_t position; /* offset of the position table */
  uint64_t *input_mask;
  int64_t *weights_at; /* [count + 1] where a sequence's attention weights begin */
  /* scratch of a chunk */
  l4r_real *x, *y, *d_x, *d_y, *d_inner, *d_context, *d_qkv, *attend;
  l4r_real *d_gate; /* LiGR: [rows of a chunk][D] */
  uint64_t *attend_mask, *relu_mask;
  /* the batch between forward and backward */
  struct l4r_batch batch;
  double dropout;
  int dropping;
  struct l4r_dropper dropper;
};

#endif
