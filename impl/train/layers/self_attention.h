/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/layers: the attention of a sequence to itself, logits divided by sqrt(K)
 * and without position bias, as SASRec's and BERT's blocks have it. */
#ifndef L4R_TRAIN_LAYERS_SELF_ATTENTION_H
#define L4R_TRAIN_LAYERS_SELF_ATTENTION_H

#include "impl/train/layers/inner.h"

struct l4r_self_attention { /* over sequences sequence[0] .. sequence[1]-1 of a batch */
  const struct l4r_layer_kernels *kernels;
  const int64_t *start, *weights_at; /* of the batch; where a sequence's weights begin */
  int64_t heads, key;
  int causal, dropping;
  struct l4r_dropper *dropper;
  l4r_real *scratch;
  uint64_t *mask;
  int64_t sequence[2];
};

/* Fills weights_at[count + 1]: attention's weights of each sequence, [H][queries][padded keys]. */
void l4r_self_attention_places(const struct l4r_batch *batch, int64_t heads, int64_t *weights_at);
/* context[P][H*K] from qkv[P][3 * H*K], q already divided by sqrt(K); keeps weights. */
void l4r_self_attention(const struct l4r_self_attention *attention, l4r_real *qkv,
                        l4r_real *weights, l4r_real *context);
/* d_qkv from d_context, both of the chunk: their first rows are those of the first sequence. The
 * part of q is the gradient before the division. */
void l4r_self_attention_back(const struct l4r_self_attention *attention, l4r_real *qkv,
                             l4r_real *weights, l4r_real *d_context, l4r_real *d_qkv);

#endif
