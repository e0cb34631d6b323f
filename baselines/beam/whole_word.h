/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole-word embeddings (Geng et al. 2022, "Recommendation as Language Processing", P5). An item id
 * has several tokens, and only their places tell the encoder which of them belong together. So
 * tokens of one item of the prompt share a learned vector, which is added to their embeddings. P5
 * numbers the words of a prompt from its beginning; here items are numbered from the newest, so
 * that the same vector means the same age in every wording and after any history.
 *
 * The stacks need not know this, because they get vectors instead of tokens. */
#ifndef L4R_BEAM_WHOLE_WORD_H
#define L4R_BEAM_WHOLE_WORD_H

#include <stdint.h>

struct l4r_prompt_batch {   /* from l4r_prompt_write, prompts one after another */
  int64_t positions, width; /* [D] */
  const int32_t *token;     /* [positions] */
  const int32_t *word;      /* [positions], -1: none */
};

/* Computes out[p] = table[token[p]] + whole[word[p]], rows of D. Pure. */
void l4r_whole_word_embed(const struct l4r_prompt_batch *batch, const float *table,
                          const float *whole, float *out);

/* Adds the gradient d_out[positions][D] to the gradients of both tables. */
void l4r_whole_word_back(const struct l4r_prompt_batch *batch, const float *d_out, float *d_table,
                         float *d_whole);

#endif
