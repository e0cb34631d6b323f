/* Trains Lite-LLM4Rec, and SASRec, which is its case of items as ids, a tied head and other blocks
 * (impl/model/config.h): item texts through the Item LLM, item vectors through the Recommendation
 * LLM, cross-entropy over all items, everything together. */
#ifndef L4R_TRAIN_LITE_TRAIN_H
#define L4R_TRAIN_LITE_TRAIN_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/pretrained.h"
#include "impl/train/trainer.h"

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
  struct l4r_train_options train;
};

/* Writes the model folder options->train.out: tokenizer.model, config.json, model.safetensors, and
 * what l4r_train keeps there. Errors and *interrupted as l4r_train; L4R_USAGE for settings that
 * exclude each other. Prints the memory it will take before it takes it. */
int l4r_lite_train(const struct l4r_lite_train_options *options, int *interrupted);

#endif
