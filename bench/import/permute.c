/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/permute.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/random.h"
#include "impl/data/dataset.h"
#include "impl/data/dataset_files.h"
#include "impl/data/dataset_write.h"

enum { STREAM_IDS = 0x1d9e };

struct permuted {
  struct l4r_dataset *dataset;
  int64_t *id; /* [items + 1]: the new id of each */
  int64_t *start, *time;
  l4r_item *item;
  struct l4r_item_text *text;
};

static void free_permuted(struct permuted *made) {
  l4r_dataset_close(made->dataset);
  l4r_free(made->id);
  l4r_free(made->start);
  l4r_free(made->time);
  l4r_free(made->item);
  l4r_free(made->text);
}

static int draw_ids(struct permuted *made, uint64_t seed) {
  const int64_t items = made->dataset->items;
  struct l4r_random random;
  made->id = l4r_alloc((size_t)items + 1, sizeof *made->id, "item ids");
  made->text = l4r_alloc((size_t)items + 1, sizeof *made->text, "item texts");
  if (!made->id || !made->text) return L4R_ENVIRONMENT;
  for (int64_t i = 1; i <= items; i++) made->id[i] = i;
  l4r_random_stream(&random, seed, STREAM_IDS, 0);
  l4r_random_shuffle(&random, made->id + 1, (size_t)items);
  for (int64_t i = 1; i <= items; i++) made->text[made->id[i]] = made->dataset->text[i];
  return L4R_OK;
}

/* The three parts of every user one after the other, under the new ids. */
static int join_parts(struct permuted *made) {
  const struct l4r_dataset *dataset = made->dataset;
  const struct l4r_held_out part[] = {
      {dataset->train_start, dataset->train_item}, dataset->validation_part, dataset->test_part};
  made->start = l4r_alloc((size_t)dataset->users + 1, sizeof *made->start, "user offsets");
  made->item = l4r_alloc((size_t)dataset->interactions, sizeof *made->item, "interactions");
  if (!made->start || !made->item) return L4R_ENVIRONMENT;
  int64_t used = 0;
  for (int64_t user = 0; user < dataset->users; user++) {
    for (int p = 0; p < 3; p++)
      for (int64_t i = part[p].start[user]; i < part[p].start[user + 1]; i++)
        made->item[used++] = (l4r_item)made->id[part[p].item[i]];
    made->start[user + 1] = used;
  }
  return L4R_OK;
}

static int parse_times(struct l4r_lines *lines, struct permuted *made) {
  char *line, *token;
  while (l4r_lines_next(lines, &line)) {
    const int64_t user = lines->number - 1;
    int bad = user >= made->dataset->users;
    int64_t at = bad ? 0 : made->start[user];
    strsep(&line, " ");
    for (; !bad && (token = strsep(&line, " ")) != NULL; at++)
      bad = at >= made->start[user + 1] || l4r_parse_int(token, &made->time[at]);
    if (bad || at != made->start[user + 1])
      return l4r_fail(L4R_INPUT,
                      "%s:%" PRId64 ": not one time an interaction; import the data set again",
                      lines->path, lines->number);
  }
  if (lines->number == made->dataset->users) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: the file ends before user %" PRId64 "; import the data set again",
                  lines->path, lines->number + 1);
}

/* times.txt where there is one; opening a data set leaves it alone. */
static int read_times(struct permuted *made) {
  char path[L4R_PATH_MAX], *content = NULL;
  struct stat info;
  size_t bytes = 0;
  int status = l4r_path_join(path, made->dataset->path, l4r_dataset_file[L4R_FILE_TIMES]);
  if (status || stat(path, &info)) return status;
  made->time = l4r_alloc((size_t)made->dataset->interactions, sizeof *made->time, "times");
  if (!made->time) return L4R_ENVIRONMENT;
  status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  status = parse_times(&lines, made);
  l4r_free(content);
  return status;
}

static int write_permuted(const struct permuted *made, uint64_t seed, const char *out) {
  const struct l4r_dataset *dataset = made->dataset;
  char name[sizeof dataset->name], source[256];
  snprintf(name, sizeof name, "%.100s-permuted", dataset->name);
  snprintf(source, sizeof source, "data set %.12s, item ids permuted with seed %" PRIu64,
           dataset->sha256, seed);
  const struct l4r_dataset_source from = {.name = name,
                                          .source = source,
                                          .tie = dataset->tie,
                                          .filters = dataset->filters,
                                          .users = dataset->users,
                                          .items = dataset->items,
                                          .start = made->start,
                                          .item = made->item,
                                          .time = made->time,
                                          .text = made->text,
                                          .time_unit = dataset->time_unit,
                                          .user_id = dataset->user_id,
                                          .repeats = dataset->repeats,
                                          .cut = dataset->cut[0] ? dataset->cut : NULL};
  return l4r_dataset_write(out, &from);
}

int l4r_dataset_permute(const char *folder, const char *out, uint64_t seed) {
  enum {
    ALL = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT | L4R_PART_USERS
  };
  struct stat here, there;
  if (!stat(folder, &here) && !stat(out, &there) && here.st_dev == there.st_dev &&
      here.st_ino == there.st_ino)
    return l4r_fail(L4R_USAGE, "--out %s is the data set itself; name another folder", out);
  struct permuted made = {0};
  int status = l4r_dataset_open(folder, ALL, &made.dataset);
  if (!status) status = draw_ids(&made, seed);
  if (!status) status = join_parts(&made);
  if (!status) status = read_times(&made);
  if (!status) status = write_permuted(&made, seed, out);
  free_permuted(&made);
  return status;
}
