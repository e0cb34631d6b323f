/* SPDX-License-Identifier: BSD-3-Clause */
/* Amazon reviews (McAuley): reviews, an object a line, and metadata, an object or (2014) a Python
 * literal a line. Three editions name their fields differently, and each name is taken where it is:
 *
 *             user         item          time             brand   categories
 *   2014      reviewerID   asin          unixReviewTime   brand   categories (paths)
 *   2018      reviewerID   asin          unixReviewTime   brand   category, else main_cat
 *   2023      user_id      parent_asin   timestamp (ms)   store   categories, else main_category
 *
 * Times have day resolution but in 2023, so the tie rule decides much. Of an item's category paths
 * the first is kept, its steps joined with " > ". */
#include "bench/import/collect/collect.h"
#include "bench/import/import.h"

#include <string.h>

#include "bench/import/readers/lines.h"
#include "bench/import/readers/readers.h"
#include "bench/import/readers/values.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

enum { LONGEST_ID = 512 };

/* The first of the names (two, or one and NULL) that the line has a value for; else the last. */
static const char *either(const json_t *root, const char *first, const char *second) {
  const json_t *value = json_object_get(root, first);
  return value && !json_is_null(value) ? first : second;
}

static int parse_review(struct l4r_import *import, struct l4r_source *source, char *line) {
  char user[LONGEST_ID], item[LONGEST_ID], time[64], rating[64] = "";
  json_t *root = l4r_parse_dictionary(source, line);
  if (!root) return L4R_INPUT;
  int taken = 1;
  int status = l4r_value_text(source, root, either(root, "user_id", "reviewerID"), user,
                              sizeof user);
  if (!status)
    status = l4r_value_text(source, root, either(root, "parent_asin", "asin"), item, sizeof item);
  if (!status)
    status = l4r_value_text(source, root, either(root, "timestamp", "unixReviewTime"), time,
                            sizeof time);
  if (!status && import->options->least) {
    status = l4r_value_text(source, root, either(root, "rating", "overall"), rating, sizeof rating);
    if (!status) status = l4r_import_rating(import, source, rating, &taken);
  }
  json_decref(root);
  if (status || !taken) return status;
  return l4r_import_event(import, source, user, item, time);
}

static int join(struct l4r_joined *joined, const json_t *root, const char *const *names,
                const char *between) {
  int status = l4r_joined_start(joined);
  for (; *names && !status && !joined->used; names++)
    status = l4r_joined_add_value(joined, json_object_get(root, *names), between);
  return status;
}

static int parse_item(struct l4r_import *import, struct l4r_source *source, char *line) {
  static const char *const categories[] = {"categories", "category", "main_category", "main_cat",
                                           NULL};
  static const char *const titles[] = {"title", NULL}, *const brands[] = {"brand", "store", NULL};
  char item[LONGEST_ID];
  json_t *root = l4r_parse_dictionary(source, line);
  if (!root) return L4R_INPUT;
  struct l4r_joined title = {0}, brand = {0}, path = {0};
  int status = l4r_value_text(source, root, either(root, "parent_asin", "asin"), item, sizeof item);
  if (!status) status = join(&title, root, titles, " ");
  if (!status) status = join(&brand, root, brands, " ");
  if (!status) status = join(&path, root, categories, " > ");
  /* Pages of 2018 that were not understood left their scripts where the title belongs. */
  if (!status && strstr(title.text, "getTime()")) *title.text = '\0';
  if (!status) status = l4r_import_text(import, item, title.text, brand.text, path.text);
  l4r_free(title.text);
  l4r_free(brand.text);
  l4r_free(path.text);
  json_decref(root);
  return status;
}

int l4r_read_amazon(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = l4r_each_json_line(import, options->file[0], L4R_UTF8, parse_review);
  import->texts_from = options->file[1];
  if (!status) status = l4r_each_json_line(import, options->file[1], L4R_UTF8, parse_item);
  return status;
}
