/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/loop: trainer.c runs the loop, adam.c updates the weights, rows.c finds
 * the rows that a step names, state.c writes and reads the checkpoint, ceiling.c measures the best
 * speed of the machine, log.c writes training.jsonl and prints progress, together.c is where ranks
 * agree. */
#ifndef L4R_TRAIN_LOOP_RUN_H
#define L4R_TRAIN_LOOP_RUN_H

#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/ceiling/peak.h"
#include "impl/train/loop/kernels/kernels.h"
#include "impl/train/loop/ranks.h"
#include "impl/train/loop/trainer.h"

#define L4R_STATE_FILE "training.state"
#define L4R_LOG_FILE   "training.jsonl"

/* The state of a run without its arrays: plain numbers of eight bytes, stored as they are. */
struct l4r_train_counters {
  int64_t epoch, step; /* the next ones; step is within the epoch */
  int64_t updates;     /* optimiser steps so far */
  int64_t threads;     /* of all ranks */
  int64_t best_epoch;  /* -1: none yet */
  int64_t since_best;  /* epochs without a better one */
  int64_t lines;       /* in training.jsonl */
  double best_hr10, best_ndcg10;
  double seconds; /* of the whole run up to this state, earlier sessions included */
  /* for the current epoch */
  double epoch_seconds, epoch_loss, epoch_flops; /* loss: sum over targets */
  int64_t epoch_targets, epoch_tokens;
  double progress_begin, progress_end; /* fraction of the run at the epoch's two ends */
  /* for planning */
  double last_epoch_seconds, validation_seconds;
};

struct l4r_train_run {
  const struct l4r_train_task *task;
  const struct l4r_train_options *options;
  struct l4r_train_ranks ranks;
  const struct l4r_adam_kernels *adam; /* of the set that options->isa asks for */
  struct l4r_train_counters counters;
  float *values;                            /* flat, tensors->floats */
  float *gradients, *first, *second, *best; /* flat, tensors->trained each */
  float *block;                             /* the allocation that holds the five */
  double *norm;                             /* partial sums of the gradient norm */
  char state_path[L4R_PATH_MAX], log_path[L4R_PATH_MAX], settings[65];
  int64_t session_ns;         /* l4r_now_ns() at the begin of this session */
  double session_seconds;     /* counters.seconds at that time */
  double write_seconds;       /* duration of the last checkpoint */
  int64_t written_ns;         /* time at which it was written */
  struct l4r_peak ceiling[2]; /* before and after the current epoch; 0 GFLOP/s: unknown */
  int64_t ceiling_ns;         /* time at which the second was measured */
  struct l4r_comm_spent sent; /* with others, up to the begin of the epoch */
};

/* Returns the seconds of the run so far, earlier sessions included. */
static inline double l4r_train_seconds(const struct l4r_train_run *run) {
  return run->session_seconds + (double)(l4r_now_ns() - run->session_ns) * 1e-9;
}

#endif
