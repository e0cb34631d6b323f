/* SPDX-License-Identifier: BSD-3-Clause */
/* A model folder as engines open it: config.json, model.safetensors and tokenizer.model, checked
 * against each other and against the data set. */
#ifndef L4R_MODEL_MODEL_H
#define L4R_MODEL_MODEL_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_write.h"
#include "impl/model/tensors.h"
#include "impl/model/tokenizer.h"
#include "impl/model/weights.h"

struct l4r_model {
  char path[4096];
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_safetensors *safetensors;
  struct l4r_weights weights;      /* over the mapped file */
  struct l4r_tokenizer *tokenizer; /* NULL for kinds without one */
  char sha256[65];                 /* of model.safetensors */
};

/* Opens and checks a folder: it has exactly the tensors of the configuration, with their shapes,
 * and all values are finite; the data set is the one that the model was made for (sha256 of data
 * set and items.tsv; dataset NULL skips that check); the tokenizer is no larger than the embedding.
 * L4R_INPUT with file, tensor and remedy. */
int l4r_model_open(const char *folder, const struct l4r_dataset *dataset, struct l4r_model **model);
void l4r_model_close(struct l4r_model *model);

/* Stores what identifies the data set of a model's training (items, hashes, name); l4r_model_open
 * compares it with the data set used in serving. */
void l4r_model_take_dataset(struct l4r_model_config *config, const struct l4r_dataset *dataset);

/* Returns 1 when models of this configuration need a tokenizer.model in their folder. Pure. */
int l4r_model_needs_tokenizer(const struct l4r_model_config *config);

/* Returns 1 when serving a model of this configuration may read item texts: its vectors are made of
 * them. Pure. */
int l4r_model_needs_texts(const struct l4r_model_config *config);

/* Writes config.json and model.safetensors of a new folder, each atomically, config.json last.
 * tokenizer.model must be there already. */
int l4r_model_write(const char *folder, const struct l4r_model_config *config,
                    const struct l4r_tensors *tensors, const float *values);
/* The same of a model with a table that ranks divide, which `divided` prints. */
int l4r_model_write_divided(const char *folder, const struct l4r_model_config *config,
                            const struct l4r_tensors *tensors, const float *values,
                            const struct l4r_safetensors_rows *divided);

/* Reads the kind of a folder's model from its config.json, which folders of counts also have. */
int l4r_model_kind(const char *folder, enum l4r_kind *kind);

#endif
