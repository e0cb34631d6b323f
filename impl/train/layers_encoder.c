/* The encoder as layers.h promises it: a stack of self-attention and feed-forward parts. */
#include "impl/train/layers_inner.h"

struct l4r_encoder_layers; /* is an l4r_layer_stack; the two names keep callers from mixing them */

static struct l4r_layer_stack *inside(struct l4r_encoder_layers *layers) {
  return (struct l4r_layer_stack *)layers;
}

int l4r_encoder_layers_open(const struct l4r_train_spec *spec, struct l4r_encoder_layers **layers) {
  struct l4r_layer_stack *stack;
  int status = l4r_layer_stack_open(spec, 0, &stack);
  if (!status) *layers = (struct l4r_encoder_layers *)stack;
  return status;
}

int64_t l4r_encoder_layers_bytes(const struct l4r_train_spec *spec) {
  return l4r_layer_stack_bytes(spec, 0);
}

void l4r_encoder_layers_close(struct l4r_encoder_layers *layers) {
  l4r_layer_stack_close(inside(layers));
}

int l4r_encoder_forward(struct l4r_encoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *batch, struct l4r_random *random,
                        l4r_real *hidden) {
  return l4r_layer_forward(inside(layers), values, batch, random, hidden);
}

int l4r_encoder_backward(struct l4r_encoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_vector) {
  l4r_layer_backward(inside(layers), values, d_hidden, gradients, d_vector, NULL);
  return 0;
}
