/* SPDX-License-Identifier: BSD-3-Clause */
/* The cuts of a split by time.
 *
 * Leave-one-out lets a model learn from what other users did after the moment it is tested at. A
 * global cut does not: everything trained on happened before everything that is predicted
 * (Ji et al. 2023, "A Critical Study on Data Leakage in Recommender System Offline Evaluation").
 * Filters come before the cut, so that both splits of one source have the same catalogue. */
#include "bench/import/cut.h"
#include "bench/import/collect/collect.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"

int l4r_cut_parse(const char *text, struct l4r_cut *cut) {
  char copy[128];
  const char *comma = strchr(text, ',');
  if (!comma || strlen(text) >= sizeof copy)
    return l4r_fail(L4R_USAGE,
                    "--cut wants where validation and where test begins, two shares of the "
                    "interactions like 0.8,0.9 or two times in seconds, not '%.60s'",
                    text);
  strcpy(copy, text);
  copy[comma - text] = '\0';
  double *at = cut->at;
  if (l4r_parse_double(copy, &at[0]) || l4r_parse_double(copy + (comma - text) + 1, &at[1]) ||
      !(at[0] > 0 && at[0] < at[1] && at[1] <= 0x1p53) || (at[0] < 1) != (at[1] < 1))
    return l4r_fail(L4R_USAGE,
                    "--cut %.60s: two ascending numbers are wanted, both shares between 0 and 1 or "
                    "both times in seconds",
                    text);
  return 0;
}

static int ascending(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* A time in seconds at `digits` digits: the first that is not before it. */
static int64_t scaled(double seconds, int digits) {
  for (int i = 0; i < digits; i++) seconds *= 10;
  return seconds < 9e18 ? (int64_t)ceil(seconds) : INT64_MAX;
}

int l4r_cut_times(const struct l4r_interaction *event, size_t events, const struct l4r_cut *cut,
                  int digits, int64_t time[2]) {
  int64_t *all = l4r_alloc(events, sizeof *all, "times");
  if (!all) return L4R_ENVIRONMENT;
  for (size_t i = 0; i < events; i++) all[i] = event[i].time;
  qsort(all, events, sizeof *all, ascending);
  for (int c = 0; c < 2; c++)
    time[c] = cut->at[c] < 1 ? all[(size_t)(cut->at[c] * (double)events)]
                             : scaled(cut->at[c], digits);
  const int64_t first = all[0], last = all[events - 1];
  l4r_free(all);
  if (time[0] < 1)
    return l4r_fail(L4R_INPUT,
                    "a split by time needs cuts after 1970, and this one falls at %" PRId64
                    " (%s); choose another --cut",
                    time[0], l4r_clock_unit_name(digits));
  if (first < time[0] && time[0] < time[1] && time[1] <= last) return 0;
  return l4r_fail(L4R_INPUT,
                  "cuts at the times %" PRId64 " and %" PRId64
                  " leave a part empty: the interactions lie between %" PRId64 " and %" PRId64
                  " (%s); choose another --cut",
                  time[0], time[1], first, last, l4r_clock_unit_name(digits));
}

size_t l4r_cut_drop_late(struct l4r_interaction *event, size_t events, int64_t last) {
  size_t kept = 0;
  for (size_t begin = 0, end; begin < events; begin = end) {
    for (end = begin; end < events && event[end].user == event[begin].user;) end++;
    if (event[begin].time >= last) continue;
    memmove(event + kept, event + begin, (end - begin) * sizeof *event);
    kept += end - begin;
  }
  return kept;
}
