/* SPDX-License-Identifier: BSD-3-Clause */
/* The safetensors reader.
 *
 *   0        8                 8 + n                                   end of file
 *   | n, u64 | JSON header     | values of the tensors, back to back   |
 *
 * The header names every tensor with its dtype, shape and place. The format forbids holes and
 * overlaps, and this reader checks that before it uses any value. The file is mapped, not read: an
 * engine packs its weights into its own buffers, and the mapped pages can be released afterwards,
 * so that weights are not in memory twice. */
#include "impl/model/safetensors.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/model/safetensors_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The format's own limit on headers. */
enum { HEADER_MOST = 100 * 1000 * 1000, RANK_MOST = L4R_RANK_MOST };

struct dtype {
  const char *name;
  int64_t bytes;
};
static const struct dtype DTYPES[] = {
    {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F64", 8},     {"I64", 8},
    {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U64", 8},     {"U32", 4},
    {"U16", 2}, {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1},
};
enum { F32, F16, BF16, DTYPE_COUNT = sizeof DTYPES / sizeof *DTYPES };

/* --- opening --- */

static int map_file(struct l4r_safetensors *safetensors) {
  int file = open(safetensors->path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return l4r_fail_errno(L4R_INPUT, "cannot open %s", safetensors->path);
  struct stat status;
  if (fstat(file, &status) || !S_ISREG(status.st_mode)) {
    close(file);
    return l4r_fail(L4R_INPUT, "%s is not a regular file", safetensors->path);
  }
  safetensors->bytes = status.st_size;
  if (safetensors->bytes < 8) {
    close(file);
    return l4r_fail(L4R_INPUT, "%s: %" PRId64 " bytes are too few for a safetensors file",
                    safetensors->path, safetensors->bytes);
  }
  void *map = mmap(NULL, (size_t)safetensors->bytes, PROT_READ, MAP_PRIVATE, file, 0);
  if (map == MAP_FAILED) {
    int saved = errno;
    close(file);
    errno = saved;
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot map %s", safetensors->path);
  }
  safetensors->map = map;
  safetensors->file = file;
  return L4R_OK;
}

static int bad_entry(const struct l4r_safetensors *safetensors, const char *name,
                     const char *what) {
  return l4r_fail(L4R_INPUT, "%s: tensor %s: %s; the file is damaged or no safetensors file",
                  safetensors->path, name, what);
}

static int parse_shape(const struct l4r_safetensors *safetensors, const json_t *shape,
                       struct l4r_entry *entry) {
  if (!json_is_array(shape)) return bad_entry(safetensors, entry->name, "no shape");
  if (json_array_size(shape) > RANK_MOST) {
    return bad_entry(safetensors, entry->name, "more than 8 dimensions");
  }
  entry->rank = (int)json_array_size(shape);
  entry->count = 1;
  for (int d = 0; d < entry->rank; d++) {
    const json_t *size = json_array_get(shape, (size_t)d);
    if (!json_is_integer(size) || json_integer_value(size) < 0) {
      return bad_entry(safetensors, entry->name, "a dimension is not a count");
    }
    entry->shape[d] = json_integer_value(size);
    if (__builtin_mul_overflow(entry->count, entry->shape[d], &entry->count)) {
      return bad_entry(safetensors, entry->name, "the product of its dimensions overflows");
    }
  }
  return L4R_OK;
}

static int parse_entry(const struct l4r_safetensors *safetensors, const json_t *object,
                       struct l4r_entry *entry) {
  const char *dtype = json_string_value(json_object_get(object, "dtype"));
  const json_t *offsets = json_object_get(object, "data_offsets");
  const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
  entry->dtype = -1;
  for (int i = 0; dtype && i < DTYPE_COUNT; i++) {
    if (strcmp(dtype, DTYPES[i].name) == 0) entry->dtype = i;
  }
  if (entry->dtype < 0) return bad_entry(safetensors, entry->name, "no dtype, or an unknown one");
  int status = parse_shape(safetensors, json_object_get(object, "shape"), entry);
  if (status) return status;
  if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end)) {
    return bad_entry(safetensors, entry->name, "data_offsets are not two integers");
  }
  entry->begin = json_integer_value(begin);
  entry->end = json_integer_value(end);
  int64_t bytes;
  if (__builtin_mul_overflow(entry->count, DTYPES[entry->dtype].bytes, &bytes) ||
      entry->begin < 0 || entry->end < entry->begin || entry->end - entry->begin != bytes) {
    return bad_entry(safetensors, entry->name, "its bytes do not fit its shape");
  }
  return L4R_OK;
}

static int by_place(const void *left, const void *right) {
  const struct l4r_entry *a = left, *b = right;
  if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
  return (a->end > b->end) - (a->end < b->end);
}

/* Checks that there is no hole, no overlap, nothing beyond the end and nothing left over. */
static int check_places(const struct l4r_safetensors *safetensors) {
  int64_t next = 0, room = safetensors->bytes - safetensors->data;
  for (int64_t i = 0; i < safetensors->count; i++) {
    const struct l4r_entry *entry = &safetensors->entry[i];
    if (entry->begin != next) {
      return l4r_fail(L4R_INPUT,
                      "%s: tensor %s begins at byte %" PRId64 " of the values, expected %" PRId64
                      "; the file is damaged or no safetensors file",
                      safetensors->path, entry->name, entry->begin, next);
    }
    if (entry->end > room) {
      return l4r_fail(L4R_INPUT,
                      "%s: tensor %s ends at byte %" PRId64 " of the values, but the file holds "
                      "only %" PRId64 "; it was cut off: copy or train it again",
                      safetensors->path, entry->name, entry->end, room);
    }
    next = entry->end;
  }
  if (next != room) {
    return l4r_fail(L4R_INPUT,
                    "%s: %" PRId64 " bytes follow the last tensor at byte %" PRId64
                    "; the file is damaged or no safetensors file",
                    safetensors->path, room - next, safetensors->data + next);
  }
  return L4R_OK;
}

static int parse_root(struct l4r_safetensors *safetensors, json_t *root) {
  if (!json_is_object(root)) {
    return l4r_fail(L4R_INPUT, "%s: byte 8: the header is not a JSON object", safetensors->path);
  }
  safetensors->entry = l4r_alloc(json_object_size(root), sizeof *safetensors->entry,
                                 "the header of a safetensors file");
  if (!safetensors->entry) return L4R_ENVIRONMENT;
  const char *name;
  json_t *object;
  json_object_foreach(root, name, object) {
    if (strcmp(name, "__metadata__") == 0) {
      const int told = l4r_safetensors_read_aliases(safetensors, object);
      if (told) return told;
      continue;
    }
    struct l4r_entry *entry = &safetensors->entry[safetensors->count];
    entry->file = safetensors;
    entry->name = l4r_strdup(name);
    if (!entry->name) return L4R_ENVIRONMENT;
    safetensors->count++;
    int status = parse_entry(safetensors, object, entry);
    if (status) return status;
  }
  qsort(safetensors->entry, (size_t)safetensors->count, sizeof *safetensors->entry, by_place);
  return check_places(safetensors);
}

static int parse_header(struct l4r_safetensors *safetensors) {
  uint64_t length = 0;
  for (int i = 7; i >= 0; i--) length = length << 8 | safetensors->map[i];
  if (length > HEADER_MOST || length > (uint64_t)safetensors->bytes - 8) {
    return l4r_fail(L4R_INPUT,
                    "%s: byte 0: a header of %" PRIu64 " bytes in a file of %" PRId64
                    "; it was cut off or is no safetensors file",
                    safetensors->path, length, safetensors->bytes);
  }
  safetensors->data = 8 + (int64_t)length;
  json_error_t error;
  json_t *root = json_loadb((const char *)safetensors->map + 8, (size_t)length,
                            JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    return l4r_fail(L4R_INPUT, "%s: byte %d: the header is not valid JSON: %s", safetensors->path,
                    8 + (error.position > 0 ? error.position : 0), error.text);
  }
  int status = parse_root(safetensors, root);
  json_decref(root);
  return status;
}

int l4r_safetensors_open(const char *path, struct l4r_safetensors **safetensors) {
  if (strlen(path) >= L4R_PATH_MAX) return l4r_fail(L4R_USAGE, "path too long: %s", path);
  struct l4r_safetensors *made = l4r_alloc(1, sizeof *made, "a safetensors file");
  if (!made) return L4R_ENVIRONMENT;
  snprintf(made->path, sizeof made->path, "%s", path);
  int status = map_file(made);
  if (!status) status = parse_header(made);
  if (status) {
    l4r_safetensors_close(made);
    return status;
  }
  *safetensors = made;
  return L4R_OK;
}

void l4r_safetensors_close(struct l4r_safetensors *safetensors) {
  if (!safetensors) return;
  for (int64_t i = 0; i < safetensors->count; i++) l4r_free(safetensors->entry[i].name);
  l4r_free(safetensors->entry);
  for (int64_t i = 0; i < safetensors->aliases; i++) {
    l4r_free(safetensors->alias[i].name);
    l4r_free(safetensors->alias[i].kept);
  }
  l4r_free(safetensors->alias);
  for (int64_t i = 0; i < safetensors->parts; i++) l4r_safetensors_close(safetensors->part[i]);
  l4r_free(safetensors->part);
  if (safetensors->map) {
    munmap(safetensors->map, (size_t)safetensors->bytes);
    close(safetensors->file);
  }
  l4r_free(safetensors);
}

/* --- tensors --- */

const unsigned char *l4r_entry_bytes(const struct l4r_entry *entry) {
  return entry->file->map + entry->file->data + entry->begin;
}

int l4r_safetensors_has(const struct l4r_safetensors *safetensors, const char *name) {
  return l4r_safetensors_find(safetensors, name) != NULL;
}

int l4r_safetensors_find_shaped(const struct l4r_safetensors *safetensors, const char *name,
                                int64_t rows, int64_t columns, const struct l4r_entry **found) {
  const struct l4r_entry *entry = l4r_safetensors_find(safetensors, name);
  if (!entry) {
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s is missing; the file does not belong to this "
                    "configuration",
                    safetensors->path, name);
  }
  int fits = entry->rank == (columns ? 2 : 1) && entry->shape[0] == rows &&
             (!columns || entry->shape[1] == columns);
  if (!fits) {
    char shape[RANK_MOST * 24] = "a single value";
    size_t used = 0;
    for (int d = 0; d < entry->rank; d++) {
      l4r_text_add(shape, sizeof shape, &used, "%s%" PRId64, d ? " x " : "", entry->shape[d]);
    }
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s is %s, %" PRId64 " x %" PRId64
                    " is needed; the file does not belong to this configuration",
                    safetensors->path, name, shape, rows, columns ? columns : 1);
  }
  *found = entry;
  return L4R_OK;
}

/* Sets *values to the tensor's fp32 values in the mapped file. */
static int view_of(const struct l4r_safetensors *safetensors, const char *name,
                   const struct l4r_entry *entry, const float **values) {
  if (entry->dtype != F32) {
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s is %s, F32 is needed; convert it by training from it "
                    "(--init)",
                    safetensors->path, name, DTYPES[entry->dtype].name);
  }
  const unsigned char *bytes = l4r_entry_bytes(entry);
  if ((uintptr_t)bytes % sizeof(float)) {
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s begins at byte %" PRId64 ", not a multiple of 4; "
                    "write the file again with padding after its header",
                    safetensors->path, name, safetensors->data + entry->begin);
  }
  *values = (const float *)(const void *)bytes;
  return L4R_OK;
}

int l4r_safetensors_view(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, const float **values) {
  const struct l4r_entry *entry;
  const int status = l4r_safetensors_find_shaped(safetensors, name, rows, columns, &entry);
  return status ? status : view_of(safetensors, name, entry, values);
}

int l4r_safetensors_place(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                          int64_t columns, int *file, int64_t *begin) {
  const struct l4r_entry *entry;
  const float *values;
  int status = l4r_safetensors_find_shaped(safetensors, name, rows, columns, &entry);
  if (!status) status = view_of(safetensors, name, entry, &values); /* fp32, and aligned */
  if (status) return status;
  *file = fcntl(entry->file->file, F_DUPFD_CLOEXEC, 0);
  if (*file < 0) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot read %s", safetensors->path);
  *begin = entry->file->data + entry->begin;
  return L4R_OK;
}

static float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  uint32_t exponent = half >> 10 & 31, fraction = half & 0x3ffu;
  if (exponent == 31) return from_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent > 0) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
  float tiny = (float)fraction * 0x1p-24f; /* subnormal, and exact */
  return sign ? -tiny : tiny;
}

int l4r_safetensors_copy(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, float *values) {
  const struct l4r_entry *entry;
  int status = l4r_safetensors_find_shaped(safetensors, name, rows, columns, &entry);
  if (status) return status;
  const unsigned char *bytes = l4r_entry_bytes(entry);
  if (entry->dtype == F32) {
    memcpy(values, bytes, (size_t)entry->count * sizeof *values);
    return L4R_OK;
  }
  if (entry->dtype != F16 && entry->dtype != BF16) {
    return l4r_fail(L4R_INPUT, "%s: tensor %s is %s; F32, F16 and BF16 can be read",
                    safetensors->path, name, DTYPES[entry->dtype].name);
  }
  for (int64_t i = 0; i < entry->count; i++) {
    uint16_t half = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    values[i] = entry->dtype == F16 ? from_half(half) : from_bits((uint32_t)half << 16);
  }
  return L4R_OK;
}

/* Returns the index of the first value that is NaN or infinite (exponent all ones), or -1. */
static int64_t find_not_finite(const unsigned char *bytes, const struct l4r_entry *entry) {
  uint32_t mask = entry->dtype == F32 ? 0x7f800000u : entry->dtype == F16 ? 0x7c00u : 0x7f80u;
  for (int64_t i = 0; i < entry->count; i++) {
    uint32_t bits = 0;
    if (entry->dtype == F32) {
      memcpy(&bits, bytes + 4 * i, 4);
    } else {
      bits = (uint32_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    }
    if ((bits & mask) == mask) return i;
  }
  return -1;
}

int l4r_safetensors_check_finite(const struct l4r_safetensors *safetensors) {
  for (int64_t i = 0; i < safetensors->count; i++) {
    const struct l4r_entry *entry = &safetensors->entry[i];
    if (entry->dtype > BF16) continue;
    int64_t bad = find_not_finite(l4r_entry_bytes(entry), entry);
    if (bad >= 0) {
      return l4r_fail(L4R_INPUT,
                      "%s: tensor %s: value %" PRId64
                      " is NaN or infinite; bring back an intact file, or train the "
                      "model again",
                      safetensors->path, entry->name, bad);
    }
    l4r_safetensors_drop_pages(safetensors); /* otherwise the whole file would become resident */
  }
  return L4R_OK;
}

void l4r_safetensors_drop_pages(const struct l4r_safetensors *safetensors) {
  if (safetensors->map) madvise(safetensors->map, (size_t)safetensors->bytes, MADV_DONTNEED);
  for (int64_t i = 0; i < safetensors->parts; i++) l4r_safetensors_drop_pages(safetensors->part[i]);
}
