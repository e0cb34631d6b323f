/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder's own structures; see impl/stack.h for what it does. */
#ifndef L4R_BLIS_ENCODER_H
#define L4R_BLIS_ENCODER_H

#include "impl/blis/attention.h"
#include "impl/blis/block.h"
#include "impl/blis/stack.h"

struct l4r_encoder_scratch { /* for up to `l4r_encoder.part` rows */
  float *memory;             /* the one allocation behind the pointers */
  float *x, *normed;         /* [part][D]: residual stream, its norm */
  float *qkv;                /* [part][3HK] */
  float *context;            /* [part][HK] */
  float *inner;              /* [part][l4r_inner_ld] */
  float *tail_x, *tail_norm; /* [part][D]: read-out rows in the last block */
};

struct l4r_blis_sasrec;
struct l4r_encoder {
  struct l4r_stack *stack;
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length;
  int64_t part; /* most rows, and most sequences, that go through the blocks at once */
  struct l4r_blis_sasrec *sasrec; /* the weights when the blocks are SASRec's; then block,
                                final_norm, embedding and bias are empty */
  struct l4r_block *block;
  float *final_norm, *embedding; /* [D]; [V][D] or NULL */
  struct l4r_bias bias;
  struct l4r_encoder_scratch *scratch; /* [workers] */
  float **attention;                   /* [workers] */
  int64_t weights_bytes, scratch_bytes;
};

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

#endif
