/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of items, as models read them. */
#ifndef L4R_MODEL_ITEM_TOKENS_H
#define L4R_MODEL_ITEM_TOKENS_H

#include "impl/data/dataset.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

/* The text of an item, one line: "title: ... brand: ... categories: ..."; absent fields left out.
 * Cut to capacity; returns its full length. */
int64_t l4r_item_line(const struct l4r_item_text *text, char *line, int64_t capacity);

/* Token ids of all items' lines: item i's are token[start[i-1]] .. token[start[i]-1], cut to
 * text_length - 1 and ended by </s>; an item without text is </s> alone. Free both with l4r_free.
 */
int l4r_item_tokens(const struct l4r_tokenizer *tokenizer, const struct l4r_dataset *dataset,
                    int64_t text_length, int32_t **token, int64_t **start);

#endif
