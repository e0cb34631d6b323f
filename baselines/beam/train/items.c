/* SPDX-License-Identifier: BSD-3-Clause */
/* lite-beam's inputs: item vectors from the Item LLM, which is trained too (impl/train/items). */
#include "baselines/beam/train/items.h"

#include "impl/base/error.h"
#include "impl/model/item_tokens.h"
#include "impl/model/tokenizer.h"
#include "impl/train/items/encode.h"
#include "impl/train/items/slots.h"

int l4r_beam_items_open(struct beam_task *task) {
  const struct l4r_model_config *config = task->config;
  struct l4r_train_items_spec spec = {.config = config,
                                      .tensors = &task->tensors,
                                      .workers = task->workers,
                                      .ranks = task->sums.ranks,
                                      .share = 1};
  int status = L4R_OK;
  if (config->items_input != L4R_ITEMS_ID)
    status = l4r_item_tokens(task->tokenizer, task->dataset, config->text_length, &spec.token,
                             &spec.token_start);
  l4r_train_items_init(&spec, &task->items);
  if (task->items.id >= 0) { /* every rank makes these from the vectors' sum */
    task->sums.done_begin = task->items.id;
    task->sums.done_end = task->items.id + config->items * task->items.width;
  }
  if (!status) status = l4r_train_items_open(&task->items);
  return status ? status : l4r_train_items_open_vectors(&task->items, config->items);
}

int l4r_beam_items_prepare(struct beam_task *task, const struct l4r_train_step *step) {
  l4r_slots_clear(&task->items);
  for (int64_t s = 0; s < task->step_count; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[task->step_first + s], &begin);
    for (int64_t i = begin; i < begin + shown; i++)
      l4r_slots_add(&task->items, task->dataset->train_item[i]);
  }
  l4r_slots_choose(&task->items, 0);
  return l4r_train_items_ready(&task->items, step);
}

void l4r_beam_items_gather(const struct beam_task *task, struct beam_worker *own, int64_t first,
                           int64_t end) {
  float *to = own->vector;
  for (int64_t s = first; s < end; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[s], &begin);
    l4r_train_items_gather(&task->items, task->dataset->train_item + begin, shown, to);
    to += shown * task->width;
  }
}

void l4r_beam_items_scatter(const struct beam_task *task, int worker, int64_t first, int64_t end) {
  const float *from = task->worker[worker].vector;
  for (int64_t s = first; s < end; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[s], &begin);
    l4r_train_items_scatter(&task->items, worker, task->dataset->train_item + begin, shown, from);
    from += shown * task->width;
  }
}
