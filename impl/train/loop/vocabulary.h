/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokenizer of a model being trained: trained on the item texts, or copied. */
#ifndef L4R_TRAIN_LOOP_VOCABULARY_H
#define L4R_TRAIN_LOOP_VOCABULARY_H

#include "impl/data/dataset.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

struct l4r_vocabulary_options {
  const struct l4r_dataset *dataset; /* opened with TEXT */
  const char *tokenizer;             /* SentencePiece model to copy; NULL: train one */
  int64_t pieces;                    /* most pieces of a trained one; 0: 4,000 */
  int keep; /* 1: use the folder's tokenizer.model and write nothing; L4R_INPUT when it is missing
               or `tokenizer` is another one */
  /* Decimal numbers that a trained one sees beside the texts, so that item ids become pieces: an id
   * of four digits takes 3.8 tokens on MovieLens-1M without them and 2.0 with them, as in T5's own
   * vocabulary. 0: none. */
  int64_t first_number, numbers;
  /* Sentences that a trained one sees too, again and again until they are as many lines as the
   * texts, so that the words of long prompts become pieces, as they are in T5's own vocabulary. 0:
   * none. */
  const char *const *sentence;
  int64_t sentences;
};

/* Puts tokenizer.model into `folder`, which exists, and its SHA-256 into `sha256`. A trained one
 * sees only the lines of items.tsv, the numbers and the sentences. L4R_INPUT for an unreadable
 * tokenizer or a data set without texts. */
int l4r_vocabulary_make(const struct l4r_vocabulary_options *options, const char *folder,
                        char sha256[65]);
/* Does the same, and opens it. */
int l4r_vocabulary_open(const struct l4r_vocabulary_options *options, const char *folder,
                        char sha256[65], struct l4r_tokenizer **tokenizer);

#endif
