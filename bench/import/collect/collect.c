/* SPDX-License-Identifier: BSD-3-Clause */
/* Collecting what readers hand over: source ids become small indexes, texts are copied into blocks.
 *
 * Ids are kept as the texts they were, because Amazon's are not numbers, and hashed with FNV-1a
 * into an open table of indexes; a million look-ups cost about a tenth of a second. Text lives in
 * blocks that never move, so names may be borrowed until the import is freed. */

#include "bench/import/collect/collect.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bench/import/collect/markup.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"

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
      l4r_grow(&ids->name, &ids->name_capacity, ids->count + 1, sizeof *ids->name, "source ids"))
    return -1;
  memcpy(copy, name, bytes);
  ids->name[ids->count] = copy;
  ids->slot[at] = (int32_t)++ids->count;
  return (int32_t)ids->count - 1;
}

int32_t l4r_ids_find(const struct l4r_ids *ids, const char *name) {
  return ids->slots ? ids->slot[find_slot(ids, name)] - 1 : -1;
}

void l4r_ids_free(struct l4r_ids *ids) {
  l4r_free(ids->name);
  l4r_free(ids->slot);
  l4r_text_free(ids->block);
  memset(ids, 0, sizeof *ids);
}

/* --- interactions --------------------------------------------------------------------------------
 */

/* How many bytes of a blank begin at `at`: no-break, zero-width and ideographic ones and the mark
 * of byte order have two or three. */
static size_t blank_at(const char *at) {
  static const char *const wide[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xe3\x80\x80", "\xef\xbb\xbf"};
  if (*at && strchr(" \t\r\n", *at)) return 1;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    if (!strncmp(at, wide[i], strlen(wide[i]))) return strlen(wide[i]);
  return 0;
}

/* Without the blanks around it, which are no part of an id; they are cut off in place. */
static char *trim(struct l4r_import *import, char *id) {
  const size_t length = strlen(id);
  const unsigned char *const byte = (const unsigned char *)id; /* char has no sign on Arm */
  const int plain = length && byte[0] > ' ' && byte[0] < 128 && byte[length - 1] > ' ' &&
                    byte[length - 1] < 128;
  if (plain) return id;
  char *start = id, *end = id;
  for (size_t blank; (blank = blank_at(start)) != 0;) start += blank;
  for (char *at = start; *at;) {
    const size_t blank = blank_at(at);
    at += blank ? blank : 1;
    if (!blank) end = at;
  }
  if (end < start) end = start;
  import->report->trimmed += start > id || *end;
  *end = '\0';
  return start;
}

/* The index of an id, which is new or known; L4R_INPUT for what cannot be one. */
static int take_id(struct l4r_ids *ids, const struct l4r_source *source, const char *what,
                   const char *id, int32_t *index) {
  if (ids->count && !strcmp(ids->name[ids->last], id)) {
    *index = ids->last;
    return 0;
  }
  *index = l4r_ids_find(ids, id);
  if (*index < 0) {
    if (!*id) return l4r_bad_line(source, "the %s id is empty; mend or remove this line", what);
    if (strpbrk(id, "\t\n\r"))
      return l4r_bad_line(source, "the %s id holds a tab or a line break; mend this line", what);
    *index = l4r_ids_add(ids, id);
    if (*index < 0) return L4R_ENVIRONMENT;
  }
  ids->last = *index;
  return 0;
}

static int take_time(struct l4r_import *import, const struct l4r_source *source, const char *text,
                     int64_t *time) {
  struct l4r_moment moment;
  int digits = 0;
  const char *wrong = l4r_moment_parse(text, &moment);
  /* Before 1970 nobody rated anything on line; where times are only compared that does no harm. */
  if (!wrong && moment.whole < 0 && (import->options->cut || import->options->skip_bad))
    wrong = "is negative";
  if (!wrong) wrong = l4r_clock_add(&import->clock, &moment, &digits);
  if (wrong)
    return l4r_bad_line(source, "timestamp %s%.40s%s %s; mend or remove this line",
                        moment.whole < 0 ? "" : "'", text, moment.whole < 0 ? "" : "'", wrong);
  if (digits != import->clock.digits) l4r_import_rescale(import, digits);
  *time = l4r_clock_time(&moment, digits);
  if (moment.whole < 0 && import->report->negative_times++ < L4R_BAD_TOLD) {
    char *told = import->report->negative;
    const size_t used = strlen(told), room = sizeof import->report->negative;
    snprintf(told + used, room - used, "%s%" PRId64, used ? ", " : "", source->number);
  }
  return 0;
}

void l4r_import_rescale(struct l4r_import *import, int digits) {
  int64_t factor = 1;
  const int more = digits - import->clock.digits;
  for (int i = 0; i < (more < 0 ? -more : more); i++) factor *= 10;
  for (struct l4r_interaction_block *block = import->first_block; block; block = block->next)
    for (size_t i = 0; i < block->count; i++)
      block->event[i].time = more < 0 ? block->event[i].time / factor
                                      : block->event[i].time * factor;
  import->clock.digits = digits;
}

static struct l4r_interaction *room_for_event(struct l4r_import *import) {
  struct l4r_interaction_block *block = import->last_block;
  if (!block || block->count == L4R_BLOCK_EVENTS) {
    block = l4r_alloc(1, sizeof *block, "interactions");
    if (!block) return NULL;
    *(import->last_block ? &import->last_block->next : &import->first_block) = block;
    import->last_block = block;
  }
  import->events++;
  return &block->event[block->count++];
}

int l4r_import_event(struct l4r_import *import, const struct l4r_source *source, char *user,
                     char *item, const char *time) {
  struct l4r_interaction event = {0};
  user = trim(import, user);
  item = trim(import, item);
  if (!*user || !*item)
    return l4r_bad_line(source, "the %s id is empty; mend or remove this line",
                        *user ? "item" : "user");
  int status = time ? take_time(import, source, time, &event.time) : 0;
  if (!status) status = take_id(&import->users, source, "user", user, &event.user);
  if (!status) status = take_id(&import->items, source, "item", item, &event.item);
  if (status) return status;
  struct l4r_interaction *room = room_for_event(import);
  if (!room) return L4R_ENVIRONMENT;
  *room = event;
  return 0;
}

/* What exporters write where there is no number. */
static int is_missing(const char *text) {
  static const char *const words[] = {"", "nan", "none", "null", "na", "n/a", "\\n", "-", "inf"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcasecmp(text, words[i])) return 1;
  return 0;
}

int l4r_import_rating(struct l4r_import *import, const struct l4r_source *source,
                      const char *rating, int *taken) {
  const double *least = import->options->least;
  double value = 0;
  *taken = 1;
  if (l4r_parse_double(rating, &value)) {
    if (!least && is_missing(rating)) return 0;
    return l4r_bad_line(source, "rating '%.40s' is not a number; mend or remove this line", rating);
  }
  if (!least || value >= *least) return 0;
  import->report->low_ratings++;
  *taken = 0;
  return 0;
}

/* --- texts ---------------------------------------------------------------------------------------
 */

/* U+0080 to U+009F are no characters of any text: somebody took Windows-1252 for Latin-1. */
static int mend_c1(const char *text, char *out) {
  int found = 0;
  for (; *text; text++) {
    const unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    if (first == 0xc2 && second >= 0x80 && second < 0xa0) {
      out = l4r_put_utf8(out, l4r_windows_1252(second));
      found = 1;
      text++;
    } else {
      *out++ = *text;
    }
  }
  *out = '\0';
  return found;
}

/* Copies a text as one clean line. *status is set when memory is short. */
static const char *keep_text(struct l4r_import *import, const char *text, int *status) {
  if (!text || !*text || *status) return "";
  *status = l4r_grow(&import->scratch, &import->scratch_room, strlen(text) * 3 / 2 + 2, 1,
                     "an item text");
  if (*status) return "";
  struct l4r_import_report *report = import->report;
  report->latin1 += mend_c1(text, import->scratch);
  const unsigned found = l4r_text_clean(import->scratch, import->options->keep_markup);
  report->cleaned += (found & L4R_TEXT_CONTROL) != 0;
  report->markup += (found & L4R_TEXT_MARKUP) != 0;
  const size_t bytes = strlen(import->scratch) + 1;
  if (bytes == 1) return "";
  char *copy = l4r_text_room(&import->block, bytes);
  if (!copy) {
    *status = L4R_ENVIRONMENT;
    return "";
  }
  return memcpy(copy, import->scratch, bytes);
}

int l4r_import_text(struct l4r_import *import, char *item, const char *title, const char *brand,
                    const char *categories) {
  item = trim(import, item);
  const int32_t index = l4r_ids_find(&import->items, item);
  import->texts++;
  if (index < 0) {
    if (!*import->unmatched) snprintf(import->unmatched, sizeof import->unmatched, "%s", item);
    return 0;
  }
  if (l4r_grow(&import->text, &import->text_capacity, import->items.count, sizeof *import->text,
               "item texts"))
    return L4R_ENVIRONMENT;
  struct l4r_item_text *text = &import->text[index];
  int status = 0;
  if (!text->title) {
    import->matched++;
    text->title = text->brand = text->categories = "";
  }
  if (!*text->title) text->title = keep_text(import, title, &status);
  if (!*text->brand) text->brand = keep_text(import, brand, &status);
  if (!*text->categories) text->categories = keep_text(import, categories, &status);
  return status;
}

void l4r_import_free(struct l4r_import *import) {
  l4r_ids_free(&import->users);
  l4r_ids_free(&import->items);
  while (import->first_block) {
    struct l4r_interaction_block *next = import->first_block->next;
    l4r_free(import->first_block);
    import->first_block = next;
  }
  l4r_free(import->event);
  l4r_free(import->text);
  l4r_free(import->scratch);
  l4r_text_free(import->block);
  memset(import, 0, sizeof *import);
}
