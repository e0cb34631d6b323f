/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/spread.h"

#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>

static void find_typical(const double *value, int count, struct l4r_spread *spread) {
  for (int i = 0; i < count; i++)
    if (!isnan(value[i]) &&
        (spread->typical < 0 ||
         fabs(value[i] - spread->median) < fabs(value[spread->typical] - spread->median)))
      spread->typical = i;
}

int l4r_spread_of(const double *value, int count, struct l4r_spread *spread) {
  *spread = (struct l4r_spread){.median = NAN, .range = NAN, .sigma = NAN, .typical = -1};
  double *there = l4r_alloc((size_t)count + 1, sizeof *there, "figures of hosts");
  if (!there) return L4R_ENVIRONMENT;
  int n = 0;
  for (int i = 0; i < count; i++)
    if (!isnan(value[i])) there[n++] = value[i];
  spread->measured = n;
  if (n) {
    spread->median = l4r_median(there, n); /* sorts them */
    spread->range = (there[n - 1] - there[0]) / spread->median;
    for (int i = 0; i < n; i++) there[i] = fabs(there[i] - spread->median);
    if (n >= L4R_SPREAD_HOSTS) spread->sigma = 1.4826 * l4r_median(there, n);
    find_typical(value, count, spread);
  }
  l4r_free(there);
  return L4R_OK;
}

double l4r_spread_sigmas(const struct l4r_spread *spread, double value) {
  if (isnan(spread->sigma) || isnan(value)) return NAN;
  const double distance = value - spread->median;
  if (spread->sigma > 0) return distance / spread->sigma;
  return distance > 0 ? INFINITY : distance < 0 ? -INFINITY : 0;
}

int l4r_spread_is_off(const struct l4r_spread *spread, double value, double lo, double hi) {
  return fabs(l4r_spread_sigmas(spread, value)) > L4R_SPREAD_CUT && (lo > 1 || hi < 1);
}
