/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's blocks behind the encoder: packed weights, and one part of a batch through them. */
#ifndef L4R_BLIS_BERT_H
#define L4R_BLIS_BERT_H

#include "impl/blis/encoder_part.h"

/* Packs prefix + "embeddings..." and "encoder.layer...". *bytes is added to. L4R_INPUT, L4R_USAGE
 * (sequences longer than the position table), L4R_ENVIRONMENT; what was taken is freed by
 * l4r_blis_bert_close either way. */
int l4r_blis_bert_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                       struct l4r_blis_bert **bert, int64_t *bytes);
void l4r_blis_bert_close(struct l4r_blis_bert *bert);
/* As l4r_encode_part. */
void l4r_blis_bert_part(const struct l4r_work_group *group, const struct l4r_encode_part *part);

#endif
