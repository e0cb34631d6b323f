/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to the Lite engines: the handle. */
#ifndef L4R_LITE_LITE_ENGINE_H
#define L4R_LITE_LITE_ENGINE_H

#include "impl/lite/items.h"
#include "impl/lite/table.h"
#include "impl/model/config.h"
#include "impl/spent.h"
#include "impl/stack.h"

struct l4r_lite_shard;

struct l4r_lite {
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack;
  struct l4r_model_config config;
  char weights_sha256[65];
  int live, cache;              /* options items=live, cache=on */
  int64_t width, max_k;         /* D */
  int64_t batch;                /* requests computed at once */
  int64_t begin, end;           /* this process holds items begin + 1 .. end: all but with shards */
  const int64_t *popularity;    /* [items + 1], of the data set */
  enum l4r_table table;         /* option */
  float *vectors;               /* [end - begin][D]; NULL where they are not used, or in a file: */
  int in_file, rows_file;       /* 1: there, and its descriptor */
  int64_t rows_begin;           /* the byte of item 1's vector */
  struct l4r_lite_items *items; /* with items=live, else NULL */
  struct l4r_encoder *encoder;
  struct l4r_head *head;
  int64_t *start;    /* [batch + 1] */
  l4r_item *history; /* [batch * T_max] */
  float *input;      /* [batch * T_max][D] */
  float *user;       /* [batch][D] */
  double mean_tokens, open_seconds, item_vectors_seconds;
  int item_vectors_cached;
  int64_t encoding_ns, head_ns; /* spent in recommend since open */
  struct l4r_lite_shard *shard; /* with shards=R, else NULL (impl/lite/shard.h) */
  struct l4r_stage_hook on_stage;
  struct l4r_spent *spent; /* where on_stage listens: asking the clock that often is not free */
};

enum { L4R_LITE_ENCODING, L4R_LITE_HEAD }; /* the timers in order */

#endif
