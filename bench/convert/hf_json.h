/* SPDX-License-Identifier: BSD-3-Clause */
/* The JSON files of `lite4rec export hf`. All return a new reference, NULL when memory is short. */
#ifndef L4R_BENCH_CONVERT_HF_JSON_H
#define L4R_BENCH_CONVERT_HF_JSON_H

#include "baselines/beam/served.h"
#include "impl/model/model.h"
#include "impl/model/spm.h"

#include <jansson.h>

/* The folders of models that are more than one T5, and the file of what is no T5. */
#define L4R_HF_ITEM_LLM "item_llm/"
#define L4R_HF_REC_LLM  "rec_llm/"
#define L4R_HF_DECODER  "decoder/"
#define L4R_HF_REST     "lite4rec.safetensors"

struct l4r_hf_t5 {
  const struct l4r_t5_shape *shape;
  int64_t vocabulary, encoder_blocks; /* of this part; its decoder has shape's blocks */
  int has_decoder;                    /* T5ForConditionalGeneration, else T5EncoderModel */
  int causal;                         /* an encoder of causal attention */
  double dropout;
};
/* Whether transformers 4, which scales what it ties and nothing else, is told that it is tied: a
 * tied layer without scale is written as a second copy. Pure. */
int l4r_hf_is_tied(const struct l4r_t5_shape *shape);
/* config.json; generation_config.json for answers of at most `most` tokens with </s>. */
json_t *l4r_hf_config(const struct l4r_hf_t5 *t5);
json_t *l4r_hf_generation(int64_t most);

/* lite4rec.json: what loads what, and everything that transformers cannot know. `ids` NULL where
 * the model knows no item ids. */
json_t *l4r_hf_about(const struct l4r_model *model, const struct l4r_served_ids *ids,
                     const char *no_tokenizer);

#endif
