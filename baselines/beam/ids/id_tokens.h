/* SPDX-License-Identifier: BSD-3-Clause */
/* Item ids as tokens. */
#ifndef L4R_BASELINES_BEAM_IDS_ID_TOKENS_H
#define L4R_BASELINES_BEAM_IDS_ID_TOKENS_H

#include "baselines/beam/ids/ids.h"
#include "impl/model/tokenizer.h"

/* The token strings of all ids, without </s>: item i's are token[start[i-1]] .. token[start[i]-1].
 */
struct l4r_id_tokens {
  int64_t items;
  int64_t longest;   /* tokens of the longest id, without </s> */
  int64_t first_own; /* first row of the embedding that belongs to ids alone; rows before it are
                        the tokenizer's */
  int64_t own;       /* how many rows there are of them; 0 for digits */
  int64_t *start;    /* [items + 1] */
  int32_t *token;
};

/* Rows of the embedding that ids of this form need for themselves; none for digits. For tokens,
 * of numbers: one for each value of each of two levels (number / base, number % base with base =
 * ceil(sqrt(items))), so that an answer stays a path and not a head in disguise; of paths: one for
 * each cluster in the tree and one for each place, shared by all clusters (LLM-RecSys-ID's separate
 * leaf and non-leaf tokens). For items, of paths: one for each cluster and, in a place's stead, one
 * for each item (Hua et al.'s CID+IID): what an item is need not be put together from a cluster and
 * a place. L4R_INPUT for numbers in that form; L4R_ENVIRONMENT when memory is short. */
int l4r_id_own_rows(const struct l4r_id_map *map, enum l4r_id_form form, int64_t *rows);

/* digits, of numbers: the decimal number through the tokenizer, as published; of paths: its
 * clusters as numbers from 1 and its place as a number from L4R_FIRST_ID, "3 11 1002", so that the
 * large number says where an id ends. tokens, items: rows of its own, from `first_own` (the
 * embedding's first free row) on. L4R_INPUT when the tokenizer writes two items alike (a vocabulary
 * without digits), naming both. Free with l4r_id_tokens_free. */
int l4r_id_tokens_make(const struct l4r_id_map *map, enum l4r_id_form form,
                       const struct l4r_tokenizer *tokenizer, int64_t first_own,
                       struct l4r_id_tokens *tokens);
void l4r_id_tokens_free(struct l4r_id_tokens *tokens);

#endif
