/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to the decoder: what it keeps, and the part of a step that its workers share. */
#ifndef L4R_BLIS_DECODER_STATE_H
#define L4R_BLIS_DECODER_STATE_H

#include "impl/blis/attention.h"
#include "impl/blis/block.h"
#include "impl/blis/stack.h"

struct l4r_decoder_scratch { /* for up to `l4r_decoder.part` positions */
  float *memory;             /* the one allocation behind the pointers */
  float *x, *normed;         /* [part][D] */
  float *qkv;                /* [part][3HK] */
  float *query, *context;    /* [part][HK] */
  float *inner;              /* [part][l4r_inner_ld] */
};

/* What `cached` keeps of a batch. A beam's keys and values stay where they were computed; which
 * slot of step t a beam descends from stands in `ancestor`, so reordering beams moves integers. */
struct l4r_decoder_cache {
  float *self;       /* [blocks][max_steps][max_rows][2HK]: k | v */
  int32_t *ancestor; /* [lists][max_rows][max_steps]: slot at each step */
  float *transposed; /* [blocks][transposed_floats]: cross keys, of each user [H][K][ld of user] */
  float *value;      /* [blocks][max_memory][HK]: cross values */
  float *key;        /* [max_memory][HK]: cross keys before turning */
  int64_t *transposed_at; /* [max_users + 1] columns before a user's: its [HK][ld] begins HK times
                         that many floats in */
  int64_t transposed_floats;
};

struct l4r_decoder {
  struct l4r_stack *stack;
  struct l4r_t5_shape shape;
  int64_t max_users, max_memory, max_rows, max_steps;
  int cached, restricted, rewinds;
  int64_t lists; /* steps whose ancestors or prefixes are kept: 2, all where it rewinds */
  int64_t part;  /* most positions that go through the blocks at once */
  struct l4r_block *block;
  float *final_norm;
  float *embedding;         /* [V][D]; NULL when tied: then a column of `output` */
  struct l4r_matrix output; /* [D][V]; empty when restricted */
  float *choice;            /* restricted and not tied: [V][D]; tied: `embedding` is it */
  struct l4r_bias bias;
  struct l4r_decoder_scratch *scratch; /* [1] cached, [workers] plain */
  float **attention;                   /* [workers] */
  float **memory_kv;                   /* plain: [workers], each [max_memory][2HK] */
  float *state, *scaled; /* [max_rows][D]: after the final norm; what meets `output` */
  struct l4r_decoder_cache cache;
  int32_t *token; /* plain: [lists][max_rows][max_steps] prefixes */
  int64_t *run;   /* [max_rows + 1] first rows of runs with the same user */
  /* the batch under way */
  const float *encoded;
  int64_t *start; /* [max_users + 1] */
  int64_t users, steps, runs;
  int64_t *rows; /* [max_steps] of each step */
  int64_t weights_bytes, scratch_bytes;
};

struct l4r_decode_part { /* beams first .. first+count-1, each with its newest `prefix` positions */
  struct l4r_decoder *decoder;
  const struct l4r_decode_rows *rows;
  const struct l4r_decoder_scratch *scratch;
  float *attention, *memory_kv;
  int64_t first, count, prefix;
};

/* The rows' lists of a step: step t's overwrite those of step t - `lists`. */
static inline int32_t *l4r_decode_list(const struct l4r_decoder *decoder, int64_t step) {
  int32_t *lists = decoder->cached ? decoder->cache.ancestor : decoder->token;
  return lists + step % decoder->lists * decoder->max_rows * decoder->max_steps;
}

#endif
