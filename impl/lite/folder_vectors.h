/* SPDX-License-Identifier: BSD-3-Clause */
/* What a pretrained encoder's folder says of a catalogue: item vectors before anything is trained.
 * Lite's Item LLM begins with them, semantic item ids are made of them. */
#ifndef L4R_LITE_FOLDER_VECTORS_H
#define L4R_LITE_FOLDER_VECTORS_H

#include "impl/base/team.h"
#include "impl/model/pretrained.h"

#include <stdint.h>

struct l4r_folder_vectors_spec { /* all of it borrowed */
  const struct l4r_pretrained *pretrained;
  /* items, items_sha256, text_length, and from l4r_pretrained_item: item_llm, pooling, normalize,
   * init_files; `init` names the folder in messages. */
  const struct l4r_model_config *config;
  const char *tokenizer_sha256;
  const int32_t *token; /* from l4r_item_tokens */
  const int64_t *start;
};

/* Fills vectors[items][item_llm.d_model]. They are computed by the stack blis in fp32, once for a
 * folder, data set and length of texts: then they stand in this user's cache folder. L4R_INPUT when
 * a tensor cannot be read, L4R_ENVIRONMENT without memory. */
int l4r_folder_vectors(const struct l4r_folder_vectors_spec *spec, struct l4r_team *team,
                       float *vectors);

#endif
