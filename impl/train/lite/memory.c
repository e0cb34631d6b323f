/* SPDX-License-Identifier: BSD-3-Clause */
/* What a training of Lite or SASRec takes in memory, summed up from sizes alone: the loop's arrays,
 * the step's tables, each worker's buffers and layers. Everything is taken at the beginning, but
 * for the Item LLM's chunks, of which a step opens as many as its items need. */
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/train/lite/internal.h"

#include <stdio.h>

struct l4r_train_spec l4r_lite_rec_spec(const struct l4r_lite *lite) {
  return (struct l4r_train_spec){.shape = &lite->config->rec_llm,
                                 .tensors = lite->tensors,
                                 .prefix = "rec_llm.",
                                 .dropout = lite->config->dropout,
                                 .bf16 = lite->bf16,
                                 .max_positions = lite->rec_positions,
                                 .max_count = lite->rec_positions,
                                 .max_length = lite->history};
}

struct l4r_train_spec l4r_lite_item_spec(const struct l4r_lite *lite) {
  return (struct l4r_train_spec){.shape = &lite->config->item_llm,
                                 .tensors = lite->tensors,
                                 .prefix = "item_llm.",
                                 .dropout = lite->config->dropout,
                                 .bf16 = lite->bf16,
                                 .max_positions = lite->chunk_positions,
                                 .max_count = lite->chunk_positions,
                                 .max_length = lite->config->text_length};
}

struct sum { /* bytes */
  double loop, tables, workers, items;
};

/* Arrays over the catalogue that all workers share. */
static double table_bytes(const struct l4r_lite *lite) {
  double items = (double)lite->items, vectors = items * (double)lite->width * sizeof(float);
  double bytes = items * (2 * sizeof(int32_t) + sizeof(int64_t)) + vectors;
  if (lite->token) bytes += lite->config->projection ? 2 * vectors : vectors;
  if (lite->token && lite->item_share < 1) bytes += vectors + items * sizeof(int64_t);
  return bytes;
}

static double worker_bytes(const struct l4r_lite *lite) {
  double width = (double)lite->width, items = (double)lite->items;
  double floats = 5 * (double)lite->rec_positions * width + (double)l4r_lite_logits(lite) +
                  (double)(lite->step_slots + lite->chunk_positions) * width;
  return floats * sizeof(float) + items + 1 + 12 * (double)lite->rec_positions;
}

static int sum_up(const struct l4r_lite *lite, int64_t step_tokens, struct sum *sum) {
  double floats = (double)lite->tensors->floats, workers = lite->workers;
  struct l4r_train_spec rec = l4r_lite_rec_spec(lite), item = l4r_lite_item_spec(lite);
  int64_t layers = l4r_encoder_layers_bytes(&rec);
  if (layers < 0) return (int)layers;
  sum->loop = 5 * floats * sizeof(float);
  sum->tables = table_bytes(lite) + l4r_lite_sampled_bytes(lite);
  sum->workers = workers * (worker_bytes(lite) + (double)layers) +
                 (workers - 1) * floats * sizeof(float);
  if (!lite->token || step_tokens <= 0) return L4R_OK;
  int64_t chunk = l4r_encoder_layers_bytes(&item);
  if (chunk < 0) return (int)chunk;
  /* A chunk ends before the item that would not fit: half a text is left empty on average. */
  double filled = (double)lite->chunk_positions - 0.5 * (double)lite->config->text_length;
  double chunks = (double)step_tokens / filled + workers;
  sum->items = chunks * ((double)chunk + 12 * (double)lite->chunk_positions);
  return L4R_OK;
}

int l4r_lite_memory_check(const struct l4r_lite *lite, int64_t step_tokens) {
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
             sum.workers / 1e6, lite->workers, items);
  status = l4r_memory_check(all, "this training");
  if (!status) return L4R_OK;
  return l4r_fail(status,
                  "%s: %.2f GB for parameters, gradients, moments and best weights, %.2f for the "
                  "catalogue's vectors and tables, %.2f for %d workers%s; a smaller --size, fewer "
                  "--threads or a smaller --batch need less",
                  l4r_error_message(), sum.loop / 1e9, sum.tables / 1e9, sum.workers / 1e9,
                  lite->workers, items);
}
