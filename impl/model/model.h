/* SPDX-License-Identifier: BSD-3-Clause */
/* A model folder as engines open it: config.json, model.safetensors, tokenizer.model, checked
 * against each other and against the data set. */
#ifndef L4R_MODEL_MODEL_H
#define L4R_MODEL_MODEL_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/safetensors.h"
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

/* Opens and checks: every tensor of the configuration is there with its shape and no other, all
 * values finite, the data set the one the model was made for (sha256 of data set and items.tsv;
 * dataset NULL leaves that check out), the tokenizer no larger than the embedding.
 * L4R_INPUT with file, tensor, remedy. */
int l4r_model_open(const char *folder, const struct l4r_dataset *dataset, struct l4r_model **model);
void l4r_model_close(struct l4r_model *model);

/* What a configuration says of the data set that its model is trained on: items, hashes, name; what
 * l4r_model_open holds against the data set that it is served with. */
void l4r_model_take_dataset(struct l4r_model_config *config, const struct l4r_dataset *dataset);

/* Returns 1 when models of this configuration need a tokenizer.model in their folder. Pure. */
int l4r_model_needs_tokenizer(const struct l4r_model_config *config);

/* Writes config.json and model.safetensors of a new folder, each atomically, config.json last. The
 * caller has put tokenizer.model there. */
int l4r_model_write(const char *folder, const struct l4r_model_config *config,
                    const struct l4r_tensors *tensors, const float *values);

/* Reads the kind of the model in a folder from its config.json, which folders of counts have, too.
 */
int l4r_model_kind(const char *folder, enum l4r_kind *kind);

#endif
