/* SPDX-License-Identifier: BSD-3-Clause */
/* Divides a text into words as BERT does (huggingface/tokenizers: BertNormalizer, then
 * BertPreTokenizer): control characters go, Chinese characters and punctuation are words of their
 * own, accents and capitals are dropped where the vocabulary was made without them. Categories,
 * decompositions and lower case are Unicode's, from utf8proc; characters that are younger than the
 * tables of huggingface/tokenizers (punctuation and marks of rare scripts) may be divided otherwise
 * there. */
#ifndef L4R_WORDS_WORDS_H
#define L4R_WORDS_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct l4r_word_rules {
  int clean;         /* drop control characters, make every white space a blank */
  int chinese;       /* a blank on both sides of a Chinese character */
  int strip_accents; /* decompose, and drop nonspacing marks */
  int lower;
};

struct l4r_words {
  char *text; /* UTF-8, words one after another */
  size_t capacity;
  int64_t *end; /* [count] where each word ends */
  size_t end_capacity;
  int64_t *characters; /* [count] code points of each word */
  size_t characters_capacity;
  int64_t count;
  int32_t *point; /* scratch: code points of the normalised text */
  size_t point_capacity;
};

/* Fills words from a text of `bytes` bytes; bytes that are no UTF-8 are dropped. A zeroed struct
 * begins; it may be used again, and l4r_words_free frees it. L4R_ENVIRONMENT. Thread-safe. */
int l4r_words_of(const struct l4r_word_rules *rules, const char *text, size_t bytes,
                 struct l4r_words *words);
void l4r_words_free(struct l4r_words *words);

#endif
