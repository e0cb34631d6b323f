/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/accuracy.h"
#include "bench/derive/user_groups.h"
#include "bench/derive/metrics.h"
#include "impl/base/error.h"

/* Our choice. With so many resamples two seeds give interval ends that differ in the fourth digit.
 * The seed is a constant of the suite, so everybody computes the same interval. */
enum { RESAMPLES = 2000, BOOTSTRAP_SEED = 20260 };

static json_t *values_of(const double *value) {
  json_t *object = json_object();
  for (int m = 0; m < L4R_METRICS; m++)
    json_object_set_new(object, l4r_metric_names[m], json_real(value[m]));
  return object;
}

static json_t *intervals_of(const struct l4r_metric_intervals *interval) {
  json_t *object = json_object();
  for (int m = 0; m < L4R_METRICS; m++)
    json_object_set_new(object, l4r_metric_names[m],
                        json_pack("[f, f]", interval->lo[m], interval->hi[m]));
  return object;
}

static int64_t count_of(const struct l4r_array *flags) {
  int64_t sum = 0;
  for (int64_t i = 0; i < flags->count; i++) sum += flags->value[i] != 0;
  return sum;
}

int l4r_accuracy_derive(const struct l4r_bundle *ranks, json_t **accuracy) {
  const struct l4r_array *keep, *mask, *tied, *is_short;
  if (l4r_bundle_need(ranks, "keep", &keep) || l4r_bundle_need(ranks, "mask", &mask) ||
      l4r_bundle_need(ranks, "tied", &tied) || l4r_bundle_need(ranks, "short", &is_short))
    return L4R_INPUT;
  int64_t users = keep->count;
  if (users < 1 || mask->count != users || tied->count != users || is_short->count != users)
    return l4r_fail(L4R_INPUT, "the ranks hold no user, or their arrays differ in length");
  struct l4r_metrics kept, masked;
  struct l4r_metric_intervals kept_interval, masked_interval;
  l4r_metrics_of_ranks(keep->value, users, &kept);
  l4r_metrics_of_ranks(mask->value, users, &masked);
  int status = l4r_metrics_bootstrap(keep->value, mask->value, users, RESAMPLES, BOOTSTRAP_SEED,
                                     &kept_interval, &masked_interval);
  if (status) return status;
  *accuracy = json_pack(
      "{s:I, s:o, s:o, s:{s:o, s:o}, s:I, s:f, s:{s:i, s:i}}", "users", (json_int_t)users, "keep",
      values_of(kept.value), "mask", values_of(masked.value), "ci95", "keep",
      intervals_of(&kept_interval), "mask", intervals_of(&masked_interval), "short_rankings",
      (json_int_t)count_of(is_short), "tie_share", (double)count_of(tied) / (double)users,
      "bootstrap", "resamples", RESAMPLES, "seed", BOOTSTRAP_SEED);
  if (!*accuracy) return l4r_fail(L4R_ENVIRONMENT, "out of memory for accuracy figures");
  const struct l4r_array *mask_short = l4r_bundle_find(ranks, "short_mask");
  if (mask_short && mask_short->count == users)
    json_object_set_new(*accuracy, "short_rankings_mask", json_integer(count_of(mask_short)));
  json_t *mask_by = json_object_get(ranks->meta, "mask_by");
  if (mask_by) json_object_set(*accuracy, "mask_by", mask_by);
  json_t *groups = NULL;
  status = l4r_user_groups_derive(ranks, &groups);
  if (groups) json_object_set_new(*accuracy, "groups", groups);
  if (!status) return L4R_OK;
  json_decref(*accuracy);
  *accuracy = NULL;
  return status;
}
