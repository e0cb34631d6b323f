/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder of decoder.h: causal self-attention, attention to the encoder's hidden rows,
 * feed-forward. */
#include "impl/train/layers/decoder.h"

#include "impl/train/layers/inner.h"
#include "impl/train/layers/open.h"
#include "impl/train/layers/stack.h"

struct l4r_decoder_layers; /* it is an l4r_layer_stack, as in encoder.c */

static struct l4r_layer_stack *inside(struct l4r_decoder_layers *layers) {
  return (struct l4r_layer_stack *)layers;
}

int l4r_decoder_layers_open(const struct l4r_train_spec *spec, struct l4r_decoder_layers **layers) {
  struct l4r_layer_stack *stack;
  int status = l4r_layer_stack_open(spec, 1, &stack);
  if (!status) *layers = (struct l4r_decoder_layers *)stack;
  return status;
}

int64_t l4r_decoder_layers_bytes(const struct l4r_train_spec *spec) {
  return l4r_layer_stack_bytes(spec, 1);
}

void l4r_decoder_layers_close(struct l4r_decoder_layers *layers) {
  l4r_layer_stack_close(inside(layers));
}

int l4r_decoder_forward(struct l4r_decoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *input, const int64_t *memory_start,
                        const l4r_real *memory, struct l4r_random *random, l4r_real *hidden) {
  struct l4r_layer_stack *stack = inside(layers);
  stack->memory_start = memory_start;
  stack->memory = memory;
  return l4r_layer_forward(stack, values, input, random, hidden);
}

int l4r_decoder_backward(struct l4r_decoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_memory) {
  l4r_layer_backward(inside(layers), values, d_hidden, gradients, NULL, d_memory);
  return 0;
}
