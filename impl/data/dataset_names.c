/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/data/dataset_names.h"

#include "impl/base/error.h"
#include "impl/base/nearest.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/data/dataset_users.h"

#include <string.h>
#include <strings.h>

int l4r_dataset_user_named(const struct l4r_dataset *dataset, const char *id, int64_t *user) {
  struct l4r_nearest nearest = {.word = id};
  char list[320];
  int64_t number;
  *user = l4r_dataset_find_user(dataset, id);
  if (*user >= 0) return L4R_OK;
  if (!dataset->user_id && !l4r_parse_int(id, &number) && number >= 1 && number <= dataset->users) {
    *user = number - 1;
    return L4R_OK;
  }
  if (!dataset->user_id)
    return l4r_fail(L4R_INPUT,
                    "%s has no users.tsv, so its users are called 1 to %lld, and '%.100s' is none "
                    "of them; import the data again to use their own ids",
                    dataset->path, (long long)dataset->users, id);
  for (int64_t u = 0; u < dataset->users; u++) l4r_nearest_try(&nearest, dataset->user_id[u], u);
  return l4r_fail(
      L4R_INPUT,
      "no user of %s is called '%.100s'%s users.tsv in that folder lists all %lld, the first is "
      "'%.100s'",
      dataset->path, id, *l4r_nearest_text(&nearest, "", list, sizeof list) ? list : ";",
      (long long)dataset->users, dataset->user_id[0]);
}

/* Which titles are asked for: those that are the words, or those that begin with them. */
typedef int title_test(const char *title, const char *words);

static int is_whole(const char *title, const char *words) {
  return !strcasecmp(title, words);
}

static int begins(const char *title, const char *words) {
  return !strncasecmp(title, words, strlen(words));
}

static int64_t count_titles(const struct l4r_dataset *dataset, const char *words, title_test *test,
                            l4r_item *item) {
  int64_t found = 0;
  for (int64_t i = 1; i <= dataset->items; i++)
    if (test(dataset->text[i].title, words)) {
      *item = (l4r_item)i;
      found++;
    }
  return found;
}

static int ambiguous(const struct l4r_dataset *dataset, const char *words, title_test *test) {
  enum { SHOWN = 5 };
  char list[600] = "";
  size_t used = 0;
  int64_t found = 0;
  for (int64_t i = 1; i <= dataset->items; i++) {
    if (!test(dataset->text[i].title, words)) continue;
    if (found++ < SHOWN)
      l4r_text_add(list, sizeof list, &used, "%s'%.80s' (%.40s)", found > 1 ? ", " : "",
                   dataset->text[i].title, dataset->text[i].source_id);
  }
  return l4r_fail(L4R_INPUT, "%lld titles %s '%.100s': %s%s; %s", (long long)found,
                  test == is_whole ? "are" : "begin with", words, list,
                  found > SHOWN ? ", ..." : "",
                  test == is_whole ? "write the item's id, in parentheses here"
                                   : "write more of the title, or the item's id");
}

/* 1 where every word stands in the title, in whatever order: "the matrix", "Matrix, The (1999)". */
static int has_words(const char *title, const char *words) {
  char copy[256], *rest = copy, *word;
  int any = 0;
  l4r_text_set(copy, sizeof copy, "%s", words);
  while ((word = strsep(&rest, " ,.:"))) {
    if (!*word) continue;
    if (!strcasestr(title, word)) return 0;
    any = 1;
  }
  return any;
}

static int unknown_title(const struct l4r_dataset *dataset, const char *words) {
  struct l4r_nearest nearest = {.word = words, .anywhere = 1};
  char list[320];
  for (int64_t i = 1; i <= dataset->items; i++)
    if (has_words(dataset->text[i].title, words))
      l4r_nearest_add(&nearest, dataset->text[i].title, i, 0);
    else
      l4r_nearest_try(&nearest, dataset->text[i].title, i);
  return l4r_fail(L4R_INPUT,
                  "no item of %s has the id '%.100s' or a title that begins so%s items.tsv in that "
                  "folder lists them",
                  dataset->path, words,
                  *l4r_nearest_text(&nearest, "", list, sizeof list) ? list : ";");
}

int l4r_dataset_item_named(const struct l4r_dataset *dataset, const char *words, l4r_item *item) {
  *item = l4r_dataset_find_item(dataset, words);
  if (*item) return L4R_OK;
  title_test *const tests[] = {is_whole, begins};
  for (int t = 0; t < 2; t++) {
    const int64_t found = count_titles(dataset, words, tests[t], item);
    if (found == 1) return L4R_OK;
    if (found > 1) return ambiguous(dataset, words, tests[t]);
  }
  return unknown_title(dataset, words);
}
