/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to the Lite engines: a catalogue divided among ranks (option shards=R).
 *
 *   rank 0:  order (histories) --> all     every rank: looks up the vectors that it holds
 *   all   :  share of vectors, encoder     every rank: the same states, bit by bit
 *   all   :  scores of its slice, best k   rank 0 gathers and merges them by l4r_before
 *
 * A rank holds the vectors and the head of its slice alone; the encoder is on every rank. All
 * kernels are those that rank 0 chose, so that a score has the bits that one rank gives it. */
#ifndef L4R_LITE_SHARD_H
#define L4R_LITE_SHARD_H

#include "impl/lite/lite_engine.h"
#include "impl/shards/link.h"

struct l4r_model;

struct l4r_lite_shard {
  struct l4r_link *link;
  struct l4r_order order; /* under way */
  int ranks, is_open;     /* 1: rank 0 has told the others to open */
  char *payload;          /* of an order; rank 0 alone */
  int64_t *bytes;         /* [ranks] */
  int64_t *next;          /* [ranks] */
  int64_t *counts; /* [end - begin + 1]: popularity of the slice; NULL: lite->popularity has it */
  float *mine, *shared; /* [batch * T_max][D]: vectors that this rank holds, and all */
  l4r_item *item;       /* [batch][k]: rankings of the slice */
  float *score;
  struct l4r_ranking *ranking;        /* [batch] */
  struct l4r_ranked *ranked, *others; /* [batch][k]; of all ranks, rank 0 alone */
  const struct l4r_ranked **part;     /* [ranks] of one request */
  int64_t *entries;                   /* [ranks] */
  float *scores, *parts; /* of the slice and of the others, made at the first call of score */
  size_t scores_room, parts_room;
};

/* What OPEN says: how rank 0 opened the model. Travels as it is. */
struct l4r_shard_open {
  char model[4096], data[4096], sha256[65]; /* folders; of the weights */
  char stack[16], precision[16], isa[32], kernel[48], kernels[128];
  int32_t fallback, threads, cache, table; /* table: enum l4r_table */
  int64_t batch, max_k;
};

/* Reads shards=R: *shards 0 where the option is absent. L4R_USAGE for what is no number of ranks,
 * for another number than there are, and with items=live. */
int l4r_lite_shards_read(const struct l4r_open_options *options, int live, int *shards);
/* Gives a handle whose model's configuration is known its slice: lite->shard. */
int l4r_lite_shard_make(struct l4r_lite *lite, struct l4r_link *link);
void l4r_lite_shard_free(struct l4r_lite *lite);
/* Another rank than 0, when it is open: keeps of the data set how often the slice's items occur, so
 * that it may be closed. L4R_ENVIRONMENT without memory. */
int l4r_lite_shard_forget_dataset(struct l4r_lite *lite);
/* When the stack is open: rank 0 lets the other ranks open theirs, with its kernels. */
int l4r_lite_shard_begin(struct l4r_lite *lite, const struct l4r_open_options *options,
                         const struct l4r_model *model);
/* At the end of opening, on all ranks: returns when every rank is ready. */
int l4r_lite_shard_ready(struct l4r_lite *lite);

/* Rank 0, with the batch's histories in place: gives the order. */
int l4r_lite_shard_order(struct l4r_lite *lite, enum l4r_order_kind kind, int64_t count, int64_t k);
/* Fill lite->input with the vectors of the batch's histories. */
int l4r_lite_shard_vectors(struct l4r_lite *lite, int64_t count);
/* Behind the encoder: the best k of the order's requests, or all scores. Both arguments are rank
 * 0's; NULL on the others. */
int l4r_lite_shard_top_k(struct l4r_lite *lite, struct l4r_ranking *ranking);
int l4r_lite_shard_scores(struct l4r_lite *lite, float *scores);
/* Answers the orders OPEN and REPORT. */
int l4r_lite_shard_report(struct l4r_lite *lite, struct l4r_shard_report *all);

#endif
