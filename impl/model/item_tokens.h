/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of items as models read them. */
#ifndef L4R_MODEL_ITEM_TOKENS_H
#define L4R_MODEL_ITEM_TOKENS_H

#include "impl/data/dataset.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

/* Writes the text of an item as one line: "title: ... brand: ... categories: ..."; absent fields
 * are left out. Cuts it to capacity and returns its full length. */
int64_t l4r_item_line(const struct l4r_item_text *text, char *line, int64_t capacity);

/* Makes the token ids of all items' lines: item i has token[start[i-1]] .. token[start[i]-1], cut
 * to text_length tokens with the tokenizer's frame: </s> behind, or [CLS] before and [SEP] behind;
 * an item without text has only these. L4R_INPUT where no item has a text. Free both with
 * l4r_free. */
int l4r_item_tokens(const struct l4r_tokenizer *tokenizer, const struct l4r_dataset *dataset,
                    int64_t text_length, int32_t **token, int64_t **start);

#endif
