/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/lite: a training that is open. task.c opens and closes it, sizes.c
 * computes sizes and memory.c the memory they need, sequences.c draws the windows of an epoch and a
 * step, step.c computes loss and gradients, with readout.c for users' states, head.c for what
 * losses multiply and sampled.c for sampled losses; validate.c ranks, so that an epoch can be
 * chosen. impl/train/items has the Item LLM's part.
 *
 * Letters: D width, I items, B windows of a step, T positions of a window. With a tied head and the
 * full cross-entropy, every item has a slot (impl/train/items/items.h): slot item-1. */
#ifndef L4R_TRAIN_LITE_TASK_H
#define L4R_TRAIN_LITE_TASK_H

#include "impl/train/items/items.h"
#include "impl/train/layers/layers.h"
#include "impl/train/lite/train.h"
#include "impl/train/loop/sums.h"

struct l4r_lite_sizes {
  int64_t items, width, history;
  int64_t batch, prefixes; /* windows of a step; bidirectional: prefixes per user, negative: all */
  int64_t rec_positions;   /* positions that pass through the Recommendation LLM at once */
  int64_t block_rows;      /* users whose logits exist at once in validation */
  int64_t step_slots;      /* most distinct items of a training step */
  int64_t scored;          /* items whose scores this rank computes in validation */
  int workers, bf16;       /* workers: of this rank */
  const struct l4r_layer_kernels *kernels;
  struct l4r_train_ranks ranks;
};

struct l4r_lite_window { /* inputs train_item[first] .. [first + length - 1]; the target of a
                            position is the item after it (bidirectional: only for the last
                            position) */
  int64_t first, length;
};

struct l4r_lite_epoch { /* sequences.h */
  uint64_t seed;
  int64_t number;
  struct l4r_lite_window *window;
  int64_t windows;
  size_t capacity;
};

struct l4r_lite_step {            /* sequences.h */
  struct l4r_lite_window *window; /* [B], in the workers' order */
  int64_t *bound;                 /* [all ranks' workers + 1]: each worker's windows */
  int64_t *load, *place;          /* [all ranks' workers] scratch of sharing out */
  int64_t targets;
};

struct l4r_lite_worker {
  struct l4r_encoder_layers *rec;
  int64_t *rec_start;
  float *rec_vector, *rec_hidden, *rec_d_hidden; /* [rec positions][D] */
  float *state, *d_state; /* [rec positions][D]: read-outs when not every position is read out */
  int32_t *target;        /* [rec positions] */
  float *unit_state, *inverse, *d_unit; /* head.h: [rec positions][D], [rec positions], [S][D]; NULL
                                           with dot products */
  float *gradients;                     /* flat; NULL for worker 0, which uses the step's */
  float *logits;       /* [block_rows][I] in validation; scratch of the softmax in training */
  float *sampled;      /* scratch of the sampled losses */
  int32_t *sample_row; /* [N], or [rec positions][N] where each position has its own */
  unsigned char *mark; /* [I + 1], for ranks */
  double loss, hr10, ndcg10;
  int64_t users;
};

struct l4r_lite_sampled { /* sampled.h; all 0 with cross-entropy */
  enum l4r_lite_loss loss;
  double calibration;
  int each, uncorrected; /* as in struct l4r_sampled_spec; with each, nothing below is used */
  int update_rows;
  int64_t negatives, max_pieces, max_rows;
  l4r_item *item;  /* [max_pieces][N] samples of the step's pieces */
  int64_t *piece;  /* [all ranks' workers + 1] a worker's first piece */
  int32_t *drawn;  /* [I + 1] number of the last draw that had the item */
  int32_t *named;  /* [I + 1] number of the last list that had the item */
  int32_t *id_row; /* [max_rows] the step's rows of the id table, and of the head's weight */
  int32_t *head_row;
  int32_t draws, names;
  struct l4r_train_rows rows; /* of the step; count 0: dense */
};

struct l4r_lite_judged { /* users of validation whose ranks are computed together */
  int32_t *user;         /* [most] */
  float *state;          /* [most][D], of all ranks */
  float *sent;           /* [most][D], of this one */
  double *target;        /* [most] scores of the held-out items */
  int64_t *ahead;        /* [most] items that stand before them */
  int64_t count, most;
};

struct l4r_lite_task {
  const struct l4r_dataset *dataset;
  const struct l4r_model_config *config;
  const struct l4r_tensors *tensors;
  const struct l4r_pretrained *init; /* NULL: random */
  char tokenizer_sha256[65];
  struct l4r_lite_sizes sizes;
  int64_t head_weight, head_bias; /* offsets in the flat buffer, or -1 */
  int64_t rec_begin;              /* offset of all that is not the Item LLM's */
  int64_t *validation_user, validation_users;
  struct l4r_train_items items;
  struct l4r_lite_sampled sampled;
  struct l4r_train_sums sums;
  struct l4r_lite_judged judged; /* validate_divided.h */
  float *unit, *inverse;         /* head.h: [I][D], [I]; NULL with dot products */
  struct l4r_lite_worker *worker;
  struct l4r_lite_epoch epoch;
  struct l4r_lite_step step;
};

/* A task of l4r_lite_train that is ready for the loop. It must not be moved and must be closed. */
struct l4r_lite_run {
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_lite_task lite;
  struct l4r_train_task task;
  char settings[400];
};
int l4r_lite_open(const struct l4r_lite_train_options *options, struct l4r_lite_run *run);
void l4r_lite_close(struct l4r_lite_run *run);

#endif
