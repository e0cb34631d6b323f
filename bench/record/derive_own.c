/* SPDX-License-Identifier: BSD-3-Clause */
/* The second time of engines that state one: what they say, and what of ours it leaves open. */
#include "bench/record/derive.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

struct both { /* samples, checked to be of one length */
  const struct l4r_array *start, *ns, *served, *own, *wait;
};

static int both_of(const struct l4r_bundle *samples, struct both *both) {
  both->wait = l4r_bundle_find(samples, "wait");
  if (l4r_bundle_need(samples, "round_start", &both->start) ||
      l4r_bundle_need(samples, "ns", &both->ns) ||
      l4r_bundle_need(samples, "served", &both->served))
    return L4R_INPUT;
  const int64_t calls = both->ns->count;
  if (both->own->count == calls && both->served->count == calls &&
      (!both->wait || both->wait->count == calls))
    return L4R_OK;
  return l4r_fail(L4R_INPUT, "samples whose own times do not fit their calls");
}

/* The call itself, without waiting for its turn. */
static int64_t wall_at(const struct both *both, int64_t i) {
  return both->ns->value[i] - (both->wait ? both->wait->value[i] : 0);
}

/* Medians of [begin, end): of what the engine says, and of the rest. `value` is scratch. */
static void medians(const struct both *both, int64_t begin, int64_t end, int64_t *value,
                    int64_t *own, int64_t *rest) {
  const int64_t n = end - begin, middle = l4r_quantile_rank(n, .5) - 1;
  for (int64_t i = 0; i < n; i++) value[i] = both->own->value[begin + i];
  l4r_sort_i64(value, n);
  *own = value[middle];
  for (int64_t i = 0; i < n; i++) value[i] = wall_at(both, begin + i) - both->own->value[begin + i];
  l4r_sort_i64(value, n);
  *rest = value[middle];
}

static json_t *overall(const struct both *both, int64_t *value) {
  double own = 0, wall = 0, users = 0;
  int64_t p50, rest;
  for (int64_t i = 0; i < both->ns->count; i++) {
    own += (double)both->own->value[i];
    wall += (double)wall_at(both, i);
    users += (double)both->served->value[i];
  }
  medians(both, 0, both->ns->count, value, &p50, &rest);
  return json_pack("{s:I, s:I, s:f, s:f}", "p50_ns", (json_int_t)p50, "unexplained_p50_ns",
                   (json_int_t)rest, "mean_ns", users > 0 ? own / users : 0, "share_of_wall",
                   wall > 0 ? own / wall : 0);
}

int l4r_derive_own(const struct l4r_bundle *samples, json_t *rounds, json_t **own) {
  struct both both = {.own = l4r_bundle_find(samples, "own")};
  *own = NULL;
  if (!both.own) return L4R_OK;
  int status = both_of(samples, &both);
  if (status) return status;
  int64_t *value = l4r_alloc((size_t)both.ns->count, sizeof *value, "own times");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r + 1 < both.start->count; r++) {
    json_t *round = json_array_get(rounds, (size_t)r);
    int64_t p50, rest;
    medians(&both, both.start->value[r], both.start->value[r + 1], value, &p50, &rest);
    if (json_object_set_new(round, "own_p50_ns", json_integer(p50)) ||
        json_object_set_new(round, "unexplained_p50_ns", json_integer(rest)))
      status = l4r_fail(L4R_ENVIRONMENT, "no memory for own times");
  }
  *own = overall(&both, value);
  l4r_free(value);
  return status || *own ? status : l4r_fail(L4R_ENVIRONMENT, "no memory for own times");
}

int64_t l4r_derive_novel(const json_t *rounds) {
  int64_t novel = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round)
    novel += json_integer_value(json_object_get(round, "novel_inside"));
  return novel;
}
