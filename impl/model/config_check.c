/* SPDX-License-Identifier: BSD-3-Clause */
/* Conditions of a configuration that involve several fields: what no program here could compute is
 * refused when it is read, and when it would be written. */
#include "impl/model/config_check.h"

#include "impl/base/error.h"

#include <stddef.h>

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

static int check_buckets(const struct l4r_model_config *config, const char *path) {
  const int vectors = config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_LITE_BEAM;
  const struct {
    const char *name;
    const struct l4r_t5_shape *shape;
    int used;
  } row[] = {{"item_llm", &config->item_llm, vectors},
             {"rec_llm", &config->rec_llm, vectors || config->kind == L4R_KIND_SASREC},
             {"p5", &config->p5, l4r_kind_is_prompted(config->kind)}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    const struct l4r_t5_shape *shape = row[i].shape;
    if (row[i].used && shape->block == L4R_BLOCK_T5 && shape->max_distance <= shape->buckets / 2)
      return l4r_fail(
          L4R_INPUT, "%s: field '%s.max_distance' is %lld; it must exceed half of the %lld buckets",
          path, row[i].name, (long long)shape->max_distance, (long long)shape->buckets);
  }
  return L4R_OK;
}

int l4r_config_check(const struct l4r_model_config *config, const char *path) {
  int status = check_sasrec(config, path);
  if (!status) status = check_recipe(config, path);
  if (status) return status;
  status = check_buckets(config, path);
  if (status) return status;
  if (config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_LITE_BEAM) {
    if (config->item_llm.d_model != config->rec_llm.d_model) {
      return l4r_fail(L4R_INPUT,
                      "%s: field 'item_llm.width' is %lld but 'rec_llm.width' is %lld; "
                      "item vectors are the inputs of rec_llm, so both must be equal",
                      path, (long long)config->item_llm.d_model,
                      (long long)config->rec_llm.d_model);
    }
    if (config->items_input != L4R_ITEMS_ID && config->item_llm.vocabulary < 1) {
      return l4r_fail(L4R_INPUT, "%s: field 'item_llm.vocabulary' is 0 but items come as text",
                      path);
    }
  }
  if (config->whole_word && config->kind != L4R_KIND_P5 && config->kind != L4R_KIND_P5_HEAD)
    return l4r_fail(L4R_INPUT, "%s: field 'whole_word' is for models that read a prompt, not %s",
                    path, l4r_kind_name(config->kind));
  const struct l4r_t5_shape *speaker = NULL; /* the T5 that generates or reads tokens */
  if (config->kind == L4R_KIND_LITE_BEAM) speaker = &config->rec_llm;
  if (l4r_kind_is_prompted(config->kind)) speaker = &config->p5;
  if (speaker && (speaker->vocabulary < 1 || speaker->decoder_blocks < 1)) {
    return l4r_fail(L4R_INPUT, "%s: a model of kind '%s' needs a vocabulary and decoder_blocks",
                    path, l4r_kind_name(config->kind));
  }
  return L4R_OK;
}
