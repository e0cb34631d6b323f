/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the item that a decoder has written freely (trie=off). P5 compares *texts*: "12" "42" and
 * "124" "2" are the same answer, "1242". */
#ifndef L4R_BASELINES_BEAM_SEARCH_STRINGS_H
#define L4R_BASELINES_BEAM_SEARCH_STRINGS_H

#include "baselines/beam/search/trie.h"

struct l4r_strings;

/* Decodes every piece of the vocabulary once. For ids of own tokens, `trie` finds the item and must
 * outlive the object. */
int l4r_strings_open(enum l4r_id_form form, const struct l4r_id_map *map,
                     const struct l4r_tokenizer *tokenizer, const struct l4r_trie *trie,
                     struct l4r_strings **strings);
void l4r_strings_close(struct l4r_strings *strings);

/* Returns the item that a token string (without </s>) names, or 0 for an invalid string.
 * Thread-safe; allocates nothing. */
l4r_item l4r_strings_item(const struct l4r_strings *strings, const int32_t *token, int64_t count);

#endif
