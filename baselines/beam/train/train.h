/* SPDX-License-Identifier: BSD-3-Clause */
/* Trains P5, p5-head and lite-beam: cross-entropy over the answer's tokens (p5-head: over items),
 * one random prefix of a user's training part at a time, as published. */
#ifndef L4R_BASELINES_BEAM_TRAIN_TRAIN_H
#define L4R_BASELINES_BEAM_TRAIN_TRAIN_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/pretrained.h"
#include "impl/train/loop/trainer.h"

struct l4r_beam_train_options {
  const struct l4r_dataset *dataset; /* opened with TRAIN, VALIDATION and TEXT; borrowed */
  struct l4r_model_config config; /* l4r_config_defaults(kind, size, ...) and what was changed: id
                                     scheme and form, history, dropout ...; items, vocabulary,
                                     max_id_tokens and provenance are filled in here */
  const struct l4r_pretrained *init; /* what the weights begin as, its shape in config; borrowed;
                                        NULL: random */
  const char *tokenizer;    /* SentencePiece model to copy; NULL: one is trained on the texts */
  int64_t pieces;           /* of a trained tokenizer, at most; 0: 4,000, or 500 where items
                               of p5 and p5-head have tokens of their own */
  int64_t batch;            /* prefixes a step; 0: 64 */
  int64_t prefixes;         /* drawn per user and epoch (published: 1); 0: so many that an epoch has
                               16,384 samples, or one */
  int64_t answers;          /* to a prompt in training: the next item and those after it, each an
                               answer of its own that sees the prompt alone (published: 1); 0: 3,
                               p5-head 1 */
  int answers_follow;       /* or one sequence: an answer's </s> begins the next one, which sees
                               those before it as a language model sees its text. p5-head: the
                               decoder reads the ids, and the head scores where an item begins */
  int64_t clusters, leaf;   /* of collaborative ids; 0: by the number of items (collaborate.h) */
  int64_t validation_users; /* drawn from the seed, the same in every epoch; 0: 1,000; negative:
                               all. Their number is a column of training.jsonl */
  struct l4r_train_options train;
};

/* Writes the model folder options->train.out: tokenizer.model, id_map.tsv, config.json,
 * model.safetensors, and what l4r_train keeps there. Validation serves the sampled users with the
 * serving code itself (20 beams, trie, cached decoder, stack blis) and removes their history.
 * Errors and *interrupted as l4r_train; L4R_USAGE for settings that exclude each other. Reads the
 * training part, the validation items and the texts, nothing else. */
int l4r_beam_train(const struct l4r_beam_train_options *options, int *interrupted);

#endif
