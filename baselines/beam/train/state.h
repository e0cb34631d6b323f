/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to baselines/beam/train: the state of a training. task.c opens it, epoch.c draws the
 * samples of an epoch and a step, step.c computes loss and gradients, items.c the item vectors of
 * lite-beam, validate.c the accuracy by which an epoch is chosen. */
#ifndef L4R_BASELINES_BEAM_TRAIN_STATE_H
#define L4R_BASELINES_BEAM_TRAIN_STATE_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "baselines/beam/search/trie.h"
#include "baselines/beam/train/train.h"
#include "impl/model/model.h"
#include "impl/train/layers/layers.h"
#include "impl/train/items/items.h"
#include "impl/train/loop/sums.h"

struct beam_sample { /* predicts train_item[target] from the user's earlier items */
  int64_t user, target;
  int64_t wording;
};

struct beam_worker {
  struct l4r_encoder_layers *encoder;
  struct l4r_decoder_layers *decoder;
  /* a pass: `count` samples through encoder and decoder at once */
  int64_t *start;                        /* [pass_count + 1] input positions of a sample */
  int32_t *token;                        /* [pass_positions] prompts */
  int32_t *word;                         /* [pass_positions] with whole_word */
  float *vector;                         /* [pass_positions][D] inputs that are not tokens */
  float *memory, *d_memory;              /* [pass_positions][D] */
  int64_t *answer_start;                 /* [pass_count + 1] */
  int64_t *answer_piece, answer_pieces;  /* [pass_answers + 1] begins of single answers */
  int32_t *answer_input, *answer_target; /* [pass_answers]; target -1: not scored */
  int32_t *scored_target;                /* [pass_answers] p5-head: the scored ones */
  float *hidden, *d_hidden;              /* [pass_answers][D] */
  float *logits;                         /* scratch of the softmax */
  float *d_bias;                         /* [classes], where a bias masks the output */
  float *gradients;                      /* flat; NULL for worker 0, which uses the step's */
  double loss, flops;
  int64_t tokens;
};

struct beam_task {
  const struct l4r_beam_train_options *options;
  const struct l4r_dataset *dataset;
  struct l4r_model_config *config;
  struct l4r_tensors tensors;
  struct l4r_tokenizer *tokenizer;
  char tokenizer_sha256[65];
  struct l4r_id_map map;
  struct l4r_id_tokens ids;
  struct l4r_prompts *prompts;      /* NULL for lite-beam */
  const struct l4r_t5_shape *shape; /* of the encoder-decoder */
  const char *prefix;
  int workers; /* of this rank */
  struct l4r_train_sums sums;
  /* Places whose gradients are complete before a worker's last backward pass of the encoder: the
   * decoder's and an output layer's of their own; equal: none. */
  int64_t early_begin, early_end;
  int send_status; /* of what is sent meanwhile; worker 0's */
  int64_t width, batch, prefixes, answers;
  int answers_follow;
  int head; /* 1 for p5-head: classes are items */
  int64_t pass_positions, pass_answers, pass_count, input_longest, answer_longest;
  int64_t classes;                    /* of the output */
  int64_t embedding, whole_word;      /* offsets in the flat buffer; whole_word -1: none */
  int64_t output_weight, output_bias; /* offsets in the flat buffer; bias -1: none */
  float output_scale;
  float *mask; /* [classes] 0, or -1e9 for unused rows; NULL where all rows are used */
  /* for an epoch and a step */
  struct beam_sample *sample;
  int64_t samples;
  size_t sample_capacity;
  int64_t step_first, step_count, step_targets; /* the step's samples */
  int64_t *bound;                               /* [all ranks' workers + 1] each worker's samples */
  struct beam_worker *worker;
  struct l4r_train_items items; /* lite-beam: training of the Item LLM */
  int64_t *validation_user, validation_users;
};

/* Returns the number of items that a sample shows: train_item[*begin] .. [target - 1], the newest
 * config.history. */
static inline int64_t beam_shown(const struct beam_task *task, const struct beam_sample *sample,
                                 int64_t *begin) {
  int64_t first = task->dataset->train_start[sample->user];
  int64_t length = sample->target - first;
  if (length > task->config->history) length = task->config->history;
  *begin = sample->target - length;
  return length;
}

#endif
