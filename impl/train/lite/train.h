/* SPDX-License-Identifier: BSD-3-Clause */
/* Trains Lite-LLM4Rec, and SASRec, which is the same with items as ids, a tied head and other
 * blocks (impl/model/config.h). Item texts pass through the Item LLM, item vectors through the
 * Recommendation LLM; the loss is cross-entropy over all items or a sampled loss. Everything is
 * trained together. */
#ifndef L4R_TRAIN_LITE_TRAIN_H
#define L4R_TRAIN_LITE_TRAIN_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/pretrained.h"
#include "impl/train/lite/loss.h"
#include "impl/train/loop/trainer.h"

struct l4r_lite_train_options {
  const struct l4r_dataset *dataset; /* opened with TRAIN, VALIDATION and TEXT; borrowed */
  struct l4r_model_config config;    /* l4r_config_defaults(L4R_KIND_LITE or _SASREC) with changes;
                                        this call sets items, vocabulary and provenance */
  const struct l4r_pretrained *init; /* initial weights of the shape in config; borrowed;
                                        NULL: random */
  const char *tokenizer;             /* SentencePiece model to copy; NULL: train one on the texts */
  int64_t pieces;                    /* most pieces of a trained tokenizer; 0: 4,000 */
  int64_t batch;    /* windows (causal) or prefixes (bidirectional) per step; 0: sasrec 128, lite by
                       the data's size */
  int64_t prefixes; /* bidirectional: number drawn per user and epoch; 0: 1, as the paper; negative:
                       all */
  /* 0..1: share of a step's distinct items that are encoded again, oldest vectors first; the
   * others' vectors come from earlier steps. 0 or 1: all are encoded. */
  double item_share;
  int64_t validation_users; /* size of the sample by which an epoch is judged; 0: all users */
  enum l4r_lite_loss loss;
  int64_t negatives;  /* N of the sampled losses (impl/train/layers/sampled.h), uniformly drawn; 0:
                         256; at most all items */
  int each;           /* 0: N distinct items that a worker's piece of up to 2,048 positions shares;
                         1: every position draws its own N, with replacement */
  int uncorrected;    /* 1: sampled softmax without log-Q correction */
  double calibration; /* gBCE's t, 0..1; negative: 0.75, as published */
  enum l4r_lite_update update;
  int shard_items; /* 1: ranks divide the id table, its gradients and its moments among them */
  struct l4r_train_options train;
};

/* Writes the model folder options->train.out: tokenizer.model, config.json, model.safetensors, and
 * the files of l4r_train. Errors and *interrupted as in l4r_train; L4R_USAGE for settings that
 * exclude each other. Reports the memory that it needs before it allocates it; L4R_ENVIRONMENT,
 * with the needed and the available amount, when there is too little. */
int l4r_lite_train(const struct l4r_lite_train_options *options, int *interrupted);

#endif
