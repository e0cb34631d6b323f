/* SPDX-License-Identifier: BSD-3-Clause */
/* One self-describing format for everything that leaves a process as raw numbers. Eight bytes per
 * value are wasteful until gzip has compressed them; one type means one reader, shared by `verify`,
 * the plots and the parent process of a round. */
#include "bench/record/bundle.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/json.h"
#include "impl/base/memory.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char magic[] = "L4RB ";

int l4r_bundle_init(struct l4r_bundle *bundle) {
  memset(bundle, 0, sizeof *bundle);
  bundle->meta = json_object();
  return bundle->meta ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "out of memory for a bundle");
}

void l4r_bundle_free(struct l4r_bundle *bundle) {
  if (bundle->meta) json_decref(bundle->meta);
  for (int a = 0; a < bundle->arrays; a++) l4r_free(bundle->array[a].value);
  memset(bundle, 0, sizeof *bundle);
}

int l4r_bundle_move(struct l4r_bundle *bundle, const char *name, int64_t *value, int64_t count) {
  if (bundle->arrays == L4R_BUNDLE_ARRAYS || strlen(name) >= sizeof bundle->array->name) {
    l4r_free(value);
    return l4r_fail(L4R_USAGE, "a bundle has no room for the array '%s'", name);
  }
  struct l4r_array *array = &bundle->array[bundle->arrays++];
  strcpy(array->name, name);
  array->count = count;
  array->value = value;
  return L4R_OK;
}

int64_t *l4r_bundle_add(struct l4r_bundle *bundle, const char *name, int64_t count) {
  int64_t *value = l4r_alloc((size_t)count, sizeof *value, name);
  if (!value) return NULL;
  return l4r_bundle_move(bundle, name, value, count) ? NULL : value;
}

const struct l4r_array *l4r_bundle_find(const struct l4r_bundle *bundle, const char *name) {
  for (int a = 0; a < bundle->arrays; a++)
    if (!strcmp(bundle->array[a].name, name)) return &bundle->array[a];
  return NULL;
}

int l4r_bundle_need(const struct l4r_bundle *bundle, const char *name,
                    const struct l4r_array **array) {
  *array = l4r_bundle_find(bundle, name);
  return *array ? L4R_OK : l4r_fail(L4R_INPUT, "samples hold no array '%s'", name);
}

static char *header_of(const struct l4r_bundle *bundle) {
  json_t *arrays = json_array();
  for (int a = 0; a < bundle->arrays; a++)
    json_array_append_new(arrays, json_pack("{s:s, s:I}", "name", bundle->array[a].name, "count",
                                            (json_int_t)bundle->array[a].count));
  json_t *header = json_pack("{s:i, s:O, s:o}", "schema", 1, "meta", bundle->meta, "arrays",
                             arrays);
  char *text = header ? json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  json_decref(header);
  if (!text)
    l4r_fail(L4R_ENVIRONMENT, "no memory for a bundle's header");
  else if (!l4r_json_whole("a bundle's header"))
    return text;
  free(text);
  return NULL;
}

/* Writes the file's bytes to memory of l4r_alloc. */
static int serialise(const struct l4r_bundle *bundle, unsigned char **out, size_t *bytes) {
  char *header = header_of(bundle);
  if (!header) return L4R_ENVIRONMENT;
  size_t values = 0, head = strlen(magic) + strlen(header) + 1;
  for (int a = 0; a < bundle->arrays; a++) values += (size_t)bundle->array[a].count;
  unsigned char *buffer = l4r_alloc(head + values * 8, 1, "a bundle");
  if (buffer) {
    memcpy(buffer, magic, strlen(magic));
    memcpy(buffer + strlen(magic), header, strlen(header));
    buffer[head - 1] = '\n';
    unsigned char *at = buffer + head;
    for (int a = 0; a < bundle->arrays; a++)
      for (int64_t i = 0; i < bundle->array[a].count; i++, at += 8) {
        uint64_t word = htole64((uint64_t)bundle->array[a].value[i]);
        memcpy(at, &word, 8);
      }
    *out = buffer;
    *bytes = head + values * 8;
  }
  free(header);
  return buffer ? L4R_OK : L4R_ENVIRONMENT;
}

int l4r_bundle_write(const struct l4r_bundle *bundle, const char *path) {
  unsigned char *content;
  size_t bytes;
  int status = serialise(bundle, &content, &bytes);
  if (status) return status;
  status = l4r_write_file(path, content, bytes);
  l4r_free(content);
  return status;
}

static int gzip(const unsigned char *in, size_t bytes, unsigned char **out, size_t *packed) {
  z_stream stream = {0};
  /* 15 + 16 selects the largest window and gzip's header without a time stamp, so that equal
   * samples have equal hashes. */
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return l4r_fail(L4R_ENVIRONMENT, "zlib cannot start");
  if (bytes > UINT32_MAX) {
    deflateEnd(&stream);
    return l4r_fail(L4R_ENVIRONMENT, "samples of %zu bytes are too many for one file", bytes);
  }
  uLong bound = deflateBound(&stream, bytes);
  unsigned char *buffer = l4r_alloc(bound, 1, "gzipped samples");
  int code = Z_MEM_ERROR;
  if (buffer) {
    stream.next_in = (unsigned char *)in;
    stream.avail_in = (uInt)bytes;
    stream.next_out = buffer;
    stream.avail_out = (uInt)bound;
    code = deflate(&stream, Z_FINISH);
  }
  *packed = stream.total_out;
  *out = buffer;
  deflateEnd(&stream);
  if (code == Z_STREAM_END) return L4R_OK;
  l4r_free(buffer);
  return l4r_fail(L4R_ENVIRONMENT, "samples cannot be compressed (zlib %d)", code);
}

int l4r_bundle_store(const struct l4r_bundle *bundle, const char *folder, char name[80]) {
  unsigned char *content = NULL, *packed = NULL;
  size_t bytes = 0, packed_bytes = 0;
  int status = serialise(bundle, &content, &bytes);
  if (status) return status;
  status = gzip(content, bytes, &packed, &packed_bytes);
  l4r_free(content);
  if (status) return status;
  char hash[65], path[L4R_PATH_MAX];
  l4r_sha256(packed, packed_bytes, hash);
  snprintf(name, 80, "%s.samples.gz", hash);
  status = l4r_path_join(path, folder, name);
  struct stat there;
  if (!status && stat(path, &there)) {
    status = l4r_make_folders(folder);
    if (!status) status = l4r_write_file(path, packed, packed_bytes);
  }
  l4r_free(packed);
  return status;
}

static int read_arrays(const char *path, const json_t *arrays, const unsigned char *at,
                       size_t bytes, struct l4r_bundle *bundle) {
  size_t index, used = 0;
  const json_t *entry;
  json_array_foreach(arrays, index, entry) {
    const char *name = json_string_value(json_object_get(entry, "name"));
    json_int_t count = json_integer_value(json_object_get(entry, "count"));
    if (!name || count < 0 || (size_t)count > (bytes - used) / 8)
      return l4r_fail(L4R_INPUT, "%s: array '%s' is cut short; the file is damaged", path,
                      name ? name : "?");
    int64_t *value = l4r_bundle_add(bundle, name, count);
    if (!value) return L4R_ENVIRONMENT;
    for (json_int_t i = 0; i < count; i++, used += 8) {
      uint64_t word;
      memcpy(&word, at + used, 8);
      value[i] = (int64_t)le64toh(word);
    }
  }
  if (used != bytes)
    return l4r_fail(L4R_INPUT, "%s: %zu bytes too long; the file is damaged", path, bytes - used);
  return L4R_OK;
}

static int parse(const char *path, char *content, size_t bytes, struct l4r_bundle *bundle) {
  size_t head = strlen(magic);
  char *newline = bytes > head && !memcmp(content, magic, head)
                      ? memchr(content + head, '\n', bytes - head)
                      : NULL;
  if (!newline) return l4r_fail(L4R_INPUT, "%s is not a file of samples", path);
  json_error_t error;
  json_t *header = json_loadb(content + head, (size_t)(newline - content) - head,
                              JSON_REJECT_DUPLICATES, &error);
  json_t *meta = json_object_get(header, "meta");
  int status;
  if (!header || !json_is_object(meta) ||
      json_integer_value(json_object_get(header, "schema")) != 1) {
    status = l4r_fail(L4R_INPUT, "%s: the header is not one this version reads (schema 1)", path);
  } else {
    bundle->meta = json_incref(meta);
    status = read_arrays(path, json_object_get(header, "arrays"), (unsigned char *)newline + 1,
                         bytes - (size_t)(newline + 1 - content), bundle);
  }
  json_decref(header);
  return status;
}

int l4r_bundle_read(const char *path, struct l4r_bundle *bundle) {
  char *content;
  size_t bytes;
  int status = l4r_read_file(path, 0, &content, &bytes);
  if (status) return status;
  struct l4r_bundle fresh = {0};
  status = parse(path, content, bytes, &fresh);
  l4r_free(content);
  if (status)
    l4r_bundle_free(&fresh);
  else
    *bundle = fresh;
  return status;
}

int64_t l4r_float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

float l4r_bits_float(int64_t bits) {
  uint32_t word = (uint32_t)bits;
  float value;
  memcpy(&value, &word, sizeof value);
  return value;
}
