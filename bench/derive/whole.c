/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/whole.h"

#include "bench/record/bound.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 1024, USERS_MOST = 1 << 30 }; /* sums of these do not overflow */
/* The same limits as in bench/run/round/timed.c and arrivals.h, beyond which a round ends. */
static const int64_t SAMPLES_MOST = 16384, ARRIVALS_MOST = 4096;
/* The harness also works between calls, so a round's calls sum to less than its time. The least of
 * 620 rounds in records that do not state that time was 91 %. */
static const double CALLS_LEAST = .5;

struct view {
  const struct l4r_record_record *data;
  const struct l4r_array *start, *ns, *served;
  const struct l4r_array *request; /* may be NULL */
  int64_t rounds, distinct, query_users;
  int is_bound_schema;
  l4r_whole_fault *report;
  void *context;
};

static void fault(const struct view *view, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(const struct view *view, const char *field, const char *format, ...) {
  char what[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  view->report(view->context, field, what);
}

/* Handles a setting that the record does not state: older schemas may omit it. */
static void fault_unset(const struct view *view, const char *key) {
  char field[64];
  snprintf(field, sizeof field, "settings.%s", key);
  if (view->is_bound_schema)
    fault(view, field, "is missing, although records of this schema state it");
}

/* Marks round `round`, which entry `index` of a list names. Returns 0 after a fault. */
static int mark(const struct view *view, const char *list, int64_t index, int64_t round,
                char *seen) {
  const int64_t asked = view->data->settings.rounds;
  char field[64];
  snprintf(field, sizeof field, "%s[%lld].round", list, (long long)index);
  if (round < 0 || round >= asked) {
    fault(view, field, "is no round of a run of %lld", (long long)asked);
    return 0;
  }
  if (seen[round]++) {
    fault(view, field, "round %lld is here a second time", (long long)round);
    return 0;
  }
  return 1;
}

static void check_numbers(const struct view *view) {
  char seen[ROUNDS_MAX] = {0};
  const int64_t asked = view->data->settings.rounds;
  if (asked == L4R_NONE) {
    fault_unset(view, "rounds");
    return;
  }
  if (asked < 1 || asked > ROUNDS_MAX) {
    fault(view, "settings.rounds", "%lld rounds cannot be asked for", (long long)asked);
    return;
  }
  for (int64_t r = 0; r < view->data->rounds.count; r++)
    if (!mark(view, "rounds", r, view->data->rounds.at[r].round, seen)) return;
  for (int64_t f = 0; f < view->data->failures.count; f++)
    if (!mark(view, "failures", f, view->data->failures.at[f].round, seen)) return;
  for (int64_t r = 0; r < asked; r++)
    if (!seen[r]) {
      fault(view, "rounds",
            "round %lld of %lld is left out: neither measured nor among the failures", (long long)r,
            (long long)asked);
      return;
    }
}

static void check_sample(const struct view *view) {
  const int64_t all = view->data->accuracy.users;
  int64_t want = view->data->settings.users;
  if (want == L4R_NONE) fault_unset(view, "users");
  if (want == L4R_NONE || all == L4R_NONE) return;
  if (want <= 0 || want > all) want = all;
  if (view->distinct != want)
    fault(view, "settings.users", "the samples are of %lld users, the run was asked for %lld",
          (long long)view->distinct, (long long)want);
}

struct served {
  int64_t users, calls;
  double seconds; /* of the round's calls together */
};

/* Sums up what a round served. Returns 0 after a fault. */
static int sum_round(const struct view *view, int64_t r, struct served *served) {
  *served = (struct served){0};
  for (int64_t i = view->start->value[r]; i < view->start->value[r + 1]; i++) {
    if (view->ns->value[i] < 1 || view->served->value[i] < 1 ||
        view->served->value[i] > USERS_MOST) {
      fault(view, "samples", "round %lld has a call that took %lld ns for %lld users", (long long)r,
            (long long)view->ns->value[i], (long long)view->served->value[i]);
      return 0;
    }
    served->users += view->served->value[i];
    served->seconds += (double)view->ns->value[i] * 1e-9;
    served->calls++;
  }
  return 1;
}

/* Checks that a round which says that it ran out of room for samples did so. */
static void check_room(const struct view *view, int64_t permutations, const struct served *served,
                       const char *field) {
  const int64_t most = isnan(view->data->server.rate_asked) ? SAMPLES_MOST : ARRIVALS_MOST;
  if (served->calls + served->calls / (permutations > 0 ? permutations : 1) <= most)
    fault(view, field, "ended for want of room, at %lld calls of %lld", (long long)served->calls,
          (long long)most);
}

static void check_time(const struct view *view, int64_t r, const struct served *served,
                       const char *field) {
  const struct l4r_record_round *round = &view->data->rounds.at[r];
  const double least = view->data->settings.min_seconds, rate = view->data->server.rate_asked;
  const char *clock = view->data->clock.name;
  double seconds = served->seconds, bound = least;
  if (isnan(least)) fault_unset(view, "min_seconds");
  if (isnan(least) || !round->ended) return;
  if (!strcmp(round->ended, "sample limit")) {
    check_room(view, round->permutations, served, field);
    return;
  }
  if (!isnan(rate)) /* an open loop lasts as long as its schedule */
    seconds = (double)served->users / rate * (1 + 1e-9);
  else if (!isnan(round->timed_seconds))
    seconds = round->timed_seconds;
  else if (view->is_bound_schema)
    fault(view, field, "does not say how long it lasted (timed_seconds)");
  else if (clock && !strcmp(clock, "the engine's own"))
    return;
  else
    bound *= CALLS_LEAST;
  if (seconds < bound)
    fault(view, field, "lasted %.4g s, below the minimum time of %.4g s", seconds, least);
  if (isnan(rate) && !isnan(round->timed_seconds) && served->seconds > seconds * (1 + 1e-9))
    fault(view, field, "its calls took %.6g s, more than the %.6g s that it lasted",
          served->seconds, seconds);
}

/* Checks that a round asked for each place of the sample as often as for every other one: one user
 * asked for again and again is no sample. */
static void check_places(const struct view *view, int64_t r, int64_t times, const char *field) {
  const int64_t *start = view->start->value;
  int64_t *asked = l4r_alloc((size_t)view->distinct, sizeof *asked, "places of the sample");
  for (int64_t i = start[r]; asked && i < start[r + 1]; i++) asked[view->request->value[i]]++;
  for (int64_t p = 0; asked && p < view->distinct; p++) {
    if (asked[p] == times) continue;
    fault(view, field, "asked %lld times for place %lld of the sample, not %lld times as it says",
          (long long)asked[p], (long long)p + 1, (long long)times);
    break;
  }
  l4r_free(asked);
}

static void check_round(const struct view *view, int64_t r) {
  const int64_t times = view->data->rounds.at[r].permutations;
  const int64_t least = view->data->settings.min_count;
  struct served served;
  char field[64];
  snprintf(field, sizeof field, "rounds[%lld]", (long long)r);
  if (least == L4R_NONE) fault_unset(view, "min_count");
  if (!sum_round(view, r, &served)) return;
  if (times != L4R_NONE) {
    /* Each query holds the same number of users, whether or not that divides the sample. */
    const int64_t off = times < 1 ? 0 : served.users / times - view->distinct;
    if (times < 1 || served.users % times || off >= view->query_users || -off >= view->query_users)
      fault(view, field, "served %lld users, not %lld times the %lld of the sample",
            (long long)served.users, (long long)times, (long long)view->distinct);
    else if (view->request) /* l4r_derive has checked that it names places of the sample */
      check_places(view, r, times, field);
  } else if (view->is_bound_schema) {
    fault(view, field, "does not say how often it served the sample (permutations)");
  }
  if (least != L4R_NONE && served.users < least)
    fault(view, field, "served %lld users, below the minimum count of %lld",
          (long long)served.users, (long long)least);
  check_time(view, r, &served, field);
}

static int ascending(const void *left, const void *right) {
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return (a > b) - (a < b);
}

/* Checks whom the sample says that it is of: each user once, with a history each. */
static void check_people(const struct view *view, const struct l4r_bundle *samples) {
  const struct l4r_array *user = l4r_bundle_find(samples, "sample_user");
  const struct l4r_array *history = l4r_bundle_find(samples, "sample_history");
  if (!user && !history) return; /* samples of before 2026-11-29 */
  if (!user || !history || user->count != view->distinct || history->count != user->count) {
    fault(view, "samples", "do not say whom each of the %lld places of the sample is of",
          (long long)view->distinct);
    return;
  }
  int64_t *sorted = l4r_alloc((size_t)user->count, sizeof *sorted, "users of the sample");
  if (!sorted) return;
  memcpy(sorted, user->value, (size_t)user->count * sizeof *sorted);
  qsort(sorted, (size_t)user->count, sizeof *sorted, ascending);
  for (int64_t i = 1; i < user->count; i++)
    if (sorted[i] == sorted[i - 1]) {
      fault(view, "samples", "user %lld is at two places of the sample", (long long)sorted[i] + 1);
      break;
    }
  l4r_free(sorted);
}

void l4r_whole_rounds(const struct l4r_record *record, const struct l4r_bundle *samples,
                      l4r_whole_fault *report, void *context) {
  struct view view = {.data = &record->data,
                      .start = l4r_bundle_find(samples, "round_start"),
                      .ns = l4r_bundle_find(samples, "ns"),
                      .served = l4r_bundle_find(samples, "served"),
                      .request = l4r_bundle_find(samples, "request"),
                      .is_bound_schema = record->data.schema >= L4R_SCHEMA_BOUND,
                      .report = report,
                      .context = context};
  view.rounds = record->data.rounds.count;
  view.distinct = json_integer_value(json_object_get(samples->meta, "distinct_users"));
  view.query_users = json_integer_value(json_object_get(samples->meta, "query_users"));
  if (view.query_users < 1) view.query_users = 1;
  if (!view.start || !view.ns || !view.served) return; /* l4r_derive_rounds reports this */
  if (view.distinct < 1 || view.distinct > USERS_MOST) {
    fault(&view, "samples", "samples of %lld users", (long long)view.distinct);
    return;
  }
  check_numbers(&view);
  check_sample(&view);
  check_people(&view, samples);
  for (int64_t r = 0; r < view.rounds; r++) check_round(&view, r);
}

void l4r_users_hash(const int64_t *user, int64_t users, char hash[65]) {
  l4r_sha256(user, (size_t)users * sizeof *user, hash);
}

static void check_evaluated(const struct view *view, const struct l4r_array *user) {
  const struct l4r_record_evaluated *evaluated = &view->data->dataset.evaluated;
  char hash[65];
  if (!evaluated->is_there) {
    if (view->is_bound_schema)
      fault(view, "dataset.evaluated",
            "is missing: it would say for which users test items are held out");
    return;
  }
  l4r_users_hash(user->value, user->count, hash);
  if (!evaluated->sha256 || strcmp(evaluated->sha256, hash) || evaluated->users != user->count)
    fault(view, "accuracy.samples", "the ranks are not of the users whom the data set names");
}

static int64_t most_of(int64_t stated) {
  return stated == L4R_NONE ? INT64_MAX : stated;
}

static void check_ranks(const struct view *view, const struct l4r_bundle *ranks,
                        const struct l4r_array *user) {
  static const char *const names[] = {"keep", "mask"};
  const int64_t most = most_of(view->data->dataset.items);
  for (int n = 0; n < 2; n++) {
    const struct l4r_array *array = l4r_bundle_find(ranks, names[n]);
    if (!array) continue; /* l4r_accuracy_derive reports this */
    if (array->count != user->count) {
      fault(view, "accuracy.samples", "%lld ranks (%s) of %lld users", (long long)array->count,
            names[n], (long long)user->count);
      continue;
    }
    for (int64_t i = 0; i < array->count; i++)
      if (array->value[i] < 0 || array->value[i] > most) {
        fault(view, "accuracy.samples", "a rank of %lld among %lld items",
              (long long)array->value[i], (long long)most);
        break;
      }
  }
}

void l4r_whole_people(const struct l4r_record *record, const struct l4r_bundle *samples,
                      const struct l4r_bundle *ranks, l4r_whole_fault *report, void *context) {
  const struct view view = {.data = &record->data, .report = report, .context = context};
  const struct l4r_array *timed = l4r_bundle_find(samples, "sample_user");
  const struct l4r_array *ranked = l4r_bundle_find(ranks, "user");
  for (int64_t i = 0; timed && ranked && i < timed->count; i++) {
    if (bsearch(&timed->value[i], ranked->value, (size_t)ranked->count, sizeof(int64_t), ascending))
      continue;
    fault(&view, "samples", "user %lld was timed and has no rank in accuracy.samples",
          (long long)timed->value[i] + 1);
    return;
  }
}

void l4r_whole_ranks(const struct l4r_record *record, const struct l4r_bundle *ranks,
                     l4r_whole_fault *report, void *context) {
  const struct view view = {.data = &record->data,
                            .is_bound_schema = record->data.schema >= L4R_SCHEMA_BOUND,
                            .report = report,
                            .context = context};
  const struct l4r_array *user = l4r_bundle_find(ranks, "user");
  const int64_t most = most_of(record->data.dataset.users);
  if (!user || user->count < 1) {
    fault(&view, "accuracy.samples", "the ranks do not say which users they are of");
    return;
  }
  for (int64_t i = 0; i < user->count; i++) {
    if (user->value[i] >= 0 && user->value[i] < most && (!i || user->value[i] > user->value[i - 1]))
      continue;
    fault(&view, "accuracy.samples",
          "user %lld at place %lld is not of the data set's %lld, or not in ascending order",
          (long long)user->value[i], (long long)i, (long long)most);
    return;
  }
  check_ranks(&view, ranks, user);
  check_evaluated(&view, user);
}
