/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/lite/pretrained.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/lite/folder_vectors.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/whiten.h"

#include <string.h>

/* vectors[I][E]: what the folder's encoder makes of all texts. */
static int folder_vectors(const struct l4r_lite_task *lite, struct l4r_team *team, float *vectors) {
  const struct l4r_folder_vectors_spec spec = {.pretrained = lite->init,
                                               .config = lite->config,
                                               .tokenizer_sha256 = lite->tokenizer_sha256,
                                               .token = lite->items.spec.token,
                                               .start = lite->items.spec.token_start};
  return l4r_folder_vectors(&spec, team, vectors);
}

/* Fills the whitening and, unless they are there, the vectors that the items keep. */
static int whiten(struct l4r_lite_task *lite, const float *vectors, float *values, int keep) {
  const int64_t items = lite->config->items, wide = lite->items.wide;
  const int64_t weight = l4r_tensors_offset(lite->tensors, "item_llm.whiten.weight");
  const int64_t mean = l4r_tensors_offset(lite->tensors, "item_llm.whiten.mean");
  int status = weight >= 0 ? l4r_whiten_make(vectors, items, wide, values + weight, values + mean)
                           : L4R_OK;
  for (int64_t i = 0; i < items && keep && !status; i++) {
    float *to = lite->items.kept + i * wide;
    lite->items.stamp[i + 1] = 1; /* as if before the first epoch */
    if (weight >= 0)
      l4r_whiten_apply(values + weight, values + mean, wide, vectors + i * wide, to);
    else
      memcpy(to, vectors + i * wide, (size_t)wide * sizeof *to);
  }
  return status;
}

int l4r_lite_prepare(void *state, struct l4r_team *team, float *values, int resumed) {
  struct l4r_lite_task *lite = state;
  const struct l4r_model_config *config = lite->config;
  if (!config->adapter) return L4R_OK;
  float *vectors = l4r_alloc((size_t)config->items, (size_t)lite->items.wide * sizeof *vectors,
                             "vectors of texts");
  /* Last bits may differ from host to host, and all are to have the same. */
  const struct l4r_train_ranks *ranks = &lite->sizes.ranks;
  const int64_t bytes = config->items * lite->items.wide * (int64_t)sizeof *vectors;
  int status = vectors ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && ranks->rank == 0) status = folder_vectors(lite, team, vectors);
  if (!status) status = l4r_ranks_broadcast(ranks, vectors, bytes);
  if (!status && resumed && config->frozen)
    status = l4r_pretrained_copy_fixed(lite->init, config, lite->tensors, values);
  /* A checkpoint has the vectors of an encoder that is tuned. */
  const int keep = lite->items.kept && !(resumed && !config->frozen);
  if (!status) status = whiten(lite, vectors, values, keep);
  l4r_free(vectors);
  return status;
}
