/* SPDX-License-Identifier: BSD-3-Clause */
/* lite-beam's inputs: item vectors from the Item LLM, which is trained along. The Item LLM's part
 * is Lite's (impl/train/lite/items.c, lite_slots.c); here it is told a step's items. */
#include "baselines/beam/train/inner.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/tokenizer.h"

#include <string.h>

int l4r_beam_items_open(struct beam_task *task) {
  const struct l4r_model_config *config = task->config;
  struct l4r_lite *lite = task->lite = l4r_alloc(1, sizeof *lite, "Item LLM training");
  if (!lite) return L4R_ENVIRONMENT;
  lite->dataset = task->dataset;
  lite->config = config;
  lite->tensors = &task->tensors;
  lite->width = task->width;
  lite->items = config->items;
  lite->history = config->history;
  lite->workers = task->workers;
  int status = L4R_OK;
  if (config->items_input != L4R_ITEMS_ID)
    status = l4r_item_tokens(task->tokenizer, task->dataset, config->text_length, &lite->token,
                             &lite->token_start);
  if (!status) status = l4r_lite_slots_open(lite);
  return status ? status : l4r_lite_vectors_open(lite);
}

void l4r_beam_items_close(struct beam_task *task) {
  if (!task->lite) return;
  l4r_lite_slots_close(task->lite);
  l4r_free(task->lite);
  task->lite = NULL;
}

int l4r_beam_items_prepare(struct beam_task *task, const struct l4r_train_step *step) {
  struct l4r_lite *lite = task->lite;
  lite->step = step;
  lite->values = step->values;
  l4r_lite_slots_clear(lite);
  for (int64_t s = 0; s < task->step_count; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[task->step_first + s], &begin);
    for (int64_t i = begin; i < begin + shown; i++)
      l4r_lite_slots_add(lite, task->dataset->train_item[i]);
  }
  l4r_lite_slots_choose(lite, 0);
  return l4r_lite_slots_ready(lite, 1);
}

void l4r_beam_items_gather(const struct beam_task *task, struct beam_worker *own, int64_t first,
                           int64_t end) {
  float *to = own->vector;
  for (int64_t s = first; s < end; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[s], &begin);
    for (int64_t i = begin; i < begin + shown; i++, to += task->width)
      memcpy(to,
             task->lite->vector + task->lite->slot_of[task->dataset->train_item[i]] * task->width,
             (size_t)task->width * sizeof *to);
  }
}

void l4r_beam_items_scatter(const struct beam_task *task, const struct beam_worker *own, int worker,
                            int64_t first, int64_t end) {
  const float *from = own->vector;
  for (int64_t s = first; s < end; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[s], &begin);
    for (int64_t i = begin; i < begin + shown; i++, from += task->width) {
      float *to = task->lite->worker[worker].d_vector +
                  task->lite->slot_of[task->dataset->train_item[i]] * task->width;
      for (int64_t j = 0; j < task->width; j++) to[j] += from[j];
    }
  }
}
