/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss and gradients of one step, on all workers, in five parts with a barrier after each:
 *
 *   items forward     each worker its items          -> vector[slots][D]
 *   sequences         each worker its windows        -> loss, d_vector of each worker, gradients
 *   d_vector          each worker a slice, summed over workers
 *   items backward    each worker its items          -> gradients
 *   reduction         each worker a slice of the flat gradients, summed over workers
 *
 * Windows pass through the Recommendation LLM a couple of thousand positions at a time, forward and
 * backward at once, so that activations stay in the caches and memory does not grow with the batch.
 * Sums run over workers in their order: the bits depend on how many there are, not on timing. */
#include "impl/base/error.h"
#include "impl/train/lite/internal.h"

#include <string.h>

void l4r_lite_random(struct l4r_random *random, const struct l4r_train_step *step, int purpose,
                     int worker, int64_t piece) {
  uint64_t stream = (uint64_t)purpose << 48 | (uint64_t)worker << 32 | (uint64_t)piece;
  l4r_random_stream(random, step->seed, stream, (uint64_t)step->epoch << 32 | (uint64_t)step->step);
}

double l4r_encoder_flops(const struct l4r_t5_shape *shape, double positions, double squares) {
  double inner = (double)(shape->heads * shape->d_kv), width = (double)shape->d_model;
  double matrices = 4 * inner + (shape->gated ? 3 : 2) * (double)shape->d_ff;
  double pairs = shape->causal ? 0.5 * (squares + positions) : squares;
  return (double)shape->encoder_blocks * (2 * positions * width * matrices + 4 * pairs * inner);
}

/* Inputs and targets of windows begin .. end-1 into the worker's buffers. */
static int64_t gather(struct l4r_lite *lite, struct l4r_lite_worker *own, int64_t begin,
                      int64_t end) {
  int64_t positions = 0, width = lite->width;
  own->rec_start[0] = 0;
  for (int64_t w = begin; w < end; w++) {
    const l4r_item *item = lite->dataset->train_item + lite->step_window[w].first;
    int64_t length = lite->step_window[w].length;
    for (int64_t p = 0; p < length; p++, positions++) {
      memcpy(own->rec_vector + positions * width, lite->vector + lite->slot_of[item[p]] * width,
             (size_t)width * sizeof(float));
      if (lite->config->rec_llm.causal) own->target[positions] = item[p + 1] - 1;
    }
    if (!lite->config->rec_llm.causal) own->target[w - begin] = item[length] - 1;
    own->rec_start[w - begin + 1] = positions;
  }
  return positions;
}

static void scatter(struct l4r_lite *lite, struct l4r_lite_worker *own, int64_t begin,
                    int64_t end) {
  int64_t width = lite->width;
  const float *from = own->rec_vector;
  for (int64_t w = begin; w < end; w++) {
    const l4r_item *item = lite->dataset->train_item + lite->step_window[w].first;
    for (int64_t p = 0; p < lite->step_window[w].length; p++, from += width) {
      float *to = own->d_vector + lite->slot_of[item[p]] * width;
      for (int64_t j = 0; j < width; j++) to[j] += from[j];
    }
  }
}

void l4r_lite_read_out(const struct l4r_lite *lite, struct l4r_lite_worker *own, int64_t count) {
  int64_t width = lite->width;
  for (int64_t s = 0; s < count; s++) {
    int64_t from = own->rec_start[s], to = own->rec_start[s + 1];
    float *state = own->state + s * width;
    if (lite->config->readout == L4R_READ_LAST) {
      memcpy(state, own->rec_hidden + (to - 1) * width, (size_t)width * sizeof(float));
      continue;
    }
    memset(state, 0, (size_t)width * sizeof(float));
    for (int64_t p = from; p < to; p++)
      for (int64_t j = 0; j < width; j++) state[j] += own->rec_hidden[p * width + j];
    for (int64_t j = 0; j < width; j++) state[j] /= (float)(to - from);
  }
}

static void read_out_backward(const struct l4r_lite *lite, struct l4r_lite_worker *own,
                              int64_t count) {
  int64_t width = lite->width;
  memset(own->rec_d_hidden, 0, (size_t)(own->rec_start[count] * width) * sizeof(float));
  for (int64_t s = 0; s < count; s++) {
    int64_t from = own->rec_start[s], to = own->rec_start[s + 1];
    int last = lite->config->readout == L4R_READ_LAST;
    float share = last ? 1.0f : 1.0f / (float)(to - from);
    for (int64_t p = last ? to - 1 : from; p < to; p++)
      for (int64_t j = 0; j < width; j++)
        own->rec_d_hidden[p * width + j] = share * own->d_state[s * width + j];
  }
}

static int head(struct l4r_lite *lite, struct l4r_lite_worker *own, float *gradients,
                int64_t rows) {
  int every = lite->config->rec_llm.causal, tied = lite->config->tied_head;
  struct l4r_softmax_spec spec = {
      .rows = rows,
      .width = lite->width,
      .classes = lite->items,
      .hidden = every ? own->rec_hidden : own->state,
      .weight = tied ? lite->vector : lite->values + lite->head_weight,
      .bias = tied ? NULL : lite->values + lite->head_bias,
      .target = own->target,
      .scale = tied ? (float)l4r_tied_scale(lite->config) : 1,
      .loss_scale = (float)(1.0 / (double)lite->targets),
      .d_hidden = every ? own->rec_d_hidden : own->d_state,
      .d_weight = tied ? own->d_vector : gradients + lite->head_weight,
      .d_bias = tied ? NULL : gradients + lite->head_bias,
      .scratch = own->logits,
      .bf16 = lite->bf16,
  };
  double loss = 0;
  int status = l4r_softmax_cross_entropy(&spec, &loss);
  own->loss += loss;
  return status;
}

static int sequences(struct l4r_lite *lite, int worker, float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int causal = lite->config->rec_llm.causal;
  own->loss = 0;
  memset(own->d_vector, 0, (size_t)(lite->slots * lite->width) * sizeof(float));
  int64_t end = lite->window_bound[worker + 1], piece = 0;
  for (int64_t w = lite->window_bound[worker], next; w < end; w = next, piece++) {
    int64_t positions = 0;
    next = l4r_lite_piece_end(lite, w, end, &positions);
    gather(lite, own, w, next);
    struct l4r_batch batch = {
        .count = next - w, .start = own->rec_start, .vector = own->rec_vector};
    struct l4r_random random;
    l4r_lite_random(&random, lite->step, L4R_LITE_RANDOM_SEQUENCES, worker, piece);
    int status = l4r_encoder_forward(own->rec, lite->values, &batch, &random, own->rec_hidden);
    if (status) return status;
    if (!causal) l4r_lite_read_out(lite, own, next - w);
    int64_t rows = causal ? positions : next - w;
    status = lite->sampled.loss == L4R_LOSS_CROSS_ENTROPY
                 ? head(lite, own, gradients, rows)
                 : l4r_lite_sampled_head(lite, worker, piece, rows, gradients);
    if (status) return status;
    if (!causal) read_out_backward(lite, own, next - w);
    status = l4r_encoder_backward(own->rec, lite->values, own->rec_d_hidden, gradients,
                                  own->rec_vector);
    if (status) return status;
    scatter(lite, own, w, next);
  }
  return L4R_OK;
}

static void reduce_range(struct l4r_lite *lite, int64_t begin, int64_t end) {
  float *restrict sum = lite->step->gradients;
  for (int w = 1; w < lite->workers; w++) {
    float *restrict other = lite->worker[w].gradients;
    for (int64_t i = begin; i < end; i++) {
      sum[i] += other[i];
      other[i] = 0;
    }
  }
}

/* Adds the other workers' gradients to the step's, slice by slice, and clears theirs; of tables
 * updated by rows only the rows that the step named. */
static void reduce(struct l4r_lite *lite, int worker) {
  const struct l4r_train_rows *rows = &lite->sampled.rows;
  int64_t from, to, begin, end;
  for (int gap = 0; l4r_rows_gap(rows, lite->tensors->floats, gap, &from, &to); gap++) {
    l4r_split(to - from, 16, worker, lite->workers, &begin, &end);
    reduce_range(lite, from + begin, from + end);
  }
  for (int t = 0; t < rows->count; t++) {
    const struct l4r_row_table *table = &rows->table[t];
    if (table->offset == lite->id) continue; /* summed already */
    l4r_split(table->rows, 1, worker, lite->workers, &begin, &end);
    for (int64_t r = begin; r < end; r++) {
      int64_t at = table->offset + table->row[r] * table->width;
      reduce_range(lite, at, at + table->width);
    }
  }
}

struct part { /* of the team's call */
  struct l4r_lite *lite;
  struct l4r_team *team;
};

/* A worker that fails still meets the others at every barrier. */
static int work(void *argument, int worker, int workers) {
  struct part *part = argument;
  struct l4r_lite *lite = part->lite;
  (void)workers;
  float *gradients = worker == 0 ? lite->step->gradients : lite->worker[worker].gradients;
  int status = l4r_lite_items_forward(lite, worker, 1);
  l4r_team_barrier(part->team);
  if (!status) status = sequences(lite, worker, gradients);
  l4r_team_barrier(part->team);
  if (!status) l4r_lite_sum_d_vector(lite, worker);
  l4r_team_barrier(part->team);
  if (!status) status = l4r_lite_items_backward(lite, worker, gradients);
  l4r_team_barrier(part->team);
  reduce(lite, worker);
  return status;
}

static double flops(const struct l4r_lite *lite) {
  double positions = 0, squares = 0, tokens = 0, token_squares = 0;
  for (int64_t w = 0; w < lite->window_bound[lite->workers]; w++) {
    double length = (double)lite->step_window[w].length;
    positions += length;
    squares += length * length;
  }
  for (int64_t e = 0; e < lite->encoded; e++) {
    double length = (double)l4r_lite_tokens(lite, e, e + 1);
    tokens += length;
    token_squares += length * length;
  }
  int64_t scored = lite->items;
  if (lite->sampled.loss != L4R_LOSS_CROSS_ENTROPY) scored = lite->sampled.negatives + 1;
  double forward = l4r_encoder_flops(&lite->config->rec_llm, positions, squares) +
                   2 * (double)lite->targets * (double)scored * (double)lite->width;
  if (lite->token) forward += l4r_encoder_flops(&lite->config->item_llm, tokens, token_squares);
  if (lite->projection >= 0) forward += 2 * (double)(lite->encoded * lite->width * lite->width);
  return 3 * forward;
}

int l4r_lite_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step) {
  struct l4r_lite *lite = state;
  l4r_lite_prepare_step(lite, step->step);
  lite->step = step;
  lite->values = step->values;
  int status = l4r_lite_slots_ready(lite, 1);
  if (status) return status;
  struct part part = {lite, team};
  status = l4r_team_run(team, work, &part);
  if (status) return status;
  step->loss = 0;
  for (int w = 0; w < lite->workers; w++) step->loss += lite->worker[w].loss;
  step->loss /= (double)lite->targets;
  step->targets = lite->targets;
  step->flops = flops(lite);
  return L4R_OK;
}
