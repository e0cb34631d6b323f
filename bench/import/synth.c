/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts for synthetic items, and the data set folder. An item's title holds words of
 * its cluster and one of its own, so that a model that reads text can learn what a new item is
 * like; words are built from syllables, so that nothing here quotes anybody's catalogue. */
#include "bench/import/synth.h"

#include "bench/import/synth_process.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/data/dataset_write.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_OF_CLUSTER = 8, WORD = 8, NUMBER = 12 }; /* bytes of a word and of an item's number */

struct fields { /* of an item; a catalogue may have 10^8 */
  char number[NUMBER], title[3 * WORD + NUMBER], brand[WORD], category[9 + WORD];
};

static const char *const syllables[] = {"ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru",
                                        "sa", "te", "vi", "zo", "ka", "le", "mi", "no", "pu", "ra"};
enum { SYLLABLES = sizeof syllables / sizeof syllables[0] };

/* A three-syllable word that depends on (seed, kind, number) only. */
static void make_word(uint64_t seed, uint64_t kind, uint64_t number, char word[WORD]) {
  struct l4r_random random;
  l4r_random_stream(&random, seed, kind, number);
  const char *s[3];
  for (int i = 0; i < 3; ++i) s[i] = syllables[l4r_random_below(&random, SYLLABLES)];
  snprintf(word, WORD, "%s%s%s", s[0], s[1], s[2]);
}

struct texts {
  struct l4r_item_text *text; /* [items + 1] */
  struct fields *fields;      /* [items + 1] */
};

static void write_text(const struct l4r_synth *synth, int64_t item, struct fields *field) {
  const uint64_t seed = synth->options.seed, home = (uint64_t)synth->home[item];
  struct l4r_random random;
  l4r_random_stream(&random, seed, 7, (uint64_t)item);
  char first[WORD], second[WORD], own[WORD], theme[WORD];
  make_word(seed, 100 + home, l4r_random_below(&random, WORDS_OF_CLUSTER), first);
  make_word(seed, 100 + home, l4r_random_below(&random, WORDS_OF_CLUSTER), second);
  make_word(seed, 8, (uint64_t)item, own);
  make_word(seed, 9, home, theme);
  make_word(seed, 10, home * 3 + l4r_random_below(&random, 3), field->brand);
  snprintf(field->number, sizeof field->number, "%d", (int)item);
  snprintf(field->title, sizeof field->title, "%s %s %s %d", own, first, second, (int)item);
  snprintf(field->category, sizeof field->category, "things > %s", theme);
}

static int make_texts(const struct l4r_synth *synth, struct texts *texts) {
  const size_t rows = (size_t)synth->options.items + 1;
  texts->text = l4r_alloc(rows, sizeof *texts->text, "item texts");
  texts->fields = l4r_alloc(rows, sizeof *texts->fields, "item texts");
  if (!texts->text || !texts->fields) return L4R_ENVIRONMENT;
  for (size_t i = 1; i < rows; ++i) {
    struct fields *f = &texts->fields[i];
    write_text(synth, (int64_t)i, f);
    texts->text[i] = (struct l4r_item_text){f->number, f->title, f->brand, f->category};
  }
  return L4R_OK;
}

/* Freed with free(); NULL when memory is short. */
static char *settings_text(const struct l4r_synth *synth, const struct l4r_synth_optimum *optimum) {
  const struct l4r_synth_options *o = &synth->options;
  json_t *root = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:{s:f, s:f, s:f, s:f}}",
                           "users", (json_int_t)o->users, "items", (json_int_t)o->items, "clusters",
                           (json_int_t)o->clusters, "shortest", (json_int_t)o->shortest, "longest",
                           (json_int_t)o->longest, "zipf", o->zipf, "leak", o->leak, "follow",
                           o->follow, "seed", (json_int_t)o->seed, "optimum", "HR@10",
                           optimum->hr10, "NDCG@10", optimum->ndcg10, "realised HR@10",
                           optimum->realised_hr10, "realised NDCG@10", optimum->realised_ndcg10);
  char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
  json_decref(root);
  return text;
}

int l4r_synth_write(const struct l4r_synth *synth, const struct l4r_synth_optimum *optimum,
                    const char *folder) {
  struct texts texts = {0};
  int status = make_texts(synth, &texts);
  char *settings = status ? NULL : settings_text(synth, optimum);
  if (!status && !settings) status = l4r_fail(L4R_ENVIRONMENT, "no memory for synth.json");
  if (!status) {
    const struct l4r_dataset_source source = {.name = "synth",
                                              .source = "lite4rec data synth",
                                              .tie = "none",
                                              .filters = "",
                                              .users = synth->options.users,
                                              .items = synth->options.items,
                                              .start = synth->user_start,
                                              .item = synth->item,
                                              .text = texts.text,
                                              .sibling_name = "synth.json",
                                              .content = settings};
    status = l4r_dataset_write(folder, &source);
  }
  free(settings);
  l4r_free(texts.text);
  l4r_free(texts.fields);
  return status;
}
