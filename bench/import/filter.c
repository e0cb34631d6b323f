/* SPDX-License-Identifier: BSD-3-Clause */
/* From collected interactions to a data set: filters and numbering (order.c has ordered them).
 *
 * Everything is decided on ranks by source id, never on the order in which a file happened to name
 * things; so the result depends on the interactions and the tie rule alone. The k-core is the
 * largest set in which every user and item has k interactions; it is unique, so the order in which
 * the loop below peels does not matter. */
#include "bench/import/filter.h"
#include "bench/import/cut.h"
#include "bench/import/import.h"

#include <inttypes.h>
#include <string.h>

#include "bench/import/collect/collect.h"
#include "bench/import/order.h"
#include "bench/import/settle.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_write.h"

enum { SHORTEST = 3 }; /* leave-one-out: one to train on, one to select by, one to test */

/* --- working state -------------------------------------------------------------------------------
 */

struct work {
  struct l4r_import *import;
  int32_t *user_by_rank, *item_by_rank;
  int64_t *user_count, *item_count; /* of interactions still kept, by rank */
  int32_t *user_number, *item_number;
  int64_t *start, *time;
  l4r_item *item;
  struct l4r_item_text *text;
  const char **user_id;
  int64_t cut[2]; /* times, in a split by time */
  int digits;     /* of the times: 0 for seconds, 3 for milliseconds ... */
};

static void free_work(struct work *work) {
  l4r_free(work->user_by_rank);
  l4r_free(work->item_by_rank);
  l4r_free(work->user_count);
  l4r_free(work->item_count);
  l4r_free(work->user_number);
  l4r_free(work->item_number);
  l4r_free(work->start);
  l4r_free(work->time);
  l4r_free(work->item);
  l4r_free(work->text);
  l4r_free(work->user_id);
}

/* --- filters -------------------------------------------------------------------------------------
 */

/* Drops what belongs to a user or an item with too few interactions, once. Returns how many
 * interactions went. Order is kept. */
static int64_t drop_below(struct work *work, int64_t user_least, int64_t item_least) {
  struct l4r_import *import = work->import;
  int64_t *users = work->user_count, *items = work->item_count;
  memset(users, 0, import->users.count * sizeof *users);
  memset(items, 0, import->items.count * sizeof *items);
  for (size_t i = 0; i < import->events; i++) {
    users[import->event[i].user]++;
    items[import->event[i].item]++;
  }
  size_t kept = 0;
  for (size_t i = 0; i < import->events; i++) {
    const struct l4r_interaction event = import->event[i];
    if (users[event.user] >= user_least && items[event.item] >= item_least)
      import->event[kept++] = event;
  }
  const int64_t dropped = (int64_t)(import->events - kept);
  import->events = kept;
  return dropped;
}

static int64_t count_positive(const int64_t *count, size_t n) {
  int64_t positive = 0;
  for (size_t i = 0; i < n; i++) positive += count[i] > 0;
  return positive;
}

/* Peels until nothing falls; afterwards the counts are those of what is kept. */
static int64_t peel(struct work *work, int64_t user_least, int64_t item_least) {
  int64_t dropped = 0, now;
  do dropped += now = drop_below(work, user_least, item_least);
  while (now);
  return dropped;
}

static int filter(struct work *work, int64_t kcore) {
  struct l4r_import *import = work->import;
  struct l4r_import_report *report = import->report;
  work->user_count = l4r_alloc(import->users.count, sizeof(int64_t), "user counts");
  work->item_count = l4r_alloc(import->items.count, sizeof(int64_t), "item counts");
  if (!work->user_count || !work->item_count) return L4R_ENVIRONMENT;
  report->short_interactions = peel(work, SHORTEST, 1);
  const int64_t users = count_positive(work->user_count, import->users.count);
  const int64_t items = count_positive(work->item_count, import->items.count);
  report->short_users = (int64_t)import->users.count - users;
  report->core_interactions = peel(work, kcore > SHORTEST ? kcore : SHORTEST, kcore);
  report->users = count_positive(work->user_count, import->users.count);
  report->items = count_positive(work->item_count, import->items.count);
  report->interactions = (int64_t)import->events;
  report->core_users = users - report->users;
  report->core_items = items - report->items;
  if (report->users) return 0;
  if (!report->read_users)
    return l4r_fail(L4R_INPUT, "no user is left: %s; check the file and the columns",
                    report->low_ratings ? "all ratings are below --min-rating"
                                        : "no interaction was read");
  if (kcore < 1)
    return l4r_fail(L4R_INPUT,
                    "no user is left: all %" PRId64
                    " have fewer than %d different items; check the file and the columns",
                    report->read_users, SHORTEST);
  return l4r_fail(L4R_INPUT,
                  "no user is left: of %" PRId64 " users %" PRId64
                  " have fewer than %d items and the rest fell to --kcore %" PRId64
                  "; check the file or lower --kcore",
                  report->read_users, report->short_users, SHORTEST, kcore);
}

/* Users who come after the last cut have no history to be predicted from. Their items stay in the
 * catalogue, which is the same under both splits. */
static int drop_late(struct work *work, const struct l4r_cut *cut) {
  struct l4r_import *import = work->import;
  struct l4r_import_report *report = import->report;
  int status = l4r_cut_times(import->event, import->events, cut, work->digits, work->cut);
  if (status) return status;
  const size_t kept = l4r_cut_drop_late(import->event, import->events, work->cut[1]);
  report->late_interactions = (int64_t)(import->events - kept);
  import->events = kept;
  memset(work->user_count, 0, import->users.count * sizeof *work->user_count);
  for (size_t i = 0; i < kept; i++) work->user_count[import->event[i].user]++;
  const int64_t users = count_positive(work->user_count, import->users.count);
  report->late_users = report->users - users;
  report->users = users;
  report->interactions = (int64_t)kept;
  return 0;
}

/* --- numbering -----------------------------------------------------------------------------------
 */

/* Numbers 1, 2, ... for the ranks that are left. */
static int32_t *number_kept(const int64_t *count, size_t n) {
  int32_t *number = l4r_alloc(n, sizeof *number, "item numbers"), next = 0;
  for (size_t r = 0; number && r < n; r++)
    if (count[r]) number[r] = ++next;
  return number;
}

static void fill_sequences(struct work *work) {
  struct l4r_import *import = work->import;
  for (size_t i = 0; i < import->events; i++) {
    const struct l4r_interaction *event = &import->event[i];
    work->item[i] = work->item_number[event->item];
    if (work->time) work->time[i] = event->time;
    work->start[work->user_number[event->user]] = (int64_t)i + 1;
  }
}

static int is_empty(const char *text) {
  return !text || !*text;
}

static void fill_texts(struct work *work) {
  struct l4r_import *import = work->import;
  for (size_t r = 0; r < import->items.count; r++) {
    if (!work->item_number[r]) continue;
    const size_t index = (size_t)work->item_by_rank[r];
    struct l4r_item_text *text = &work->text[work->item_number[r]];
    if (index < import->text_capacity) *text = import->text[index];
    text->source_id = import->items.name[index];
    import->report->without_text += is_empty(text->title) && is_empty(text->brand) &&
                                    is_empty(text->categories);
  }
}

static void fill_user_ids(struct work *work) {
  const struct l4r_ids *users = &work->import->users;
  for (size_t r = 0; r < users->count; r++)
    if (work->user_number[r])
      work->user_id[work->user_number[r] - 1] = users->name[work->user_by_rank[r]];
}

/* Users whose items are in the order of ids, up or down: no order of time looks like that. */
static void count_id_order(const struct work *work) {
  struct l4r_import_report *report = work->import->report;
  for (int64_t u = 0; u < report->users; u++) {
    const int64_t begin = work->start[u], end = work->start[u + 1];
    int up = end - begin >= 3, down = up;
    for (int64_t i = begin + 1; i < end && (up || down); i++) {
      up = up && work->item[i] > work->item[i - 1];
      down = down && work->item[i] < work->item[i - 1];
    }
    report->ascending += up;
    report->descending += down;
  }
}

static void count_equal_times(struct l4r_import *import) {
  const struct l4r_interaction *event = import->event;
  for (size_t i = 0; i < import->events; i++) {
    const int before = i && event[i - 1].user == event[i].user &&
                       event[i - 1].time == event[i].time;
    const int after = i + 1 < import->events && event[i + 1].user == event[i].user &&
                      event[i + 1].time == event[i].time;
    import->report->equal_times += before || after;
  }
}

static int number_all(struct work *work) {
  struct l4r_import *import = work->import;
  work->user_number = number_kept(work->user_count, import->users.count);
  work->item_number = number_kept(work->item_count, import->items.count);
  work->start = l4r_alloc((size_t)import->report->users + 1, sizeof *work->start, "user offsets");
  work->item = l4r_alloc(import->events, sizeof *work->item, "interactions");
  work->text = l4r_alloc((size_t)import->report->items + 1, sizeof *work->text, "item texts");
  work->user_id = l4r_alloc((size_t)import->report->users, sizeof *work->user_id, "user ids");
  if (import->has_times) work->time = l4r_alloc(import->events, sizeof *work->time, "times");
  if (!work->user_number || !work->item_number || !work->user_id || !work->start || !work->item ||
      !work->text || (import->has_times && !work->time))
    return L4R_ENVIRONMENT;
  fill_sequences(work);
  fill_texts(work);
  fill_user_ids(work);
  count_id_order(work);
  if (import->has_times) count_equal_times(import);
  l4r_free(import->event); /* the largest block; the writer wants memory too */
  import->event = NULL;
  return 0;
}

int l4r_import_finish(struct l4r_import *import, const struct l4r_import_options *options,
                      const struct l4r_dataset_source *labels) {
  import->report->read_interactions = (int64_t)import->events;
  import->report->read_users = (int64_t)import->users.count;
  import->report->read_items = (int64_t)import->items.count;
  struct work work = {.import = import};
  int status = l4r_import_order(import, &work.user_by_rank, &work.item_by_rank);
  if (!status && import->has_times) l4r_import_settle_times(import, &work.digits);
  if (!status) status = filter(&work, options->kcore);
  if (!status && options->cut) status = drop_late(&work, options->cut);
  if (!status) status = number_all(&work);
  if (!status) {
    struct l4r_dataset_source source = *labels;
    source.users = import->report->users;
    source.items = import->report->items;
    source.start = work.start;
    source.item = work.item;
    source.time = work.time;
    source.time_unit = l4r_clock_unit_name(work.digits);
    source.text = work.text;
    source.user_id = work.user_id;
    source.cut = options->cut ? work.cut : NULL;
    status = l4r_dataset_write(options->out, &source);
  }
  free_work(&work);
  return status;
}
