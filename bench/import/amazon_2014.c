/* SPDX-License-Identifier: BSD-3-Clause */
/* Amazon reviews of 2014 (McAuley): reviews_X.json(.gz), an object a line with reviewerID, asin and
 * unixReviewTime; meta_X.json(.gz), a Python literal a line with asin, title, brand, categories.
 *
 * Times have day resolution, so the tie rule decides much. Of an item's category paths the first is
 * kept, its steps joined with " > ". A user who reviewed an item twice keeps the first review. */
#include "bench/import/import.h"

#include <stdio.h>
#include <string.h>

#include "bench/import/literal.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

/* A line as a dictionary; a new reference, or NULL with *status. */
static json_t *parse_line(const struct l4r_lines *lines, const char *line, int *status) {
  size_t column = 0;
  const char *reason = NULL;
  json_t *root = l4r_literal_parse(line, &column, &reason);
  if (!root) {
    *status = l4r_bad_line(lines, "column %zu: %s; mend or remove this line", column, reason);
    return NULL;
  }
  if (json_is_object(root)) return root;
  *status = l4r_bad_line(lines, "the line holds no dictionary; mend or remove it");
  json_decref(root);
  return NULL;
}

static int take_review(struct l4r_import *import, const struct l4r_lines *lines,
                       const json_t *root) {
  const char *user = json_string_value(json_object_get(root, "reviewerID"));
  const char *item = json_string_value(json_object_get(root, "asin"));
  const json_t *time = json_object_get(root, "unixReviewTime");
  if (!user || !*user || !item || !*item)
    return l4r_bad_line(lines, "%s is missing; mend or remove this line",
                        user && *user ? "asin" : "reviewerID");
  if (!json_is_integer(time))
    return l4r_bad_line(lines, "unixReviewTime is missing or is not a whole number; mend or remove "
                               "this line");
  if (json_integer_value(time) < 0 || json_integer_value(time) > (INT64_C(1) << 53))
    return l4r_bad_line(lines, "unixReviewTime %lld is %s; mend or remove this line",
                        (long long)json_integer_value(time),
                        json_integer_value(time) < 0 ? "negative" : "out of range");
  return l4r_import_event(import, user, item, (double)json_integer_value(time));
}

/* "Beauty > Makeup" from [["Beauty", "Makeup"], ...] or ["Beauty", "Makeup"]; memory of l4r_alloc,
 * NULL when it is short. */
static char *join_categories(const json_t *categories) {
  const json_t *path = json_array_get(categories, 0);
  if (!json_is_array(path)) path = categories;
  size_t bytes = 1;
  for (size_t i = 0; i < json_array_size(path); i++)
    bytes += json_string_length(json_array_get(path, i)) + strlen(" > ");
  char *joined = l4r_alloc(bytes, 1, "categories"), *out = joined;
  for (size_t i = 0; joined && i < json_array_size(path); i++) {
    const char *step = json_string_value(json_array_get(path, i));
    if (step && *step) out += sprintf(out, "%s%s", out > joined ? " > " : "", step);
  }
  return joined;
}

static int take_item(struct l4r_import *import, const struct l4r_lines *lines, const json_t *root) {
  const char *item = json_string_value(json_object_get(root, "asin"));
  if (!item || !*item) return l4r_bad_line(lines, "asin is missing; mend or remove this line");
  char *categories = join_categories(json_object_get(root, "categories"));
  if (!categories) return L4R_ENVIRONMENT;
  const int status = l4r_import_text(
      import, item, json_string_value(json_object_get(root, "title")),
      json_string_value(json_object_get(root, "brand")), categories, 0);
  l4r_free(categories);
  return status;
}

static int read_lines(struct l4r_import *import, const char *path,
                      int (*take)(struct l4r_import *, const struct l4r_lines *, const json_t *)) {
  struct l4r_source source;
  char *line;
  int status = l4r_source_open(&source, path, L4R_UTF8);
  while (!status && l4r_lines_next(&source.lines, &line)) {
    json_t *root = parse_line(&source.lines, line, &status);
    if (root) status = take(import, &source.lines, root);
    json_decref(root);
  }
  l4r_source_close(&source);
  return status;
}

int l4r_read_amazon_2014(struct l4r_import *import, const struct l4r_import_options *options) {
  int status = read_lines(import, options->file[0], take_review);
  if (!status) status = read_lines(import, options->file[1], take_item);
  return status;
}
