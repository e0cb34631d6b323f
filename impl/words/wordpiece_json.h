/* SPDX-License-Identifier: BSD-3-Clause */
/* tokenizer.json of kind WordPiece, both ways. */
#ifndef L4R_WORDS_WORDPIECE_JSON_H
#define L4R_WORDS_WORDPIECE_JSON_H

#include "impl/words/wordpiece.h"

/* Reads a tokenizer.json of huggingface/tokenizers with model WordPiece, normalizer BertNormalizer
 * and pre-tokenizer BertPreTokenizer. L4R_INPUT names the member for any other. */
int l4r_wordpiece_of_json(const char *path, const char *json, size_t bytes,
                          struct l4r_wordpiece **wordpiece);
/* Returns 1 for JSON whose model is WordPiece, or is not said and has no other's members. Pure. */
int l4r_wordpiece_is_json(const char *json, size_t bytes);
/* Makes the tokenizer.json that says the same, for l4r_wordpiece_of_json and
 * huggingface/tokenizers; l4r_free frees it. The same tokenizer gives the same bytes. */
int l4r_wordpiece_json(const struct l4r_wordpiece *wordpiece, char **json, size_t *bytes);

#endif
