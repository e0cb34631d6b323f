/* SPDX-License-Identifier: BSD-3-Clause */
/* Default configurations: the shapes of each size (README.md, "Sizes"), and scales that follow from
 * a shape. */
#include "impl/model/config_sizes.h"

#include "impl/model/config.h"

#include "impl/base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct size_row {
  const char *name;
  int64_t width, key, heads, feed, item_blocks, blocks;
};
static const struct size_row T5_SIZES[] = {
    {"tiny", 64, 16, 4, 256, 1, 2},   {"mini", 128, 32, 4, 512, 2, 2},
    {"base", 256, 64, 4, 1024, 4, 4}, {"t5-small", 512, 64, 8, 2048, 6, 6},
    {NULL, 0, 0, 0, 0, 0, 0},
};
/* mini is the published size; all have 200 positions. */
static const struct size_row SASREC_SIZES[] = {
    {"tiny", 32, 32, 1, 32, 0, 2},
    {"mini", 64, 64, 1, 64, 0, 2},
    {"base", 128, 64, 2, 128, 0, 2},
    {NULL, 0, 0, 0, 0, 0, 0},
};
enum { SASREC_HISTORY = 200 };

static const struct size_row *find_size(const struct size_row *row, const char *name) {
  for (; row->name; row++) {
    if (strcmp(row->name, name) == 0) return row;
  }
  return NULL;
}

static struct l4r_t5_shape shape_of(const struct size_row *size, int64_t encoder_blocks,
                                    int64_t decoder_blocks) {
  return (struct l4r_t5_shape){
      .d_model = size->width,
      .d_kv = size->key,
      .heads = size->heads,
      .d_ff = size->feed,
      .encoder_blocks = encoder_blocks,
      .decoder_blocks = decoder_blocks,
      .buckets = 32,
      .max_distance = 128,
      .tied = decoder_blocks > 0,
      .epsilon = 1e-6,
  };
}

static void set_sasrec(const struct size_row *size, struct l4r_model_config *config) {
  config->rec_llm = (struct l4r_t5_shape){
      .block = L4R_BLOCK_SASREC,
      .d_model = size->width,
      .d_kv = size->key,
      .heads = size->heads,
      .d_ff = size->feed,
      .encoder_blocks = size->blocks,
      .causal = 1,
      .epsilon = 1e-8,
      .positions = SASREC_HISTORY,
  };
  config->history = SASREC_HISTORY;
  config->items_input = L4R_ITEMS_ID;
  config->tied_head = 1;
  config->dropout = 0.2;
}

int l4r_config_defaults(enum l4r_kind kind, const char *size, struct l4r_model_config *config) {
  struct l4r_model_config made = {.kind = kind, .id_scheme = L4R_IDS_SEQUENTIAL};
  if (!l4r_kind_has_weights(kind)) {
    if ((unsigned)kind >= L4R_KINDS) {
      return l4r_fail(L4R_USAGE, "this build has no sizes for models of kind '%s'",
                      l4r_kind_name(kind));
    }
    *config = made;
    return L4R_OK;
  }
  const struct size_row *row = find_size(kind == L4R_KIND_SASREC ? SASREC_SIZES : T5_SIZES, size);
  if (!row) {
    return l4r_fail(L4R_USAGE, "unknown model size '%s'; known are tiny, mini, base%s", size,
                    kind == L4R_KIND_SASREC ? "" : ", t5-small");
  }
  snprintf(made.size, sizeof made.size, "%s", size);
  snprintf(made.loss, sizeof made.loss, "cross-entropy");
  snprintf(made.init, sizeof made.init, "random");
  made.text_length = 64;
  made.history = 50;
  made.dropout = 0.1;
  if (l4r_kind_is_prompted(kind)) {
    made.p5 = shape_of(row, row->blocks, row->blocks);
    made.history = 20;
  } else if (kind == L4R_KIND_SASREC) {
    set_sasrec(row, &made);
  } else {
    made.item_llm = shape_of(row, row->item_blocks, 0);
    made.rec_llm = shape_of(row, row->blocks, kind == L4R_KIND_LITE_BEAM ? row->blocks : 0);
    made.rec_llm.causal = 1;
    made.dropout = 0.2;
  }
  *config = made;
  return L4R_OK;
}

float l4r_output_scale_of(const struct l4r_t5_shape *shape) {
  const int scaled = shape->output_scale == L4R_SCALED_IF_TIED ? shape->tied
                                                               : shape->output_scale == L4R_SCALED;
  return scaled ? (float)(1 / sqrt((double)shape->d_model)) : 1;
}

int64_t l4r_adapter_middle(const struct l4r_model_config *config) {
  return config->adapter == L4R_ADAPTER_TWO_LAYER ? 2 * config->rec_llm.d_model : 0;
}

double l4r_tied_scale(const struct l4r_model_config *config) {
  if (config->scores == L4R_SCORES_COSINE) return 1 / config->temperature;
  if (config->tied_scale > 0) return config->tied_scale;
  if (config->rec_llm.block == L4R_BLOCK_SASREC) return 1;
  return 1 / sqrt((double)config->rec_llm.d_model);
}
