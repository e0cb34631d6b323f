/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder of encoder.h: a stack of self-attention and feed-forward parts (T5), or SASRec's or
 * BERT's blocks. */
#include "impl/train/layers/encoder.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/bert.h"
#include "impl/train/layers/bert_open.h"
#include "impl/train/layers/inner.h"
#include "impl/train/layers/open.h"
#include "impl/train/layers/sasrec.h"
#include "impl/train/layers/sasrec_open.h"
#include "impl/train/layers/stack.h"

struct l4r_encoder_layers { /* exactly one of them is not NULL */
  struct l4r_layer_stack *stack;
  struct l4r_sasrec_layers *sasrec;
  struct l4r_bert_layers *bert;
};

int l4r_encoder_layers_open(const struct l4r_train_spec *spec, struct l4r_encoder_layers **layers) {
  struct l4r_encoder_layers *made = l4r_alloc(1, sizeof *made, "training layers");
  if (!made) return L4R_ENVIRONMENT;
  int status;
  if (spec->shape->block == L4R_BLOCK_SASREC)
    status = l4r_sasrec_open(spec, &made->sasrec);
  else if (spec->shape->block == L4R_BLOCK_BERT)
    status = l4r_bert_open(spec, &made->bert);
  else
    status = l4r_layer_stack_open(spec, 0, &made->stack);
  if (status) {
    l4r_free(made);
    return status;
  }
  *layers = made;
  return 0;
}

int64_t l4r_encoder_layers_bytes(const struct l4r_train_spec *spec) {
  int64_t bytes;
  if (spec->shape->block == L4R_BLOCK_SASREC)
    bytes = l4r_sasrec_bytes(spec);
  else if (spec->shape->block == L4R_BLOCK_BERT)
    bytes = l4r_bert_bytes(spec);
  else
    bytes = l4r_layer_stack_bytes(spec, 0);
  return bytes < 0 ? bytes : bytes + (int64_t)sizeof(struct l4r_encoder_layers);
}

void l4r_encoder_layers_close(struct l4r_encoder_layers *layers) {
  if (!layers) return;
  l4r_layer_stack_close(layers->stack);
  l4r_sasrec_close(layers->sasrec);
  l4r_bert_close(layers->bert);
  l4r_free(layers);
}

struct l4r_layer_stack *l4r_encoder_stack(struct l4r_encoder_layers *layers) {
  return layers->stack;
}

int l4r_encoder_forward(struct l4r_encoder_layers *layers, const l4r_real *values,
                        const struct l4r_batch *batch, struct l4r_random *random,
                        l4r_real *hidden) {
  if (layers->sasrec) return l4r_sasrec_forward(layers->sasrec, values, batch, random, hidden);
  if (layers->bert) return l4r_bert_forward(layers->bert, values, batch, random, hidden);
  return l4r_layer_forward(layers->stack, values, batch, random, hidden);
}

int l4r_encoder_backward(struct l4r_encoder_layers *layers, const l4r_real *values,
                         l4r_real *d_hidden, l4r_real *gradients, l4r_real *d_vector) {
  if (layers->sasrec)
    l4r_sasrec_backward(layers->sasrec, values, d_hidden, gradients, d_vector);
  else if (layers->bert)
    l4r_bert_backward(layers->bert, values, d_hidden, gradients);
  else
    l4r_layer_backward(layers->stack, values, d_hidden, gradients, d_vector, NULL);
  return 0;
}
