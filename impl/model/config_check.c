/* SPDX-License-Identifier: BSD-3-Clause */
/* Conditions on a configuration that involve several fields. */
#include "impl/model/config_check.h"

#include "impl/base/error.h"

#include <stddef.h>

static int is_prompted(const struct l4r_model_config *config) {
  return config->kind == L4R_KIND_P5 || config->kind == L4R_KIND_P5_HEAD;
}

/* Checks SASRec blocks: an encoder over vectors, no longer than its position table. */
static int check_sasrec(const struct l4r_model_config *config, const char *path) {
  int sasrec = config->kind == L4R_KIND_SASREC;
  const struct l4r_t5_shape *shape = &config->rec_llm;
  if (config->item_llm.block == L4R_BLOCK_SASREC || config->p5.block == L4R_BLOCK_SASREC ||
      (shape->block == L4R_BLOCK_SASREC && !sasrec && config->kind != L4R_KIND_LITE)) {
    return l4r_fail(L4R_INPUT, "%s: only 'rec_llm' of kinds sasrec and lite may have SASRec blocks",
                    path);
  }
  if (sasrec && (shape->block != L4R_BLOCK_SASREC || config->items_input != L4R_ITEMS_ID ||
                 !config->tied_head || config->projection)) {
    return l4r_fail(L4R_INPUT,
                    "%s: a model of kind 'sasrec' needs 'rec_llm.block' sasrec, 'items_input' id, "
                    "'tied_head' true and no projection",
                    path);
  }
  if (shape->block == L4R_BLOCK_SASREC && shape->positions < config->history) {
    return l4r_fail(L4R_INPUT, "%s: field 'rec_llm.positions' is %lld, fewer than 'history' %lld",
                    path, (long long)shape->positions, (long long)config->history);
  }
  return L4R_OK;
}

/* Checks what only the Recommendation LLM of Lite and SASRec computes: gates, SwiGLU, cosine
 * scores.
 */
static int check_recipe(const struct l4r_model_config *config, const char *path) {
  const struct l4r_t5_shape *rec = &config->rec_llm;
  const int scored = config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_SASREC;
  const int changed = rec->gates || rec->swiglu;
  if (config->item_llm.gates || config->item_llm.swiglu || config->p5.gates || config->p5.swiglu ||
      (changed && !scored) || (config->scores && !scored))
    return l4r_fail(L4R_INPUT,
                    "%s: gates and swiglu are for 'rec_llm' of kinds lite and sasrec, and 'scores' "
                    "for these kinds",
                    path);
  if (rec->swiglu && !rec->gated)
    return l4r_fail(L4R_INPUT, "%s: field 'rec_llm.swiglu' needs 'rec_llm.gated' true", path);
  if (rec->gated && !rec->swiglu && rec->block == L4R_BLOCK_SASREC)
    return l4r_fail(L4R_INPUT, "%s: SASRec blocks are gated by 'rec_llm.swiglu' alone", path);
  if (config->scores == L4R_SCORES_COSINE &&
      (!config->tied_head || config->tied_scale > 0 || !(config->temperature > 0)))
    return l4r_fail(L4R_INPUT,
                    "%s: cosine 'scores' need 'tied_head' true, a 'temperature' above 0 and no "
                    "'tied_scale'",
                    path);
  if (config->scores == L4R_SCORES_DOT && config->temperature > 0)
    return l4r_fail(L4R_INPUT, "%s: field 'temperature' belongs to 'scores' cosine", path);
  return L4R_OK;
}

static int bad_bert(const char *path, const char *what) {
  return l4r_fail(L4R_INPUT, "%s: %s", path, what);
}

/* Checks BERT blocks: they make item vectors of texts, and nothing else. */
static int check_bert(const struct l4r_model_config *config, const char *path) {
  const struct l4r_t5_shape *shape = &config->item_llm;
  if (config->rec_llm.block == L4R_BLOCK_BERT || config->p5.block == L4R_BLOCK_BERT)
    return bad_bert(path, "only 'item_llm' may have BERT blocks");
  if (shape->block != L4R_BLOCK_BERT) return L4R_OK;
  if (config->kind != L4R_KIND_LITE || config->items_input == L4R_ITEMS_ID || !config->adapter)
    return bad_bert(path, "'item_llm.block' bert needs kind lite, items that have texts, and an "
                          "'adapter'");
  if (shape->causal || shape->d_kv > shape->d_model || shape->heads * shape->d_kv != shape->d_model)
    return bad_bert(path, "'item_llm.block' bert needs 'causal' false, and 'heads' times 'key' "
                          "equal to 'width'");
  if (shape->positions < config->text_length)
    return l4r_fail(L4R_INPUT,
                    "%s: field 'text_length' is %lld, but the Item LLM has %lld positions; give "
                    "--text-length of at most that many",
                    path, (long long)config->text_length, (long long)shape->positions);
  return L4R_OK;
}

/* Checks what stands behind a pretrained Item LLM. */
static int check_adapter(const struct l4r_model_config *config, const char *path) {
  const int behind = config->normalize || config->whiten || config->frozen;
  if (!config->adapter && !behind && config->pooling != L4R_POOL_FIRST) return L4R_OK;
  if (!config->adapter)
    return l4r_fail(L4R_INPUT,
                    "%s: 'normalize', 'whiten', 'frozen' and 'pooling' first need an 'adapter'",
                    path);
  if (config->kind != L4R_KIND_LITE || config->items_input == L4R_ITEMS_ID || config->projection)
    return l4r_fail(L4R_INPUT,
                    "%s: an 'adapter' is for models of kind lite whose items have texts, without "
                    "'projection'",
                    path);
  return L4R_OK;
}

static int check_t5(const char *name, const struct l4r_t5_shape *shape, const char *path) {
  if (shape->block != L4R_BLOCK_T5 || shape->max_distance > shape->buckets / 2) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s: field '%s.max_distance' is %lld; it must exceed half of the %lld buckets",
                  path, name, (long long)shape->max_distance, (long long)shape->buckets);
}

static int check_vectors(const struct l4r_model_config *config, const char *path) {
  int status = check_t5("item_llm", &config->item_llm, path);
  if (!status) status = check_t5("rec_llm", &config->rec_llm, path);
  if (status) return status;
  if (!config->adapter && config->item_llm.d_model != config->rec_llm.d_model)
    return l4r_fail(L4R_INPUT,
                    "%s: field 'item_llm.width' is %lld but 'rec_llm.width' is %lld; "
                    "item vectors are the inputs of rec_llm, so both must be equal",
                    path, (long long)config->item_llm.d_model, (long long)config->rec_llm.d_model);
  if (config->items_input != L4R_ITEMS_ID && config->item_llm.vocabulary < 1)
    return l4r_fail(L4R_INPUT, "%s: field 'item_llm.vocabulary' is 0 but items come as text", path);
  return L4R_OK;
}

int l4r_config_check(const struct l4r_model_config *config, const char *path, const char *kind) {
  int status = check_sasrec(config, path);
  if (!status) status = check_recipe(config, path);
  if (!status) status = check_bert(config, path);
  if (!status) status = check_adapter(config, path);
  if (!status && (config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_LITE_BEAM))
    status = check_vectors(config, path);
  if (!status && is_prompted(config)) status = check_t5("p5", &config->p5, path);
  if (status) return status;
  if (config->whole_word && !is_prompted(config))
    return l4r_fail(L4R_INPUT, "%s: field 'whole_word' is for models that read a prompt, not %s",
                    path, kind);
  if (config->prompt && config->kind != L4R_KIND_P5)
    return l4r_fail(L4R_INPUT, "%s: field 'prompt' is for models of kind p5, not %s", path, kind);
  const struct l4r_t5_shape *speaker = NULL; /* the T5 that generates or reads tokens */
  if (config->kind == L4R_KIND_LITE_BEAM) speaker = &config->rec_llm;
  if (is_prompted(config)) speaker = &config->p5;
  if (speaker && (speaker->vocabulary < 1 || speaker->decoder_blocks < 1)) {
    return l4r_fail(L4R_INPUT, "%s: a model of kind '%s' needs a vocabulary and decoder_blocks",
                    path, kind);
  }
  return L4R_OK;
}
