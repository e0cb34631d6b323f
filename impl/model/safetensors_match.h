/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks that a file holds the tensors that a configuration needs. */
#ifndef L4R_MODEL_SAFETENSORS_MATCH_H
#define L4R_MODEL_SAFETENSORS_MATCH_H

#include "impl/model/safetensors.h"
#include "impl/model/tensors.h"

/* Returns 1 when both tensors exist, with one dtype and size, and hold the same bytes. */
int l4r_safetensors_same(const struct l4r_safetensors *safetensors, const char *a, const char *b);
enum l4r_match {                 /* what a file may hold beside the list */
                 L4R_MATCH_ALL,  /* nothing */
                 L4R_MATCH_T5,   /* what is no part of a T5 */
                 L4R_MATCH_BERT, /* what is no part of a BERT's encoder */
};
/* Checks that every tensor of the list is in the file with its shape (any dtype), and no other.
 * Allowed are copies of a tied embedding as transformers writes them (encoder.embed_tokens.weight,
 * decoder.embed_tokens.weight, lm_head.weight), which must hold the same bytes, and the
 * cross-attention's position bias of the first published T5s, which no program reads. Unless
 * `rule` is ALL, tensors that are no part of such a model (of a classifier, say) are ignored with a
 * warning that names the first; a BERT's pooler and numbered positions, which most have, without
 * one. L4R_INPUT names the first tensor that breaks these rules. */
int l4r_safetensors_match(const struct l4r_safetensors *safetensors,
                          const struct l4r_tensors *tensors, enum l4r_match rule);

#endif
