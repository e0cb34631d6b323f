/* SPDX-License-Identifier: BSD-3-Clause */
/* A Hugging Face T5 folder as the beginning of a model (train's --init): config.json of a T5Config,
 * model.safetensors, spiece.model.
 *
 * Tensor names are theirs but for our prefixes, so that most of it is copying: Lite's Item LLM and,
 * as in the paper, its Recommendation LLM both begin as the folder's encoder; lite-beam's
 * Recommendation LLM takes the decoder as well; p5 is the whole folder. Heads, projections, id
 * vectors and the rows of item tokens of our own stay random.
 *
 * One table changes on the way: an encoder's position bias has half of its buckets for each side,
 * a causal Recommendation LLM has them all for the past. Each causal bucket takes the bias that the
 * folder has for the nearest distance of that bucket, so that the model begins as the folder's
 * encoder with the future masked out. */
#ifndef L4R_MODEL_PRETRAINED_H
#define L4R_MODEL_PRETRAINED_H

#include "impl/model/safetensors.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct l4r_pretrained {
  char path[4096];           /* the folder */
  char name[64];             /* its last component: config.json's "init" */
  struct l4r_t5_shape shape; /* decoder_blocks 0 when the file holds an encoder alone */
  struct l4r_tensors tensors;
  struct l4r_safetensors *safetensors;
  int of_5;          /* written by transformers 5 or later: private */
  int item_llm_only; /* set by the caller: the Recommendation LLM begins at random */
};

/* Opens and checks: config.json is a T5's (v1.0 or gated, tied or not), the files hold every tensor
 * of it with its shape and of a T5 no other, all values finite, in F32, F16 or BF16. L4R_INPUT with
 * file, tensor and remedy; a folder with pytorch_model.bin alone is told how to convert it. */
int l4r_pretrained_open(const char *folder, struct l4r_pretrained **pretrained);
void l4r_pretrained_close(struct l4r_pretrained *pretrained);

/* Writes the path of the folder's spiece.model, or else of its tokenizer.json, to path[4096].
 * L4R_INPUT when there is neither. */
int l4r_pretrained_tokenizer(const struct l4r_pretrained *pretrained, char *path);

#endif
