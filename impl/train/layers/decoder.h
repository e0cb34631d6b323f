/* SPDX-License-Identifier: BSD-3-Clause */
/* The training decoder of T5. */
#ifndef L4R_TRAIN_LAYERS_DECODER_H
#define L4R_TRAIN_LAYERS_DECODER_H

#include "impl/train/layers/layers.h"

struct l4r_decoder_layers;
int l4r_decoder_layers_open(const struct l4r_train_spec *spec, struct l4r_decoder_layers **layers);
int64_t l4r_decoder_layers_bytes(const struct l4r_train_spec *spec);
void l4r_decoder_layers_close(struct l4r_decoder_layers *layers);
/* Computes hidden[positions][D]. The input holds the answers shifted right (start token 0 first);
 * sequence s attends to memory positions memory_start[s] .. memory_start[s+1]-1 of
 * memory[..][D]. */
int l4r_decoder_forward(struct l4r_decoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *input, const int64_t *memory_start,
                        const l4r_real *memory, struct l4r_random *random, l4r_real *hidden);
/* Writes d_memory[memory positions][D]. */
int l4r_decoder_backward(struct l4r_decoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_memory);

#endif
