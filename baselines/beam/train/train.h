/* SPDX-License-Identifier: BSD-3-Clause */
/* Trains P5, p5-head and lite-beam with cross-entropy over the answer's tokens (p5-head: over
 * items), from random prefixes of users' training parts, as published. */
#ifndef L4R_BASELINES_BEAM_TRAIN_TRAIN_H
#define L4R_BASELINES_BEAM_TRAIN_TRAIN_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/pretrained.h"
#include "impl/train/loop/trainer.h"

struct l4r_beam_train_options {
  const struct l4r_dataset *dataset; /* opened with TRAIN, VALIDATION and TEXT; borrowed */
  /* l4r_config_defaults(kind, size, ...) with changes: id scheme and form, history, dropout ...;
   * this call sets items, vocabulary, max_id_tokens and provenance. */
  struct l4r_model_config config;
  const struct l4r_pretrained *init; /* initial weights of the shape in config; borrowed;
                                        NULL: random */
  const char *tokenizer;             /* SentencePiece model to copy; NULL: train one on the texts */
  int64_t pieces; /* most pieces of a trained tokenizer; 0: 4,000, or 500 (long prompts 1,000) where
                     items of p5 and p5-head have their own tokens */
  int64_t batch;  /* prefixes per step; 0: 64 */
  int64_t prefixes; /* number per user and epoch (published: 1); 0: at least 1, and as many as give
                       an epoch of 16,384 samples; -1: all of every user's, each once (OpenP5's) */
  int64_t answers;  /* answers per prompt in training: the next item and those after it, each an
                       answer of its own that sees only the prompt (published: 1); 0: 3, p5-head 1 */
  int answers_follow; /* 1: they are one sequence. An answer's </s> begins the next one, which sees
                         those before it as a language model sees its text. In p5-head the decoder
                         reads the ids, and the head scores where an item begins */
  int64_t clusters, leaf; /* for collaborative ids; 0: by the number of items (collaborate.h) */
  int64_t levels, codes, kept; /* of semantic ids; 0: semantic.h's */
  /* semantic ids: the encoder whose vectors of the texts they are made of, opened by
   * l4r_pretrained_open_item, and its tokenizer's file; borrowed. Its texts are cut to
   * config.text_length. NULL otherwise. */
  const struct l4r_pretrained *id_encoder;
  const char *id_tokenizer;
  int64_t validation_users; /* drawn from the seed, the same in every epoch; 0: 1,000; negative:
                               all. training.jsonl states their number */
  struct l4r_train_options train;
};

/* Writes the model folder options->train.out: tokenizer.model, id_map.tsv, config.json,
 * model.safetensors, and the files of l4r_train. Validation serves the sampled users with the
 * serving code itself (20 beams, trie, cached decoder, stack blis) and removes their history.
 * Errors and *interrupted as in l4r_train; L4R_USAGE for settings that exclude each other. Reads
 * only the training part, the validation items and the texts. */
int l4r_beam_train(const struct l4r_beam_train_options *options, int *interrupted);

#endif
