/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a file holds the tensors that a configuration asks for. */
#ifndef L4R_MODEL_SAFETENSORS_MATCH_H
#define L4R_MODEL_SAFETENSORS_MATCH_H

#include "impl/model/safetensors.h"
#include "impl/model/tensors.h"

/* 1 when both tensors are there, of one dtype and size, and hold the same bytes. */
int l4r_safetensors_same(const struct l4r_safetensors *safetensors, const char *a, const char *b);
/* Every tensor of the list is in the file with its shape (any dtype), and no other is, but for
 * copies of a tied embedding as transformers writes them (encoder.embed_tokens.weight,
 * decoder.embed_tokens.weight, lm_head.weight), which must hold the same bytes, and the
 * cross-attention's position bias of the first published T5s, which nothing ever read. With
 * `heads`, tensors that are no part of a T5 (of a classifier, say) are passed over with a warning
 * that names the first. L4R_INPUT naming the first tensor that breaks this. */
int l4r_safetensors_match(const struct l4r_safetensors *safetensors,
                          const struct l4r_tensors *tensors, int heads);

#endif
