/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/read.h"

#include "bench/record/plain.h"
#include "bench/record/bound.h"
#include "bench/record/skim.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

struct reader {
  l4r_visit_record *visit;
  void *context;
  const char *path; /* being read */
  int64_t records;
  struct l4r_skim skim; /* without members: whole records */
};

/* A record whose texts would spoil what they are printed in: its seal is tried as it stands in the
 * file, and remembered, before they are made plain. */
static int make_plain(json_t **record) {
  char hash[65];
  if (l4r_is_plain(*record)) return L4R_OK;
  int status = l4r_record_hash(*record, hash);
  const char *stated = json_string_value(json_object_get(*record, "sha256"));
  const int sealed = json_is_true(json_object_get(*record, "_sealed")) ||
                     (!status && stated && !strcmp(hash, stated));
  json_t *plain = status ? NULL : l4r_make_plain(*record);
  if (!plain) return status ? status : l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  json_decref(*record);
  *record = plain;
  return sealed && json_object_set_new(plain, "_sealed", json_true())
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for a record")
             : L4R_OK;
}

static json_int_t schema_of(const json_t *record) {
  return json_integer_value(json_object_get(record, "schema"));
}

static int read_line(void *context, int64_t number, char *line) {
  struct reader *reader = context;
  const char *path = reader->path;
  json_error_t error;
  if (!*line) return L4R_OK;
  const char *kept = NULL;
  int status = reader->skim.members ? l4r_skim(&reader->skim, line, &kept) : L4R_OK;
  if (status) return status;
  json_t *record = json_loads(kept ? kept : line, 0, &error);
  if (!record)
    status = l4r_fail(L4R_INPUT, "%s:%lld: not JSON (%s); the line is cut or damaged", path,
                      (long long)number, error.text);
  else if (!json_is_object(record))
    status = l4r_fail(L4R_INPUT, "%s:%lld: not a record", path, (long long)number);
  else if (schema_of(record) < 1 || schema_of(record) > L4R_SCHEMA_NEWEST)
    status = l4r_fail(L4R_INPUT,
                      "%s:%lld: schema %lld, this program reads 1 to %d; use the one that "
                      "wrote it",
                      path, (long long)number, (long long)schema_of(record), L4R_SCHEMA_NEWEST);
  if (status) {
    json_decref(record);
    return status;
  }
  if (kept)
    json_object_set_new(record, "_sealed", json_true());
  else
    json_object_del(record, "_sealed"); /* a file's own word is not taken for it */
  status = make_plain(&record);
  json_object_set_new(record, "_path", json_string(path));
  json_object_set_new(record, "_line", json_integer(number));
  reader->records++;
  if (!status) status = reader->visit(reader->context, record);
  json_decref(record);
  return status;
}

static int read_file(struct reader *reader, const char *path) {
  reader->path = path;
  return l4r_read_lines(path, read_line, reader);
}

static int by_name(const FTSENT **a, const FTSENT **b) {
  return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int is_record_file(const FTSENT *entry) {
  const size_t n = entry->fts_namelen;
  return entry->fts_info == FTS_F && n > 6 && strcmp(entry->fts_name + n - 6, ".jsonl") == 0;
}

static int walk(struct reader *reader, const char *root) {
  char start[L4R_PATH_MAX];
  if (strlen(root) >= sizeof start) return l4r_fail(L4R_USAGE, "path too long: %.80s...", root);
  strcpy(start, root);
  char *const roots[] = {start, NULL};
  FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
  if (!tree) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot walk %s", root);
  int status = L4R_OK;
  FTSENT *entry;
  while (!status && (entry = fts_read(tree))) {
    if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
      errno = entry->fts_errno;
      status = l4r_fail_errno(L4R_INPUT, "cannot read %s", entry->fts_path);
    } else if (is_record_file(entry) ||
               (entry->fts_level == FTS_ROOTLEVEL && entry->fts_info == FTS_F)) {
      status = read_file(reader, entry->fts_path);
    }
  }
  fts_close(tree);
  return status;
}

static int read_all(struct reader *reader, const char *const *path, int paths) {
  int status = L4R_OK;
  for (int i = 0; !status && i < paths; ++i) status = walk(reader, path[i]);
  if (!status && !reader->records)
    status = l4r_fail(L4R_INPUT, "no record (*.jsonl) in %s; 'lite4rec run --out DIR' writes them",
                      paths ? path[0] : "no path");
  l4r_skim_free(&reader->skim);
  return status;
}

int l4r_records_each(const char *const *path, int paths, l4r_visit_record *visit, void *context) {
  struct reader reader = {.visit = visit, .context = context};
  return read_all(&reader, path, paths);
}

int l4r_records_skim(const struct l4r_records_part *part, l4r_visit_record *visit, void *context) {
  struct reader reader = {.visit = visit, .context = context, .skim = {.members = part->members}};
  return read_all(&reader, part->path, part->paths);
}

static int append(void *records, json_t *record) {
  return json_array_append(records, record) ? l4r_fail(L4R_ENVIRONMENT, "no memory for the records")
                                            : L4R_OK;
}

int l4r_records_read(const char *const *path, int paths, json_t **out) {
  json_t *records = json_array();
  if (!records) return l4r_fail(L4R_ENVIRONMENT, "no memory for the records");
  int status = l4r_records_each(path, paths, append, records);
  if (status) {
    json_decref(records);
    return status;
  }
  *out = records;
  return L4R_OK;
}

int l4r_record_beside(const json_t *record, const char *name, char *out) {
  char folder[L4R_PATH_MAX];
  const char *path = json_string_value(json_object_get(record, "_path"));
  if (!path || strlen(path) >= sizeof folder) return l4r_fail(L4R_INPUT, "a record without a file");
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  if (slash)
    *slash = '\0';
  else
    strcpy(folder, ".");
  return l4r_path_join(out, folder, name);
}
