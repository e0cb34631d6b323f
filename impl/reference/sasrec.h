/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to impl/reference: the encoder of SASRec blocks, behind the encoder of the stack. */
#ifndef L4R_REFERENCE_SASREC_H
#define L4R_REFERENCE_SASREC_H

#include "impl/reference/reference.h"

struct l4r_reference_sasrec;
int l4r_reference_sasrec_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                              struct l4r_reference_sasrec **sasrec);
void l4r_reference_sasrec_close(struct l4r_reference_sasrec *sasrec);
int l4r_reference_sasrec_encode(struct l4r_reference_sasrec *sasrec, const struct l4r_ragged *batch,
                                enum l4r_output_kind kind, float *out);

#endif
