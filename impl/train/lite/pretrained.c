/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/lite/pretrained.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/lite/texts.h"
#include "impl/lite/vector_cache.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/whiten.h"

#include <stdio.h>
#include <string.h>

/* The encoder as its folder has it, in fp32: also where the model's own was tuned meanwhile. */
static int copy_folder(const struct l4r_pretrained *pretrained, float **values) {
  const struct l4r_tensors *tensors = &pretrained->tensors;
  *values = l4r_alloc((size_t)tensors->floats, sizeof **values, "a pretrained encoder");
  int status = *values ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t t = 0; t < tensors->count && !status; t++) {
    const struct l4r_tensor *tensor = &tensors->tensor[t];
    status = l4r_safetensors_copy(pretrained->safetensors, tensor->name, tensor->rows,
                                  tensor->columns, *values + tensor->offset);
  }
  l4r_safetensors_drop_pages(pretrained->safetensors);
  return status;
}

static int encode(const struct l4r_lite_task *lite, struct l4r_stack *stack, float *vectors) {
  float *values;
  struct l4r_lite_texts *texts = NULL;
  int status = copy_folder(lite->init, &values);
  const struct l4r_weights weights = {&lite->init->tensors, values, NULL};
  const struct l4r_lite_texts_spec spec = {.ops = &l4r_stack_blis,
                                           .stack = stack,
                                           .config = lite->config,
                                           .weights = &weights,
                                           .prefix = "",
                                           .token = lite->items.spec.token,
                                           .start = lite->items.spec.token_start};
  if (!status) status = l4r_lite_texts_open(&spec, &texts);
  l4r_free(values);
  if (!status) status = l4r_lite_texts_encode_all(texts, lite->config->items, vectors);
  l4r_lite_texts_close(texts);
  return status;
}

/* Kernels are not named: they move last bits, and which are fastest is measured anew each time. */
static int name_cache(const struct l4r_lite_task *lite, struct l4r_vector_cache *cache) {
  const struct l4r_model_config *config = lite->config;
  char made_of[4096];
  size_t used = 0;
  l4r_text_add(made_of, sizeof made_of, &used,
               "folder %s\ntokenizer %s\ntexts %s\nlength %lld\npooling %d\nnormalize %d\n",
               config->init_files, lite->tokenizer_sha256, config->items_sha256,
               (long long)config->text_length, (int)config->pooling, config->normalize);
  return l4r_vector_cache_pretrained(made_of, cache);
}

/* A cache that cannot be written costs the next run some time, and gives a warning. */
static void store(const struct l4r_vector_cache *cache, const struct l4r_lite_task *lite,
                  const float *vectors) {
  char folder[L4R_PATH_MAX];
  snprintf(folder, sizeof folder, "%s", cache->path);
  *strrchr(folder, '/') = 0;
  if (l4r_make_folders(folder))
    l4r_warn("item vectors are not stored for the next run: %s", l4r_error_message());
  else
    l4r_vector_cache_write(cache, lite->config->items, lite->items.wide, vectors);
}

/* vectors[I][E]: what the folder's encoder makes of all texts. */
static int folder_vectors(const struct l4r_lite_task *lite, struct l4r_team *team, float *vectors) {
  const struct l4r_model_config *config = lite->config;
  struct l4r_vector_cache cache;
  struct l4r_stack *stack;
  int status = l4r_stack_blis.open(team, &(struct l4r_stack_options){.precision = "fp32"}, &stack);
  if (status) return status;
  const int named = !name_cache(lite, &cache);
  if (named && l4r_vector_cache_read(&cache, config->items, lite->items.wide, vectors)) {
    l4r_info("vectors of all items by %s: from %s", config->init, cache.path);
  } else {
    const int64_t began = l4r_now_ns();
    status = encode(lite, stack, vectors);
    if (!status) {
      l4r_info("vectors of all items by %s: %.1f s", config->init,
               (double)(l4r_now_ns() - began) * 1e-9);
      if (named) store(&cache, lite, vectors);
    }
  }
  l4r_stack_blis.close(stack);
  return status;
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
