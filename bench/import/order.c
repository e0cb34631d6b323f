/* SPDX-License-Identifier: BSD-3-Clause */
/* Interactions in order: source ids ranked, users one after the other, their items by time.
 *
 * Ids are ranked as numbers of any length where they are numbers. Where they are not all, and the
 * numbers among them are of one length (ASINs), bytes are compared, which is the order of those
 * numbers too; else numbers come first, in their order, and the rest follows by bytes: so one odd
 * id never turns the order of the others, and with it that of equal times.
 *
 * Events go to their user's place straight from the blocks they were read into (a counting sort,
 * which keeps the file's order), and each user's are sorted by a stable merge. */
#include "bench/import/order.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/collect/collect.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

/* --- ranks by source id --------------------------------------------------------------------------
 */

/* The digits of a whole number without sign and leading zeros, and how many; 0 for other names. */
static size_t digits_of(const char *name, const char **digits) {
  const char *at = name + (*name == '-');
  if (!*at || at[strspn(at, "0123456789")]) return 0;
  while (*at == '0' && at[1]) at++;
  *digits = at;
  return strlen(at);
}

static int compare_numbers(const char *a, const char *b) {
  const char *x = NULL, *y = NULL;
  const size_t length_x = digits_of(a, &x), length_y = digits_of(b, &y);
  if (!length_x || !length_y) return length_x ? -1 : length_y ? 1 : strcmp(a, b);
  if ((*a == '-') != (*b == '-')) return *a == '-' ? -1 : 1;
  int order = length_x != length_y ? (length_x < length_y ? -1 : 1) : memcmp(x, y, length_x);
  if (*a == '-') order = -order;
  return order ? order : strcmp(a, b);
}

static int by_number(const void *a, const void *b, void *context) {
  const struct l4r_ids *ids = context;
  return compare_numbers(ids->name[*(const int32_t *)a], ids->name[*(const int32_t *)b]);
}

static int by_bytes(const void *a, const void *b, void *context) {
  const struct l4r_ids *ids = context;
  return strcmp(ids->name[*(const int32_t *)a], ids->name[*(const int32_t *)b]);
}

enum rule { NUMBERS, BYTES, NUMBERS_FIRST };

/* *odd is the first id that is no number, NULL for none. */
static enum rule rule_of(const struct l4r_ids *ids, const char **odd) {
  size_t length = 0;
  int one_length = 1;
  *odd = NULL;
  for (size_t i = 0; i < ids->count; i++) {
    const char *digits;
    if (!digits_of(ids->name[i], &digits)) {
      if (!*odd) *odd = ids->name[i];
      continue;
    }
    const size_t bytes = strlen(ids->name[i]);
    one_length = one_length && (!length || bytes == length) && *ids->name[i] != '-';
    length = bytes;
  }
  return !*odd ? NUMBERS : one_length ? BYTES : NUMBERS_FIRST;
}

static void say_rule(struct l4r_import *import, const char *what, enum rule rule, const char *odd) {
  char *text = import->report->order;
  const size_t used = strlen(text), room = sizeof import->report->order - used;
  if (rule == NUMBERS)
    snprintf(text + used, room, "%s%s by number", used ? ", " : "", what);
  else
    snprintf(text + used, room, "%s%s by %s ('%.20s' is no number)", used ? ", " : "", what,
             rule == BYTES ? "bytes" : "number, then by bytes", odd);
}

/* by_rank[r] = index of the id with rank r; NULL with a message when memory is short. */
static int32_t *sort_ids(struct l4r_import *import, struct l4r_ids *ids, const char *what) {
  const char *odd;
  const enum rule rule = rule_of(ids, &odd);
  int32_t *by_rank = l4r_alloc(ids->count, sizeof *by_rank, "ranks of source ids");
  if (!by_rank) return NULL;
  say_rule(import, what, rule, odd);
  for (size_t i = 0; i < ids->count; i++) by_rank[i] = (int32_t)i;
  qsort_r(by_rank, ids->count, sizeof *by_rank, rule == BYTES ? by_bytes : by_number, ids);
  return by_rank;
}

static int32_t *invert(const int32_t *by_rank, size_t count) {
  int32_t *rank = l4r_alloc(count, sizeof *rank, "ranks of source ids");
  for (size_t r = 0; rank && r < count; r++) rank[by_rank[r]] = (int32_t)r;
  return rank;
}

/* --- a user's interactions -----------------------------------------------------------------------
 */

/* Whether b, which is behind a in the file, must stand before it. */
static int is_before(const struct l4r_interaction *b, const struct l4r_interaction *a,
                     enum l4r_tie tie) {
  if (b->time != a->time) return b->time < a->time;
  return tie == L4R_TIE_ITEM && b->item < a->item;
}

static void insert_sorted(struct l4r_interaction *event, size_t n, enum l4r_tie tie) {
  for (size_t i = 1; i < n; i++) {
    const struct l4r_interaction held = event[i];
    size_t j = i;
    for (; j && is_before(&held, &event[j - 1], tie); j--) event[j] = event[j - 1];
    event[j] = held;
  }
}

static void merge(const struct l4r_interaction *a, size_t na, const struct l4r_interaction *b,
                  size_t nb, struct l4r_interaction *out, enum l4r_tie tie) {
  while (na && nb) {
    if (is_before(b, a, tie)) {
      *out++ = *b++;
      nb--;
    } else {
      *out++ = *a++;
      na--;
    }
  }
  memcpy(out, na ? a : b, (na + nb) * sizeof *out);
}

/* Stable. `room` holds n events. */
static void sort_stable(struct l4r_interaction *event, size_t n, struct l4r_interaction *room,
                        enum l4r_tie tie) {
  enum { RUN = 16 };
  size_t sorted = 1;
  while (sorted < n && !is_before(&event[sorted], &event[sorted - 1], tie)) sorted++;
  if (sorted >= n) return;
  for (size_t i = 0; i < n; i += RUN) insert_sorted(event + i, n - i < RUN ? n - i : RUN, tie);
  struct l4r_interaction *from = event, *to = room;
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t i = 0; i < n; i += 2 * width) {
      const size_t left = n - i, na = left < width ? left : width;
      const size_t nb = left - na < width ? left - na : width;
      merge(from + i, na, from + i + na, nb, to + i, tie);
    }
    struct l4r_interaction *swap = from;
    from = to;
    to = swap;
  }
  if (from != event) memcpy(event, from, n * sizeof *event);
}

/* --- all of them ---------------------------------------------------------------------------------
 */

/* Moves events from their blocks, which are freed on the way, to their user's place; start[u] ends
 * up where user u's events end. */
static void scatter(struct l4r_import *import, const int32_t *user_rank, const int32_t *item_rank,
                    size_t *start) {
  while (import->first_block) {
    struct l4r_interaction_block *block = import->first_block;
    for (size_t i = 0; i < block->count; i++) {
      const struct l4r_interaction event = block->event[i];
      const int32_t user = user_rank[event.user];
      import->event[start[user]++] = (struct l4r_interaction){event.time, user,
                                                              item_rank[event.item]};
    }
    import->first_block = block->next;
    l4r_free(block);
  }
  import->last_block = NULL;
}

/* start[u], and the most that one user has. */
static size_t count_users(const struct l4r_import *import, const int32_t *user_rank,
                          size_t *start) {
  size_t *count = start + 1, longest = 0;
  for (struct l4r_interaction_block *block = import->first_block; block; block = block->next)
    for (size_t i = 0; i < block->count; i++) count[user_rank[block->event[i].user]]++;
  for (size_t u = 0; u < import->users.count; u++) {
    if (count[u] > longest) longest = count[u];
    count[u] += start[u];
  }
  return longest;
}

static int sort_events(struct l4r_import *import, const int32_t *user_rank,
                       const int32_t *item_rank) {
  const size_t users = import->users.count;
  size_t *start = l4r_alloc(users + 1, sizeof *start, "user offsets");
  const size_t longest = start ? count_users(import, user_rank, start) : 0;
  struct l4r_interaction *room = l4r_alloc(longest, sizeof *room, "a user's interactions");
  if (start) import->event = l4r_alloc(import->events, sizeof *import->event, "interactions");
  if (start && room && import->event) {
    scatter(import, user_rank, item_rank, start);
    for (size_t u = users; u--;) start[u + 1] = start[u]; /* ends become starts again */
    start[0] = 0;
    for (size_t u = 0; u < users && import->has_times; u++)
      sort_stable(import->event + start[u], start[u + 1] - start[u], room, import->options->tie);
  }
  const int failed = !start || !room || !import->event;
  l4r_free(start);
  l4r_free(room);
  return failed ? L4R_ENVIRONMENT : 0;
}

/* Of several interactions of one user with one item the first in time stays, or the last: `mask`
 * removes seen items from rankings, so a repeat could never be found. */
static int drop_repeats(struct l4r_import *import) {
  const enum l4r_repeats rule = import->options->repeats;
  int32_t *last_user = l4r_alloc(import->items.count, sizeof *last_user, "repeated interactions");
  if (!last_user) return L4R_ENVIRONMENT;
  const size_t n = import->events;
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    struct l4r_interaction *event = &import->event[rule == L4R_REPEATS_LAST ? n - 1 - i : i];
    const int repeat = last_user[event->item] == event->user + 1;
    last_user[event->item] = event->user + 1;
    import->report->repeats += repeat;
    if (repeat && rule != L4R_REPEATS_ALL) event->item = -1;
  }
  for (size_t i = 0; i < n; i++)
    if (import->event[i].item >= 0) import->event[kept++] = import->event[i];
  import->events = kept;
  l4r_free(last_user);
  return 0;
}

int l4r_import_order(struct l4r_import *import, int32_t **user_by_rank, int32_t **item_by_rank) {
  *user_by_rank = sort_ids(import, &import->users, "users");
  *item_by_rank = sort_ids(import, &import->items, "items");
  if (!*user_by_rank || !*item_by_rank) return L4R_ENVIRONMENT;
  int32_t *user_rank = invert(*user_by_rank, import->users.count);
  int32_t *item_rank = invert(*item_by_rank, import->items.count);
  int status = user_rank && item_rank ? 0 : L4R_ENVIRONMENT;
  if (!status) status = sort_events(import, user_rank, item_rank);
  l4r_free(user_rank);
  l4r_free(item_rank);
  return status ? status : drop_repeats(import);
}
