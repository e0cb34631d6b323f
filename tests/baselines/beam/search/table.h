/* SPDX-License-Identifier: BSD-3-Clause */
/* A decoder that is a table: its logits are a function of the user and the tokens so far, so that
 * searches can be held against full enumeration. */
#ifndef L4R_TESTS_BASELINES_BEAM_SEARCH_TABLE_H
#define L4R_TESTS_BASELINES_BEAM_SEARCH_TABLE_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/trie.h"
#include "impl/stack.h"

#include <stdint.h>

enum {
  TABLE_VOCABULARY = 23,
  TABLE_ITEMS = 40,
  TABLE_ROWS = 512,
  TABLE_LONGEST = 4,
  TABLE_LEVELS = TABLE_LONGEST + 1
};

struct test_table { /* a row is the hash of all that led to it */
  uint64_t hash[TABLE_LEVELS][TABLE_ROWS];
  int64_t rows[TABLE_LEVELS], largest_batch, decoded;
  int64_t level; /* of the next step */
  int restricted;
};
/* As l4r_decode_step, and as `rewind` of struct l4r_exact_decoder, of a zeroed struct test_table.
 */
int test_table_step(void *table, const struct l4r_decode_rows *rows, float *logits);
int test_table_rewind(void *table, int64_t level);

/* Random ids over tokens 2..TABLE_VOCABULARY-1, many of them prefixes of others. */
void test_table_ids(struct l4r_id_tokens *ids, struct l4r_trie *trie);

/* An item's log-probabilities divided by its tokens, over the whole vocabulary; and each over what
 * the trie allows. */
double test_table_score(const struct l4r_id_tokens *ids, l4r_item item, int64_t user);
double test_table_restricted_score(const struct l4r_id_tokens *ids, const struct l4r_trie *trie,
                                   l4r_item item, int64_t user);

#endif
