/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/read.h"

#include "bench/record/decode.h"
#include "bench/record/plain.h"
#include "bench/record/bound.h"
#include "bench/record/partial.h"
#include "bench/record/record.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct reader {
  l4r_visit_record *visit;
  void *context;
  const char *path; /* the file being read */
  int64_t records;
  struct l4r_partial partial; /* without members for whole records */
};

/* Makes the texts of a record safe to print. Its hash is checked first, as the record stands in the
 * file, and the result is remembered. */
static int make_plain(json_t **record, int *is_sealed) {
  char hash[65];
  if (l4r_is_plain(*record)) return L4R_OK;
  int status = l4r_record_hash(*record, hash);
  const char *stated = json_string_value(json_object_get(*record, "sha256"));
  *is_sealed |= !status && stated && !strcmp(hash, stated);
  json_t *plain = status ? NULL : l4r_make_plain(*record);
  if (!plain) return status ? status : l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  json_decref(*record);
  *record = plain;
  return L4R_OK;
}

static json_int_t schema_of(const json_t *record) {
  return json_integer_value(json_object_get(record, "schema"));
}

/* Parses the line and checks all that does not depend on its members. */
static int parse_line(const char *line, const char *path, int64_t number, json_t **record) {
  json_error_t error;
  json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, &error);
  int status = L4R_OK;
  if (!json)
    status = l4r_fail(L4R_INPUT, "%s:%lld: not JSON (%s); the line is cut or damaged", path,
                      (long long)number, error.text);
  else if (!json_is_object(json))
    status = l4r_fail(L4R_INPUT, "%s:%lld: not a record", path, (long long)number);
  else if (schema_of(json) < 1 || schema_of(json) > L4R_SCHEMA_NEWEST)
    status = l4r_fail(L4R_INPUT,
                      "%s:%lld: schema %lld, this program reads 1 to %d; use the one that "
                      "wrote it",
                      path, (long long)number, (long long)schema_of(json), L4R_SCHEMA_NEWEST);
  if (status)
    json_decref(json);
  else
    *record = json;
  return status;
}

static int read_line(void *context, int64_t number, char *line) {
  struct reader *reader = context;
  struct l4r_record record = {0};
  const char *kept = NULL;
  json_t *json = NULL;
  if (!*line) return L4R_OK;
  int status = reader->partial.members ? l4r_partial_read(&reader->partial, line, &kept) : L4R_OK;
  if (!status) status = parse_line(kept ? kept : line, reader->path, number, &json);
  int is_sealed = kept != NULL;
  if (!status) status = make_plain(&json, &is_sealed);
  if (!status) status = l4r_record_parse(json, reader->path, number, &record);
  json_decref(json);
  if (status) return status;
  record.from.is_sealed = is_sealed;
  reader->records++;
  status = reader->visit(reader->context, &record);
  l4r_record_free(&record);
  return status;
}

static int read_file(struct reader *reader, const char *path) {
  reader->path = path;
  return l4r_read_lines(path, read_line, reader);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int is_record_file(const char *path, size_t length) {
  return length > 6 && path[length - 7] != '/' && strcmp(path + length - 6, ".jsonl") == 0;
}

static int walk(struct reader *reader, char *path, size_t length, int depth);

/* Walks the entries of the folder `path` by name; each name is appended to the path for its own
 * walk. */
static int walk_folder(struct reader *reader, char *path, size_t length, int depth) {
  struct dirent **entry;
  int status = L4R_OK, entries = scandir(path, &entry, is_entry, by_name);
  if (entries < 0) return l4r_fail_errno(L4R_INPUT, "cannot read %s", path);
  if (path[length - 1] == '/') length--;
  for (int i = 0; i < entries; i++) {
    const size_t more = strlen(entry[i]->d_name) + 1;
    if (!status && length + more >= L4R_PATH_MAX)
      status = l4r_fail(L4R_INPUT, "%.80s...: a path below it is longer than %d bytes", path,
                        L4R_PATH_MAX - 1);
    if (!status) {
      path[length] = '/';
      strcpy(path + length + 1, entry[i]->d_name);
      status = walk(reader, path, length + more, depth + 1);
      path[length] = '\0';
    }
    free(entry[i]); /* scandir allocates with malloc */
  }
  free(entry);
  return status;
}

/* Reads `path` (a buffer of L4R_PATH_MAX bytes) when it is a file, else everything below it in the
 * order of names. Links are not followed. */
static int walk(struct reader *reader, char *path, size_t length, int depth) {
  struct stat info;
  if (lstat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot read %s", path);
  if (S_ISDIR(info.st_mode)) return walk_folder(reader, path, length, depth);
  const int wanted = S_ISREG(info.st_mode) && (depth == 0 || is_record_file(path, length));
  return wanted ? read_file(reader, path) : L4R_OK;
}

static int walk_root(struct reader *reader, const char *root) {
  char path[L4R_PATH_MAX];
  if (strlen(root) >= sizeof path) return l4r_fail(L4R_USAGE, "path too long: %.80s...", root);
  if (!*root) return l4r_fail(L4R_USAGE, "an empty path names no records");
  strcpy(path, root);
  return walk(reader, path, strlen(path), 0);
}

static int read_all(struct reader *reader, const char *const *path, int paths) {
  int status = L4R_OK;
  for (int i = 0; !status && i < paths; ++i) status = walk_root(reader, path[i]);
  if (!status && !reader->records)
    status = l4r_fail(L4R_INPUT, "no record (*.jsonl) in %s; 'lite4rec run --out DIR' writes them",
                      paths ? path[0] : "no path");
  l4r_partial_free(&reader->partial);
  return status;
}

int l4r_records_each(const char *const *path, int paths, l4r_visit_record *visit, void *context) {
  struct reader reader = {.visit = visit, .context = context};
  return read_all(&reader, path, paths);
}

int l4r_records_read_partial(const struct l4r_records_part *part, l4r_visit_record *visit,
                             void *context) {
  for (const char *const *member = part->members; *member; member++)
    assert(l4r_field_at(l4r_shape_record(), *member));
  struct reader reader = {
      .visit = visit, .context = context, .partial = {.members = part->members}};
  return read_all(&reader, part->path, part->paths);
}

int l4r_records_add(struct l4r_records *records, struct l4r_record *record) {
  const int status = l4r_grow(&records->at, &records->room, (size_t)records->count + 1,
                              sizeof *records->at, "records");
  if (!status) l4r_record_move(record, &records->at[records->count++]);
  return status;
}

static int append(void *records, struct l4r_record *record) {
  return l4r_records_add(records, record);
}

int l4r_records_read(const char *const *path, int paths, struct l4r_records *records) {
  *records = (struct l4r_records){0};
  const int status = l4r_records_each(path, paths, append, records);
  if (status) l4r_records_free(records);
  return status;
}

void l4r_records_free(struct l4r_records *records) {
  for (int64_t r = 0; r < records->count; r++) l4r_record_free(&records->at[r]);
  l4r_free(records->at);
  *records = (struct l4r_records){0};
}

int l4r_records_of(const json_t *array, struct l4r_records *records) {
  size_t index;
  json_t *json;
  int status = L4R_OK;
  *records = (struct l4r_records){0};
  json_array_foreach(array, index, json) {
    struct l4r_record record = {0};
    if (!status) status = l4r_record_parse(json, NULL, 0, &record);
    if (!status) status = l4r_records_add(records, &record);
    l4r_record_free(&record);
  }
  if (status) l4r_records_free(records);
  return status;
}

int l4r_record_sibling_path(const struct l4r_record *record, const char *name, char *out) {
  char folder[L4R_PATH_MAX];
  const char *path = record->from.path;
  if (!path || strlen(path) >= sizeof folder) return l4r_fail(L4R_INPUT, "a record without a file");
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  if (slash)
    *slash = '\0';
  else
    strcpy(folder, ".");
  return l4r_path_join(out, folder, name);
}
