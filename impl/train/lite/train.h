/* SPDX-License-Identifier: BSD-3-Clause */
/* Trains Lite-LLM4Rec, and SASRec, which is its case of items as ids, a tied head and other blocks
 * (impl/model/config.h): item texts through the Item LLM, item vectors through the Recommendation
 * LLM, cross-entropy over all items or a sampled loss, everything together. */
#ifndef L4R_TRAIN_LITE_TRAIN_H
#define L4R_TRAIN_LITE_TRAIN_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/pretrained.h"
#include "impl/train/lite/loss.h"
#include "impl/train/loop/trainer.h"

struct l4r_lite_train_options {
  const struct l4r_dataset *dataset; /* opened with TRAIN, VALIDATION and TEXT; borrowed */
  struct l4r_model_config config;    /* l4r_config_defaults(L4R_KIND_LITE or _SASREC) and changes;
                                        items, vocabulary and provenance are filled in here */
  const struct l4r_pretrained *init; /* what the weights begin as, its shape in config; borrowed;
                                        NULL: random */
  const char *tokenizer; /* SentencePiece model to copy; NULL: one is trained on the texts */
  int64_t pieces;        /* of a trained tokenizer, at most; 0: 4,000 */
  int64_t batch;    /* windows (causal) or prefixes (bidirectional) a step; 0: sasrec 128, lite by
                       the data's size */
  int64_t prefixes; /* bidirectional: drawn per user and epoch; 0: 1, as the paper; negative: all */
  double item_share; /* 0..1, of a step's distinct items that are encoded anew, oldest vectors
                        first; the others' vectors come from earlier steps. 0: 1, all of them */
  int64_t validation_users; /* that an epoch is judged by, a sample; 0: all */
  enum l4r_lite_loss loss;
  int64_t
      negatives;      /* of the sampled losses (layers_sampled.h): distinct items, uniformly drawn,
                         that a worker's piece of up to 2,048 positions shares; 0: 256; at most all */
  double calibration; /* gBCE's t, 0..1; negative: 0.75, as published */
  enum l4r_lite_update update;
  struct l4r_train_options train;
};

/* Writes the model folder options->train.out: tokenizer.model, config.json, model.safetensors, and
 * what l4r_train keeps there. Errors and *interrupted as l4r_train; L4R_USAGE for settings that
 * exclude each other. Tells the memory it will take before it takes it; L4R_ENVIRONMENT, naming
 * what is needed and what is there, when that cannot be had. */
int l4r_lite_train(const struct l4r_lite_train_options *options, int *interrupted);

#endif
