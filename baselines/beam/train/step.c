/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss and gradients of one step, on all workers:
 *
 *   items forward     lite-beam only: the step's distinct items through the Item LLM
 *   passes            each worker its samples, some thousand positions at a time, through encoder,
 *                     decoder and output, forward and then backward
 *   items backward    lite-beam only
 *   reduction         each worker a slice of the flat gradients, summed over workers
 *
 * With several ranks, workers meet once more, in their last pass between decoder and encoder: what
 * is complete by then is reduced and travels to the other ranks while the encoder goes back.
 *
 * Sums run over workers in their order, so the bits depend on the number of workers but not on
 * timing. */
#include "baselines/beam/train/step.h"

#include "baselines/beam/train/epoch.h"
#include "baselines/beam/train/flops.h"
#include "baselines/beam/train/items.h"
#include "baselines/beam/whole_word.h"
#include "impl/base/error.h"
#include "impl/train/items/encode.h"
#include "impl/train/items/share.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/decoder.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/softmax.h"
#include "impl/train/loop/reduce.h"
#include "impl/train/loop/step_random.h"

#include <assert.h>
#include <string.h>

/* The decoder follows the encoder in the flat buffers; behind it stand whole-word vectors, which
 * the encoder's input has, and an output layer. */
void l4r_beam_step_open(struct beam_task *task) {
  const struct l4r_tensors *tensors = &task->tensors;
  const size_t length = strlen(task->prefix);
  task->early_begin = task->early_end = tensors->trained;
  if (task->whole_word >= 0) task->early_end = task->whole_word;
  for (int64_t t = tensors->count - 1; t >= 0; t--) {
    const char *name = tensors->tensor[t].name;
    if (!strncmp(name, task->prefix, length) && !strncmp(name + length, "decoder.", 8))
      task->early_begin = tensors->tensor[t].offset;
  }
}

/* p5-head scores only the positions that begin an item. Moves those to the front and returns their
 * number. */
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

/* Moves their gradients back to their places, the last first, and clears the others. */
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

static int output(const struct beam_task *task, struct beam_worker *own, int64_t rows,
                  const float *values, float *gradients) {
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
      .kernels = task->options->train.kernels,
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

struct part { /* of the team's call */
  struct beam_task *task;
  struct l4r_team *team;
  const struct l4r_train_step *step;
  float *gradients[L4R_MOST_WORKERS]; /* flat; the first are the step's */
};

/* Adds the other workers' gradients at places from .. to-1 to the step's, slice by slice, and
 * clears theirs. */
static void reduce(const struct part *part, int worker, int64_t from, int64_t to) {
  const struct beam_task *task = part->task;
  int64_t begin, end;
  l4r_split(to - from, 16, worker, task->workers, &begin, &end);
  l4r_train_reduce(part->gradients, task->workers, from + begin, from + end);
}

static void meet(const struct part *part) {
  if (part->task->workers > 1) l4r_team_barrier(part->team);
}

void l4r_beam_advance(void *state) {
  struct beam_task *task = state;
  if (!task->send_status) task->send_status = l4r_ranks_advance(&task->sums.ranks);
}

/* After the worker's last pass through the decoder. */
static void send_early(const struct part *part, int worker) {
  struct beam_task *task = part->task;
  if (!task->sums.ranks.comm) return;
  meet(part);
  reduce(part, worker, task->early_begin, task->early_end);
  meet(part);
  if (worker == 0)
    task->send_status = l4r_train_sums_begin(&task->sums, part->step->gradients, task->early_begin,
                                             task->early_end);
}

struct pass {
  int64_t count; /* samples */
  int last;      /* 1: of this worker in this step */
  struct l4r_random random;
};

static int pass(const struct part *part, int worker, struct pass *pass) {
  struct beam_task *task = part->task;
  struct beam_worker *own = &task->worker[worker];
  const float *values = part->step->values;
  float *gradients = part->gradients[worker];
  const struct l4r_batch input = {.count = pass->count,
                                  .start = own->start,
                                  .token = own->vector ? NULL : own->token,
                                  .vector = own->vector};
  const struct l4r_prompt_batch worded = {.positions = own->start[pass->count],
                                          .width = task->width,
                                          .token = own->token,
                                          .word = own->word};
  if (own->word)
    l4r_whole_word_embed(&worded, values + task->embedding, values + task->whole_word, own->vector);
  const struct l4r_batch answer = {.count = pass->count,
                                   .start = own->answer_start,
                                   .token = own->answer_input,
                                   .pieces = own->answer_pieces,
                                   .piece = own->answer_piece};
  int status = l4r_encoder_forward(own->encoder, values, &input, &pass->random, own->memory);
  if (!status)
    status = l4r_decoder_forward(own->decoder, values, &answer, own->start, own->memory,
                                 &pass->random, own->hidden);
  if (!status) status = output(task, own, own->answer_start[pass->count], values, gradients);
  if (!status)
    status = l4r_decoder_backward(own->decoder, values, own->d_hidden, gradients, own->d_memory);
  if (pass->last) send_early(part, worker);
  if (!status)
    status = l4r_encoder_backward(own->encoder, values, own->d_memory, gradients, own->vector);
  if (!status && own->word)
    l4r_whole_word_back(&worded, own->vector, gradients + task->embedding,
                        gradients + task->whole_word);
  own->flops += pass_flops(task, own, pass->count);
  own->tokens += own->start[pass->count] + own->answer_start[pass->count];
  return status;
}

/* A worker that fails, or has no samples, still meets the others before their last encoder. */
static int passes(const struct part *part, int worker) {
  struct beam_task *task = part->task;
  struct beam_worker *own = &task->worker[worker];
  own->loss = own->flops = 0;
  own->tokens = 0;
  const int number = task->sums.ranks.first + worker;
  int64_t first = task->bound[number], end = task->bound[number + 1], piece = 0;
  int status = L4R_OK, sent = 0;
  if (!task->prompts) l4r_train_items_clear(&task->items, worker);
  for (int64_t next; !status && first < end; first = next, piece++) {
    next = l4r_beam_fill_pass(task, own, first, end);
    if (!task->prompts) l4r_beam_items_gather(task, own, first, next);
    struct pass now = {.count = next - first, .last = next == end};
    l4r_step_random(&now.random, part->step, L4R_DRAW_PASSES, number, piece);
    status = pass(part, worker, &now);
    sent = now.last;
    if (!status && !task->prompts) l4r_beam_items_scatter(task, worker, first, next);
  }
  if (!sent) send_early(part, worker);
  return status;
}

/* A worker that fails still meets the others at every barrier. */
static int work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  struct beam_task *task = part->task;
  struct l4r_train_items *items = task->prompts ? NULL : &task->items;
  const struct l4r_train_step *step = part->step;
  float *gradients = part->gradients[worker];
  int status = items ? l4r_train_items_forward(items, part->team, worker, step->values, step)
                     : L4R_OK;
  meet(part);
  const int begun = !status;
  if (begun) status = passes(part, worker);
  if (!begun) send_early(part, worker);
  meet(part);
  if (!status && items) l4r_train_items_sum(items, worker);
  meet(part);
  if (items && task->sums.ranks.comm) {
    if (!status && worker == 0) status = l4r_train_items_share_gradients(items);
    meet(part);
  }
  if (!status && items)
    status = l4r_train_items_backward(items, worker, step->values, gradients, gradients);
  meet(part);
  const int several = task->sums.ranks.comm != NULL;
  reduce(part, worker, 0, several ? task->early_begin : task->tensors.floats);
  if (several) reduce(part, worker, task->early_end, task->tensors.floats);
  return status;
}

static int sum_rest(struct beam_task *task, float *gradients) {
  struct l4r_train_sums *sums = &task->sums;
  int status = l4r_train_sums_begin(sums, gradients, 0, task->early_begin);
  if (!status) status = l4r_train_sums_begin(sums, gradients, task->early_end, sums->trained);
  return status ? status : l4r_train_sums_finish(sums, gradients);
}

/* Sets what the step counts, of all ranks. The texts of lite-beam are listed alike on all. */
static int step_figures(struct beam_task *task, struct l4r_train_step *step) {
  double sum[3] = {0}; /* loss, operations, positions */
  for (int w = 0; w < task->workers; w++) {
    sum[0] += task->worker[w].loss;
    sum[1] += task->worker[w].flops;
    sum[2] += (double)task->worker[w].tokens;
  }
  const int status = l4r_ranks_sum_double(&task->sums.ranks, sum, 3);
  if (status) return status;
  step->loss = sum[0] / (double)task->step_targets;
  step->flops = sum[1] + (task->prompts ? 0 : 3 * l4r_slots_flops(&task->items));
  step->tokens = (int64_t)sum[2] + (task->prompts ? 0 : l4r_slots_text_tokens(&task->items));
  step->targets = task->step_targets;
  return L4R_OK;
}

int l4r_beam_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  struct beam_task *task = state;
  l4r_beam_prepare_step(task, step->step);
  if (!task->prompts) {
    int status = l4r_beam_items_prepare(task, step);
    if (status) return status;
  }
  assert(task->workers <= L4R_MOST_WORKERS && l4r_team_size(team) == task->workers);
  struct part part = {.task = task, .team = team, .step = step, .gradients = {step->gradients}};
  for (int w = 1; w < task->workers; w++) part.gradients[w] = task->worker[w].gradients;
  int status = l4r_team_run(team, work, &part);
  if (!status) status = task->send_status;
  if (!status) status = sum_rest(task, step->gradients);
  return status ? status : step_figures(task, step);
}
