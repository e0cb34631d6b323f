/* SPDX-License-Identifier: BSD-3-Clause */
/* LiGR's gates in SASRec's blocks (formulas at struct l4r_t5_shape). */
#ifndef L4R_TRAIN_LAYERS_SASREC_GATE_H
#define L4R_TRAIN_LAYERS_SASREC_GATE_H

#include "impl/train/layers/sasrec_inner.h"

/* y[rows][D] is multiplied by sigmoid(gate in + bias); rows begin at row `first` of the batch.
 * Nothing without gates. */
void l4r_sasrec_gate(struct l4r_sasrec_layers *s, struct l4r_sasrec_gate *gate,
                     const l4r_real *values, int64_t first, int64_t rows, const l4r_real *in,
                     l4r_real *y);
/* d: of the gated output before, of what was gated after; d_in is added to. */
void l4r_sasrec_gate_back(struct l4r_sasrec_layers *s, const struct l4r_sasrec_gate *gate,
                          const l4r_real *values, int64_t first, int64_t rows, const l4r_real *in,
                          l4r_real *d, l4r_real *gradients, l4r_real *d_in);

#endif
