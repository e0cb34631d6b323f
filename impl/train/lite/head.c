/* SPDX-License-Identifier: BSD-3-Clause */
/* With cosine scores the losses see unit vectors of states and items. A step's item vectors are
 * divided by their lengths once, shared out among the workers; each worker sums the gradients of
 * all its pieces with respect to unit vectors and takes them back through the division at its end,
 * which is linear in them. */
#include "impl/train/lite/head.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/train/layers/softmax.h"
#include "impl/train/layers/unit.h"

#include <string.h>

static int is_cosine(const struct l4r_lite_task *lite) {
  return lite->config->scores == L4R_SCORES_COSINE;
}

/* Vectors whose lengths are known at once: a step's, or those of validation. */
static int64_t vectors_of(const struct l4r_lite_task *lite) {
  const int64_t slots = lite->items.most_slots;
  return slots > lite->sizes.scored ? slots : lite->sizes.scored;
}

double l4r_lite_head_bytes(const struct l4r_lite_task *lite) {
  const double width = (double)lite->sizes.width, items = (double)vectors_of(lite);
  const double own = (double)lite->sizes.step_slots * width +
                     (double)lite->sizes.rec_positions * (width + 1);
  if (!is_cosine(lite)) return 0;
  return sizeof(float) * (items * (width + 1) + (double)lite->sizes.workers * own);
}

int l4r_lite_head_open(struct l4r_lite_task *lite) {
  const size_t items = (size_t)vectors_of(lite), width = (size_t)lite->sizes.width;
  const size_t slots = (size_t)lite->sizes.step_slots, rows = (size_t)lite->sizes.rec_positions;
  if (!is_cosine(lite)) return L4R_OK;
  lite->unit = l4r_alloc(items * width, sizeof(float), "unit vectors of items");
  lite->inverse = l4r_alloc(items, sizeof(float), "lengths of item vectors");
  if (!lite->unit || !lite->inverse) return L4R_ENVIRONMENT;
  for (int w = 0; w < lite->sizes.workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    own->unit_state = l4r_alloc(rows * width, sizeof(float), "unit vectors of states");
    own->inverse = l4r_alloc(rows, sizeof(float), "lengths of states");
    own->d_unit = l4r_alloc(slots * width, sizeof(float), "gradients of unit vectors");
    if (!own->unit_state || !own->inverse || !own->d_unit) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

void l4r_lite_head_close(struct l4r_lite_task *lite) {
  for (int w = 0; lite->worker && w < lite->sizes.workers; w++) {
    l4r_free(lite->worker[w].unit_state);
    l4r_free(lite->worker[w].inverse);
    l4r_free(lite->worker[w].d_unit);
  }
  l4r_free(lite->unit);
  l4r_free(lite->inverse);
}

int l4r_lite_head_prepare(struct l4r_lite_task *lite, int worker) {
  const int64_t width = lite->sizes.width;
  int64_t begin, end;
  if (!is_cosine(lite)) return 0;
  l4r_split(lite->items.slots, 1, worker, lite->sizes.workers, &begin, &end);
  l4r_unit_rows(end - begin, width, lite->items.vector + begin * width, lite->unit + begin * width,
                lite->inverse + begin);
  return 1;
}

void l4r_lite_head_clear(struct l4r_lite_task *lite, int worker) {
  if (is_cosine(lite))
    memset(lite->worker[worker].d_unit, 0,
           (size_t)(lite->items.slots * lite->sizes.width) * sizeof(float));
}

struct l4r_lite_head l4r_lite_head_of(struct l4r_lite_task *lite, int worker, int read_out,
                                      int64_t rows, const float *values, float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  const int tied = lite->config->tied_head;
  struct l4r_lite_head head = {.classes = lite->sizes.items, .scale = 1};
  head.state = read_out ? own->state : own->rec_hidden;
  head.d_state = read_out ? own->d_state : own->rec_d_hidden;
  if (!tied) {
    head.weight = values + lite->head_weight;
    head.bias = values + lite->head_bias;
    head.d_weight = gradients ? gradients + lite->head_weight : NULL;
    head.d_bias = gradients ? gradients + lite->head_bias : NULL;
    return head;
  }
  head.classes = lite->items.slots;
  head.scale = (float)l4r_tied_scale(lite->config);
  head.weight = lite->items.vector;
  head.d_weight = lite->items.worker[worker].d_vector;
  if (!is_cosine(lite)) return head;
  l4r_unit_rows(rows, lite->sizes.width, head.state, own->unit_state, own->inverse);
  head.state = own->unit_state;
  head.weight = lite->unit;
  head.d_weight = own->d_unit;
  return head;
}

void l4r_lite_head_states_back(struct l4r_lite_task *lite, int worker, int64_t rows) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  float *d = lite->config->rec_llm.causal ? own->rec_d_hidden : own->d_state;
  if (is_cosine(lite))
    l4r_unit_rows_back(rows, lite->sizes.width, own->unit_state, own->inverse, d, 0, d);
}

void l4r_lite_head_vectors_back(struct l4r_lite_task *lite, int worker) {
  if (is_cosine(lite))
    l4r_unit_rows_back(lite->items.slots, lite->sizes.width, lite->unit, lite->inverse,
                       lite->worker[worker].d_unit, 1, lite->items.worker[worker].d_vector);
}

int l4r_lite_head_loss(struct l4r_lite_task *lite, int worker, int64_t rows, const float *values,
                       float *gradients) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  const struct l4r_lite_head head = l4r_lite_head_of(lite, worker, !lite->config->rec_llm.causal,
                                                     rows, values, gradients);
  struct l4r_softmax_spec spec = {
      .rows = rows,
      .width = lite->sizes.width,
      .classes = head.classes,
      .hidden = head.state,
      .weight = head.weight,
      .bias = head.bias,
      .target = own->target,
      .scale = head.scale,
      .loss_scale = (float)(1.0 / (double)lite->step.targets),
      .d_hidden = head.d_state,
      .d_weight = head.d_weight,
      .d_bias = head.d_bias,
      .scratch = own->logits,
      .bf16 = lite->sizes.bf16,
      .kernels = lite->sizes.kernels,
  };
  double loss = 0;
  const int status = l4r_softmax_cross_entropy(&spec, &loss);
  own->loss += loss;
  return status;
}
