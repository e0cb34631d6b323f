/* SPDX-License-Identifier: BSD-3-Clause */
/* vocab.txt. */
#ifndef L4R_WORDS_WORDPIECE_LINES_H
#define L4R_WORDS_WORDPIECE_LINES_H

#include "impl/words/wordpiece.h"

/* Reads vocab.txt, a piece a line, and how words are made from the tokenizer_config.json in its
 * folder, if there is one (else: uncased, as BertTokenizer's defaults). L4R_INPUT. */
int l4r_wordpiece_of_lines(const char *path, struct l4r_wordpiece **wordpiece);

#endif
