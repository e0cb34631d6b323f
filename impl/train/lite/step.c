/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss and gradients of one step, on all workers, in five parts with a barrier after each:
 *
 *   items forward     each worker its items          -> vector[slots][D]
 *   (cosine scores: unit vectors, each worker a share of the slots)
 *   sequences         each worker its windows        -> loss, d_vector of each worker, gradients
 *   d_vector          each worker a slice, summed over workers; so are the gradients of all that is
 *                     not the Item LLM's
 *   items backward    each worker its items          -> gradients
 *   reduction         each worker a slice of the Item LLM's gradients, summed over workers
 *
 * With several ranks, d_vector is summed over them before the items' backward pass, in which the
 * gradients that are complete by then travel. Of the id table, every rank makes all rows that the
 * step names from that sum, so they are not sent at all.
 *
 * Windows pass through the Recommendation LLM a few thousand positions at a time, forward and then
 * backward, so that activations stay in the caches and memory does not grow with the batch. Sums
 * run over workers in their order, so the bits depend on the number of workers (and ranks), not on
 * timing. */
#include "impl/train/lite/step.h"

#include "impl/base/error.h"
#include "impl/model/flops.h"
#include "impl/train/items/encode.h"
#include "impl/train/items/share.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/lite/head.h"
#include "impl/train/lite/readout.h"
#include "impl/train/lite/sampled.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/loop/reduce.h"
#include "impl/train/loop/rows.h"
#include "impl/train/loop/step_random.h"

#include <assert.h>
#include <string.h>

/* The id table's gradients are made of vectors' gradients that are summed over ranks before. */
void l4r_lite_step_open(struct l4r_lite_task *lite) {
  struct l4r_train_sums *sums = &lite->sums;
  const struct l4r_tensors *tensors = lite->tensors;
  *sums = (struct l4r_train_sums){
      .ranks = lite->sizes.ranks, .rows = &lite->sampled.rows, .trained = tensors->trained};
  if (lite->items.id >= 0) {
    sums->done_begin = lite->items.id;
    sums->done_end = lite->items.id + l4r_train_items_rows(&lite->items) * lite->sizes.width;
  }
  lite->rec_begin = tensors->trained;
  for (int64_t t = tensors->count - 1; t >= 0; t--)
    if (strncmp(tensors->tensor[t].name, "item_llm.", 9) != 0 &&
        tensors->tensor[t].offset < lite->rec_begin)
      lite->rec_begin = tensors->tensor[t].offset;
}

/* Copies inputs and targets of windows begin .. end-1 to the worker's buffers. */
static void gather(const struct l4r_lite_task *lite, struct l4r_lite_worker *own, int64_t begin,
                   int64_t end) {
  int64_t positions = 0;
  own->rec_start[0] = 0;
  for (int64_t w = begin; w < end; w++) {
    const l4r_item *item = lite->dataset->train_item + lite->step.window[w].first;
    int64_t length = lite->step.window[w].length;
    l4r_train_items_gather(&lite->items, item, length,
                           own->rec_vector + positions * lite->sizes.width);
    for (int64_t p = 0; lite->config->rec_llm.causal && p < length; p++)
      own->target[positions + p] = item[p + 1] - 1;
    if (!lite->config->rec_llm.causal) own->target[w - begin] = item[length] - 1;
    positions += length;
    own->rec_start[w - begin + 1] = positions;
  }
}

static void scatter(const struct l4r_lite_task *lite, int worker, int64_t begin, int64_t end) {
  const float *from = lite->worker[worker].rec_vector;
  for (int64_t w = begin; w < end; w++) {
    const struct l4r_lite_window *window = &lite->step.window[w];
    l4r_train_items_scatter(&lite->items, worker, lite->dataset->train_item + window->first,
                            window->length, from);
    from += window->length * lite->sizes.width;
  }
}

/* Runs one piece, windows begin .. end-1, forward and backward. */
static int sequences(struct l4r_lite_task *lite, int worker, int64_t begin, int64_t end,
                     int64_t piece, const struct l4r_train_step *step, float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int causal = lite->config->rec_llm.causal;
  const float *values = step->values;
  gather(lite, own, begin, end);
  struct l4r_batch batch = {
      .count = end - begin, .start = own->rec_start, .vector = own->rec_vector};
  struct l4r_random random;
  l4r_step_random(&random, step, L4R_DRAW_SEQUENCES, lite->sizes.ranks.first + worker, piece);
  int status = l4r_encoder_forward(own->rec, values, &batch, &random, own->rec_hidden);
  if (status) return status;
  if (!causal) l4r_lite_read_out(lite, own, batch.count);
  int64_t rows = causal ? own->rec_start[batch.count] : batch.count;
  status = lite->sampled.loss == L4R_LOSS_CROSS_ENTROPY
               ? l4r_lite_head_loss(lite, worker, rows, values, gradients)
               : l4r_lite_sampled_head(lite, worker, piece, rows, step, gradients);
  if (status) return status;
  l4r_lite_head_states_back(lite, worker, rows);
  if (!causal) l4r_lite_read_out_backward(lite, own, batch.count);
  status = l4r_encoder_backward(own->rec, values, own->rec_d_hidden, gradients, own->rec_vector);
  if (status) return status;
  scatter(lite, worker, begin, end);
  return L4R_OK;
}

static int all_sequences(struct l4r_lite_task *lite, int worker, const struct l4r_train_step *step,
                         float *gradients) {
  lite->worker[worker].loss = 0;
  l4r_train_items_clear(&lite->items, worker);
  l4r_lite_head_clear(lite, worker);
  const int64_t *bound = lite->step.bound + lite->sizes.ranks.first + worker;
  int64_t end = bound[1], piece = 0;
  for (int64_t w = bound[0], next; w < end; w = next, piece++) {
    int64_t positions = 0;
    next = l4r_lite_piece_end(lite, w, end, &positions);
    int status = sequences(lite, worker, w, next, piece, step, gradients);
    if (status) return status;
  }
  l4r_lite_head_vectors_back(lite, worker);
  return L4R_OK;
}

struct part { /* of the team's call */
  struct l4r_lite_task *lite;
  struct l4r_team *team;
  const struct l4r_train_step *step;
  float *gradients[L4R_MOST_WORKERS]; /* flat; the first are the step's */
};

/* Adds the other workers' gradients at places begin .. end-1 to the step's, slice by slice, and
 * clears them. In tables updated by rows, only the rows that the step named are added. */
static void reduce(const struct part *part, int worker, int64_t begin, int64_t end) {
  const struct l4r_lite_task *lite = part->lite;
  const struct l4r_train_rows *rows = &lite->sampled.rows;
  int workers = lite->sizes.workers;
  int64_t from, to, first, last;
  for (int gap = 0; l4r_rows_gap(rows, lite->tensors->trained, gap, &from, &to); gap++) {
    if (from < begin) from = begin;
    if (to > end) to = end;
    if (from >= to) continue;
    l4r_split(to - from, 16, worker, workers, &first, &last);
    l4r_train_reduce(part->gradients, workers, from + first, from + last);
  }
  for (int t = 0; t < rows->count; t++) {
    const struct l4r_row_table *table = &rows->table[t];
    if (table->offset == lite->items.id) continue; /* it is summed already */
    if (table->offset < begin || table->offset >= end) continue;
    l4r_split(table->rows, 1, worker, workers, &first, &last);
    for (int64_t r = first; r < last; r++) {
      int64_t at = table->offset + table->row[r] * table->width;
      l4r_train_reduce(part->gradients, workers, at, at + table->width);
    }
  }
}

/* Worker 0's: sums d_vector over ranks and sets the gradients that are complete on their way. */
static int send(const struct part *part) {
  struct l4r_lite_task *lite = part->lite;
  int status = l4r_train_items_share_gradients(&lite->items);
  if (!status)
    status = l4r_train_sums_begin(&lite->sums, part->step->gradients, lite->rec_begin,
                                  lite->tensors->trained);
  return status;
}

/* A worker that fails still meets the others at every barrier. */
static int work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  struct l4r_lite_task *lite = part->lite;
  const struct l4r_train_step *step = part->step;
  float *gradients = part->gradients[worker];
  int status = l4r_train_items_forward(&lite->items, part->team, worker, step->values, step);
  l4r_team_barrier(part->team);
  if (l4r_lite_head_prepare(lite, worker)) l4r_team_barrier(part->team);
  if (!status) status = all_sequences(lite, worker, step, gradients);
  l4r_team_barrier(part->team);
  if (!status) l4r_train_items_sum(&lite->items, worker);
  reduce(part, worker, lite->rec_begin, lite->tensors->trained);
  l4r_team_barrier(part->team);
  if (lite->sizes.ranks.comm) {
    if (!status && worker == 0) status = send(part);
    l4r_team_barrier(part->team);
  }
  if (!status)
    status = l4r_train_items_backward(&lite->items, worker, step->values, gradients,
                                      lite->sampled.rows.count ? step->gradients : gradients);
  l4r_team_barrier(part->team);
  reduce(part, worker, 0, lite->rec_begin);
  return status;
}

static double flops(const struct l4r_lite_task *lite) {
  double positions = 0, squares = 0;
  for (int64_t w = 0; w < lite->step.bound[lite->sizes.ranks.workers]; w++) {
    double length = (double)lite->step.window[w].length;
    positions += length;
    squares += length * length;
  }
  int64_t scored = lite->sizes.items;
  if (lite->sampled.loss != L4R_LOSS_CROSS_ENTROPY) scored = lite->sampled.negatives + 1;
  return 3 * (l4r_encoder_flops(&lite->config->rec_llm, positions, squares) +
              2 * (double)lite->step.targets * (double)scored * (double)lite->sizes.width +
              l4r_slots_flops(&lite->items));
}

int l4r_lite_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  struct l4r_lite_task *lite = state;
  l4r_lite_prepare_step(lite, step->step);
  int status = l4r_train_items_ready(&lite->items, step);
  if (status) return status;
  assert(lite->sizes.workers <= L4R_MOST_WORKERS && l4r_team_size(team) == lite->sizes.workers);
  struct part part = {.lite = lite, .team = team, .step = step, .gradients = {step->gradients}};
  for (int w = 1; w < lite->sizes.workers; w++) part.gradients[w] = lite->worker[w].gradients;
  status = l4r_team_run(team, work, &part);
  if (!status) status = l4r_train_sums_begin(&lite->sums, step->gradients, 0, lite->rec_begin);
  if (!status) status = l4r_train_sums_finish(&lite->sums, step->gradients);
  if (status) return status;
  step->loss = 0;
  for (int w = 0; w < lite->sizes.workers; w++) step->loss += lite->worker[w].loss;
  status = l4r_ranks_sum_double(&lite->sizes.ranks, &step->loss, 1);
  if (status) return status;
  step->loss /= (double)lite->step.targets;
  step->targets = lite->step.targets;
  step->flops = flops(lite);
  step->tokens = l4r_slots_text_tokens(&lite->items);
  for (int64_t w = 0; w < lite->step.bound[lite->sizes.ranks.workers]; w++)
    step->tokens += lite->step.window[w].length;
  return L4R_OK;
}
