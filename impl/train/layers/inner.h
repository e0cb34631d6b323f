/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/layers. A T5 stack is a list of parts (sub-layers), each
 *
 *   normed = x * rstd(x);        projected = normed * folded^T;
 *   context = inner(projected);  x += drop(context * out^T)
 *
 * where inner is attention (self or cross) or the feed-forward activation. The weight of the norm
 * is folded into the weights that follow it (folded = weight * diag(norm_weight)) once per forward
 * pass. The normalised rows then serve as input of both the product and the norm's gradient, and
 * the gradients of both weights follow from d_folded at the end.
 *
 * A batch is processed in chunks of whole sequences, small enough for a chunk's rows to stay in the
 * second-level cache from one part to the next. */
#ifndef L4R_TRAIN_LAYERS_INNER_H
#define L4R_TRAIN_LAYERS_INNER_H

#include "impl/train/layers/layers.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/matmul.h"

enum { L4R_CHUNK_ROWS = 512 };

enum l4r_part_kind { L4R_PART_SELF, L4R_PART_CROSS, L4R_PART_FEED_FORWARD };

struct l4r_sublayer {
  enum l4r_part_kind kind;
  /* offsets into the flat buffers */
  int64_t norm_weight, input[3], memory[2], output;
  int64_t gate_weight, gate_bias; /* LiGR's; -1: none */
  int64_t inputs;     /* self 3 (q k v), cross 1 (q), feed-forward 1 (wi) or 2 (wi_0 wi_1) */
  int64_t input_rows; /* rows of each: H*K or F; also the width of context */
  l4r_real *folded, *d_folded; /* [inputs * input_rows][D] */
  /* kept from forward to backward; P positions */
  l4r_real *normed, *rstd; /* [P][D], [P] */
  l4r_real *projected; /* [P][inputs * input_rows]: q k v, or the activation's input; NULL for ReLU,
                          which works in context */
  l4r_real *memory_kv; /* cross: [M][2 * H*K], keys then values */
  l4r_real *weights;   /* attention: per sequence [H][queries][padded keys] */
  l4r_real *context;   /* [P][input_rows] */
  uint64_t *dropout_mask;   /* [P][words of D]: dropout of the part's output */
  uint64_t *inner_mask;     /* gated: [P][words of F] */
  l4r_real *gate, *ungated; /* LiGR: [P][D] the gate, and what it multiplies; else NULL */
};

struct l4r_chunk { /* a range of sequences with its pieces, rows and rows of memory */
  int64_t sequence[2], piece[2], row[2], memory[2];
};

struct l4r_layer_stack {
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length, max_memory, max_memory_length;
  int decoder, causal;
  const struct l4r_layer_kernels *kernels;
  void *block; /* the memory of all arrays below */
  int64_t parts;
  struct l4r_sublayer *part;
  int64_t final_norm_weight, bias_table, embedding; /* offsets; embedding -1: vectors only */
  l4r_real *final_normed, *final_rstd;
  uint64_t *input_mask, *final_mask;
  int32_t *bucket;         /* [2 * max_length - 1], by key - query + max_length - 1 */
  int64_t bias_stride;     /* the stride between heads in bias */
  l4r_real *bias, *d_bias; /* [H][bias_stride]; distance 0 is at max_length - 1 */
  /* scratch of a chunk */
  l4r_real *x, *y, *d_normed, *d_context, *d_projected, *d_memory_kv, *attend;
  l4r_real *gated_x, *d_gate; /* LiGR: [rows of a chunk][D] */
  uint64_t *attend_mask, *relu_mask;
  /* the batch between forward and backward */
  struct l4r_batch batch;
  const int64_t *memory_start;
  const l4r_real *memory;
  int64_t pieces;
  const int64_t *piece;                  /* of the batch, or its sequences */
  int64_t *self_weights, *cross_weights; /* where the weights of each piece or sequence begin */
  double dropout;
  int dropping;
  int bf16;                       /* 1: products of the parts take bf16 operands */
  void (*between)(void *context); /* struct l4r_train_spec */
  void *context;
  struct l4r_dropper dropper;
};

/* A piece has at least one row, unless pieces are the sequences, which may be empty. */
static inline int64_t l4r_layer_most_pieces(const struct l4r_layer_stack *stack) {
  return stack->max_count > stack->max_positions ? stack->max_count : stack->max_positions;
}

/* Starts eight generators from the caller's generator and sets the chance to keep; returns 0
 * without dropout. */
static inline int l4r_dropper_start(struct l4r_dropper *dropper, double dropout,
                                    struct l4r_random *random) {
  if (!random || dropout <= 0) return 0;
  for (int word = 0; word < 4; word++)
    for (int lane = 0; lane < 8; lane++) dropper->state[word][lane] = l4r_random_next(random);
  double chance = (1 - dropout) * 65536 + 0.5;
  dropper->chance = chance < 1 ? 1 : (uint32_t)chance;
  dropper->scale = (l4r_real)(65536.0 / dropper->chance);
  return 1;
}

#endif
