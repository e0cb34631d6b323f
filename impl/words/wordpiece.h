/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's tokenizer: words (impl/words/words.h), each divided into the longest pieces that the
 * vocabulary has, from the left (Wu et al. 2016; huggingface/tokenizers, model WordPiece). Special
 * tokens that a text spells out ("[SEP]") are text here, as with split_special_tokens=True: a
 * title is data. */
#ifndef L4R_WORDS_WORDPIECE_H
#define L4R_WORDS_WORDPIECE_H

#include "impl/words/words.h"

#include <stddef.h>
#include <stdint.h>

struct l4r_wordpiece {
  struct l4r_word_rules rules;
  int64_t pieces, most_characters;  /* of a word that is divided; longer ones are unknown */
  char prefix[16];                  /* of a piece that goes on with a word: "##" */
  int32_t unknown, begin, end, pad; /* pieces; pad is -1 where the vocabulary has none */
  char *pile;                       /* the pieces' texts, each ended by NUL */
  int64_t *at;                      /* [pieces] where they begin */
  int32_t *slot;                    /* [slots] hash table of pieces, -1: empty */
  int64_t slots, longest;           /* longest: bytes of the longest piece */
};

void l4r_wordpiece_close(struct l4r_wordpiece *wordpiece);

/* Writes the pieces of a UTF-8 text, without `begin` and `end`, at most `capacity`. Returns how
 * many the text has, or a negative status. Thread-safe. */
int64_t l4r_wordpiece_encode(const struct l4r_wordpiece *wordpiece, const char *text,
                             int32_t *pieces, int64_t capacity);
/* Returns the number of a piece, -1 where there is none. Pure. */
int32_t l4r_wordpiece_find(const struct l4r_wordpiece *wordpiece, const char *text, size_t bytes);
/* Returns a piece's text. Pure. */
const char *l4r_wordpiece_text(const struct l4r_wordpiece *wordpiece, int32_t piece);

/* For the readers: lays out `pieces` texts of together `bytes` bytes (NULs included), to be added
 * in the order of their numbers, and indexes what was added. L4R_ENVIRONMENT. */
int l4r_wordpiece_make(int64_t pieces, int64_t bytes, struct l4r_wordpiece **wordpiece);
/* Returns 0, or 1 (and adds nothing) where there is a piece of that text already. */
int l4r_wordpiece_add(struct l4r_wordpiece *wordpiece, const char *text);

#endif
