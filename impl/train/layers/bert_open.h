/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens BERT's training layers and their memory; contracts as in encoder.h. */
#ifndef L4R_TRAIN_LAYERS_BERT_OPEN_H
#define L4R_TRAIN_LAYERS_BERT_OPEN_H

#include "impl/train/layers/layers.h"

struct l4r_bert_layers;
int l4r_bert_open(const struct l4r_train_spec *spec, struct l4r_bert_layers **layers);
int64_t l4r_bert_bytes(const struct l4r_train_spec *spec);
void l4r_bert_close(struct l4r_bert_layers *layers);

#endif
