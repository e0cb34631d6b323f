/* SPDX-License-Identifier: BSD-3-Clause */
/* Ownership of what a record points to: the JSON that it was read from owns its texts, and a chain
 * of blocks owns its arrays and whatever was added later. */
#include "bench/record/record.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <assert.h>
#include <string.h>

struct block {
  struct block *next;
  max_align_t content[];
};

void l4r_record_blank(struct l4r_record *record) {
  l4r_shape_blank(l4r_shape_record(), &record->data);
  record->from = (struct l4r_origin){0};
}

void l4r_record_free(struct l4r_record *record) {
  for (struct block *block = record->from.blocks, *next; block; block = next) {
    next = block->next;
    l4r_free(block);
  }
  json_decref(record->from.json);
  l4r_record_blank(record);
}

void l4r_record_move(struct l4r_record *from, struct l4r_record *to) {
  *to = *from;
  l4r_record_blank(from);
}

void *l4r_record_room(struct l4r_record *record, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) ||
      __builtin_add_overflow(bytes, sizeof(struct block), &bytes)) {
    l4r_fail(L4R_ENVIRONMENT, "no memory for %zu parts of a record", count);
    return NULL;
  }
  struct block *block = l4r_alloc(1, bytes, "a record");
  if (!block) return NULL;
  block->next = record->from.blocks;
  record->from.blocks = block;
  return block->content;
}

const char *l4r_record_text(struct l4r_record *record, const char *text) {
  const size_t bytes = strlen(text) + 1;
  char *copy = l4r_record_room(record, bytes, 1);
  if (copy) memcpy(copy, text, bytes);
  return copy;
}

const char *l4r_record_format(struct l4r_record *record, const char *format, ...) {
  char text[512];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  return l4r_record_text(record, text);
}

int l4r_record_list(struct l4r_record *record, const struct l4r_shape *shape, void *list,
                    int64_t count) {
  struct l4r_list *out = list;
  char *at = count ? l4r_record_room(record, (size_t)count, shape->size) : NULL;
  if (count && !at) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < count; i++) l4r_shape_blank(shape, at + (size_t)i * shape->size);
  *out = (struct l4r_list){1, at, count};
  return L4R_OK;
}

void *l4r_record_append(struct l4r_record *record, const struct l4r_shape *shape, void *list) {
  struct l4r_list *out = list;
  const struct l4r_list before = *out;
  if (l4r_record_list(record, shape, list, before.count + 1)) return NULL;
  assert(out->at && out->count == before.count + 1);
  if (before.count) memcpy(out->at, before.at, (size_t)before.count * shape->size);
  return (char *)out->at + (size_t)before.count * shape->size;
}

const char *l4r_record_where(const struct l4r_record *record, char *out, size_t size) {
  if (record->from.path)
    l4r_text_set(out, size, "%s:%lld", record->from.path, (long long)record->from.line);
  else
    l4r_text_set(out, size, "a record");
  return out;
}
