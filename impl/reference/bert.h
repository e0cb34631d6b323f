/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to impl/reference: the encoder of BERT blocks, behind the encoder of the stack. */
#ifndef L4R_REFERENCE_BERT_H
#define L4R_REFERENCE_BERT_H

#include "impl/reference/reference.h"

struct l4r_reference_bert;
int l4r_reference_bert_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                            struct l4r_reference_bert **bert);
void l4r_reference_bert_close(struct l4r_reference_bert *bert);
int l4r_reference_bert_encode(struct l4r_reference_bert *bert, const struct l4r_ragged *batch,
                              enum l4r_output_kind kind, float *out);

#endif
