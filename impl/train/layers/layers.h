/* SPDX-License-Identifier: BSD-3-Clause */
/* Differentiable T5: encoder, decoder and softmax cross-entropy over an output matrix, forward and
 * backward by hand. One object a worker: training is data
 * parallel, so nothing here starts threads, and objects of different workers may run at once.
 *
 * `l4r_real` is float; the layer sources are compiled a second time with double (names end in
 * _double, see real.h), so that gradients can be checked against finite differences.
 *
 * Values and gradients are flat buffers laid out by an l4r_tensors list; tensors are found by name
 * once, at open. Gradients are accumulated (+=). Dropout (inverted: kept values are divided by
 * 1-p) stands where T5 has it: after the embedding / input vectors, on attention weights, after
 * ReLU, on each sub-layer's output, after the final norm. */
#ifndef L4R_TRAIN_LAYERS_LAYERS_H
#define L4R_TRAIN_LAYERS_LAYERS_H

#include "impl/base/random.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/real.h"

#include <stdint.h>

struct l4r_batch { /* ragged; exactly one of token and vector */
  int64_t count;
  const int64_t *start;   /* [count + 1] */
  const int32_t *token;   /* [positions] */
  const l4r_real *vector; /* [positions][D] */
  /* Decoder: NULL, or piece[pieces + 1], which divides the sequences further; self-attention and
   * its position bias then see a piece as a sequence of its own, while all pieces of a sequence
   * attend to its memory. Several answers to one encoded prompt. */
  int64_t pieces;
  const int64_t *piece;
};

struct l4r_train_spec {
  const struct l4r_t5_shape *shape;
  const struct l4r_tensors *tensors;
  const char *prefix;
  double dropout; /* 0..1, used when a random generator is given to forward */
  int64_t max_positions, max_count, max_length; /* of a batch */
  int64_t max_memory; /* decoder: positions of the encoded batch; max_memory_length likewise */
  int64_t max_memory_length;
  int bf16; /* 1: the products of the blocks round their operands to bf16, forward and backward;
               sums, norms, attention, parameters and gradients stay fp32. Only where
               l4r_layers_have_bf16 */
};

/* Whether this processor multiplies bf16 (AVX512-BF16). Thread-safe. */
int l4r_layers_have_bf16(void);

struct l4r_encoder_layers;
int l4r_encoder_layers_open(const struct l4r_train_spec *spec, struct l4r_encoder_layers **layers);
/* Bytes that open would take, all of them at once and none later; negative status for a bad spec.
 */
int64_t l4r_encoder_layers_bytes(const struct l4r_train_spec *spec);
void l4r_encoder_layers_close(struct l4r_encoder_layers *layers);
/* hidden[positions][D] after the final norm (and its dropout). random NULL: no dropout. Keeps what
 * backward needs until the next forward. The batch must stay valid until backward. */
int l4r_encoder_forward(struct l4r_encoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden);
/* d_hidden is clobbered. d_vector[positions][D] is written (not added) when not NULL. */
int l4r_encoder_backward(struct l4r_encoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_vector);

struct l4r_decoder_layers;
int l4r_decoder_layers_open(const struct l4r_train_spec *spec, struct l4r_decoder_layers **layers);
int64_t l4r_decoder_layers_bytes(const struct l4r_train_spec *spec);
void l4r_decoder_layers_close(struct l4r_decoder_layers *layers);
/* input: the answers shifted right (start token 0 first); sequence s attends to memory positions
 * memory_start[s] .. memory_start[s+1]-1 of memory[..][D]. hidden[positions][D]. */
int l4r_decoder_forward(struct l4r_decoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *input, const int64_t *memory_start,
                        const l4r_real *memory, struct l4r_random *random, l4r_real *hidden);
/* d_memory[memory positions][D] is written. */
int l4r_decoder_backward(struct l4r_decoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_memory);

/* Softmax cross-entropy of rows hidden[n][D] against target[n] (a row of weight; negative: the row
 * is skipped) with logits = scale * hidden . weight^T + bias. Blocked over rows, and over classes
 * when there are many: a batch's logits never exist whole. Adds `loss_scale` * d loss to d_hidden
 * (written), d_weight, d_bias (accumulated; d_bias NULL when bias is NULL). *loss is the sum over
 * rows, in nats, unscaled. Products run on the processor's own kernels in fp32 (AVX-512, AVX2) or
 * through BLIS; d loss / d logits is carried as e^(logit - greatest), less their sum at the target,
 * and divided by that sum once for each row. scratch holds l4r_softmax_scratch values, whatever the
 * number of rows; it is overwritten and holds nothing between calls. */
struct l4r_softmax_spec {
  int64_t rows, width, classes;
  const l4r_real *hidden, *weight, *bias;
  const int32_t *target;
  l4r_real scale, loss_scale;
  l4r_real *d_hidden, *d_weight, *d_bias, *scratch;
  int bf16; /* 1: the three products round their operands to bf16, up to 65,536 classes; only where
               l4r_layers_have_bf16 */
};
int64_t l4r_softmax_scratch(int64_t width, int64_t classes, int bf16);
int l4r_softmax_cross_entropy(const struct l4r_softmax_spec *spec, double *loss);

#endif
