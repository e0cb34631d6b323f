/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/prompt_style.h"

#include "baselines/beam/ids/id_tokens.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Parts ended by NULL; {user} and {history} are filled in. Only the question follows the history,
 * so that the newest item is where the relative position is finest. */
static const char *const short_parts[][L4R_PROMPT_PARTS_MAX] = {
    {"user", "{user}", "saw", "{history}", "next:", NULL},
    {"after", "{history}", "what is next for user", "{user}", NULL},
    {"the items of user", "{user}", "in order:", "{history}", "and then:", NULL},
    {"user", "{user}", ":", "{history}", "what follows?", NULL},
};

/* About as long as OpenP5's: 27 to 38 of T5's tokens besides the items. */
static const char *const openp5_parts[][L4R_PROMPT_PARTS_MAX] = {
    {"The member", "user_{user}", "of", "{dataset}", "has chosen these", "{dataset}",
     "items so far :", "{history}", ". Which item should we recommend to this member next ?", NULL},
    {"These are the", "{dataset}", "items that", "user_{user}", "went through , oldest first :",
     "{history}", ". Tell me the item that the user is going to pick after them .", NULL},
    {"We know what", "{dataset}", "user_{user}", "did before :", "{history}",
     ". From this record , find the next thing to suggest to the user .", NULL},
    {"In", "{dataset}", ", the past of", "user_{user}", "consists of the items", "{history}",
     ". What would be a good item to show on the next visit ?", NULL},
    {"After", "{dataset}", "items", "{history}", "in that order , what does", "{dataset}",
     "user_{user}", "want to have next ?", NULL},
    {"Look at the list of", "{dataset}", "items that belong to", "user_{user}", ":", "{history}",
     ". Continue this list by one more item that suits the user .", NULL},
    {"user_{user}", "is known on", "{dataset}", "for the following items :", "{history}",
     ". Predict which item comes next in the life of this user .", NULL},
    {"Given that", "{dataset}", "user_{user}", "already knows", "{dataset}", "items", "{history}",
     ", please name the item that we should put first on the page .", NULL},
    {"The log of", "{dataset}", "has these entries for", "user_{user}", ":", "{history}",
     ". One entry is missing at its end . Which item is it ?", NULL},
    {"To serve", "{dataset}", "user_{user}", "well , consider what was liked before :", "{history}",
     ". Now give the single best item for the time that follows .", NULL},
};
static const struct l4r_prompt_affixes openp5_affixes = {"item_", ",", "item_"};

static const struct style {
  const char *const (*parts)[L4R_PROMPT_PARTS_MAX];
  int64_t wordings;
  const struct l4r_prompt_affixes *affixes;
} styles[] = {
    [L4R_PROMPTS_SHORT] = {short_parts, sizeof short_parts / sizeof *short_parts, NULL},
    [L4R_PROMPTS_OPENP5] = {openp5_parts, sizeof openp5_parts / sizeof *openp5_parts,
                            &openp5_affixes},
};

int64_t l4r_prompt_wordings(enum l4r_prompt_style style) {
  return styles[style].wordings;
}

const char *const *l4r_prompt_parts(enum l4r_prompt_style style, int64_t wording) {
  return styles[style].parts[wording];
}

const struct l4r_prompt_affixes *l4r_prompt_affixes(enum l4r_prompt_style style) {
  return styles[style].affixes;
}

void l4r_prompt_dataset(const char *name, char out[L4R_PROMPT_NAME]) {
  size_t used = 0;
  for (const unsigned char *c = (const unsigned char *)name; *c && used + 1 < L4R_PROMPT_NAME;
       c++) {
    const int small = *c >= 'a' && *c <= 'z';
    if (small || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c >= 128)
      out[used++] = (char)(small ? *c - 'a' + 'A' : *c);
  }
  out[used] = 0;
  if (!used) snprintf(out, L4R_PROMPT_NAME, "DATA");
}

/* Writes "user_{user}" with the number in its place. */
static void write_user(const char *format, int64_t number, char *text, size_t room) {
  static const char mark[] = "{user}";
  const char *at = strstr(format, mark);
  snprintf(text, room, "%.*s%" PRId64 "%s", (int)(at - format), format, number,
           at + sizeof mark - 1);
}

/* All wordings of a style name users alike, so that one string a user is enough. */
static const char *user_format_of(const struct style *style) {
  const char *const *part = style->parts[0];
  while (!strstr(*part, "{user}")) part++;
  return *part;
}

void l4r_prompt_user(enum l4r_prompt_style style, int64_t number, char *text, size_t room) {
  write_user(user_format_of(&styles[style]), number, text, room);
}

/* --- words of answers, and texts to learn words from --- */

int l4r_prompt_answer(const struct l4r_model_config *config, const struct l4r_tokenizer *tokenizer,
                      struct l4r_id_tokens *ids) {
  enum { ROOM = 512 };
  const struct l4r_prompt_affixes *affixes = styles[config->prompt].affixes;
  char name[L4R_PROMPT_NAME], text[L4R_PROMPT_NAME + 16];
  int32_t token[ROOM];
  if (!affixes) return L4R_OK;
  l4r_prompt_dataset(config->dataset_name, name);
  snprintf(text, sizeof text, "%s %s", name, affixes->answer);
  const int64_t count = l4r_tokenizer_encode(tokenizer, text, token, ROOM);
  if (count < 0) return (int)count;
  if (count > ROOM)
    return l4r_fail(L4R_INPUT, "tokenizer.model writes \"%s\" with %" PRId64 " tokens", text,
                    count);
  return l4r_id_tokens_begin(ids, token, count);
}

enum { SENTENCE = 2048 }; /* bytes; the longest has less than half of it */

/* Writes a wording with its blanks filled. */
static void compose(const struct style *style, int64_t wording, const char *dataset, char *text) {
  size_t used = 0;
  char user[48];
  for (const char *const *part = style->parts[wording]; *part; part++) {
    const char *said = *part;
    if (!strcmp(said, "{dataset}")) said = dataset;
    if (!strcmp(said, "{history}")) said = "item_ , item_ , item_";
    if (strstr(said, "{user}")) {
      write_user(said, wording + 1, user, sizeof user);
      said = user;
    }
    l4r_text_add(text, SENTENCE / 2, &used, "%s%s", used ? " " : "", said);
  }
}

/* The same with a comma behind each word but the last. SentencePiece considers only substrings that
 * several different words have, so a word becomes a piece where it stands in two forms. */
static void vary(const char *from, char *to) {
  for (; *from; from++) {
    if (*from == ' ') *to++ = ',';
    *to++ = *from;
  }
  *to = 0;
}

int l4r_prompt_sentences(enum l4r_prompt_style style, const char *dataset, const char ***line,
                         int64_t *count) {
  const struct style *of = &styles[style];
  char name[L4R_PROMPT_NAME];
  const int64_t plain = of->wordings + 1;
  const size_t lines = of->affixes ? 2 * (size_t)plain : 0;
  *count = (int64_t)lines;
  *line = NULL;
  if (!lines) return L4R_OK;
  const char **made = l4r_alloc(1, lines * (sizeof *made + SENTENCE), "sentences of prompts");
  if (!made) return L4R_ENVIRONMENT;
  char *text = (char *)(made + lines);
  l4r_prompt_dataset(dataset, name);
  for (int64_t wording = 0; wording < of->wordings; wording++)
    compose(of, wording, name, text + wording * SENTENCE);
  snprintf(text + of->wordings * SENTENCE, SENTENCE / 2, "%s %s", name, of->affixes->answer);
  for (int64_t i = 0; i < plain; i++) vary(text + i * SENTENCE, text + (plain + i) * SENTENCE);
  for (size_t i = 0; i < lines; i++) made[i] = text + i * SENTENCE;
  *line = made;
  return L4R_OK;
}
