/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/train/item_ids.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/lite/folder_vectors.h"
#include "impl/model/item_tokens.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/tokenizer.h"

#include <stdio.h>
#include <string.h>

/* Sets *of to a configuration whose Item LLM is the folder's encoder, and notes in the model's own
 * where its ids come from. The model itself begins without that folder. */
static int describe_encoder(struct beam_task *task, struct l4r_model_config *of) {
  const struct l4r_pretrained *encoder = task->options->id_encoder;
  struct l4r_model_config *config = task->config;
  *of = *config;
  const int status = l4r_pretrained_item(encoder, 0, of);
  if (status) return status;
  l4r_text_set(of->init, sizeof of->init, "%s", encoder->name);
  l4r_text_set(config->ids_from, sizeof config->ids_from, "%s", encoder->name);
  l4r_text_set(config->init_files, sizeof config->init_files, "%s", of->init_files);
  l4r_text_set(config->init_licence, sizeof config->init_licence, "%s", of->init_licence);
  if (of->item_llm.block != L4R_BLOCK_BERT || of->item_llm.positions >= of->text_length)
    return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "--init-item %s: its encoder has %lld positions, fewer than the %lld tokens of a "
                  "text; give --text-length of at most that many",
                  encoder->path, (long long)of->item_llm.positions, (long long)of->text_length);
}

/* Computes vectors[items][*width] of all texts. */
static int make_vectors(struct beam_task *task, float **vectors, int64_t *width) {
  const struct l4r_beam_train_options *options = task->options;
  struct l4r_model_config config;
  struct l4r_tokenizer *tokenizer = NULL;
  char sha256[65];
  int32_t *token = NULL;
  int64_t *start = NULL;
  int status = describe_encoder(task, &config);
  if (!status) status = l4r_tokenizer_sha256(options->id_tokenizer, sha256);
  if (!status) status = l4r_tokenizer_open(options->id_tokenizer, &tokenizer);
  if (!status)
    status = l4r_pretrained_rows(options->id_encoder, l4r_tokenizer_size(tokenizer),
                                 &config.item_llm.vocabulary);
  if (!status)
    status = l4r_item_tokens(tokenizer, task->dataset, config.text_length, &token, &start);
  if (tokenizer) l4r_tokenizer_close(tokenizer);
  *width = config.item_llm.d_model;
  if (!status) {
    *vectors = l4r_alloc((size_t)config.items, (size_t)*width * sizeof **vectors,
                         "vectors of texts");
    status = *vectors ? L4R_OK : L4R_ENVIRONMENT;
  }
  const struct l4r_folder_vectors_spec spec = {.pretrained = options->id_encoder,
                                               .config = &config,
                                               .tokenizer_sha256 = sha256,
                                               .token = token,
                                               .start = start};
  if (!status) status = l4r_folder_vectors(&spec, options->train.team, *vectors);
  l4r_free(token);
  l4r_free(start);
  return status;
}

static int make_map(struct beam_task *task) {
  const struct l4r_beam_train_options *options = task->options;
  struct l4r_id_spec spec = {.scheme = task->config->id_scheme,
                             .seed = options->train.seed,
                             .clusters = options->clusters,
                             .leaf = options->leaf,
                             .levels = options->levels,
                             .codes = options->codes,
                             .kept = options->kept,
                             .team = options->train.team};
  float *vectors = NULL;
  int status = spec.scheme == L4R_IDS_SEMANTIC && options->id_encoder
                   ? make_vectors(task, &vectors, &spec.width)
                   : L4R_OK;
  spec.vector = vectors;
  if (!status) status = l4r_id_map_make(task->dataset, &spec, &task->map);
  l4r_free(vectors);
  return status;
}

int l4r_beam_item_ids(struct beam_task *task) {
  const struct l4r_beam_train_options *options = task->options;
  char *sha256 = task->config->id_map_sha256, path[L4R_PATH_MAX];
  int status = l4r_path_join(path, options->train.out, "id_map.tsv");
  if (status) return status;
  /* Rank 0's holds for all: eigenvectors differ between processors. */
  if (!options->train.resume && !task->sums.ranks.rank) {
    status = make_map(task);
    return status ? status : l4r_id_map_write(&task->map, options->train.out, sha256);
  }
  struct l4r_model_config encoder;
  if (task->config->id_scheme == L4R_IDS_SEMANTIC && options->id_encoder)
    status = describe_encoder(task, &encoder);
  if (!status) status = l4r_sha256_file(path, sha256);
  if (status) return l4r_fail_context(status, "the item ids of the training");
  return l4r_id_map_read(options->train.out, task->dataset->items, sha256, &task->map);
}
