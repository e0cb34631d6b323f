/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder of this stack and its own structures; see impl/stack.h for what it does. */
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
  float *gate;               /* [part][D]; with gates alone */
};

struct l4r_blis_sasrec;
struct l4r_blis_bert;
struct l4r_encoder {
  struct l4r_stack *stack;
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length;
  int64_t part; /* most rows, and most sequences, that go through the blocks at once */
  struct l4r_blis_sasrec *sasrec; /* the weights when the blocks are SASRec's; then block,
                                final_norm, embedding and bias are empty */
  struct l4r_blis_bert *bert;     /* likewise when they are BERT's */
  struct l4r_block *block;
  float *final_norm, *embedding; /* [D]; [V][D] or NULL */
  struct l4r_bias bias;
  struct l4r_encoder_scratch *scratch; /* [workers] */
  float **attention;                   /* [workers] */
  int64_t weights_bytes, scratch_bytes;
};

/* As struct l4r_stack_ops' encoder_open, encoder_close and encode. */
int l4r_blis_encoder_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                          struct l4r_encoder **encoder);
void l4r_blis_encoder_close(struct l4r_encoder *encoder);
int l4r_blis_encode(struct l4r_encoder *encoder, const struct l4r_ragged *batch,
                    enum l4r_output_kind kind, float *out);

#endif
