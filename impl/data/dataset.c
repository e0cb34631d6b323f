/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a data set folder.
 *
 * The folder is plain text, so that anybody can read it with awk. dataset.json states the SHA-256
 * of every other file. A part is hashed from the same bytes that are then parsed, so a file that
 * changed after the import is refused before any of it is used. Parts are opened one by one on
 * request, and only through l4r_read_file, which is how a training run can prove that it never read
 * test.txt. dataset_write.c writes folders. */
#include "impl/data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/data/dataset_files.h"
#include "impl/data/dataset_users.h"

static struct l4r_dataset_storage *storage_of(const struct l4r_dataset *dataset) {
  return dataset->storage;
}

/* --- dataset.json --------------------------------------------------------------------------------
 */

static int take_text(const json_t *root, const char *path, const char *key, char *out,
                     size_t capacity) {
  const char *value = json_string_value(json_object_get(root, key));
  if (!value || strlen(value) >= capacity)
    return l4r_fail(L4R_INPUT,
                    "%s: field \"%s\" is missing or is not a text of at most %zu bytes; import the "
                    "data set again",
                    path, key, capacity - 1);
  strcpy(out, value);
  return 0;
}

static int take_count(const json_t *root, const char *path, const char *key, int64_t least,
                      int64_t most, int64_t *out) {
  const json_t *value = json_object_get(root, key);
  if (!json_is_integer(value) || json_integer_value(value) < least ||
      json_integer_value(value) > most)
    return l4r_fail(L4R_INPUT,
                    "%s: field \"%s\" is missing or is not a whole number from %" PRId64
                    " to %" PRId64 "; import the data set again",
                    path, key, least, most);
  *out = json_integer_value(value);
  return 0;
}

static int take_hashes(struct l4r_dataset *dataset, const json_t *root, const char *path) {
  struct l4r_dataset_storage *storage = storage_of(dataset);
  const json_t *files = json_object_get(root, "files");
  for (int i = 0; i < L4R_DATASET_FILES; i++) {
    const char *hash = json_string_value(json_object_get(files, l4r_dataset_file[i]));
    if (!hash && i >= L4R_FILE_TIMES) continue;
    if (!hash || strlen(hash) != 64)
      return l4r_fail(L4R_INPUT,
                      "%s: \"files\" states no SHA-256 for %s; import the data set again", path,
                      l4r_dataset_file[i]);
    strcpy(storage->hash[i], hash);
  }
  char stated[65];
  int status = take_text(root, path, "sha256", stated, sizeof stated);
  if (status) return status;
  l4r_dataset_identity(storage->hash, dataset->cut, dataset->sha256);
  if (strcmp(stated, dataset->sha256))
    return l4r_fail(L4R_INPUT,
                    "%s: field \"sha256\" is %s but the hashes under \"files\" give %s; import the "
                    "data set again",
                    path, stated, dataset->sha256);
  strcpy(dataset->items_sha256, storage->hash[L4R_FILE_ITEMS]);
  return 0;
}

/* Reads an array of `count` whole numbers, none negative. */
static int take_numbers(const json_t *root, const char *path, const char *key, size_t count,
                        int64_t *out) {
  const json_t *value = json_object_get(root, key);
  int good = json_array_size(value) == count;
  for (size_t i = 0; i < count && good; i++) {
    out[i] = json_integer_value(json_array_get(value, i));
    good = json_is_integer(json_array_get(value, i)) && out[i] >= 0 && out[i] < INT64_MAX / 64;
  }
  if (good) return 0;
  return l4r_fail(L4R_INPUT,
                  "%s: field \"%s\" is missing or is not a list of %zu whole numbers; import the "
                  "data set again",
                  path, key, count);
}

/* Reads members that older folders do not state: there, times are seconds and repeats were
 * dropped. */
static int take_additions(struct l4r_dataset *dataset, const json_t *root, const char *path) {
  const json_t *repeats = json_object_get(root, "repeats");
  strcpy(dataset->time_unit, "s");
  dataset->repeats = json_is_string(repeats) && !strcmp(json_string_value(repeats), "all");
  if (!json_object_get(root, "time_unit")) return 0;
  int status = take_text(root, path, "time_unit", dataset->time_unit, sizeof dataset->time_unit);
  static const char *const units[] = {"s", "ms", "us", "ns"};
  for (int i = 0; i < 4; i++)
    if (!status && !strcmp(dataset->time_unit, units[i])) return 0;
  if (status) return status;
  return l4r_fail(L4R_INPUT,
                  "%s: field \"time_unit\" is not one of s, ms, us, ns; import the data set "
                  "again",
                  path);
}

/* Reads the size of each part, which is stated for a split by time; otherwise a user has two
 * held-out interactions. */
static int take_split(struct l4r_dataset *dataset, const json_t *root, const char *path) {
  int64_t *cut = dataset->cut, *parts = dataset->parts;
  if (!strcmp(dataset->split, L4R_SPLIT_LEAVE_ONE_OUT)) {
    parts[1] = parts[2] = dataset->users;
    parts[0] = dataset->interactions - 2 * dataset->users;
    return 0;
  }
  if (strcmp(dataset->split, L4R_SPLIT_TIME))
    return l4r_fail(L4R_INPUT,
                    "%s: field \"split\" is '%s'; this version knows " L4R_SPLIT_LEAVE_ONE_OUT
                    " and " L4R_SPLIT_TIME,
                    path, dataset->split);
  int status = take_numbers(root, path, "cut", 2, cut);
  if (!status) status = take_numbers(root, path, "parts", 3, parts);
  if (status) return status;
  if (cut[0] >= 1 && cut[0] < cut[1] && parts[0] >= 1 &&
      parts[0] + parts[1] + parts[2] == dataset->interactions)
    return 0;
  return l4r_fail(
      L4R_INPUT,
      "%s: fields \"cut\" and \"parts\" must be ascending times and counts that add up to "
      "\"interactions\"; import the data set again",
      path);
}

static int take_description(struct l4r_dataset *dataset, const json_t *root, const char *path) {
  int64_t schema = 0;
  int status = take_count(root, path, "schema", 1, 1, &schema);
  if (!status) status = take_text(root, path, "name", dataset->name, sizeof dataset->name);
  if (!status) status = take_text(root, path, "tie", dataset->tie, sizeof dataset->tie);
  if (!status) status = take_text(root, path, "split", dataset->split, sizeof dataset->split);
  if (!status) status = take_text(root, path, "filters", dataset->filters, sizeof dataset->filters);
  if (!status) status = take_count(root, path, "users", 1, INT32_MAX - 1, &dataset->users);
  if (!status) status = take_count(root, path, "items", 1, INT32_MAX - 1, &dataset->items);
  if (!status)
    status = take_count(root, path, "interactions",
                        strcmp(dataset->split, L4R_SPLIT_TIME) ? 3 * dataset->users : 1,
                        INT64_MAX / 64, &dataset->interactions);
  if (!status) status = take_split(dataset, root, path);
  if (!status) status = take_additions(dataset, root, path);
  if (!status) status = take_hashes(dataset, root, path);
  return status;
}

static int open_description(struct l4r_dataset *dataset) {
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, dataset->path, "dataset.json");
  if (status) return status;
  char *content = NULL;
  size_t bytes = 0;
  status = l4r_read_file(path, 1, &content, &bytes);
  if (status)
    return l4r_fail_context(
        status, "%s is not a data set folder (make one with lite4rec data import)", dataset->path);
  json_error_t error;
  json_t *root = json_loadb(content, bytes, JSON_REJECT_DUPLICATES, &error);
  if (root)
    status = take_description(dataset, root, path);
  else
    status = l4r_fail(L4R_INPUT, "%s:%d: %s; import the data set again", path, error.line,
                      error.text);
  json_decref(root);
  l4r_free(content);
  return status;
}

/* --- parts ---------------------------------------------------------------------------------------
 */

/* Reads the next blank-separated whole number of a line: returns 1 with *value, 0 at the line's
 * end, -1 for anything else. Numbers above 2^31 - 1 are read as 2^31 - 1, which no valid id
 * reaches. */
static int next_number(char **cursor, int64_t *value) {
  char *at = *cursor;
  while (*at == ' ') at++;
  if (!*at) return 0;
  int64_t number = 0;
  if (*at < '0' || *at > '9') return -1;
  for (; *at >= '0' && *at <= '9'; at++) {
    number = number * 10 + (*at - '0');
    if (number > INT32_MAX) number = INT32_MAX;
  }
  if (*at && *at != ' ') return -1;
  *cursor = at;
  *value = number;
  return 1;
}

static int bad_line(const struct l4r_lines *lines, const char *what) {
  return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": %s; import the data set again", lines->path,
                  lines->number, what);
}

/* Checks that line u of every part begins with user number u: ids are consecutive. */
static int check_user(const struct l4r_lines *lines, char **cursor, int64_t users) {
  int64_t user = 0;
  if (next_number(cursor, &user) != 1) return bad_line(lines, "no user id opens the line");
  if (user != lines->number || user > users)
    return l4r_fail(L4R_INPUT,
                    "%s:%" PRId64 ": user %" PRId64 " stands here; users must be 1 to %" PRId64
                    " in order, one a line; import the data set again",
                    lines->path, lines->number, user, users);
  return 0;
}

/* Reads one item id: returns 1 with *item, 0 at the end of the line, a negative status
 * otherwise. */
static int next_item(const struct l4r_lines *lines, char **cursor, int64_t items, l4r_item *item) {
  int64_t value = 0;
  int got = next_number(cursor, &value);
  if (!got) return 0;
  if (got < 0) return bad_line(lines, "an item id is not a whole number");
  if (value < 1 || value > items)
    return l4r_fail(L4R_INPUT,
                    "%s:%" PRId64 ": item id %" PRId64 " is not among 1 to %" PRId64
                    "; import the data set again",
                    lines->path, lines->number, value, items);
  *item = (l4r_item)value;
  return 1;
}

static int check_end(const struct l4r_lines *lines, int64_t expected, const char *things) {
  if (lines->number == expected) return 0;
  return l4r_fail(L4R_INPUT,
                  "%s:%" PRId64 ": the file ends here, but dataset.json states %" PRId64
                  " %s; import the data set again",
                  lines->path, lines->number, expected, things);
}

/* One of the three files of sequences, and the rules for its lines. */
struct sequences {
  int file, part; /* L4R_FILE_TRAIN ...; place in dataset->parts */
  int64_t least, most;
  const char *wrong; /* the message for a line with fewer or more items than that */
  int64_t *start;
  l4r_item *item;
};

static int parse_sequences(const struct l4r_dataset *dataset, struct l4r_lines *lines,
                           const struct sequences *sequences) {
  static const char *const names[] = {"training", "validation", "test"};
  const int64_t room = dataset->parts[sequences->part];
  int64_t used = 0;
  char *line;
  while (l4r_lines_next(lines, &line)) {
    int status = check_user(lines, &line, dataset->users);
    if (status) return status;
    const int64_t begin = used;
    l4r_item item = 0;
    int got;
    while ((got = next_item(lines, &line, dataset->items, &item)) == 1) {
      if (used - begin == sequences->most) return bad_line(lines, sequences->wrong);
      if (used == room)
        return l4r_fail(L4R_INPUT,
                        "%s:%" PRId64 ": more interactions than dataset.json states for the %s "
                        "part; import the data set again",
                        lines->path, lines->number, names[sequences->part]);
      sequences->item[used++] = item;
    }
    if (got < 0) return got;
    if (used - begin < sequences->least) return bad_line(lines, sequences->wrong);
    sequences->start[lines->number] = used;
  }
  int status = check_end(lines, dataset->users, "users");
  if (!status && used != room)
    status = l4r_fail(L4R_INPUT,
                      "%s: holds %" PRId64 " interactions, but dataset.json states %" PRId64
                      " for the %s part; import the data set again",
                      lines->path, used, room, names[sequences->part]);
  return status;
}

/* Reads and checks a file into start and item, which the caller owns, also after a failure. */
static int open_sequences(const struct l4r_dataset *dataset, struct sequences *sequences,
                          int64_t **start, l4r_item **item) {
  const int64_t count = dataset->parts[sequences->part];
  sequences->start = *start = l4r_alloc((size_t)dataset->users + 1, sizeof **start, "user offsets");
  sequences->item = *item = l4r_alloc((size_t)count, sizeof **item, "interactions");
  if (!*start || !*item) return L4R_ENVIRONMENT;
  char path[L4R_PATH_MAX], *content = NULL;
  size_t bytes = 0;
  int status = l4r_dataset_read_part(dataset, sequences->file, path, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  status = parse_sequences(dataset, &lines, sequences);
  l4r_free(content);
  return status;
}

static int is_by_time(const struct l4r_dataset *dataset) {
  return dataset->cut[0] > 0;
}

static int open_train(struct l4r_dataset *dataset) {
  struct sequences sequences = {.file = L4R_FILE_TRAIN,
                                .part = 0,
                                .least = !is_by_time(dataset),
                                .most = INT64_MAX,
                                .wrong = "the user has no item in the training part"};
  dataset->train_count = l4r_alloc((size_t)dataset->items + 1, sizeof(int64_t), "item counts");
  if (!dataset->train_count) return L4R_ENVIRONMENT;
  int status = open_sequences(dataset, &sequences, &dataset->train_start, &dataset->train_item);
  for (int64_t i = 0; i < dataset->parts[0] && !status; i++)
    dataset->train_count[dataset->train_item[i]]++;
  return status;
}

/* Opens a held-out part and its targets: the first item of each line, where the user has a
 * history. */
static int open_held_out(struct l4r_dataset *dataset, int part, struct l4r_held_out *held,
                         l4r_item **target) {
  struct sequences sequences = {.file = part == 1 ? L4R_FILE_VALIDATION : L4R_FILE_TEST,
                                .part = part,
                                .least = !is_by_time(dataset),
                                .most = is_by_time(dataset) ? INT64_MAX : 1,
                                .wrong = "a line must hold one user and one item"};
  *target = l4r_alloc((size_t)dataset->users, sizeof(l4r_item), "held-out items");
  if (!*target) return L4R_ENVIRONMENT;
  int status = open_sequences(dataset, &sequences, &held->start, &held->item);
  for (int64_t user = 0; user < dataset->users && !status; user++) {
    /* A user without training items is no validation target, because the history would be empty.
     * The writer drops users whose first interaction is after validation, so a test target always
     * has a history. */
    if (part == 1 && dataset->train_start[user] == dataset->train_start[user + 1]) continue;
    if (held->start[user] < held->start[user + 1]) (*target)[user] = held->item[held->start[user]];
  }
  return status;
}

/* Splits a line of items.tsv in place into its five fields; 0 when there are not five. */
static int split_item(char *line, char *field[5]) {
  int count = 0;
  for (;;) {
    field[count++] = line;
    char *tab = strchr(line, '\t');
    if (!tab) return count == 5;
    if (count == 5) return 0;
    *tab = '\0';
    line = tab + 1;
  }
}

static int parse_items(struct l4r_dataset *dataset, struct l4r_lines *lines) {
  char *line;
  if (!l4r_lines_next(lines, &line) || strcmp(line, L4R_ITEMS_HEADER))
    return bad_line(lines, "the header must be item, source_id, title, brand, categories");
  while (l4r_lines_next(lines, &line)) {
    char *field[5];
    size_t bad = 0;
    if (!l4r_utf8_valid(line, strlen(line), &bad))
      return l4r_fail(
          L4R_INPUT, "%s:%" PRId64 ": byte %zu of the line is not UTF-8; import the data set again",
          lines->path, lines->number, bad + 1);
    if (!split_item(line, field)) return bad_line(lines, "an item has five tab-separated fields");
    int64_t item = 0;
    if (l4r_parse_int(field[0], &item) || item != lines->number - 1 || item > dataset->items)
      return l4r_fail(L4R_INPUT,
                      "%s:%" PRId64 ": item '%s' stands here; items must be 1 to %" PRId64
                      " in order, one a line; import the data set again",
                      lines->path, lines->number, field[0], dataset->items);
    dataset->text[item] = (struct l4r_item_text){field[1], field[2], field[3], field[4]};
  }
  return check_end(lines, dataset->items + 1, "items (and a header line)");
}

static int open_items(struct l4r_dataset *dataset) {
  dataset->text = l4r_alloc((size_t)dataset->items + 1, sizeof *dataset->text, "item texts");
  if (!dataset->text) return L4R_ENVIRONMENT;
  dataset->text[0] = (struct l4r_item_text){"", "", "", ""};
  char path[L4R_PATH_MAX], **content = &storage_of(dataset)->items_content;
  size_t bytes = 0;
  int status = l4r_dataset_read_part(dataset, L4R_FILE_ITEMS, path, content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, *content, bytes);
  return parse_items(dataset, &lines);
}

/* --- the contract --------------------------------------------------------------------------------
 */

/* Returns the most bytes that a file can have when read: compressed data expand at most 1,032
 * times. Returns -1 for a missing file; its reader reports that. */
static int64_t most_bytes(const char *path) {
  struct stat info;
  unsigned char magic[2] = {0};
  if (stat(path, &info)) return -1;
  if (!S_ISREG(info.st_mode)) return INT64_MAX / 2; /* opening a pipe would wait for a writer */
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  const size_t got = fread(magic, 1, sizeof magic, file);
  fclose(file);
  return got == 2 && magic[0] == 0x1f && magic[1] == 0x8b ? (int64_t)info.st_size * 1032
                                                          : (int64_t)info.st_size;
}

enum { SMALL_LIE = 1 << 16 }; /* bytes; a smaller error is found while reading, with its line */

/* Checks that the files can hold what dataset.json states, before memory for that is allocated: a
 * line of a part takes at least "1\n" and two bytes per item, one of items.tsv at least
 * "1\t\t\t\t\n". */
static int check_sizes(const struct l4r_dataset *dataset) {
  for (int file = 0; file < L4R_DATASET_FILES; file++) {
    char path[L4R_PATH_MAX];
    if (file == L4R_FILE_TIMES) continue;
    const int of_items = file == L4R_FILE_ITEMS;
    const int part = file == L4R_FILE_TRAIN ? 0 : file == L4R_FILE_VALIDATION ? 1 : 2;
    int status = l4r_path_join(path, dataset->path, l4r_dataset_file[file]);
    if (status) return status;
    const int64_t bytes = most_bytes(path);
    const int64_t least = of_items ? 6 * dataset->items
                                   : 2 * (dataset->users + dataset->parts[part]);
    if (bytes < 0 || least <= bytes + SMALL_LIE) continue;
    return l4r_fail(L4R_INPUT,
                    "%s: dataset.json states %" PRId64 " %s of it, for which its %" PRId64
                    " bytes are too few; import the data set again",
                    path, of_items ? dataset->items : dataset->users + dataset->parts[part],
                    of_items ? "items" : "users and interactions", bytes);
  }
  return L4R_OK;
}

int l4r_dataset_open(const char *folder, unsigned parts, struct l4r_dataset **opened) {
  if (strlen(folder) >= sizeof((struct l4r_dataset *)0)->path)
    return l4r_fail(L4R_USAGE, "the data set's path is too long: %.80s...", folder);
  struct l4r_dataset *dataset = l4r_alloc(1, sizeof *dataset, "a data set");
  if (!dataset) return L4R_ENVIRONMENT;
  dataset->storage = l4r_alloc(1, sizeof(struct l4r_dataset_storage), "a data set");
  int status = dataset->storage ? 0 : L4R_ENVIRONMENT;
  strcpy(dataset->path, folder);
  if (!status) status = open_description(dataset);
  if (!status) status = check_sizes(dataset);
  if (parts & (L4R_PART_VALIDATION | L4R_PART_TEST)) parts |= L4R_PART_TRAIN;
  if (!status && (parts & L4R_PART_TRAIN)) status = open_train(dataset);
  if (!status && (parts & L4R_PART_VALIDATION))
    status = open_held_out(dataset, 1, &dataset->validation_part, &dataset->validation);
  if (!status && (parts & L4R_PART_TEST))
    status = open_held_out(dataset, 2, &dataset->test_part, &dataset->test);
  if (!status && (parts & L4R_PART_TEXT)) status = open_items(dataset);
  if (!status && (parts & L4R_PART_USERS))
    status = l4r_dataset_open_users(dataset, &storage_of(dataset)->users_content);
  if (status) {
    l4r_dataset_close(dataset);
    return status;
  }
  *opened = dataset;
  return 0;
}

void l4r_dataset_close(struct l4r_dataset *dataset) {
  if (!dataset) return;
  if (dataset->storage) l4r_free(storage_of(dataset)->items_content);
  if (dataset->storage) l4r_free(storage_of(dataset)->users_content);
  l4r_free(dataset->user_id);
  l4r_free(dataset->storage);
  l4r_free(dataset->train_start);
  l4r_free(dataset->train_item);
  l4r_free(dataset->train_count);
  l4r_free(dataset->validation);
  l4r_free(dataset->validation_part.start);
  l4r_free(dataset->validation_part.item);
  l4r_free(dataset->test);
  l4r_free(dataset->test_part.start);
  l4r_free(dataset->test_part.item);
  l4r_free(dataset->text);
  l4r_free(dataset);
}

/* Returns how many interactions of the validation part belong to a test history. */
static int64_t validation_length(const struct l4r_dataset *dataset, int64_t user, int wanted) {
  const int64_t *start = dataset->validation_part.start;
  return wanted && start ? start[user + 1] - start[user] : 0;
}

int64_t l4r_dataset_history_length(const struct l4r_dataset *dataset, int64_t user,
                                   int with_validation) {
  return dataset->train_start[user + 1] - dataset->train_start[user] +
         validation_length(dataset, user, with_validation);
}

int64_t l4r_dataset_history(const struct l4r_dataset *dataset, int64_t user, int with_validation,
                            l4r_item *out, int64_t capacity) {
  if (capacity <= 0) return 0;
  int64_t last = validation_length(dataset, user, with_validation);
  if (last > capacity) last = capacity;
  const int64_t end = dataset->train_start[user + 1];
  int64_t begin = dataset->train_start[user];
  if (end - begin > capacity - last) begin = end - (capacity - last);
  memcpy(out, dataset->train_item + begin, (size_t)(end - begin) * sizeof *out);
  if (last)
    memcpy(out + (end - begin),
           dataset->validation_part.item + dataset->validation_part.start[user + 1] - last,
           (size_t)last * sizeof *out);
  return end - begin + last;
}

int64_t l4r_dataset_longest(const struct l4r_dataset *dataset) {
  int64_t longest = 0;
  const int64_t unread = !is_by_time(dataset) && !dataset->validation; /* at least one will come */
  for (int64_t user = 0; user < dataset->users; user++) {
    const int64_t length = l4r_dataset_history_length(dataset, user, 1) + unread;
    if (length > longest) longest = length;
  }
  return longest;
}
