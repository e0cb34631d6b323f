/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/write.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *compact(const json_t *value) {
  char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) l4r_fail(L4R_ENVIRONMENT, "no memory to write a record");
  return text;
}

int l4r_record_hash(const json_t *record, char hash[65]) {
  json_t *bare = json_copy((json_t *)record);
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)record, key, value) {
    if (key[0] == '_' || !strcmp(key, "sha256")) json_object_del(bare, key);
  }
  char *text = bare ? compact(bare) : NULL;
  json_decref(bare);
  if (!text) return L4R_ENVIRONMENT;
  l4r_sha256(text, strlen(text), hash);
  free(text);
  return L4R_OK;
}

int l4r_record_sealed(const struct l4r_record *record) {
  if (record->from.is_sealed) return L4R_OK;
  char hash[65], where[1100];
  const int status = l4r_record_hash(record->from.json, hash);
  const char *sealed = record->data.sha256;
  if (status || (sealed && !strcmp(hash, sealed))) return status;
  return l4r_fail(L4R_INPUT,
                  "%s: sha256: the record does not have the hash it states: it was edited; "
                  "take the file that `run` wrote",
                  l4r_record_where(record, where, sizeof where));
}

int l4r_record_seal(json_t *record) {
  char hash[65];
  int status = l4r_json_whole("a record");
  if (!status) status = l4r_record_hash(record, hash);
  if (!status && json_object_set_new(record, "sha256", json_string(hash)))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory to seal a record");
  return status;
}

/* Writes all lines to one text of malloc. */
static int lines_of(json_t *records, char **text, size_t *bytes) {
  FILE *stream = open_memstream(text, bytes);
  if (!stream) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot write records");
  size_t index;
  json_t *record;
  int status = L4R_OK;
  json_array_foreach(records, index, record) {
    if (!status) status = l4r_record_seal(record);
    char *line = status ? NULL : compact(record);
    if (!line)
      status = L4R_ENVIRONMENT;
    else
      fprintf(stream, "%s\n", line);
    free(line);
  }
  if (fclose(stream) && !status) status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot write records");
  return status;
}

int l4r_records_write(json_t *records, const char *folder, char *path) {
  char *text = NULL, hash[65], when[32], name[128];
  size_t bytes;
  int status = lines_of(records, &text, &bytes);
  if (!status) {
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc);
    l4r_sha256(text, bytes, hash);
    snprintf(name, sizeof name, "%s-%.12s.jsonl", when, hash);
    status = l4r_path_join(path, folder, name);
  }
  if (!status) status = l4r_write_file(path, text, bytes);
  free(text);
  return status;
}
