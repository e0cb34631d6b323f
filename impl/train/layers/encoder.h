/* SPDX-License-Identifier: BSD-3-Clause */
/* The training encoder: T5's, SASRec's or BERT's blocks. */
#ifndef L4R_TRAIN_LAYERS_ENCODER_H
#define L4R_TRAIN_LAYERS_ENCODER_H

#include "impl/train/layers/layers.h"

struct l4r_encoder_layers;
int l4r_encoder_layers_open(const struct l4r_train_spec *spec, struct l4r_encoder_layers **layers);
/* Returns the bytes that open would allocate, all of them at once and none later; a negative status
 * for a bad spec. */
int64_t l4r_encoder_layers_bytes(const struct l4r_train_spec *spec);
void l4r_encoder_layers_close(struct l4r_encoder_layers *layers);
/* Computes hidden[positions][D] after the final norm (and its dropout). random NULL: no dropout.
 * Keeps what backward needs until the next forward. The batch must stay valid until backward. */
int l4r_encoder_forward(struct l4r_encoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *batch, struct l4r_random *random, l4r_real *hidden);
/* Overwrites d_hidden. Writes (does not add to) d_vector[positions][D] when it is not NULL. */
int l4r_encoder_backward(struct l4r_encoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_vector);

struct l4r_layer_stack; /* impl/train/layers/inner.h */
/* Returns the stack inside an encoder, so that tests can change its kernels; NULL for
 * other blocks than T5's. */
struct l4r_layer_stack *l4r_encoder_stack(struct l4r_encoder_layers *layers);

#endif
