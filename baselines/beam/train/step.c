/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss and gradients of one step, on all workers:
 *
 *   items forward     lite-beam only: the step's distinct items through the Item LLM
 *   passes            each worker its samples, some thousand positions at a time, through encoder,
 *                     decoder and output, forward and backward at once
 *   items backward    lite-beam only
 *   reduction         each worker a slice of the flat gradients, summed over workers
 *
 * Sums run over workers in their order: the bits depend on how many there are, not on timing. */
#include "baselines/beam/train/inner.h"
#include "baselines/beam/whole_word.h"
#include "impl/base/error.h"

#include <string.h>

/* Stands beside L4R_LITE_RANDOM_*, which the item part draws with. */
enum { RANDOM_PASSES = 16 };

/* p5-head scores the positions that begin an item, a few of all: they move to the front. Returns
 * their number. */
static int64_t gather(const struct beam_task *task, struct beam_worker *own, int64_t rows) {
  int64_t scored = 0;
  size_t row = (size_t)task->width;
  for (int64_t i = 0; i < rows; i++) {
    if (own->answer_target[i] < 0) continue;
    own->scored_target[scored] = own->answer_target[i];
    memmove(own->hidden + (size_t)scored++ * row, own->hidden + (size_t)i * row,
            row * sizeof(float));
  }
  return scored;
}

/* Their gradients back to where they came from, the last first, and none for the others. */
static void scatter(const struct beam_task *task, struct beam_worker *own, int64_t rows,
                    int64_t scored) {
  size_t row = (size_t)task->width;
  for (int64_t i = rows - 1; i >= 0; i--) {
    float *to = own->d_hidden + (size_t)i * row;
    if (own->answer_target[i] < 0)
      memset(to, 0, row * sizeof *to);
    else
      memmove(to, own->d_hidden + (size_t)--scored * row, row * sizeof *to);
  }
}

static int output(struct beam_task *task, struct beam_worker *own, float *gradients, int64_t rows) {
  const float *values = task->step->values;
  int biased = task->output_bias >= 0;
  int64_t scored = task->head ? gather(task, own, rows) : rows;
  struct l4r_softmax_spec spec = {
      .rows = scored,
      .width = task->width,
      .classes = task->classes,
      .hidden = own->hidden,
      .weight = values + task->output_weight,
      .bias = biased ? values + task->output_bias : task->mask,
      .target = task->head ? own->scored_target : own->answer_target,
      .scale = task->output_scale,
      .loss_scale = 1.0f / (float)task->step_targets,
      .d_hidden = own->d_hidden,
      .d_weight = gradients + task->output_weight,
      .d_bias = biased ? gradients + task->output_bias : own->d_bias,
      .scratch = own->logits,
      .bf16 = task->options->train.bf16,
  };
  double loss = 0;
  int status = l4r_softmax_cross_entropy(&spec, &loss);
  own->loss += loss;
  if (!status && task->head) scatter(task, own, rows, scored);
  return status;
}

/* Backward costs twice as much as forward. */
static double pass_flops(const struct beam_task *task, const struct beam_worker *own,
                         int64_t count) {
  double sum = 0;
  for (int64_t s = 0; s < count; s++) {
    int64_t targets = 0, begin = own->answer_start[s], end = own->answer_start[s + 1];
    for (int64_t i = begin; i < end; i++) targets += own->answer_target[i] >= 0;
    sum += l4r_beam_sample_flops(task, (double)(own->start[s + 1] - own->start[s]),
                                 (double)(end - begin), (double)targets);
  }
  return 3 * sum;
}

static int pass(struct beam_task *task, struct beam_worker *own, float *gradients, int64_t count,
                struct l4r_random *random) {
  const float *values = task->step->values;
  const struct l4r_batch input = {.count = count,
                                  .start = own->start,
                                  .token = own->vector ? NULL : own->token,
                                  .vector = own->vector};
  const struct l4r_prompt_batch worded = {
      .positions = own->start[count], .width = task->width, .token = own->token, .word = own->word};
  if (own->word)
    l4r_whole_word_embed(&worded, values + task->embedding, values + task->whole_word, own->vector);
  const struct l4r_batch answer = {.count = count,
                                   .start = own->answer_start,
                                   .token = own->answer_input,
                                   .pieces = own->answer_pieces,
                                   .piece = own->answer_piece};
  int status = l4r_encoder_forward(own->encoder, values, &input, random, own->memory);
  if (!status)
    status = l4r_decoder_forward(own->decoder, values, &answer, own->start, own->memory, random,
                                 own->hidden);
  if (!status) status = output(task, own, gradients, own->answer_start[count]);
  if (!status)
    status = l4r_decoder_backward(own->decoder, values, own->d_hidden, gradients, own->d_memory);
  if (!status)
    status = l4r_encoder_backward(own->encoder, values, own->d_memory, gradients, own->vector);
  if (!status && own->word)
    l4r_whole_word_back(&worded, own->vector, gradients + task->embedding,
                        gradients + task->whole_word);
  own->flops += pass_flops(task, own, count);
  own->tokens += own->start[count] + own->answer_start[count];
  return status;
}

static int passes(struct beam_task *task, int worker, float *gradients) {
  struct beam_worker *own = &task->worker[worker];
  own->loss = own->flops = 0;
  own->tokens = 0;
  int64_t first = task->bound[worker], end = task->bound[worker + 1], piece = 0;
  if (task->lite)
    memset(task->lite->worker[worker].d_vector, 0,
           (size_t)(task->lite->slots * task->width) * sizeof(float));
  for (int64_t next; first < end; first = next, piece++) {
    next = l4r_beam_fill_pass(task, own, first, end);
    if (task->lite) l4r_beam_items_gather(task, own, first, next);
    struct l4r_random random;
    l4r_lite_random(&random, task->step, RANDOM_PASSES, worker, piece);
    int status = pass(task, own, gradients, next - first, &random);
    if (status) return status;
    if (task->lite) l4r_beam_items_scatter(task, own, worker, first, next);
  }
  return L4R_OK;
}

/* Adds the other workers' gradients to the step's, slice by slice, and clears theirs. */
static void reduce(struct beam_task *task, int worker) {
  int64_t begin, end;
  l4r_split(task->tensors.floats, 16, worker, task->workers, &begin, &end);
  float *restrict sum = task->step->gradients;
  for (int w = 1; w < task->workers; w++) {
    float *restrict other = task->worker[w].gradients;
    for (int64_t i = begin; i < end; i++) {
      sum[i] += other[i];
      other[i] = 0;
    }
  }
}

struct part { /* of the team's call */
  struct beam_task *task;
  struct l4r_team *team;
};

static void meet(const struct part *part) {
  if (part->task->workers > 1) l4r_team_barrier(part->team);
}

/* A worker that fails still meets the others at every barrier. */
static int work(void *argument, int worker, int workers) {
  struct part *part = argument;
  struct beam_task *task = part->task;
  float *gradients = worker == 0 ? task->step->gradients : task->worker[worker].gradients;
  int status = task->lite ? l4r_lite_items_forward(task->lite, worker, 1) : L4R_OK;
  meet(part);
  if (!status) status = passes(task, worker, gradients);
  meet(part);
  if (!status && task->lite) l4r_lite_sum_d_vector(task->lite, worker);
  meet(part);
  if (!status && task->lite) status = l4r_lite_items_backward(task->lite, worker, gradients);
  meet(part);
  reduce(task, worker);
  return status;
}

/* lite-beam: the Item LLM's share of the step. */
static double items_flops(const struct beam_task *task) {
  const struct l4r_lite *lite = task->lite;
  double tokens = (double)l4r_lite_text_tokens(lite), squares = 0, forward = 0;
  for (int64_t e = 0; tokens > 0 && e < lite->encoded; e++) {
    double length = (double)l4r_lite_tokens(lite, e, e + 1);
    squares += length * length;
  }
  if (tokens > 0) forward += l4r_encoder_flops(&task->config->item_llm, tokens, squares);
  if (lite->projection >= 0) forward += 2 * (double)(lite->encoded * task->width * task->width);
  return 3 * forward;
}

int l4r_beam_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  struct beam_task *task = state;
  task->step = step;
  l4r_beam_prepare_step(task, step->step);
  if (task->lite) {
    int status = l4r_beam_items_prepare(task, step);
    if (status) return status;
  }
  struct part part = {task, team};
  int status = l4r_team_run(team, work, &part);
  if (status) return status;
  step->loss = 0;
  step->flops = task->lite ? items_flops(task) : 0;
  step->tokens = task->lite ? l4r_lite_text_tokens(task->lite) : 0;
  for (int w = 0; w < task->workers; w++) {
    step->loss += task->worker[w].loss;
    step->flops += task->worker[w].flops;
    step->tokens += task->worker[w].tokens;
  }
  step->loss /= (double)task->step_targets;
  step->targets = task->step_targets;
  return L4R_OK;
}
