/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/loop: trainer.c runs the loop, adam.c updates the weights, rows.c finds
 * the rows that a step names, state.c writes and reads the checkpoint, ceiling.c measures what the
 * machine can do, log.c writes training.jsonl and tells a person. */
#ifndef L4R_TRAIN_LOOP_INTERNAL_H
#define L4R_TRAIN_LOOP_INTERNAL_H

#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/train/loop/trainer.h"

#define L4R_STATE_FILE "training.state"
#define L4R_LOG_FILE   "training.jsonl"

/* Everything of a run but its arrays: plain numbers of eight bytes, stored as they are. */
struct l4r_train_counters {
  int64_t epoch, step; /* next to do; step within the epoch */
  int64_t updates;     /* optimiser steps so far */
  int64_t threads;
  int64_t best_epoch; /* -1: none yet */
  int64_t since_best; /* epochs without a better one */
  int64_t lines;      /* of training.jsonl */
  double best_hr10, best_ndcg10;
  double seconds; /* of the whole run up to this state, earlier sessions included */
  /* of the epoch under way */
  double epoch_seconds, epoch_loss, epoch_flops; /* loss: sum over targets */
  int64_t epoch_targets, epoch_tokens;
  double progress_begin, progress_end; /* fraction of the run at the epoch's two ends */
  /* for planning */
  double last_epoch_seconds, validation_seconds;
};

struct l4r_train_run {
  const struct l4r_train_task *task;
  const struct l4r_train_options *options;
  struct l4r_train_counters counters;
  float *values, *gradients, *first, *second, *best; /* flat, tensors->floats each */
  float *block;                                      /* one allocation behind the five */
  double *norm;                                      /* partial sums of the gradient norm */
  char state_path[L4R_PATH_MAX], log_path[L4R_PATH_MAX], settings[65];
  int64_t session_ns;     /* l4r_now_ns() of this session's begin */
  double session_seconds; /* counters.seconds at that time */
  double write_seconds;   /* the last checkpoint took */
  int64_t written_ns;     /* when it was written */
  double ceiling[2];      /* GFLOP/s of sgemm before and after the epoch under way; 0: unknown */
  int64_t ceiling_ns;     /* when the second was measured */
};

/* Euclidean norm of all gradients, in double over fixed blocks, so that its bits do not depend on
 * the number of workers. norm: scratch of l4r_adam_blocks(floats) values. */
int64_t l4r_adam_blocks(int64_t floats);
double l4r_adam_norm(struct l4r_team *team, const float *gradients, int64_t floats, double *norm);
double l4r_adam_squares(const float *values, int64_t count); /* their sum */
struct l4r_adam_step {
  const struct l4r_tensors *tensors;
  float *values, *first, *second;
  const float *gradients;
  double rate, scale; /* of this step; gradients are multiplied by scale (clipping) */
  double beta1, beta2, epsilon, decay;
  double embedding_rate;             /* times rate: of the tensors marked embedding */
  int64_t update;                    /* from 1 */
  const struct l4r_train_rows *rows; /* of these tables only the named rows; NULL: none */
};
/* AdamW (Loshchilov and Hutter 2019, algorithm 2): moments with bias correction, decay decoupled
 * and only for tensors that ask for it. Vectors of tokens and items move embedding_rate times as
 * far, which is what smaller vectors multiplied by that factor on their way in (Transformer,
 * section 3.4; SASRec) would do, without the factor in the model; decay, relative to a value, is
 * the same for both. Bits do not depend on the number of workers. */
int l4r_adam_update(struct l4r_team *team, const struct l4r_adam_step *step);

/* Zeros outside the row tables before a step, and in the rows named after it; the norm of all
 * gradients; values that run->norm must hold. */
void l4r_train_clear(struct l4r_train_run *run);
void l4r_train_clear_rows(struct l4r_train_run *run);
double l4r_train_gradient_norm(struct l4r_train_run *run);
int64_t l4r_train_norm_values(const struct l4r_train_task *task);

/* SHA-256 over every setting that a resumed run must share. */
int l4r_train_settings(struct l4r_train_run *run);
/* The same for a reader, with the bounds and without the seed: config.json's "training". */
void l4r_train_describe(const struct l4r_train_run *run, char *text, size_t size);
int l4r_train_state_write(struct l4r_train_run *run);
int l4r_train_state_read(struct l4r_train_run *run);

/* Measures the sgemm ceiling at a session's begin, and at an epoch's end when that is due and time
 * is left; the ceiling of the epoch between, GFLOP/s, 0 when it was not to be measured. */
int l4r_train_ceiling_begin(struct l4r_train_run *run);
int l4r_train_ceiling_again(struct l4r_train_run *run);
double l4r_train_ceiling(const struct l4r_train_run *run);

/* Cuts training.jsonl to the lines the counters know (none: removes it). */
int l4r_train_log_cut(const struct l4r_train_run *run);
/* Adds the epoch's line and tells a person. fraction: of the epoch's steps that were done. */
int l4r_train_log_epoch(struct l4r_train_run *run, const struct l4r_validation *validation,
                        double rate, double fraction, int better);
void l4r_train_log_step(const struct l4r_train_run *run, double loss, int64_t steps);

/* Seconds of the run so far, earlier sessions included; the learning rate of the next update. */
static inline double l4r_train_seconds(const struct l4r_train_run *run) {
  return run->session_seconds + (double)(l4r_now_ns() - run->session_ns) * 1e-9;
}
double l4r_train_rate(const struct l4r_train_run *run, int64_t steps);

#endif
