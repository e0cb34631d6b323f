/* SPDX-License-Identifier: BSD-3-Clause */
/* counts.bin, little-endian:
 *
 *   0  "L4RCOUNT"            8  schema, u32      12  kind, u32 (1 pop, 2 markov, 3 itemknn)
 *  16  cosine, u32          20  0, u32           24  items, i64         32  pairs, i64
 *  40  SHA-256 of the data set, 32 bytes         72  SHA-256 of bytes 0..71 and 104..end
 * 104  popularity, i64 x (items + 1)
 *      row starts, i64 x (items + 2)    values, f64 x pairs    columns, i32 x pairs
 *
 * The checksum finds accidents; the checks after it make sure that even a file made with intent
 * cannot lead the engine outside its arrays. */
#include "baselines/heuristics/counts.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "counts.bin is read and written as little-endian memory"
#endif

enum { SCHEMA = 1, MOST_ITEMS = 1 << 30 };

struct header {
  char magic[8];
  uint32_t schema, kind, cosine, zero;
  int64_t items, pairs;
  unsigned char dataset[32], checksum[32];
};
_Static_assert(sizeof(struct header) == 104, "the header has no padding");

static const char MAGIC[8] = {'L', '4', 'R', 'C', 'O', 'U', 'N', 'T'};
static const enum l4r_kind KINDS[] = {L4R_KINDS, L4R_KIND_POP, L4R_KIND_MARKOV, L4R_KIND_ITEMKNN};

static void from_hex(const char *hex, unsigned char bytes[32]) {
  for (int i = 0; i < 32; i++) {
    unsigned byte = 0;
    if (hex[0]) sscanf(hex + 2 * i, "%2x", &byte);
    bytes[i] = (unsigned char)byte;
  }
}

static void to_hex(const unsigned char bytes[32], char hex[65]) {
  for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* Hashes everything except the checksum itself: the hash of both parts' hashes. */
static void checksum_of(const char *content, size_t bytes, unsigned char checksum[32]) {
  char parts[129], whole[65];
  l4r_sha256(content, offsetof(struct header, checksum), parts);
  l4r_sha256(content + sizeof(struct header), bytes - sizeof(struct header), parts + 64);
  l4r_sha256(parts, 128, whole);
  from_hex(whole, checksum);
}

void l4r_counts_free(struct l4r_counts *counts) {
  l4r_free(counts->popularity);
  l4r_free(counts->start);
  l4r_free(counts->column);
  l4r_free(counts->value);
  *counts = (struct l4r_counts){0};
}

/* Returns the bytes of a file with these sizes; -1 when they are impossible. */
static int64_t file_bytes(int64_t items, int64_t pairs) {
  if (items < 1 || items > MOST_ITEMS || pairs < 0 || pairs > items * items) return -1;
  int64_t bytes;
  if (__builtin_mul_overflow(pairs, (int64_t)(sizeof(double) + sizeof(l4r_item)), &bytes) ||
      __builtin_add_overflow(bytes, (int64_t)sizeof(struct header) + 8 * (2 * items + 3), &bytes)) {
    return -1;
  }
  return bytes;
}

int l4r_counts_write(const char *folder, const struct l4r_counts *counts) {
  char path[L4R_PATH_MAX];
  int status = l4r_make_folders(folder);
  if (!status) status = l4r_path_join(path, folder, "counts.bin");
  if (status) return status;
  int64_t bytes = file_bytes(counts->items, counts->pairs);
  char *content = bytes < 0 ? NULL : l4r_alloc((size_t)bytes, 1, "counts.bin");
  if (!content) return l4r_fail_context(L4R_ENVIRONMENT, "%s", path);
  struct header header = {.schema = SCHEMA,
                          .cosine = counts->cosine != 0,
                          .items = counts->items,
                          .pairs = counts->pairs};
  memcpy(header.magic, MAGIC, sizeof MAGIC);
  while (KINDS[header.kind] != counts->kind) header.kind++;
  from_hex(counts->dataset_sha256, header.dataset);
  size_t items = (size_t)counts->items, pairs = (size_t)counts->pairs;
  char *at = content + sizeof header;
  at = (char *)memcpy(at, counts->popularity, 8 * (items + 1)) + 8 * (items + 1);
  at = (char *)memcpy(at, counts->start, 8 * (items + 2)) + 8 * (items + 2);
  if (pairs > 0) {
    at = (char *)memcpy(at, counts->value, 8 * pairs) + 8 * pairs;
    memcpy(at, counts->column, sizeof(l4r_item) * pairs);
  }
  memcpy(content, &header, sizeof header);
  checksum_of(content, (size_t)bytes, header.checksum);
  memcpy(content, &header, sizeof header);
  status = l4r_write_file(path, content, (size_t)bytes);
  l4r_free(content);
  return status;
}

static int check_header(const char *path, const struct header *header, const char *content,
                        size_t bytes) {
  if (memcmp(header->magic, MAGIC, sizeof MAGIC) != 0) {
    return l4r_fail(L4R_INPUT, "%s: byte 0: not a file of counts", path);
  }
  if (header->schema != SCHEMA) {
    return l4r_fail(L4R_INPUT,
                    "%s: byte 8: schema %u, this version reads %d; count again ('train "
                    "pop|markov|itemknn')",
                    path, header->schema, SCHEMA);
  }
  if (header->kind < 1 || header->kind > 3 || header->cosine > 1 || header->zero) {
    return l4r_fail(L4R_INPUT, "%s: byte 12: unknown kind or norm; the file is damaged", path);
  }
  int64_t expected = file_bytes(header->items, header->pairs);
  if (expected < 0 || (size_t)expected != bytes) {
    return l4r_fail(L4R_INPUT,
                    "%s: byte 24: %lld items and %lld pairs do not fit a file of %zu bytes; it was "
                    "cut off or is damaged: count again",
                    path, (long long)header->items, (long long)header->pairs, bytes);
  }
  unsigned char checksum[32];
  checksum_of(content, bytes, checksum);
  if (memcmp(checksum, header->checksum, sizeof checksum) != 0) {
    return l4r_fail(L4R_INPUT,
                    "%s: byte 72: the checksum does not fit the content; the file is "
                    "damaged: count again",
                    path);
  }
  return L4R_OK;
}

static int take_arrays(const char *content, struct l4r_counts *counts) {
  size_t items = (size_t)counts->items, pairs = (size_t)counts->pairs;
  counts->popularity = l4r_alloc(items + 1, sizeof *counts->popularity, "popularity");
  counts->start = l4r_alloc(items + 2, sizeof *counts->start, "rows of counts");
  counts->value = l4r_alloc(pairs, sizeof *counts->value, "counts");
  counts->column = l4r_alloc(pairs, sizeof *counts->column, "columns of counts");
  if (!counts->popularity || !counts->start || !counts->value || !counts->column) {
    return L4R_ENVIRONMENT;
  }
  const char *at = content + sizeof(struct header);
  memcpy(counts->popularity, at, 8 * (items + 1));
  memcpy(counts->start, at += 8 * (items + 1), 8 * (items + 2));
  memcpy(counts->value, at += 8 * (items + 2), 8 * pairs);
  memcpy(counts->column, at + 8 * pairs, sizeof(l4r_item) * pairs);
  return L4R_OK;
}

static int check_arrays(const char *path, const struct l4r_counts *counts) {
  const int64_t *start = counts->start;
  int bad = start[0] != 0 || start[1] != 0 || start[counts->items + 1] != counts->pairs;
  for (int64_t item = 1; item <= counts->items && !bad; item++) {
    bad = counts->popularity[item] < 0 || start[item + 1] < start[item] ||
          start[item + 1] > counts->pairs;
    for (int64_t i = start[item]; i < start[item + 1] && !bad; i++) {
      l4r_item least = i > start[item] ? counts->column[i - 1] + 1 : 1;
      bad = counts->column[i] < least || counts->column[i] > counts->items ||
            !isfinite(counts->value[i]) || counts->value[i] <= 0;
    }
    if (bad)
      return l4r_fail(L4R_INPUT, "%s: row of item %lld is damaged; count again", path,
                      (long long)item);
  }
  return bad ? l4r_fail(L4R_INPUT, "%s: row starts are damaged; count again", path) : L4R_OK;
}

int l4r_counts_read(const char *folder, struct l4r_counts *counts) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  int status = l4r_path_join(path, folder, "counts.bin");
  if (!status) status = l4r_read_file(path, 0, &content, &bytes);
  if (status) return status;
  struct header header;
  if (bytes < sizeof header) {
    l4r_free(content);
    return l4r_fail(L4R_INPUT, "%s: %zu bytes are too few for a file of counts", path, bytes);
  }
  memcpy(&header, content, sizeof header);
  struct l4r_counts made = {0};
  status = check_header(path, &header, content, bytes);
  if (!status) {
    made.kind = KINDS[header.kind];
    made.cosine = (int)header.cosine;
    made.items = header.items;
    made.pairs = header.pairs;
    to_hex(header.dataset, made.dataset_sha256);
    status = take_arrays(content, &made);
  }
  l4r_free(content);
  if (!status) status = check_arrays(path, &made);
  if (status) {
    l4r_counts_free(&made);
    return status;
  }
  *counts = made;
  return L4R_OK;
}
