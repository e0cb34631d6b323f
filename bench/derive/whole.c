/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/whole.h"

#include "bench/record/bound.h"
#include "impl/base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS_MAX = 1024, USERS_MOST = 1 << 30 }; /* sums of these do not overflow */
/* As bench/run/round/timed.c and arrivals.h have it: a round that would pass this ends. */
static const int64_t SAMPLES_MOST = 16384, ARRIVALS_MOST = 4096;
/* Between calls the harness does something too, so a round's calls come to less than its time. Of
 * 620 rounds of records that do not state that time the least was 91 %. */
static const double CALLS_LEAST = .5;

struct view {
  const json_t *record, *settings;
  const struct l4r_array *start, *ns, *served;
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

static int64_t schema_of(const json_t *record) {
  return json_integer_value(json_object_get(record, "schema"));
}

/* A setting; NULL where the record may do without. */
static const json_t *setting(const struct view *view, const char *key) {
  const json_t *value = json_object_get(view->settings, key);
  char field[64];
  if (json_is_number(value)) return value;
  snprintf(field, sizeof field, "settings.%s", key);
  if (view->is_bound_schema) fault(view, field, "is missing: what was the run asked for?");
  return NULL;
}

/* Marks the rounds that a list names; 0 after a fault. */
static int mark_rounds(const struct view *view, const char *list, int64_t asked, char *seen) {
  size_t index;
  const json_t *entry;
  json_array_foreach(json_object_get(view->record, list), index, entry) {
    const json_t *number = json_object_get(entry, "round");
    const int64_t round = json_is_integer(number) ? json_integer_value(number) : -1;
    char field[64];
    snprintf(field, sizeof field, "%s[%zu].round", list, index);
    if (round < 0 || round >= asked) {
      fault(view, field, "is no round of a run of %lld", (long long)asked);
      return 0;
    }
    if (seen[round]++) {
      fault(view, field, "round %lld is here a second time", (long long)round);
      return 0;
    }
  }
  return 1;
}

static void check_numbers(const struct view *view) {
  char seen[ROUNDS_MAX] = {0};
  const json_t *rounds = setting(view, "rounds");
  if (!rounds) return;
  const int64_t asked = json_integer_value(rounds);
  if (asked < 1 || asked > ROUNDS_MAX) {
    fault(view, "settings.rounds", "%lld rounds cannot be asked for", (long long)asked);
    return;
  }
  if (!mark_rounds(view, "rounds", asked, seen) || !mark_rounds(view, "failures", asked, seen))
    return;
  for (int64_t r = 0; r < asked; r++)
    if (!seen[r]) {
      fault(view, "rounds",
            "round %lld of %lld is left out: neither measured nor among the failures", (long long)r,
            (long long)asked);
      return;
    }
}

static void check_sample(const struct view *view) {
  const json_t *users = setting(view, "users");
  const json_t *evaluated = json_object_get(json_object_get(view->record, "accuracy"), "users");
  if (!users || !json_is_integer(evaluated)) return;
  int64_t want = json_integer_value(users);
  const int64_t all = json_integer_value(evaluated);
  if (want <= 0 || want > all) want = all;
  if (view->distinct != want)
    fault(view, "settings.users", "the samples are of %lld users, the run was asked for %lld",
          (long long)view->distinct, (long long)want);
}

struct served {
  int64_t users, calls;
  double seconds; /* of its calls */
};

/* What a round served; 0 after a fault. */
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

static void check_time(const struct view *view, int64_t r, const struct served *served,
                       const char *field) {
  const json_t *round = json_array_get(json_object_get(view->record, "rounds"), (size_t)r);
  const json_t *least = setting(view, "min_seconds"),
               *rate = json_object_get(json_object_get(view->record, "server"), "rate_asked");
  const json_t *timed = json_object_get(round, "timed_seconds");
  const json_t *clock = json_object_get(json_object_get(view->record, "clock"), "name");
  const char *ended = json_string_value(json_object_get(round, "ended"));
  const int64_t permutations = json_integer_value(json_object_get(round, "permutations"));
  if (!least || !ended) return;
  if (!strcmp(ended, "sample limit")) {
    const int64_t most = json_is_number(rate) ? ARRIVALS_MOST : SAMPLES_MOST;
    if (served->calls + served->calls / (permutations > 0 ? permutations : 1) <= most)
      fault(view, field, "ended for want of room, at %lld calls of %lld", (long long)served->calls,
            (long long)most);
    return;
  }
  double seconds = served->seconds, bound = json_number_value(least);
  if (json_is_number(rate)) /* an open loop lasts as long as its schedule */
    seconds = (double)served->users / json_number_value(rate) * (1 + 1e-9);
  else if (json_is_number(timed))
    seconds = json_number_value(timed);
  else if (view->is_bound_schema)
    fault(view, field, "does not say how long it lasted (timed_seconds)");
  else if (clock &&
           !strcmp(json_string_value(clock) ? json_string_value(clock) : "", "the engine's own"))
    return;
  else
    bound *= CALLS_LEAST;
  if (seconds < bound)
    fault(view, field, "lasted %.4g s, below the minimum time of %.4g s", seconds,
          json_number_value(least));
  if (!json_is_number(rate) && json_is_number(timed) && served->seconds > seconds * (1 + 1e-9))
    fault(view, field, "its calls took %.6g s, more than the %.6g s that it lasted",
          served->seconds, seconds);
}

static void check_round(const struct view *view, int64_t r) {
  const json_t *round = json_array_get(json_object_get(view->record, "rounds"), (size_t)r);
  const json_t *permutations = json_object_get(round, "permutations");
  const json_t *least = setting(view, "min_count");
  struct served served;
  char field[64];
  snprintf(field, sizeof field, "rounds[%lld]", (long long)r);
  if (!sum_round(view, r, &served)) return;
  if (json_is_integer(permutations)) {
    const int64_t times = json_integer_value(permutations);
    /* Queries of several users each hold as many, whether or not that divides the sample. */
    const int64_t off = times < 1 ? 0 : served.users / times - view->distinct;
    if (times < 1 || served.users % times || off >= view->query_users || -off >= view->query_users)
      fault(view, field, "served %lld users, not %lld times the %lld of the sample",
            (long long)served.users, (long long)times, (long long)view->distinct);
  } else if (view->is_bound_schema) {
    fault(view, field, "does not say how often it served the sample (permutations)");
  }
  if (least && served.users < json_integer_value(least))
    fault(view, field, "served %lld users, below the minimum count of %lld",
          (long long)served.users, (long long)json_integer_value(least));
  check_time(view, r, &served, field);
}

void l4r_whole_rounds(const json_t *record, const struct l4r_bundle *samples,
                      l4r_whole_fault *report, void *context) {
  struct view view = {.record = record,
                      .settings = json_object_get(record, "settings"),
                      .start = l4r_bundle_find(samples, "round_start"),
                      .ns = l4r_bundle_find(samples, "ns"),
                      .served = l4r_bundle_find(samples, "served"),
                      .is_bound_schema = schema_of(record) >= L4R_SCHEMA_BOUND,
                      .report = report,
                      .context = context};
  view.rounds = (int64_t)json_array_size(json_object_get(record, "rounds"));
  view.distinct = json_integer_value(json_object_get(samples->meta, "distinct_users"));
  view.query_users = json_integer_value(json_object_get(samples->meta, "query_users"));
  if (view.query_users < 1) view.query_users = 1;
  if (!view.start || !view.ns || !view.served) return; /* l4r_derive_rounds says so */
  if (view.distinct < 1 || view.distinct > USERS_MOST) {
    fault(&view, "samples", "samples of %lld users", (long long)view.distinct);
    return;
  }
  check_numbers(&view);
  check_sample(&view);
  for (int64_t r = 0; r < view.rounds; r++) check_round(&view, r);
}

void l4r_users_hash(const int64_t *user, int64_t users, char hash[65]) {
  l4r_sha256(user, (size_t)users * sizeof *user, hash);
}

static void check_evaluated(const struct view *view, const struct l4r_array *user) {
  const json_t *dataset = json_object_get(view->record, "dataset");
  const json_t *evaluated = json_object_get(dataset, "evaluated");
  const char *stated = json_string_value(json_object_get(evaluated, "sha256"));
  char hash[65];
  if (!evaluated) {
    if (view->is_bound_schema)
      fault(view, "dataset.evaluated", "is missing: whom does the data set hold items back of?");
    return;
  }
  l4r_users_hash(user->value, user->count, hash);
  if (!stated || strcmp(stated, hash) ||
      json_integer_value(json_object_get(evaluated, "users")) != user->count)
    fault(view, "accuracy.samples", "the ranks are not of the users whom the data set names");
}

static void check_ranks(const struct view *view, const struct l4r_bundle *ranks,
                        const struct l4r_array *user) {
  static const char *const names[] = {"keep", "mask"};
  const json_t *items = json_object_get(json_object_get(view->record, "dataset"), "items");
  const int64_t most = json_is_integer(items) ? json_integer_value(items) : INT64_MAX;
  for (int n = 0; n < 2; n++) {
    const struct l4r_array *array = l4r_bundle_find(ranks, names[n]);
    if (!array) continue; /* l4r_accuracy_derive says so */
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

void l4r_whole_ranks(const json_t *record, const struct l4r_bundle *ranks, l4r_whole_fault *report,
                     void *context) {
  const struct view view = {.record = record,
                            .is_bound_schema = schema_of(record) >= L4R_SCHEMA_BOUND,
                            .report = report,
                            .context = context};
  const struct l4r_array *user = l4r_bundle_find(ranks, "user");
  const json_t *users = json_object_get(json_object_get(record, "dataset"), "users");
  const int64_t most = json_is_integer(users) ? json_integer_value(users) : INT64_MAX;
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
