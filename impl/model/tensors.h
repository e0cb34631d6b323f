/* SPDX-License-Identifier: BSD-3-Clause */
/* The tensors of a model: names (Hugging Face's T5), shapes, initialisation. One list serves
 * initialisation, training and the model's file. */
#ifndef L4R_MODEL_TENSORS_H
#define L4R_MODEL_TENSORS_H

#include "impl/model/config.h"

#include <stdint.h>

struct l4r_tensor {
  char name[112];        /* "rec_llm.encoder.block.0.layer.0.SelfAttention.q.weight" */
  int64_t rows, columns; /* as Hugging Face stores it: [out][in]; columns 0: a vector of `rows` */
  int64_t offset;        /* of the first value in a flat buffer, a multiple of 16 floats */
  int64_t count;         /* values */
  double deviation;      /* of the initial normal distribution; 0: zeros; negative: all ones */
  int decay;             /* weight decay applies (matrices but not gains, biases, position bias) */
  int embedding;         /* vectors of tokens or items, [vectors][width] */
};

struct l4r_tensors {
  struct l4r_tensor *tensor;
  int64_t count;
  int64_t floats; /* length of a flat buffer */
};

/* The list for a configuration. Prefixes: lite and lite-beam "item_llm." and "rec_llm."; p5 none
 * (exactly T5ForConditionalGeneration's names: shared.weight, encoder.block..., decoder.block...,
 * *.final_layer_norm.weight, lm_head.weight when untied); heads "item_head.weight" [I][D] and
 * "item_head.bias" [I] (row i-1 is item i). items_input id or text+id: "item_llm.id.weight"
 * [I][D]. A rec_llm of SASRec blocks has its own names: "rec_llm.position.weight" [T][D],
 * "rec_llm.blocks.N." + attention_norm, attention.{q,k,v,o}, feed_norm, feed.{wi,wo}, and
 * "rec_llm.final_norm", each with ".weight" and ".bias". tied_head leaves item_head.* out;
 * items_input id leaves all of item_llm's T5 out. Free with l4r_tensors_free. */
int l4r_tensors_of(const struct l4r_model_config *config, struct l4r_tensors *tensors);
void l4r_tensors_free(struct l4r_tensors *tensors);
const struct l4r_tensor *l4r_tensors_find(const struct l4r_tensors *tensors, const char *name);
/* Its offset in a flat buffer; -1 where there is none of that name. Pure. */
int64_t l4r_tensors_offset(const struct l4r_tensors *tensors, const char *name);

/* Initial values by each tensor's deviation (normals drawn tensor by tensor from `seed` and the
 * tensor's index, so that adding a tensor does not move the others). */
void l4r_tensors_init(const struct l4r_tensors *tensors, uint64_t seed, float *values);

#endif
