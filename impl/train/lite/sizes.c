/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes how much is processed at once, and how many windows a step has. */
#include "impl/train/lite/sizes.h"

#include "impl/train/layers/softmax.h"

/* Positions that pass through the Recommendation LLM at once; activations should fit near
 * caches. */
enum { SEQUENCE_CHUNK = 2048 };
/* The default number of windows in a step: about a hundred steps per epoch, within these bounds.
 * Larger steps cost less per target, because they share more items, but early progress depends on
 * the number of steps. */
enum { STEPS = 100, LEAST_BATCH = 32, MOST_BATCH = 64, SASREC_BATCH = 128 /* as published */ };
/* Logits that exist at once in validation, per worker: 8 MB, but at least as many rows as make the
 * three passes over a large catalogue's vectors, one per product, worthwhile (128 MB for 10^6
 * items). */
enum { LOGITS = 1 << 21, LEAST_ROWS = 32 };

static int64_t default_batch(const struct l4r_dataset *dataset,
                             const struct l4r_model_config *config) {
  if (config->kind == L4R_KIND_SASREC) return SASREC_BATCH;
  int64_t windows = 0;
  for (int64_t u = 0; u < dataset->users; u++) {
    int64_t pairs = dataset->train_start[u + 1] - dataset->train_start[u] - 1;
    if (pairs > 0) windows += config->rec_llm.causal ? 1 + pairs / config->history : 1;
  }
  int64_t batch = windows / STEPS;
  return batch < LEAST_BATCH ? LEAST_BATCH : batch > MOST_BATCH ? MOST_BATCH : batch;
}

struct l4r_lite_sizes l4r_lite_sizes_of(const struct l4r_lite_train_options *options,
                                        const struct l4r_model_config *config, int64_t scored) {
  struct l4r_lite_sizes sizes = {
      .items = config->items,
      .width = config->rec_llm.d_model,
      .history = config->history,
      .batch = options->batch ? options->batch : default_batch(options->dataset, config),
      .prefixes = options->prefixes ? options->prefixes : 1,
      .rec_positions = config->history > SEQUENCE_CHUNK ? config->history : SEQUENCE_CHUNK,
      .step_slots = config->items,
      .workers = l4r_team_size(options->train.team),
      .bf16 = options->train.bf16,
      .kernels = options->train.kernels,
      .ranks = l4r_train_ranks_of(options->train.comm, options->train.wire, options->train.team)};
  sizes.scored = scored;
  sizes.block_rows = LOGITS / sizes.scored;
  if (sizes.block_rows < LEAST_ROWS) sizes.block_rows = LEAST_ROWS;
  if (sizes.block_rows > sizes.rec_positions) sizes.block_rows = sizes.rec_positions;
  return sizes;
}

int64_t l4r_lite_logits(const struct l4r_lite_sizes *sizes) {
  int64_t validation = sizes->block_rows * sizes->scored;
  int64_t training = l4r_softmax_scratch(sizes->kernels, sizes->width, sizes->scored, sizes->bf16);
  return training > validation ? training : validation;
}

struct l4r_train_spec l4r_lite_rec_spec(const struct l4r_lite_task *lite) {
  return (struct l4r_train_spec){.shape = &lite->config->rec_llm,
                                 .tensors = lite->tensors,
                                 .prefix = "rec_llm.",
                                 .dropout = lite->config->dropout,
                                 .bf16 = lite->sizes.bf16,
                                 .kernels = lite->sizes.kernels,
                                 .max_positions = lite->sizes.rec_positions,
                                 .max_count = lite->sizes.rec_positions,
                                 .max_length = lite->sizes.history};
}
