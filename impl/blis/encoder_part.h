/* SPDX-License-Identifier: BSD-3-Clause */
/* One part of a batch through all blocks of an encoder, and the attention of any block. */
#ifndef L4R_BLIS_ENCODER_PART_H
#define L4R_BLIS_ENCODER_PART_H

#include "impl/blis/encoder.h"

struct l4r_encode_part { /* sequences first .. first+count-1 of a batch */
  struct l4r_encoder *encoder;
  const struct l4r_ragged *batch;
  enum l4r_output_kind kind;
  float *out; /* the whole call's */
  const struct l4r_encoder_scratch *scratch;
  float *attention; /* the calling worker's */
  int64_t first, count;
};
/* Runs all blocks over a part; every worker of the group calls it with the same part. */
void l4r_encode_part(const struct l4r_work_group *group, const struct l4r_encode_part *part);

/* Attention of a part, scratch->qkv in, scratch->context out, for T5's blocks and SASRec's, which
 * have no bias. Tasks are (sequence, head), divided among the group; no barrier inside. `tail`: one
 * query a sequence, its last position's, from rows of its own in scratch->inner. */
void l4r_encode_attend(const struct l4r_work_group *group, const struct l4r_encode_part *part,
                       int tail);

#endif
