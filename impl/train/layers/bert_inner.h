/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to BERT's training layers: bert_open.c (memory, tensors) and bert.c (arithmetic). A
 * batch is processed in chunks of whole sequences, and what backward needs is kept for the whole
 * batch. */
#ifndef L4R_TRAIN_LAYERS_BERT_INNER_H
#define L4R_TRAIN_LAYERS_BERT_INNER_H

#include "impl/train/layers/biased.h"

struct l4r_bert_block {
  struct l4r_layer_linears q, k, v, o, wi, wo;
  struct l4r_layer_norms attention_norm, feed_norm;
  /* kept from forward to backward; P positions */
  l4r_real *x;       /* [P][D] the block's input */
  l4r_real *qkv;     /* [P][3 D], q already divided by sqrt(K) */
  l4r_real *weights; /* attention: per sequence [H][queries][padded keys] */
  l4r_real *context; /* [P][D] */
  l4r_real *z;       /* [P][D] the feed-forward's input */
  l4r_real *inner;   /* [P][F] before GELU */
  uint64_t *mask[2]; /* [P][words of D]: dropout of what is added to x and to z */
};

struct l4r_bert_layers {
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length;
  const struct l4r_layer_kernels *kernels;
  void *memory; /* the memory of all arrays below */
  struct l4r_bert_block *block;
  struct l4r_layer_norms input_norm;
  int64_t word, position, type; /* offsets */
  uint64_t *input_mask;
  int64_t *weights_at; /* [count + 1] where a sequence's attention weights begin */
  /* scratch of a chunk */
  l4r_real *x, *y, *d_x, *d_y, *act, *d_inner, *d_context, *d_qkv, *attend;
  uint64_t *attend_mask;
  /* the batch between forward and backward */
  struct l4r_batch batch;
  double dropout;
  int dropping;
  struct l4r_dropper dropper;
};

#endif
