/* The training loop over a task: AdamW with warm-up and clipping, validation each epoch, the best
 * epoch kept, training.jsonl, checkpoints that --resume continues bit for bit. It knows no model:
 * a task (Lite here, P5 and the mixed kinds in baselines/beam, SASRec) fills the struct below. */
#ifndef L4R_TRAIN_TRAINER_H
#define L4R_TRAIN_TRAINER_H

#include "impl/base/team.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct l4r_train_options {
  int64_t epochs;   /* at most; 0: write random weights and stop; negative: no bound */
  double minutes;   /* wall time at most, validation included; 0: no bound */
  int64_t patience; /* epochs without a better validation NDCG@10 before stopping; 0: none */
  uint64_t seed;
  double learning_rate, warmup, weight_decay, clip; /* warmup: steps; clip: global gradient norm */
  double beta1, beta2, epsilon;                     /* AdamW */
  int resume;                                       /* continue from the folder's checkpoint */
  const char *out;                                  /* model folder */
  struct l4r_team *team;
};
/* Defaults: no bound on epochs, patience 5, lr 1e-3, warm-up 100, decay 0.01, clip 1, betas .9
 * .999, epsilon 1e-8, seed 1. */
void l4r_train_defaults(struct l4r_train_options *options);

struct l4r_train_step {
  int64_t epoch, step; /* from 0; step within the epoch */
  uint64_t seed;       /* of the run; derive streams from (seed, epoch, step, worker) only, so
                          that a resumed run draws the same */
  const float *values; /* flat parameters */
  float *gradients;    /* flat, zeroed by the loop; the task leaves the sum over all workers
                          there, already divided by the number of targets */
  double loss;         /* out: mean per target, nats */
  int64_t targets;     /* out: targets of this step */
  double flops;        /* out: analytic */
};

struct l4r_validation {
  double hr10, ndcg10; /* masked convention, over all users with a validation item */
  int64_t users;
};

struct l4r_train_task {
  void *state;
  struct l4r_model_config *config; /* the loop fills epoch, seed, training_seconds */
  const struct l4r_tensors *tensors;
  /* Prepares epoch `epoch` (shuffles, draws prefixes from (seed, epoch)); *steps: its steps. */
  int (*begin_epoch)(void *state, uint64_t seed, int64_t epoch, int64_t *steps);
  /* One optimiser step's loss and gradients; uses the team. */
  int (*forward_backward)(void *state, struct l4r_team *team, struct l4r_train_step *step);
  int (*validate)(void *state, struct l4r_team *team, const float *values,
                  struct l4r_validation *validation);
};

/* Runs to the end of its bounds and writes the model folder (best epoch's weights). Stops cleanly
 * at SIGINT or SIGTERM: checkpoint written, L4R_OK with *interrupted 1. NaN loss: L4R_CHECK with
 * step and tensor. */
int l4r_train(const struct l4r_train_task *task, const struct l4r_train_options *options,
              int *interrupted);

#endif
