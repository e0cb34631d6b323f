/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the names that users have in the imported files, from users.tsv ("user TAB source_id"), and
 * looks users and items up by those names. */
#include "impl/data/dataset_users.h"

#include <inttypes.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/data/dataset_files.h"

static int bad_line(const struct l4r_lines *lines, const char *what) {
  return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": %s; import the data set again", lines->path,
                  lines->number, what);
}

static int parse_users(struct l4r_dataset *dataset, struct l4r_lines *lines) {
  char *line;
  if (!l4r_lines_next(lines, &line) || strcmp(line, L4R_USERS_HEADER))
    return bad_line(lines, "the header must be user, source_id");
  while (l4r_lines_next(lines, &line)) {
    char *tab = strchr(line, '\t');
    int64_t user = 0;
    size_t bad = 0;
    if (!tab || strchr(tab + 1, '\t'))
      return bad_line(lines,
                      "a line must have two fields, user and source_id, with a tab between them");
    *tab = '\0';
    if (l4r_parse_int(line, &user) || user != lines->number - 1 || user > dataset->users)
      return bad_line(lines, "users must be numbered from 1 in order, one a line");
    if (!l4r_utf8_valid(tab + 1, strlen(tab + 1), &bad)) return bad_line(lines, "not UTF-8");
    dataset->user_id[user - 1] = tab + 1;
  }
  return lines->number == dataset->users + 1 ? 0
                                             : bad_line(lines, "the file ends before its users");
}

int l4r_dataset_open_users(struct l4r_dataset *dataset, char **content) {
  char path[L4R_PATH_MAX];
  size_t bytes = 0;
  if (!l4r_dataset_has(dataset, L4R_FILE_USERS)) return 0;
  dataset->user_id = l4r_alloc((size_t)dataset->users, sizeof *dataset->user_id, "user ids");
  if (!dataset->user_id) return L4R_ENVIRONMENT;
  int status = l4r_dataset_read_part(dataset, L4R_FILE_USERS, path, content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, *content, bytes);
  return parse_users(dataset, &lines);
}

int64_t l4r_dataset_find_user(const struct l4r_dataset *dataset, const char *source_id) {
  for (int64_t user = 0; dataset->user_id && user < dataset->users; user++)
    if (!strcmp(dataset->user_id[user], source_id)) return user;
  return -1;
}

l4r_item l4r_dataset_find_item(const struct l4r_dataset *dataset, const char *source_id) {
  for (int64_t item = 1; dataset->text && item <= dataset->items; item++)
    if (!strcmp(dataset->text[item].source_id, source_id)) return (l4r_item)item;
  return 0;
}
