/* SPDX-License-Identifier: BSD-3-Clause */
/* Refuses what cannot be measured, before anything is measured. */
#include "bench/run/run_check.h"
#include "bench/counters/counters.h"
#include "bench/run/count.h"
#include "bench/run/run.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"

#include <math.h>

/* The schedule is in whole nanoseconds, and no engine answers at this rate. */
static const double rate_most = 1e7;

static int check_server(const struct l4r_run_options *options) {
  if (options->find_peak_rate && options->rate.count)
    return l4r_fail(L4R_USAGE,
                    "--find-knee looks for the rate itself: give it or --rate, not both");
  if (!options->find_peak_rate && !options->rate.count)
    return l4r_fail(L4R_USAGE, "--scenario server wants --rate USERS/S (several: --rate 50,100) or "
                               "--find-knee");
  if (!(options->bound_ms > 0) || !isfinite(options->bound_ms))
    return l4r_fail(L4R_USAGE, "--scenario server wants --bound MS above 0: what p99 is held to%s",
                    options->bound_ms < 0 ? ", not a negative one" : "");
  for (int r = 0; r < options->rate.count; r++)
    if (!(options->rate.value[r] > 0) || options->rate.value[r] > rate_most)
      return l4r_fail(L4R_USAGE, "--rate wants users a second above 0 and up to %g, not %g",
                      rate_most, options->rate.value[r]);
  const int64_t needed = l4r_quantile_needed(.99, .95); /* users 0: all, known later */
  if (options->find_peak_rate && options->users && options->users < needed)
    return l4r_fail(
        L4R_USAGE,
        "--find-knee judges p99, which needs %lld distinct users, and the sample has %lld",
        (long long)needed, (long long)options->users);
  return L4R_OK;
}

static int check_scenario(const struct l4r_run_options *options) {
  if (options->scenario == L4R_SERVER) return check_server(options);
  if (options->rate.count || options->find_peak_rate || options->bound_ms > 0 ||
      options->bound_ms < 0)
    return l4r_fail(L4R_USAGE, "--rate, --bound and --find-knee belong to --scenario server");
  if (options->scenario == L4R_MULTI_STREAM && options->users && options->batch > options->users)
    return l4r_fail(L4R_USAGE,
                    "--batch %lld: a query of multi-stream cannot hold more than the "
                    "%lld users of the sample",
                    (long long)options->batch, (long long)options->users);
  return L4R_OK;
}

int l4r_run_check(const struct l4r_run_options *options) {
  if (!options->arms) return l4r_fail(L4R_USAGE, "nothing to measure: give --arm ENGINE@MODEL");
  int status = l4r_arguments_check(l4r_run_arguments, options);
  if (!status) status = check_scenario(options);
  if (!status) status = l4r_counters_check(options->counters);
  return status ? status : l4r_count_check(options);
}
