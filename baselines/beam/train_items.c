/* lite-beam's inputs: item vectors from the Item LLM, which is trained along. The Item LLM's part
 * is Lite's (impl/train/lite_items.c); here it gets what it needs of a struct l4r_lite: the
 * distinct items of a step, a slot each, and room for vectors and their gradients. */
#include "baselines/beam/train_inner.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/tokenizer.h"

#include <string.h>

/* Positions that pass the Item LLM at once, as in Lite's training. */
enum { ITEM_CHUNK = 1024 };

static int64_t offset_of(const struct l4r_tensors *tensors, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(tensors, name);
  return tensor ? tensor->offset : -1;
}

static int take_tables(struct l4r_lite *lite) {
  size_t items = (size_t)lite->items, vectors = items * (size_t)lite->width;
  lite->slot_of = l4r_alloc(items + 1, sizeof(int32_t), "item slots");
  lite->item_of = l4r_alloc(items, sizeof(int32_t), "items of a step");
  lite->slot_bound = l4r_alloc((size_t)lite->workers + 1, sizeof(int64_t), "shares of items");
  lite->vector = l4r_alloc(vectors, sizeof(float), "item vectors");
  if (lite->projection >= 0) lite->pooled = l4r_alloc(vectors, sizeof(float), "pooled items");
  lite->worker = l4r_alloc((size_t)lite->workers, sizeof *lite->worker, "workers");
  if (!lite->slot_of || !lite->item_of || !lite->slot_bound || !lite->vector || !lite->worker ||
      (lite->projection >= 0 && !lite->pooled))
    return L4R_ENVIRONMENT;
  memset(lite->slot_of, -1, (items + 1) * sizeof(int32_t));
  for (int w = 0; w < lite->workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    own->item_hidden = l4r_alloc((size_t)(lite->chunk_positions * lite->width), sizeof(float),
                                 "hidden states of items");
    own->d_vector = l4r_alloc(vectors, sizeof(float), "gradients of item vectors");
    if (!own->item_hidden || !own->d_vector) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

int l4r_beam_items_open(struct beam_task *task) {
  const struct l4r_model_config *config = task->config;
  struct l4r_lite *lite = task->lite = l4r_alloc(1, sizeof *lite, "Item LLM training");
  if (!lite) return L4R_ENVIRONMENT;
  lite->dataset = task->dataset;
  lite->config = config;
  lite->tensors = &task->tensors;
  lite->width = task->width;
  lite->items = lite->max_slots = config->items;
  lite->history = config->history;
  lite->workers = task->workers;
  lite->chunk_positions = config->text_length > ITEM_CHUNK ? config->text_length : ITEM_CHUNK;
  lite->projection = offset_of(&task->tensors, "item_llm.projection.weight");
  lite->id = offset_of(&task->tensors, "item_llm.id.weight");
  int status = L4R_OK;
  if (config->items_input != L4R_ITEMS_ID)
    status = l4r_item_tokens(task->tokenizer, task->dataset, config->text_length, &lite->token,
                             &lite->token_start);
  return status ? status : take_tables(lite);
}

void l4r_beam_items_close(struct beam_task *task) {
  struct l4r_lite *lite = task->lite;
  if (!lite) return;
  for (int w = 0; lite->worker && w < lite->workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    for (size_t c = 0; c < own->chunk_capacity; c++) {
      l4r_encoder_layers_close(own->chunk[c].layers);
      l4r_free(own->chunk[c].start);
      l4r_free(own->chunk[c].token);
    }
    l4r_free(own->chunk);
    l4r_free(own->item_hidden);
    l4r_free(own->d_vector);
  }
  void *const all[] = {lite->token,      lite->token_start, lite->slot_of, lite->item_of,
                       lite->slot_bound, lite->vector,      lite->pooled,  lite->worker};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  l4r_free(lite);
  task->lite = NULL;
}

int l4r_beam_items_prepare(struct beam_task *task, const struct l4r_train_step *step) {
  struct l4r_lite *lite = task->lite;
  lite->step = step;
  lite->values = step->values;
  for (int64_t slot = 0; slot < lite->slots; slot++) lite->slot_of[lite->item_of[slot]] = -1;
  lite->slots = 0;
  for (int64_t s = 0; s < task->step_count; s++) {
    int64_t begin, shown = beam_shown(task, &task->sample[task->step_first + s], &begin);
    for (int64_t i = begin; i < begin + shown; i++) {
      l4r_item item = task->dataset->train_item[i];
      if (lite->slot_of[item] >= 0) continue;
      lite->slot_of[item] = (int32_t)lite->slots;
      lite->item_of[lite->slots++] = item;
    }
  }
  l4r_lite_share_slots(lite);
  for (int w = 0; w < lite->workers; w++) {
    int status = l4r_lite_reserve_chunks(lite, w, l4r_lite_chunks_needed(lite, w));
    if (status) return status;
  }
  return L4R_OK;
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
