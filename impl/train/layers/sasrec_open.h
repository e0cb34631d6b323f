/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens SASRec's training layers and their memory; contracts as in encoder.h. */
#ifndef L4R_TRAIN_LAYERS_SASREC_OPEN_H
#define L4R_TRAIN_LAYERS_SASREC_OPEN_H

#include "impl/train/layers/layers.h"

struct l4r_sasrec_layers;
int l4r_sasrec_open(const struct l4r_train_spec *spec, struct l4r_sasrec_layers **layers);
int64_t l4r_sasrec_bytes(const struct l4r_train_spec *spec);
void l4r_sasrec_close(struct l4r_sasrec_layers *layers);

#endif
