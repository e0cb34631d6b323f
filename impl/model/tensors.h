/* SPDX-License-Identifier: BSD-3-Clause */
/* The tensors of a model: names (Hugging Face's T5), shapes, initialisation. The same list is used
 * for initialisation, training and the model's file. */
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
  int decay; /* 1: weight decay applies (matrices, but not norm weights, biases, position bias) */
  int embedding;  /* 1: vectors of tokens or items, [vectors][width] */
  int pretrained; /* 1: of a pretrained Item LLM with an adapter, which has its own learning rate */
  int64_t whole, first; /* of a table that ranks of a training divide: the rows of all together, and
                           how many stand before these; whole 0: not divided */
};

/* How many rows of a table that ranks divide this rank has: all but those beyond it. Pure. */
static inline int64_t l4r_tensor_held(const struct l4r_tensor *divided) {
  const int64_t left = divided->whole - divided->first;
  return left < 0 ? 0 : left < divided->rows ? left : divided->rows;
}

struct l4r_tensors {
  struct l4r_tensor *tensor;
  int64_t count;
  int64_t floats;  /* length of a flat buffer */
  int64_t trained; /* of them, the first so many are trained; the rest is a frozen Item LLM, and the
                      matrix that whitens its vectors */
};

/* Makes the list for a configuration. Prefixes: "item_llm." and "rec_llm." for lite and lite-beam,
 * none for p5 (exactly T5ForConditionalGeneration's names: shared.weight, encoder.block...,
 * decoder.block..., *.final_layer_norm.weight, lm_head.weight when untied). Heads are
 * "item_head.weight" [I][D] and "item_head.bias" [I] (row i-1 is item i). With items_input id or
 * text+id there is "item_llm.id.weight" [I][D]. A rec_llm of SASRec blocks has its own names:
 * "rec_llm.position.weight" [T][D], "rec_llm.blocks.N." + attention_norm, attention.{q,k,v,o},
 * feed_norm, feed.{wi,wo}, with gates attention.gate and feed.gate, and "rec_llm.final_norm", each
 * with ".weight" and ".bias". Gates of T5's blocks are "...layer.N.gate.weight" [D][D] and ".bias".
 * tied_head
 * omits item_head.*; items_input id omits all of item_llm's T5. An item_llm of BERT blocks has
 * BertModel's names ("item_llm.embeddings.word_embeddings.weight", "item_llm.encoder.layer.N...").
 * Behind a pretrained Item LLM stand "item_llm.whiten.weight" [E][E] and ".mean" [E], and
 * "item_llm.adapter.0" and ".1", each with ".weight" [out][in] and ".bias". Free with
 * l4r_tensors_free. */
int l4r_tensors_of(const struct l4r_model_config *config, struct l4r_tensors *tensors);
/* Makes the list of an encoder of BERT blocks alone, under BertModel's names. */
int l4r_tensors_of_bert(const struct l4r_t5_shape *shape, struct l4r_tensors *tensors);
void l4r_tensors_free(struct l4r_tensors *tensors);
const struct l4r_tensor *l4r_tensors_find(const struct l4r_tensors *tensors, const char *name);
/* Returns a tensor's offset in a flat buffer; -1 where there is none of that name. Pure. */
int64_t l4r_tensors_offset(const struct l4r_tensors *tensors, const char *name);

/* Draws initial values with each tensor's deviation. The normals of a tensor depend on `seed` and
 * the tensor's index, so that adding a tensor does not change the others; those of a divided table
 * are the same on one rank and on many. */
void l4r_tensors_init(const struct l4r_tensors *tensors, uint64_t seed, float *values);

#endif
