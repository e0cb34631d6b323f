/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of item vectors:
 *
 *   "L4RVEC1\n"  key (64 hex)  items (int64)  width (int64)  fp32 [items][width]  SHA-256 (64 hex)
 *
 * in the machine's byte order; the SHA-256 is that of the vectors. The file's name has the first
 * digits of the key, so that every engine and precision has its own file. */
#include "impl/lite/vector_cache.h"

#include "impl/base/cache.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'L', '4', 'R', 'V', 'E', 'C', '1', '\n'};

/* Of a file, by the first digits of its key. */
#define FILE_NAME "item_vectors-%.16s.bin"

struct header {
  char magic[8], key[64];
  int64_t items, width;
};

static int hash_of(const char *folder, const char *name, char hex[65]) {
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, folder, name);
  return status ? status : l4r_sha256_file(path, hex);
}

int l4r_vector_cache_name(const struct l4r_model *model, const char *items_sha256,
                          const char *precision, const char *engine, const char *kernels,
                          struct l4r_vector_cache *cache) {
  char config[65], tokenizer[65] = "-", text[1024], name[64];
  int status = hash_of(model->path, "config.json", config);
  if (!status && model->tokenizer) status = hash_of(model->path, "tokenizer.model", tokenizer);
  if (status) return status;
  int length = snprintf(text, sizeof text,
                        "weights %s\nconfig %s\ntokenizer %s\ntexts %s\nprecision %s\n"
                        "engine %s\nkernels %s\n",
                        model->sha256, config, tokenizer, items_sha256, precision, engine, kernels);
  l4r_sha256(text, (size_t)length, cache->key);
  snprintf(name, sizeof name, FILE_NAME, cache->key);
  return l4r_path_join(cache->path, model->path, name);
}

int l4r_vector_cache_pretrained(const char *made_of, struct l4r_vector_cache *cache) {
  char name[64];
  l4r_sha256(made_of, strlen(made_of), cache->key);
  snprintf(name, sizeof name, FILE_NAME, cache->key);
  return l4r_cache_path(name, cache->path);
}

void l4r_vector_cache_part(const struct l4r_vector_cache *whole, int64_t begin, int64_t end,
                           struct l4r_vector_cache *part) {
  char text[160];
  const int length = snprintf(text, sizeof text, "catalogue %s\nitems %lld to %lld\n", whole->key,
                              (long long)begin + 1, (long long)end);
  const size_t folder = (size_t)(strrchr(whole->path, '/') - whole->path);
  l4r_sha256(text, (size_t)length, part->key);
  memcpy(part->path, whole->path, folder);
  snprintf(part->path + folder, sizeof part->path - folder, "/" FILE_NAME, part->key);
}

/* Reads the file's values to their end, keeps those from `begin` to `end`, and compares the
 * checksum. */
static const char *read_values(FILE *file, int64_t floats, int64_t begin, int64_t end,
                               float *vectors) {
  float block[1 << 14];
  char hex[65], stated[64];
  struct l4r_sha256_parts *sum = l4r_sha256_begin();
  int64_t at = 0;
  while (at < floats) {
    const int64_t left = floats - at, room = sizeof block / sizeof *block;
    const size_t got = fread(block, sizeof *block, (size_t)(left < room ? left : room), file);
    if (!got) break;
    l4r_sha256_add(sum, block, got * sizeof *block);
    const int64_t from = at > begin ? at : begin;
    const int64_t to = at + (int64_t)got < end ? at + (int64_t)got : end;
    if (from < to)
      memcpy(vectors + (from - begin), block + (from - at), (size_t)(to - from) * sizeof *block);
    at += (int64_t)got;
  }
  l4r_sha256_end(sum, hex);
  if (at < floats || fread(stated, sizeof stated, 1, file) != 1) return "it cannot be read";
  return memcmp(hex, stated, sizeof stated) == 0 ? NULL : "its checksum is wrong";
}

/* Returns what is wrong with a file, or NULL. */
static const char *read_rows(const struct l4r_vector_cache *cache, FILE *file, int64_t items,
                             int64_t width, int64_t begin, int64_t end, float *vectors) {
  struct header header;
  struct stat info;
  const int64_t bytes = (int64_t)sizeof header + items * width * (int64_t)sizeof *vectors + 64;
  if (fstat(fileno(file), &info) || info.st_size != bytes) return "its size is wrong";
  if (fread(&header, sizeof header, 1, file) != 1) return "it cannot be read";
  if (memcmp(header.magic, magic, sizeof magic) != 0) return "it is not a file of item vectors";
  if (memcmp(header.key, cache->key, sizeof header.key) != 0)
    return "it was made for another model, data set or engine";
  if (header.items != items || header.width != width) return "its shape does not fit the model";
  return read_values(file, items * width, begin * width, end * width, vectors);
}

int l4r_vector_cache_read(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                          int64_t begin, int64_t end, float *vectors) {
  FILE *file;
  if (access(cache->path, F_OK) != 0) return 0;
  if (l4r_file_open(cache->path, &file)) {
    l4r_warn("%s; item vectors are computed again", l4r_error_message());
    return 0;
  }
  const char *wrong = read_rows(cache, file, items, width, begin, end, vectors);
  if (wrong) l4r_warn("%s: %s; item vectors are computed again", cache->path, wrong);
  fclose(file);
  return !wrong;
}

void l4r_vector_cache_write(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                            const float *vectors) {
  struct header header = {.items = items, .width = width};
  const size_t floats = (size_t)(items * width);
  char hex[65];
  memcpy(header.magic, magic, sizeof magic);
  memcpy(header.key, cache->key, sizeof header.key);
  l4r_sha256(vectors, floats * sizeof *vectors, hex);
  struct l4r_output output;
  if (l4r_output_open(&output, cache->path)) {
    l4r_warn("item vectors are not stored for the next run: %s", l4r_error_message());
    return;
  }
  fwrite(&header, sizeof header, 1, output.stream);
  fwrite(vectors, sizeof *vectors, floats, output.stream);
  fwrite(hex, 64, 1, output.stream);
  if (l4r_output_commit(&output))
    l4r_warn("item vectors are not stored for the next run: %s", l4r_error_message());
}
