/* SPDX-License-Identifier: BSD-3-Clause */
/* The checkpoints of tests/oracle/beam.py with their ids and prompts, and such a model on a stack.
 * Every function asserts. */
#ifndef L4R_TESTS_BASELINES_BEAM_GOLDEN_H
#define L4R_TESTS_BASELINES_BEAM_GOLDEN_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/trie.h"
#include "impl/model/config.h"
#include "impl/model/safetensors.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <jansson.h>

enum { GOLDEN_USERS = 8 };
#define GOLDEN_IN_THREE "blis in bf16x3"

struct golden {
  json_t *root;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_safetensors *safetensors;
  struct l4r_weights weights;
  struct l4r_id_tokens ids;
  struct l4r_trie trie;
  int64_t users, start[GOLDEN_USERS + 1];
  int32_t *token; /* all prompts end to end */
};

void golden_open(const char *name, struct golden *golden);
void golden_close(struct golden *golden);
int64_t golden_number(const json_t *object, const char *key);

struct golden_model { /* the golden model on a stack */
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack;
  struct l4r_encoder *encoder;
  struct l4r_decoder *decoder;
  float *memory;
};

struct golden_model_spec {
  const char *stack; /* or GOLDEN_IN_THREE */
  int cached, rewinds, restricted;
  int64_t rows; /* of the decoder */
  struct l4r_team *team;
};
void golden_model_open(const struct golden *golden, const struct golden_model_spec *spec,
                       struct golden_model *model);
void golden_model_close(struct golden_model *model);

/* As l4r_decode_step, and as `rewind` of struct l4r_exact_decoder, of a struct golden_model. */
int golden_model_step(void *model, const struct l4r_decode_rows *rows, float *logits);
int golden_model_rewind(void *model, int64_t level);

/* Encodes users first .. first+count-1 and begins decoding for them. */
void golden_model_begin(const struct golden *golden, struct golden_model *model, int64_t first,
                        int64_t count);

#endif
