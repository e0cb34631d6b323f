/* SPDX-License-Identifier: BSD-3-Clause */
/* A differentiable T5 with hand-written forward and backward passes: encoder.h, decoder.h and, over
 * an output matrix, softmax.h. This header has what they share. There is one object per worker:
 * training is data parallel, so these functions start no threads, and objects of different workers
 * may run at once.
 *
 * `l4r_real` is float. The layer sources are compiled a second time with double (names end in
 * _double, see real.h), so that gradients can be checked against finite differences.
 *
 * Values and gradients are flat buffers laid out by an l4r_tensors list; tensors are found by name
 * once, at open. Gradients are accumulated (+=). Dropout (inverted: kept values are divided by 1-p)
 * is applied where T5 has it: after the embedding or input vectors, on attention weights, after
 * ReLU, on each sub-layer's output, and after the final norm. */
#ifndef L4R_TRAIN_LAYERS_LAYERS_H
#define L4R_TRAIN_LAYERS_LAYERS_H

#include "impl/base/random.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/real.h"

#include <stdint.h>

struct l4r_layer_kernels; /* kernels/kernels.h */

struct l4r_batch { /* ragged; exactly one of token and vector is given */
  int64_t count;
  const int64_t *start;   /* [count + 1] */
  const int32_t *token;   /* [positions] */
  const l4r_real *vector; /* [positions][D] */
  /* Decoder only: NULL, or piece[pieces + 1], which divides the sequences further. Self-attention
   * and its position bias treat a piece as a sequence of its own, while all pieces of a sequence
   * attend to its memory. This gives several answers to one encoded prompt. */
  int64_t pieces;
  const int64_t *piece;
};

struct l4r_train_spec {
  const struct l4r_t5_shape *shape;
  const struct l4r_tensors *tensors;
  const char *prefix;
  double dropout; /* 0..1, used when a random generator is given to forward */
  int64_t max_positions, max_count, max_length; /* of a batch */
  int64_t max_memory; /* decoder: positions of the encoded batch, its longest sequence */
  int64_t max_memory_length;
  int bf16; /* 1: the products of the blocks round their operands to bf16, forward and backward;
               sums, norms, attention, parameters and gradients stay fp32. Only where
               l4r_layers_have_bf16 */
  const struct l4r_layer_kernels *kernels; /* matmul.h; NULL: the widest set's */
  /* T5's blocks: called in a backward pass now and then, between two chunks of some hundred rows,
   * for what must not wait for its end; NULL: nothing. */
  void (*between)(void *context);
  void *context;
};

#endif
