/* Opening a data set folder.
 *
 * The folder is plain text so that anybody can read it with awk; what makes it trustworthy is
 * dataset.json, which states the SHA-256 of every other file. A part is hashed from the very bytes
 * that are then parsed, so a file that changed after the import is refused before a single id of it
 * is believed. Parts are opened one by one on request, and through l4r_read_file alone: that is how
 * a training run can prove that it never saw test.txt. Writing lives in dataset_write.c. */
#include "impl/data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_files.h"

struct l4r_dataset_storage {
  char hash[L4R_DATASET_FILES][65]; /* as dataset.json states them; "" where a file is absent */
  char *items_content;              /* what `text` points into */
};

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
    if (!hash && i == L4R_FILE_TIMES) continue;
    if (!hash || strlen(hash) != 64)
      return l4r_fail(L4R_INPUT,
                      "%s: \"files\" states no SHA-256 for %s; import the data set again", path,
                      l4r_dataset_file[i]);
    strcpy(storage->hash[i], hash);
  }
  char stated[65];
  int status = take_text(root, path, "sha256", stated, sizeof stated);
  if (status) return status;
  l4r_dataset_identity(storage->hash, dataset->sha256);
  if (strcmp(stated, dataset->sha256))
    return l4r_fail(L4R_INPUT,
                    "%s: field \"sha256\" is %s but the hashes under \"files\" give %s; import the "
                    "data set again",
                    path, stated, dataset->sha256);
  strcpy(dataset->items_sha256, storage->hash[L4R_FILE_ITEMS]);
  return 0;
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
    status = take_count(root, path, "interactions", 3 * dataset->users, INT64_MAX / 64,
                        &dataset->interactions);
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
    return l4r_fail_context(status, "%s is no data set folder (make one with lite4rec data import)",
                            dataset->path);
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

/* Reads one file of the folder and compares its hash with the stated one. `path` is
 * [L4R_PATH_MAX]. */
static int read_part(const struct l4r_dataset *dataset, int file, char *path, char **content,
                     size_t *bytes) {
  int status = l4r_path_join(path, dataset->path, l4r_dataset_file[file]);
  if (!status) status = l4r_read_file(path, 1, content, bytes);
  if (status) return status;
  char hash[65];
  l4r_sha256(*content, *bytes, hash);
  if (!strcmp(hash, storage_of(dataset)->hash[file])) return 0;
  l4r_free(*content);
  *content = NULL;
  return l4r_fail(L4R_INPUT,
                  "%s: its SHA-256 is %s, but dataset.json beside it states %s: the file changed "
                  "after the import; import the data set again",
                  path, hash, storage_of(dataset)->hash[file]);
}

/* The next blank-separated whole number of a line: 1 and *value, 0 at the line's end, -1 where
 * something else stands. Numbers above 2^31 - 1 are read as 2^31 - 1, which no valid id reaches. */
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

/* The user number that opens line u of every part must be u: ids are consecutive by construction.
 */
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

/* One item id: 1 and *item, 0 at the end of the line, a status otherwise. */
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

static int parse_train(struct l4r_dataset *dataset, struct l4r_lines *lines) {
  const int64_t room = dataset->interactions - 2 * dataset->users;
  int64_t used = 0;
  char *line;
  while (l4r_lines_next(lines, &line)) {
    int status = check_user(lines, &line, dataset->users);
    if (status) return status;
    const int64_t begin = used;
    l4r_item item = 0;
    int got;
    while ((got = next_item(lines, &line, dataset->items, &item)) == 1) {
      if (used == room)
        return bad_line(lines, "more interactions than dataset.json states for the training part");
      dataset->train_item[used++] = item;
      dataset->train_count[item]++;
    }
    if (got < 0) return got;
    if (used == begin) return bad_line(lines, "the user has no item in the training part");
    dataset->train_start[lines->number] = used;
  }
  int status = check_end(lines, dataset->users, "users");
  if (!status && used != room)
    status = l4r_fail(L4R_INPUT,
                      "%s: holds %" PRId64 " interactions, but dataset.json states %" PRId64
                      " for the training part; import the data set again",
                      lines->path, used, room);
  return status;
}

static int open_train(struct l4r_dataset *dataset) {
  dataset->train_start = l4r_alloc((size_t)dataset->users + 1, sizeof(int64_t), "user offsets");
  dataset->train_item = l4r_alloc((size_t)(dataset->interactions - 2 * dataset->users),
                                  sizeof(l4r_item), "training interactions");
  dataset->train_count = l4r_alloc((size_t)dataset->items + 1, sizeof(int64_t), "item counts");
  if (!dataset->train_start || !dataset->train_item || !dataset->train_count)
    return L4R_ENVIRONMENT;
  char path[L4R_PATH_MAX], *content = NULL;
  size_t bytes = 0;
  int status = read_part(dataset, L4R_FILE_TRAIN, path, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  status = parse_train(dataset, &lines);
  l4r_free(content);
  return status;
}

static int parse_held_out(struct l4r_dataset *dataset, struct l4r_lines *lines, l4r_item *held) {
  char *line;
  while (l4r_lines_next(lines, &line)) {
    int status = check_user(lines, &line, dataset->users);
    if (status) return status;
    l4r_item more = 0;
    int got = next_item(lines, &line, dataset->items, &held[lines->number - 1]);
    if (got == 1) got = next_item(lines, &line, dataset->items, &more) == 0;
    if (got < 0) return got;
    if (got != 1) return bad_line(lines, "a line must hold one user and one item");
  }
  return check_end(lines, dataset->users, "users");
}

static int open_held_out(struct l4r_dataset *dataset, int file, l4r_item **held) {
  *held = l4r_alloc((size_t)dataset->users, sizeof(l4r_item), "held-out items");
  if (!*held) return L4R_ENVIRONMENT;
  char path[L4R_PATH_MAX], *content = NULL;
  size_t bytes = 0;
  int status = read_part(dataset, file, path, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  status = parse_held_out(dataset, &lines, *held);
  l4r_free(content);
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
  int status = read_part(dataset, L4R_FILE_ITEMS, path, content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, *content, bytes);
  return parse_items(dataset, &lines);
}

/* --- the contract --------------------------------------------------------------------------------
 */

int l4r_dataset_open(const char *folder, unsigned parts, struct l4r_dataset **opened) {
  if (strlen(folder) >= sizeof((struct l4r_dataset *)0)->path)
    return l4r_fail(L4R_USAGE, "the data set's path is too long: %.80s...", folder);
  struct l4r_dataset *dataset = l4r_alloc(1, sizeof *dataset, "a data set");
  if (!dataset) return L4R_ENVIRONMENT;
  dataset->storage = l4r_alloc(1, sizeof(struct l4r_dataset_storage), "a data set");
  int status = dataset->storage ? 0 : L4R_ENVIRONMENT;
  strcpy(dataset->path, folder);
  if (!status) status = open_description(dataset);
  if (!status && (parts & L4R_PART_TRAIN)) status = open_train(dataset);
  if (!status && (parts & L4R_PART_VALIDATION))
    status = open_held_out(dataset, L4R_FILE_VALIDATION, &dataset->validation);
  if (!status && (parts & L4R_PART_TEST))
    status = open_held_out(dataset, L4R_FILE_TEST, &dataset->test);
  if (!status && (parts & L4R_PART_TEXT)) status = open_items(dataset);
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
  l4r_free(dataset->storage);
  l4r_free(dataset->train_start);
  l4r_free(dataset->train_item);
  l4r_free(dataset->train_count);
  l4r_free(dataset->validation);
  l4r_free(dataset->test);
  l4r_free(dataset->text);
  l4r_free(dataset);
}

int64_t l4r_dataset_history(const struct l4r_dataset *dataset, int64_t user, int with_validation,
                            l4r_item *out, int64_t capacity) {
  if (capacity <= 0) return 0;
  const int64_t last = with_validation && dataset->validation && dataset->validation[user] ? 1 : 0;
  const int64_t end = dataset->train_start[user + 1];
  int64_t begin = dataset->train_start[user];
  if (end - begin > capacity - last) begin = end - (capacity - last);
  memcpy(out, dataset->train_item + begin, (size_t)(end - begin) * sizeof *out);
  if (last) out[end - begin] = dataset->validation[user];
  return end - begin + last;
}

int64_t l4r_dataset_longest(const struct l4r_dataset *dataset) {
  int64_t longest = 0;
  for (int64_t user = 0; user < dataset->users; user++) {
    const int64_t length = dataset->train_start[user + 1] - dataset->train_start[user];
    if (length > longest) longest = length;
  }
  return longest + 1;
}
