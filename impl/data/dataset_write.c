/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a data set folder: the split, five text files, and dataset.json.
 *
 * All files are first built in memory and hashed, then written to a temporary folder, which
 * replaces the target only when every byte of every file is on the disk. So a full disk or a kill
 * leaves the old folder as it was. */
#include "impl/data/dataset_write.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/folder.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset_files.h"

/* One file in memory; `stream` collects into content/bytes (open_memstream). */
struct file {
  FILE *stream;
  char *content;
  size_t bytes;
};

/* Slot L4R_DATASET_FILES is dataset.json. */
#define FILES (L4R_DATASET_FILES + 1)

static const char *file_name(int i) {
  return i < L4R_DATASET_FILES ? l4r_dataset_file[i] : "dataset.json";
}

/* --- checks --------------------------------------------------------------------------------------
 */

static int check_text(int64_t item, const char *field, const char *text) {
  size_t bad = 0;
  if (!text) return 0;
  if (!l4r_utf8_valid(text, strlen(text), &bad))
    return l4r_fail(L4R_INPUT, "item %" PRId64 ": byte %zu of its %s is not UTF-8", item, bad + 1,
                    field);
  if (strpbrk(text, "\t\n\r"))
    return l4r_fail(L4R_INPUT, "item %" PRId64 ": its %s holds a tab or a line break", item, field);
  return 0;
}

static int check_length(const struct l4r_dataset_source *source, int64_t user) {
  const int64_t begin = source->start[user], end = source->start[user + 1];
  if (!source->cut && end - begin < 3)
    return l4r_fail(L4R_INPUT,
                    "user %" PRId64 " has %" PRId64
                    " interactions; leave-one-out needs three (drop shorter users first)",
                    user + 1, end - begin);
  if (source->cut && (end == begin || source->time[begin] >= source->cut[1]))
    return l4r_fail(L4R_INPUT,
                    "user %" PRId64 " has no interaction before the cut at %" PRId64
                    " that test begins with (drop such users first)",
                    user + 1, source->cut[1]);
  return 0;
}

/* Checks that the cuts leave interactions to train on and users to select and to test by. */
static int check_cuts(const struct l4r_dataset_source *source, int64_t part[3]) {
  const int64_t *cut = source->cut;
  int64_t targets[2] = {0};
  for (int64_t user = 0; user < source->users; user++) {
    const int64_t begin = source->start[user], n = source->start[user + 1] - begin;
    int64_t train, validation;
    l4r_dataset_split(source->time ? source->time + begin : NULL, n, cut, &train, &validation);
    part[0] += train;
    part[1] += validation;
    part[2] += n - train - validation;
    targets[0] += train && validation;
    targets[1] += train + validation && n > train + validation;
  }
  if (part[0] && targets[0] && targets[1]) return 0;
  return l4r_fail(L4R_INPUT,
                  "the cuts at %" PRId64 " and %" PRId64 " leave %" PRId64
                  " interactions to train on, %" PRId64
                  " users with a validation target and %" PRId64
                  " with a test target, and each needs one at least; choose other cuts",
                  cut ? cut[0] : 0, cut ? cut[1] : 0, part[0], targets[0], targets[1]);
}

static int check_sequences(const struct l4r_dataset_source *source) {
  for (int64_t user = 0; user < source->users; user++) {
    const int64_t begin = source->start[user], end = source->start[user + 1];
    int status = check_length(source, user);
    if (status) return status;
    for (int64_t i = begin; i < end; i++) {
      if (source->item[i] < 1 || source->item[i] > source->items)
        return l4r_fail(L4R_INPUT,
                        "user %" PRId64 ": item id %" PRId32 " is not among 1 to %" PRId64,
                        user + 1, source->item[i], source->items);
      if (source->time && i > begin && source->time[i] < source->time[i - 1])
        return l4r_fail(L4R_INPUT,
                        "user %" PRId64 ": time %" PRId64 " is before the one that precedes it",
                        user + 1, source->time[i]);
    }
  }
  return 0;
}

static int check_source(const struct l4r_dataset_source *source) {
  if (source->users < 1 || source->items < 1)
    return l4r_fail(L4R_INPUT, "a data set needs at least one user and one item");
  if (source->users >= INT32_MAX || source->items >= INT32_MAX)
    return l4r_fail(L4R_INPUT, "a data set holds at most %d users and items", INT32_MAX - 1);
  const struct {
    const char *what, *text;
    size_t room;
  } label[] = {
      {"name", source->name, sizeof((struct l4r_dataset *)0)->name},
      {"tie rule", source->tie, sizeof((struct l4r_dataset *)0)->tie},
      {"list of filters", source->filters, sizeof((struct l4r_dataset *)0)->filters},
  };
  for (size_t i = 0; i < sizeof label / sizeof *label; i++) {
    size_t bad = 0;
    if (strlen(label[i].text) >= label[i].room ||
        !l4r_utf8_valid(label[i].text, strlen(label[i].text), &bad))
      return l4r_fail(L4R_USAGE, "the data set's %s must be UTF-8 of at most %zu bytes",
                      label[i].what, label[i].room - 1);
  }
  for (int64_t item = 1; item <= source->items; item++) {
    const struct l4r_item_text *text = &source->text[item];
    int status = check_text(item, "source id", text->source_id);
    if (!status) status = check_text(item, "title", text->title);
    if (!status) status = check_text(item, "brand", text->brand);
    if (!status) status = check_text(item, "categories", text->categories);
    if (status) return status;
  }
  for (int64_t user = 0; source->user_id && user < source->users; user++) {
    const char *id = source->user_id[user];
    size_t bad = 0;
    if (!l4r_utf8_valid(id, strlen(id), &bad) || strpbrk(id, "\t\n\r"))
      return l4r_fail(
          L4R_INPUT, "user %" PRId64 ": its source id is not UTF-8, or holds a tab or a line break",
          user + 1);
  }
  if (source->cut && (!source->time || source->cut[0] < 1 || source->cut[0] >= source->cut[1]))
    return l4r_fail(L4R_USAGE,
                    "a split by time needs times, and two cuts above 0 in ascending order");
  return check_sequences(source);
}

/* --- contents ------------------------------------------------------------------------------------
 */

/* Prints a decimal number after a blank; fprintf would take half of the time of a large import. */
static void put_number(FILE *out, int64_t number) {
  char digits[24], *at = digits + sizeof digits;
  uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do *--at = (char)('0' + left % 10);
  while (left /= 10);
  if (number < 0) *--at = '-';
  *--at = ' ';
  fwrite(at, 1, (size_t)(digits + sizeof digits - at), out);
}

/* Prints a user's line: the number, then count values from `item` or `time`, the one that is not
 * NULL. */
static void put_line(FILE *out, int64_t user, const l4r_item *item, const int64_t *time,
                     int64_t count) {
  assert(!count || item || time);
  fprintf(out, "%" PRId64, user + 1);
  for (int64_t i = 0; i < count; i++) put_number(out, item ? item[i] : time[i]);
  fputc('\n', out);
}

static void put_sequences(const struct l4r_dataset_source *source, struct file *file) {
  FILE *times = file[L4R_FILE_TIMES].stream;
  for (int64_t user = 0; user < source->users; user++) {
    const int64_t begin = source->start[user], n = source->start[user + 1] - begin;
    const int64_t *time = source->time ? source->time + begin : NULL;
    const l4r_item *item = source->item + begin;
    int64_t train, validation;
    l4r_dataset_split(time, n, source->cut, &train, &validation);
    put_line(file[L4R_FILE_TRAIN].stream, user, item, NULL, train);
    put_line(file[L4R_FILE_VALIDATION].stream, user, item + train, NULL, validation);
    put_line(file[L4R_FILE_TEST].stream, user, item + train + validation, NULL,
             n - train - validation);
    if (times) put_line(times, user, NULL, time, n);
  }
}

static const char *or_empty(const char *text) {
  return text ? text : "";
}

static void put_items(const struct l4r_dataset_source *source, FILE *out) {
  fprintf(out, "%s\n", L4R_ITEMS_HEADER);
  for (int64_t item = 1; item <= source->items; item++) {
    const struct l4r_item_text *text = &source->text[item];
    fprintf(out, "%" PRId64 "\t%s\t%s\t%s\t%s\n", item, or_empty(text->source_id),
            or_empty(text->title), or_empty(text->brand), or_empty(text->categories));
  }
}

static void put_users(const struct l4r_dataset_source *source, FILE *out) {
  fprintf(out, "%s\n", L4R_USERS_HEADER);
  for (int64_t user = 0; user < source->users; user++)
    fprintf(out, "%" PRId64 "\t%s\n", user + 1, source->user_id[user]);
}

static int put_description(const struct l4r_dataset_source *source, const int64_t part[3],
                           struct file *file) {
  char hash[L4R_DATASET_FILES][65], identity[65];
  json_t *hashes = json_object();
  for (int i = 0; i < L4R_DATASET_FILES; i++) {
    hash[i][0] = '\0';
    if (!file[i].content) continue;
    l4r_sha256(file[i].content, file[i].bytes, hash[i]);
    json_object_set_new(hashes, l4r_dataset_file[i], json_string(hash[i]));
  }
  l4r_dataset_identity(hash, source->cut, identity);
  json_t *root = json_pack(
      "{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:s}", "schema", 1, "name", source->name,
      "source", source->source, "filters", source->filters, "tie", source->tie, "split",
      source->cut ? L4R_SPLIT_TIME : L4R_SPLIT_LEAVE_ONE_OUT, "users", (json_int_t)source->users,
      "items", (json_int_t)source->items, "interactions", (json_int_t)source->start[source->users],
      "files", hashes, "sha256", identity);
  if (root && source->time_unit && strcmp(source->time_unit, "s"))
    json_object_set_new(root, "time_unit", json_string(source->time_unit));
  if (root && source->repeats) json_object_set_new(root, "repeats", json_string("all"));
  if (root && source->cut) {
    json_object_set_new(
        root, "cut", json_pack("[I, I]", (json_int_t)source->cut[0], (json_int_t)source->cut[1]));
    json_object_set_new(
        root, "parts",
        json_pack("[I, I, I]", (json_int_t)part[0], (json_int_t)part[1], (json_int_t)part[2]));
  }
  struct file *json = &file[L4R_DATASET_FILES];
  json->content = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
  json_decref(root);
  if (!json->content)
    return l4r_fail(L4R_ENVIRONMENT, "no memory for the data set's description (or its source line "
                                     "is not UTF-8)");
  json->bytes = strlen(json->content);
  return 0;
}

static int collect(const struct l4r_dataset_source *source, const int64_t part[3],
                   struct file *file) {
  int bad = 0;
  for (int i = 0; i < L4R_DATASET_FILES; i++) {
    if (i == L4R_FILE_TIMES && !source->time) continue;
    if (i == L4R_FILE_USERS && !source->user_id) continue;
    file[i].stream = open_memstream(&file[i].content, &file[i].bytes);
    bad |= !file[i].stream;
  }
  if (!bad) {
    put_sequences(source, file);
    put_items(source, file[L4R_FILE_ITEMS].stream);
    if (source->user_id) put_users(source, file[L4R_FILE_USERS].stream);
  }
  for (int i = 0; i < L4R_DATASET_FILES; i++) {
    if (!file[i].stream) continue;
    bad |= ferror(file[i].stream);
    bad |= fclose(file[i].stream) != 0;
  }
  if (bad)
    return l4r_fail(L4R_ENVIRONMENT, "no memory for a data set of %" PRId64 " interactions",
                    source->start[source->users]);
  return put_description(source, part, file);
}

/* --- the folder ----------------------------------------------------------------------------------
 */

/* Files of an earlier data set are removed too, because its times would not fit the new one. */
static int owns(const char *name) {
  for (int i = 0; i < FILES; i++)
    if (!strcmp(name, file_name(i))) return 1;
  return !strcmp(name, "synth.json");
}

static int write_file(const char *folder, const char *target, const char *name, const char *content,
                      size_t bytes) {
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, folder, name);
  if (!status) status = l4r_write_file(path, content, bytes);
  if (!status) return L4R_OK;
  return l4r_fail_context(status,
                          "%s/%s (%zu bytes; nothing of the data set was kept: make room or choose "
                          "another --out)",
                          target, name, bytes);
}

static int write_folder(const char *target, const struct l4r_dataset_source *source,
                        const struct file *file) {
  struct l4r_folder folder;
  int status = l4r_folder_begin(&folder, target);
  if (status) return status;
  if (source->sibling_name)
    status = write_file(folder.path, target, source->sibling_name, source->content,
                        strlen(source->content));
  for (int i = 0; i < FILES && !status; i++)
    if (file[i].content)
      status = write_file(folder.path, target, file_name(i), file[i].content, file[i].bytes);
  return l4r_folder_end(&folder, status, owns, "dataset.json");
}

int l4r_dataset_write(const char *folder, const struct l4r_dataset_source *source) {
  int64_t part[3] = {0};
  int status = check_source(source);
  if (!status) status = check_cuts(source, part);
  if (status) return status;
  struct file file[FILES];
  memset(file, 0, sizeof file);
  status = collect(source, part, file);
  if (!status) status = write_folder(folder, source, file);
  for (int i = 0; i < FILES; i++) free(file[i].content);
  return status;
}
