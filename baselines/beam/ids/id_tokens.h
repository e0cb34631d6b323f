/* SPDX-License-Identifier: BSD-3-Clause */
/* Item ids as tokens. */
#ifndef L4R_BASELINES_BEAM_IDS_ID_TOKENS_H
#define L4R_BASELINES_BEAM_IDS_ID_TOKENS_H

#include "baselines/beam/ids/ids.h"
#include "impl/model/tokenizer.h"

/* The token strings of all ids, without </s>: item i has token[start[i-1]] .. token[start[i]-1]. */
struct l4r_id_tokens {
  int64_t items;
  int64_t longest;   /* tokens of the longest id, without </s> */
  int64_t first_own; /* first row of the embedding that only ids use; the rows before it are the
                        tokenizer's */
  int64_t own;       /* number of those rows; 0 for digits */
  int64_t words;     /* tokens of every string that stand before the id itself: words of the answer,
                        the same for all; 0: none */
  int64_t *start;    /* [items + 1] */
  int32_t *token;
};

/* Computes the number of embedding rows that ids of this form need for themselves; none for digits.
 *  - tokens, of numbers: one per value of each of two levels (number / base, number % base with
 *    base = ceil(sqrt(items))), so that an answer stays a path and the beam is no hidden head.
 *  - tokens, of paths: one per cluster in the tree and one per place, shared by all clusters (the
 *    separate leaf and non-leaf tokens of LLM-RecSys-ID).
 *  - tokens, of semantic paths: one per code of each level, as many as the largest code that stands
 *    there, and one per place (TIGER's).
 *  - items, of paths: one per cluster and, instead of places, one per item (CID+IID of Hua et al.),
 *    so that an item's meaning need not be composed from a cluster and a place.
 * L4R_INPUT for numbers and semantic paths in the form items; L4R_ENVIRONMENT when memory is short.
 */
int l4r_id_own_rows(const struct l4r_id_map *map, enum l4r_id_form form, int64_t *rows);

/* Makes the token strings. digits, of numbers: the decimal number through the tokenizer, as
 * published. digits, of paths: the clusters as numbers from 1 and the place as a number from
 * L4R_FIRST_ID, "3 11 1002", so that the large number marks the end of an id. tokens, items: own
 * rows from `first_own` (the embedding's first free row) on. L4R_INPUT when the tokenizer writes
 * two items alike (a vocabulary without digits), naming both. Free with l4r_id_tokens_free. */
int l4r_id_tokens_make(const struct l4r_id_map *map, enum l4r_id_form form,
                       const struct l4r_tokenizer *tokenizer, int64_t first_own,
                       struct l4r_id_tokens *tokens);
/* Puts the same words before every string, as an answer that names the data set begins with them.
 * Once, after l4r_id_tokens_make. L4R_ENVIRONMENT without memory; then nothing has changed. */
int l4r_id_tokens_begin(struct l4r_id_tokens *tokens, const int32_t *word, int64_t words);
void l4r_id_tokens_free(struct l4r_id_tokens *tokens);

#endif
