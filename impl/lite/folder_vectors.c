/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/folder_vectors.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/lite/stacks.h"
#include "impl/lite/texts.h"
#include "impl/lite/vector_cache.h"
#include "impl/model/safetensors.h"

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

static int encode(const struct l4r_folder_vectors_spec *spec, struct l4r_stack *stack,
                  float *vectors) {
  float *values;
  struct l4r_lite_texts *texts = NULL;
  int status = copy_folder(spec->pretrained, &values);
  const struct l4r_weights weights = {&spec->pretrained->tensors, values, NULL};
  const struct l4r_lite_texts_spec opened = {.ops = &l4r_stack_blis,
                                             .stack = stack,
                                             .config = spec->config,
                                             .weights = &weights,
                                             .prefix = "",
                                             .token = spec->token,
                                             .start = spec->start};
  if (!status) status = l4r_lite_texts_open(&opened, &texts);
  l4r_free(values);
  if (!status) status = l4r_lite_texts_encode_all(texts, spec->config->items, vectors);
  l4r_lite_texts_close(texts);
  return status;
}

/* Kernels are not named: they move last bits, and which are fastest is measured anew each time. */
static int name_cache(const struct l4r_folder_vectors_spec *spec, struct l4r_vector_cache *cache) {
  const struct l4r_model_config *config = spec->config;
  char made_of[4096];
  size_t used = 0;
  l4r_text_add(made_of, sizeof made_of, &used,
               "folder %s\ntokenizer %s\ntexts %s\nlength %lld\npooling %d\nnormalize %d\n",
               config->init_files, spec->tokenizer_sha256, config->items_sha256,
               (long long)config->text_length, (int)config->pooling, config->normalize);
  return l4r_vector_cache_pretrained(made_of, cache);
}

/* A cache that cannot be written costs the next run some time, and gives a warning. */
static void store(const struct l4r_vector_cache *cache, const struct l4r_model_config *config,
                  const float *vectors) {
  char folder[L4R_PATH_MAX];
  snprintf(folder, sizeof folder, "%s", cache->path);
  *strrchr(folder, '/') = 0;
  if (l4r_make_folders(folder))
    l4r_warn("item vectors are not stored for the next run: %s", l4r_error_message());
  else
    l4r_vector_cache_write(cache, config->items, config->item_llm.d_model, vectors);
}

int l4r_folder_vectors(const struct l4r_folder_vectors_spec *spec, struct l4r_team *team,
                       float *vectors) {
  const struct l4r_model_config *config = spec->config;
  const int64_t width = config->item_llm.d_model;
  struct l4r_vector_cache cache;
  struct l4r_stack *stack;
  int status = l4r_stack_blis.open(team, &(struct l4r_stack_options){.precision = "fp32"}, &stack);
  if (status) return status;
  const int named = !name_cache(spec, &cache);
  if (named && l4r_vector_cache_read(&cache, config->items, width, 0, config->items, vectors)) {
    l4r_info("vectors of all items by %s: from %s", config->init, cache.path);
  } else {
    const int64_t began = l4r_now_ns();
    status = encode(spec, stack, vectors);
    if (!status) {
      l4r_info("vectors of all items by %s: %.1f s", config->init,
               (double)(l4r_now_ns() - began) * 1e-9);
      if (named) store(&cache, config, vectors);
    }
  }
  l4r_stack_blis.close(stack);
  return status;
}
