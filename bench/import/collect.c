/* SPDX-License-Identifier: BSD-3-Clause */
/* Collecting what readers hand over: source ids become small indexes, texts are copied into blocks.
 *
 * Ids are kept as the texts they were, because Amazon's are not numbers, and hashed with FNV-1a
 * into an open table of indexes; a million look-ups cost about a tenth of a second. Text lives in
 * blocks that never move, so names may be borrowed until the import is freed. */
#include "bench/import/collect.h"

#include <inttypes.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/base/memory.h"

struct l4r_text_block {
  struct l4r_text_block *before;
  size_t used, size;
  char text[];
};

enum { BLOCK = 1 << 20 };

char *l4r_text_room(struct l4r_text_block **block, size_t bytes) {
  if (!*block || (*block)->size - (*block)->used < bytes) {
    const size_t size = bytes > BLOCK ? bytes : BLOCK;
    struct l4r_text_block *fresh = l4r_alloc(1, sizeof *fresh + size, "imported text");
    if (!fresh) return NULL;
    fresh->before = *block;
    fresh->size = size;
    *block = fresh;
  }
  char *room = (*block)->text + (*block)->used;
  (*block)->used += bytes;
  return room;
}

void l4r_text_free(struct l4r_text_block *block) {
  while (block) {
    struct l4r_text_block *before = block->before;
    l4r_free(block);
    block = before;
  }
}

/* --- ids -----------------------------------------------------------------------------------------
 */

static uint64_t hash_name(const char *name) {
  uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv */
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
  return hash ^ (hash >> 32);
}

/* The slot that holds `name`, or the free one where it belongs. */
static size_t find_slot(const struct l4r_ids *ids, const char *name) {
  size_t at = hash_name(name) & (ids->slots - 1);
  while (ids->slot[at] && strcmp(ids->name[ids->slot[at] - 1], name))
    at = (at + 1) & (ids->slots - 1);
  return at;
}

static int grow_slots(struct l4r_ids *ids) {
  if (ids->slots && ids->count < ids->slots / 2) return 0;
  const size_t slots = ids->slots ? ids->slots * 2 : 4096;
  int32_t *fresh = l4r_alloc(slots, sizeof *fresh, "source ids");
  if (!fresh) return L4R_ENVIRONMENT;
  l4r_free(ids->slot);
  ids->slot = fresh;
  ids->slots = slots;
  for (size_t i = 0; i < ids->count; i++) ids->slot[find_slot(ids, ids->name[i])] = (int32_t)i + 1;
  return 0;
}

/* The number a name spells (digits only, at most 18 of them), else -1. */
static int64_t number_of(const char *name) {
  int64_t number = 0;
  if (!*name || strlen(name) > 18) return -1;
  for (; *name; name++) {
    if (*name < '0' || *name > '9') return -1;
    number = number * 10 + (*name - '0');
  }
  return number;
}

int32_t l4r_ids_add(struct l4r_ids *ids, const char *name) {
  if (grow_slots(ids)) return -1;
  const size_t at = find_slot(ids, name);
  if (ids->slot[at]) return ids->slot[at] - 1;
  if (ids->count >= INT32_MAX - 2) {
    l4r_fail(L4R_INPUT, "more than %d different ids", INT32_MAX - 2);
    return -1;
  }
  const size_t bytes = strlen(name) + 1;
  char *copy = l4r_text_room(&ids->block, bytes);
  if (!copy ||
      l4r_grow(&ids->name, &ids->name_capacity, ids->count + 1, sizeof *ids->name, "source ids") ||
      l4r_grow(&ids->value, &ids->value_capacity, ids->count + 1, sizeof *ids->value, "source ids"))
    return -1;
  memcpy(copy, name, bytes);
  ids->name[ids->count] = copy;
  ids->value[ids->count] = number_of(copy);
  ids->slot[at] = (int32_t)++ids->count;
  return (int32_t)ids->count - 1;
}

int32_t l4r_ids_find(const struct l4r_ids *ids, const char *name) {
  return ids->slots ? ids->slot[find_slot(ids, name)] - 1 : -1;
}

void l4r_ids_free(struct l4r_ids *ids) {
  l4r_free(ids->name);
  l4r_free(ids->value);
  l4r_free(ids->slot);
  l4r_text_free(ids->block);
  memset(ids, 0, sizeof *ids);
}

/* --- interactions and texts ----------------------------------------------------------------------
 */

int l4r_import_event(struct l4r_import *import, const char *user, const char *item, double time) {
  const int32_t user_index = l4r_ids_add(&import->users, user);
  const int32_t item_index = user_index < 0 ? -1 : l4r_ids_add(&import->items, item);
  if (item_index < 0) return L4R_ENVIRONMENT;
  if (l4r_grow(&import->event, &import->event_capacity, import->events + 1, sizeof *import->event,
               "interactions"))
    return L4R_ENVIRONMENT;
  import->event[import->events] = (struct l4r_event){
      .time = time, .order = (int64_t)import->events, .user = user_index, .item = item_index};
  import->events++;
  return 0;
}

/* Copies a text as one clean line of UTF-8: runs of blanks and control characters become one blank,
 * none at the ends. *status is set when memory is short. */
static const char *keep_text(struct l4r_import *import, const char *text, int latin1, int *status) {
  if (!text || !*text || *status) return "";
  char *copy = l4r_text_room(&import->block, (latin1 ? 2 : 1) * strlen(text) + 1), *out = copy;
  if (!copy) {
    *status = L4R_ENVIRONMENT;
    return "";
  }
  int high = 0, control = 0;
  for (; *text; text++) {
    const unsigned char byte = (unsigned char)*text;
    if (byte <= ' ' || byte == 0x7f) {
      control |= byte != ' ';
      if (out > copy && out[-1] != ' ') *out++ = ' ';
    } else if (latin1 && byte >= 0x80) {
      high = 1;
      *out++ = (char)(0xc0 | byte >> 6);
      *out++ = (char)(0x80 | (byte & 0x3f));
    } else {
      *out++ = (char)byte;
    }
  }
  if (out > copy && out[-1] == ' ') out--;
  *out = '\0';
  import->report->latin1 += high;
  import->report->cleaned += control;
  return copy;
}

int l4r_import_text(struct l4r_import *import, const char *item, const char *title,
                    const char *brand, const char *categories, int latin1) {
  const int32_t index = l4r_ids_find(&import->items, item);
  if (index < 0) return 0;
  if (l4r_grow(&import->text, &import->text_capacity, import->items.count, sizeof *import->text,
               "item texts"))
    return L4R_ENVIRONMENT;
  struct l4r_item_text *text = &import->text[index];
  if (text->title) return 0;
  int status = 0;
  text->title = keep_text(import, title, latin1, &status);
  text->brand = keep_text(import, brand, latin1, &status);
  text->categories = keep_text(import, categories, latin1, &status);
  return status;
}

void l4r_import_free(struct l4r_import *import) {
  l4r_ids_free(&import->users);
  l4r_ids_free(&import->items);
  l4r_free(import->event);
  l4r_free(import->text);
  l4r_text_free(import->block);
  memset(import, 0, sizeof *import);
}
