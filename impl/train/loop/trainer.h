/* SPDX-License-Identifier: BSD-3-Clause */
/* The training loop over a task: AdamW with warm-up and clipping, validation after each epoch, the
 * best epoch kept, training.jsonl, and checkpoints that --resume continues bit for bit. The loop
 * knows no model: a task (Lite and SASRec in impl/train/lite, P5 and the mixed kinds in
 * baselines/beam) fills the struct below. */
#ifndef L4R_TRAIN_LOOP_TRAINER_H
#define L4R_TRAIN_LOOP_TRAINER_H

#include "impl/base/team.h"
#include "impl/comm/comm.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct l4r_layer_kernels; /* impl/train/layers/matmul.h */

/* The learning rate after the warm-up: constant, or falling to a twentieth at the end of the run,
 * linearly or as half a cosine. The end is the nearer of the bounds `epochs` and `minutes`; a run
 * without either keeps its rate. Under a bound of minutes, the fraction done is measured at each
 * epoch's begin and stored, so that a run resumed within an epoch continues with the same rates. */
enum l4r_schedule { L4R_SCHEDULE_CONSTANT, L4R_SCHEDULE_LINEAR, L4R_SCHEDULE_COSINE };

enum { L4R_MOST_WORKERS = 256 }; /* of a task */

struct l4r_train_options {
  int64_t epochs;   /* the most epochs; 0: write random weights and stop; negative: no bound */
  double minutes;   /* most wall time, validation included; 0: no bound */
  int64_t patience; /* epochs without a better validation NDCG@10 before stopping; 0: none */
  uint64_t seed;
  double learning_rate, weight_decay, clip; /* clip: global gradient norm */
  double warmup; /* steps; below 1 a share of the run, of which `schedule` says where it ends */
  double embedding_rate;  /* learning rate of token and item vectors as a multiple of the others' */
  double pretrained_rate; /* the same of a pretrained Item LLM's tensors */
  enum l4r_schedule schedule;   /* course of the rate after the warm-up */
  double beta1, beta2, epsilon; /* AdamW */
  int resume;                   /* 1: continue from the folder's checkpoint */
  const char *out;              /* model folder */
  const char *name;             /* name in messages; NULL: out */
  int64_t started_ns; /* l4r_now_ns() from which `minutes` counts; 0: the begin of l4r_train */
  double checkpoint_seconds; /* time between checkpoints within an epoch; 0: only at its end */
  double ceiling_seconds;    /* for measuring the ceiling at the begin; 0: it is not measured */
  int bf16;        /* 1: the blocks' products take bf16 operands (struct l4r_train_spec) */
  const char *isa; /* the set of instructions, also for validation; NULL: the widest */
  const struct l4r_layer_kernels *kernels; /* kernels of that set, from l4r_layer_kernels_find */
  struct l4r_team *team;
  /* The ranks that train together (ranks.h), borrowed; NULL: this process alone. */
  struct l4r_comm *comm;
  enum l4r_wire wire; /* form of the gradients on their way between ranks */
};
/* Sets defaults: no bound on epochs, patience 5, lr 1e-3, warm-up 100, then constant, decay 0.01,
 * clip 1, embedding rate 1, betas .9 .999, epsilon 1e-8, seed 1, a checkpoint every two minutes,
 * 0.3 s for the ceiling. */
void l4r_train_defaults(struct l4r_train_options *options);

/* Tables of the flat buffers, [total][width] each, in which a step has gradients in few rows. */
struct l4r_row_table {
  int64_t offset, width, total;
  const int32_t *row; /* [rows] the step's distinct rows; of a divided table those of this rank */
  int64_t rows;
  /* Of a table that ranks divide (impl/train/loop/tensors_divided.h): the gradients of all rows
   * that the step names, [summed_rows][width], the same on every rank, of which the norm is made.
   */
  const float *summed;
  int64_t summed_rows;
};
enum { L4R_ROW_TABLES = 2 };
struct l4r_train_rows {
  int count;                                  /* 0: steps are dense */
  int64_t most;                               /* rows that a step names in a table, at most */
  struct l4r_row_table table[L4R_ROW_TABLES]; /* by ascending offset, not overlapping */
};
struct l4r_train_step {
  int64_t epoch, step; /* from 0; step within the epoch */
  /* Of the run. Streams must depend only on (seed, epoch, step, worker), the worker's number among
   * those of all ranks, so that a resumed run draws the same. */
  uint64_t seed;
  const float *values; /* flat parameters */
  float *gradients; /* flat, tensors->trained of them, zeroed by the loop; the task leaves the sum
                       over all workers of all ranks there, divided by the number of targets */
  double loss;      /* out: mean per target, nats; this and the rest are of all ranks */
  int64_t targets;  /* out: targets of this step */
  int64_t tokens;   /* out: positions that passed through an encoder or decoder, texts included */
  double flops;     /* out: analytic */
};

struct l4r_validation {
  double hr10, ndcg10; /* masked convention, over all users with a validation item */
  int64_t users;
};

struct l4r_train_task {
  void *state;
  struct l4r_model_config *config; /* the loop sets epoch, seed, training_seconds */
  const struct l4r_tensors *tensors;
  int64_t users; /* users in an epoch, for the speed shown */
  /* Tables whose rows forward_backward names in each step, the same on every rank: only these rows
   * are cleared, counted in the norm and updated (moments and decay too, Adam's lazy form). NULL:
   * none. */
  const struct l4r_train_rows *rows;
  /* One line with settings that a resumed run must share beyond config and options (batch, hashes);
   * or NULL. */
  const char *settings;
  /* State of the task that steps change and that a resumed run needs, stored in the checkpoint; or
   * NULL. */
  void *extra;
  int64_t extra_bytes;
  /* Fills or changes the initial values, which l4r_tensors_init drew before; or NULL. */
  int (*initialise)(void *state, float *values);
  /* Called once before the first step, with the initial values or (resumed) the checkpoint's, whose
   * part behind tensors->trained it fills; or NULL. What it leaves must be the same on every rank;
   * values are rank 0's afterwards. */
  int (*prepare)(void *state, struct l4r_team *team, float *values, int resumed);
  /* Prepares epoch `epoch` (shuffles, draws prefixes from (seed, epoch)); *steps: number of its
   * steps. */
  int (*begin_epoch)(void *state, uint64_t seed, int64_t epoch, int64_t *steps);
  /* Computes loss and gradients of one optimiser step, using the team. */
  int (*forward_backward)(void *state, struct l4r_team *team, struct l4r_train_step *step);
  int (*validate)(void *state, struct l4r_team *team, const float *values,
                  struct l4r_validation *validation);
};

/* Trains to the end of its bounds and writes the model folder with the best epoch's weights. The
 * folder also has training.jsonl (one line per epoch) and training.state, the checkpoint:
 * parameters, moments, best weights and counters, with checksums, written to another file and
 * renamed, so that a kill at any instant leaves the last complete one. It is written at each
 * epoch's end, every `checkpoint_seconds`, and when SIGINT or SIGTERM arrives; then the current
 * step is finished and L4R_OK returned with *interrupted 1 (a second signal has its usual effect).
 * With `resume` the run continues from the checkpoint bit for bit, given the same number of
 * workers; without, an existing checkpoint is replaced.
 *
 * With several ranks (options->comm) the call is collective. Files are rank 0's alone, which must
 * have made the folder; `minutes` is by rank 0's clock; a signal to any rank ends all. The same
 * number of ranks and workers repeats the bits, another one differs by rounding. A rank that fails
 * returns, and its caller ends all ranks by l4r_comm_end.
 *
 * L4R_CHECK: loss or gradient are not finite; the message names step, tensor and last good
 * checkpoint. L4R_INPUT: the checkpoint is missing, corrupt, or made with other settings.
 * L4R_ENVIRONMENT: too little memory, or a file could not be written (the old one stays). Signal
 * handlers are installed during the call. */
int l4r_train(const struct l4r_train_task *task, const struct l4r_train_options *options,
              int *interrupted);

#endif
