/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to pretrained.c: the part that only encoders of texts have. */
#ifndef L4R_MODEL_PRETRAINED_BERT_H
#define L4R_MODEL_PRETRAINED_BERT_H

#include "impl/model/pretrained.h"

#include <jansson.h>

/* A whole number of a config.json: where it goes in the shape, 1 .. most, and what it is where the
 * file has none (0: it must have one). */
struct l4r_count_field {
  const char *name;
  size_t offset;
  int64_t most, otherwise;
};
/* Reads one, of any family; L4R_INPUT with `path` and the field. */
int l4r_pretrained_count(const json_t *root, const char *path, const struct l4r_count_field *field,
                         struct l4r_t5_shape *shape);

/* Reads a BertConfig. L4R_INPUT for a setting that this BERT does not have. */
int l4r_pretrained_bert_shape(const json_t *root, const char *path, struct l4r_t5_shape *shape);
/* Sets pooling and normalize from modules.json and the pooling's config.json; without them the mean
 * is taken. L4R_INPUT for other modules and ways of pooling. */
int l4r_pretrained_pooling(struct l4r_pretrained *made);
/* As l4r_pretrained_tokenizer. */
int l4r_pretrained_bert_tokenizer(const struct l4r_pretrained *pretrained, char *path);

#endif
