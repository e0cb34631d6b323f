/* SPDX-License-Identifier: BSD-3-Clause */
/* The prompts of a generative recommender.
 *
 * A prompt is a row of parts: fixed words, the user's number, the history as item ids, </s>. Every
 * part is tokenised by itself, once, when the prompts are opened, and a prompt *is* the row of
 * these token strings, in training and in serving alike. So serving neither composes nor tokenises
 * text, and cannot differ from training. SentencePiece begins every part with a space, so ids in a
 * row stay apart without commas.
 *
 * There are several wordings, as in P5, so that the model learns the task and not a sentence:
 * training draws one at random, serving always asks with L4R_PROMPT_SERVED. The wordings are this
 * project's own; prompt_style.h has them. */
#ifndef L4R_BEAM_PROMPT_H
#define L4R_BEAM_PROMPT_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/ids/ids.h"
#include "baselines/beam/prompt_style.h"

struct l4r_prompt_spec {
  const struct l4r_tokenizer *tokenizer; /* used during open only */
  const struct l4r_id_tokens *ids;       /* outlives the prompts */
  int64_t users;                         /* numbered 1..users in prompts */
  int64_t history;                       /* most items in a prompt, the newest ones */
  enum l4r_prompt_style style;           /* of the configuration */
  const char *dataset; /* its name, for a style that says it; used during open only */
};

struct l4r_prompts;
int l4r_prompts_open(const struct l4r_prompt_spec *spec, struct l4r_prompts **prompts);
void l4r_prompts_close(struct l4r_prompts *prompts);

/* Return the number of tokens of the longest prompt of any wording, and of a prompt with `items`
 * items on average. */
int64_t l4r_prompt_longest(const struct l4r_prompts *prompts);
double l4r_prompt_mean(const struct l4r_prompts *prompts, int64_t items);

struct l4r_prompt_question {
  int64_t wording, user;   /* user 0..users-1 */
  const l4r_item *history; /* [length], oldest first, items 1..items; those beyond the newest
                              spec.history are left out */
  int64_t length;
};

/* Writes the prompt's tokens (at most l4r_prompt_longest) and returns their number. `word`, an
 * array of the same length, or NULL, receives for every token of an item id how many items of the
 * prompt are newer (0 for the newest, below spec.history), and -1 for all other tokens.
 * Thread-safe; cannot fail. */
int64_t l4r_prompt_write(const struct l4r_prompts *prompts,
                         const struct l4r_prompt_question *question, int32_t *token, int32_t *word);

#endif
