/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the memory that training Lite or SASRec needs from sizes alone: the loop's arrays, the
 * step's tables, each worker's buffers and layers. All of it is allocated at the beginning, except
 * the Item LLM's chunks, of which a step opens as many as its items need. */
#include "impl/train/lite/memory.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/lite/head.h"
#include "impl/train/lite/sampled.h"
#include "impl/train/lite/sizes.h"

#include <stdio.h>

struct sum { /* bytes */
  double loop, tables, workers, items;
};

static double worker_bytes(const struct l4r_lite_task *lite) {
  const struct l4r_lite_sizes *sizes = &lite->sizes;
  double positions = (double)sizes->rec_positions;
  double floats = 5 * positions * (double)sizes->width + (double)l4r_lite_logits(sizes);
  return floats * sizeof(float) + (double)sizes->items + 1 + 12 * positions +
         l4r_train_items_worker_bytes(&lite->items, sizes->step_slots);
}

static int sum_up(const struct l4r_lite_task *lite, int64_t step_tokens, struct sum *sum) {
  double floats = (double)lite->tensors->trained, workers = lite->sizes.workers;
  struct l4r_train_spec rec = l4r_lite_rec_spec(lite);
  int64_t layers = l4r_encoder_layers_bytes(&rec);
  if (layers < 0) return (int)layers;
  sum->loop = (4 * floats + (double)lite->tensors->floats) * sizeof(float);
  sum->tables = l4r_train_items_shared_bytes(&lite->items) + l4r_lite_sampled_bytes(lite) +
                l4r_lite_head_bytes(lite);
  sum->workers = workers * (worker_bytes(lite) + (double)layers) +
                 (workers - 1) * floats * sizeof(float);
  return l4r_train_items_chunk_bytes(&lite->items, step_tokens, &sum->items);
}

int l4r_lite_memory_check(const struct l4r_lite_task *lite, int64_t step_tokens) {
  struct sum sum = {0};
  int status = sum_up(lite, step_tokens, &sum);
  if (status) return status;
  double all = sum.loop + sum.tables + sum.workers + sum.items;
  char items[64] = "";
  if (sum.items > 0) snprintf(items, sizeof items, ", %.0f for item texts", sum.items / 1e6);
  if (step_tokens >= 0)
    l4r_info("memory: %.0f MB needed of %.0f available: %.0f for parameters, gradients, moments "
             "and best weights, %.0f for the catalogue's vectors and tables, %.0f for %d workers%s",
             all / 1e6, (double)l4r_memory_available() / 1e6, sum.loop / 1e6, sum.tables / 1e6,
             sum.workers / 1e6, lite->sizes.workers, items);
  status = l4r_memory_check(all, "this training");
  if (!status) return L4R_OK;
  return l4r_fail(status,
                  "%s: %.2f GB for parameters, gradients, moments and best weights, %.2f for the "
                  "catalogue's vectors and tables, %.2f for %d workers%s; a smaller --size, fewer "
                  "--threads or a smaller --batch need less",
                  l4r_error_message(), sum.loop / 1e9, sum.tables / 1e9, sum.workers / 1e9,
                  lite->sizes.workers, items);
}
