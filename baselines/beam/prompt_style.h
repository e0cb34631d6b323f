/* SPDX-License-Identifier: BSD-3-Clause */
/* How prompts and answers are worded. In the style `short`, a few words stand around the user's
 * number and the item ids, and an answer is an id alone.
 *
 * In the style `openp5` they say what OpenP5's say, in as many tokens: the data set's name beside
 * user and items, "user_" and "item_" before numbers and ids, commas between items, a sentence
 * around all of it; ten wordings, as OpenP5 trains with (its eleventh tests what an unseen wording
 * does). An answer begins with the data set's name and "item_", too. */
#ifndef L4R_BEAM_PROMPT_STYLE_H
#define L4R_BEAM_PROMPT_STYLE_H

#include "baselines/beam/ids/id_tokens.h"
#include "impl/model/config.h"
#include "impl/model/tokenizer.h"

#include <stddef.h>

enum { L4R_PROMPT_SERVED = 0 };                                   /* the wording that serves */
enum { L4R_PROMPT_PARTS_MAX = 10, L4R_PROMPT_WORDINGS_MAX = 10 }; /* parts with their NULL */

int64_t l4r_prompt_wordings(enum l4r_prompt_style style); /* how many there are */
/* Returns the parts of a wording, ended by NULL; {user}, {history} and {dataset} stand for the
 * user's number, the history and what l4r_prompt_dataset makes of the data set's name. Only {user}
 * may be part of a word. */
const char *const *l4r_prompt_parts(enum l4r_prompt_style style, int64_t wording);

struct l4r_prompt_affixes { /* words about items: */
  const char *before;       /* each of the history's, */
  const char *between;      /* two of them, */
  const char *answer;       /* and, after the data set's name, that of the answer */
};
/* Returns those of a style, NULL where it has none. */
const struct l4r_prompt_affixes *l4r_prompt_affixes(enum l4r_prompt_style style);

/* Puts the words with which answers begin before the strings of all ids (l4r_id_tokens_begin);
 * nothing in a style whose answers are ids alone. Errors of the tokenizer, L4R_ENVIRONMENT. */
int l4r_prompt_answer(const struct l4r_model_config *config, const struct l4r_tokenizer *tokenizer,
                      struct l4r_id_tokens *ids);

/* Composes all wordings about a user and some items, and an answer, as one text each, and once more
 * with commas between words, from which a tokenizer may learn their words. Sets *count to 0 in the
 * style `short`, whose words are few. The caller frees *line, which holds the texts too, with
 * l4r_free. */
int l4r_prompt_sentences(enum l4r_prompt_style style, const char *dataset, const char ***line,
                         int64_t *count);

enum { L4R_PROMPT_NAME = 128 };
/* Writes how prompts call a data set: its name's letters and digits, in capitals, as OpenP5 says
 * ML1M. A name of T5's pieces is short, and so are its answers. */
void l4r_prompt_dataset(const char *name, char out[L4R_PROMPT_NAME]);
/* Writes how a style calls a user: "12" or "user_12". */
void l4r_prompt_user(enum l4r_prompt_style style, int64_t number, char *text, size_t room);

#endif
