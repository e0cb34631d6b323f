/* SPDX-License-Identifier: BSD-3-Clause */
/* A Hugging Face folder from which a model begins: a T5's (train's --init), config.json of a
 * T5Config, model.safetensors, spiece.model; or that of an encoder of texts (--init-item), a T5's
 * or a BERT's, with what sentence-transformers adds: modules.json, 1_Pooling/config.json.
 *
 * Of a T5:
 *
 * Tensor names are the same except for our prefixes, so most of the work is copying. Lite's Item
 * LLM and, as in the paper, its Recommendation LLM both begin as the folder's encoder; lite-beam's
 * Recommendation LLM also takes the decoder; p5 is the whole folder. Heads, projections, id vectors
 * and the rows of our own item tokens stay random.
 *
 * One table changes: an encoder's position bias has half of its buckets for each side, but a causal
 * Recommendation LLM has all of them for the past. Each causal bucket gets the bias that the folder
 * has for the nearest distance of that bucket, so that the model begins as the folder's encoder
 * with the future masked out. */
#ifndef L4R_MODEL_PRETRAINED_H
#define L4R_MODEL_PRETRAINED_H

#include "impl/model/safetensors.h"
#include "impl/model/config.h"
#include "impl/model/tensors.h"

#include <stdint.h>

struct l4r_pretrained {
  char path[4096];           /* the folder */
  char name[64];             /* its last component; "init" in config.json */
  struct l4r_t5_shape shape; /* decoder_blocks is 0 when the file holds only an encoder */
  struct l4r_tensors tensors;
  struct l4r_safetensors *safetensors;
  enum l4r_pooling pooling; /* opened as an Item LLM: how the folder says that vectors are made */
  int normalize;
  int of_5;          /* private: written by transformers 5 or later */
  int item_llm_only; /* set by the caller: the Recommendation LLM begins with random weights */
};

/* Opens and checks a folder: config.json is that of a T5 (v1.0 or gated, tied or not), the files
 * hold exactly the tensors of that T5 with their shapes, all values finite, in F32, F16 or BF16.
 * L4R_INPUT with file, tensor and remedy; for a folder with only pytorch_model.bin the message says
 * how to convert it. */
int l4r_pretrained_open(const char *folder, struct l4r_pretrained **pretrained);
/* The same of an encoder for items: config.json is that of a T5 or a BERT (BertModel with erf GELU
 * and absolute positions); other families are refused by name, and so are ways of pooling other
 * than the mean and the first token's state. */
int l4r_pretrained_open_item(const char *folder, struct l4r_pretrained **pretrained);
void l4r_pretrained_close(struct l4r_pretrained *pretrained);

/* Writes the path of the folder's spiece.model, or else of its tokenizer.json, to path[4096]; of a
 * BERT, of its tokenizer.json, or else of its vocab.txt. L4R_INPUT when there is neither. */
int l4r_pretrained_tokenizer(const struct l4r_pretrained *pretrained, char *path);

#endif
