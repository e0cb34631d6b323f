/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/ceiling.h"

#include "bench/derive/estimate.h"
#include "impl/base/error.h"
#include "impl/ceiling/peak.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 1024 };
const char *const l4r_read_levels[L4R_READ_LEVELS] = {"L1", "L2", "L3", "memory"};

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The median of what the rounds measured in the member at that offset; 0 where none has it. */
static double median_of(const struct l4r_record *record, size_t offset) {
  double speed[ROUNDS_MAX];
  size_t n = 0;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const double value = *(const double *)((const char *)&record->data.rounds.at[r] + offset);
    if (value > 0 && n < ROUNDS_MAX) speed[n++] = value;
  }
  if (!n) return 0;
  qsort(speed, n, sizeof *speed, by_value);
  return speed[n / 2];
}

struct l4r_round_ceilings l4r_round_ceilings_of(const struct l4r_record *record) {
  static const size_t read[L4R_READ_LEVELS] = {offsetof(struct l4r_record_round, l1_gb_per_s),
                                               offsetof(struct l4r_record_round, l2_gb_per_s),
                                               offsetof(struct l4r_record_round, l3_gb_per_s),
                                               offsetof(struct l4r_record_round, memory_gb_per_s)};
  struct l4r_round_ceilings found = {
      .sgemm = median_of(record, offsetof(struct l4r_record_round, sgemm_gflops)) * 1e9};
  for (int level = 0; level < L4R_READ_LEVELS; level++)
    found.read[level] = median_of(record, read[level]) * 1e9;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_peak *peak = &record->data.rounds.at[r].peak;
    if (!(peak->gops * 1e9 > found.peak)) continue;
    found.peak = peak->gops * 1e9;
    found.precision = peak->precision;
    found.instructions = peak->instructions;
  }
  return found;
}

static double number_or_zero(double value) {
  return isnan(value) ? 0 : value;
}

struct l4r_modelled_work l4r_work_of(const struct l4r_record *record, int64_t timer) {
  struct l4r_modelled_work sum = {0};
  for (int64_t s = 0; s < record->data.description.stages.count; s++) {
    const struct l4r_record_described_stage *stage = &record->data.description.stages.at[s];
    if (timer >= 0 && stage->timer != timer) continue;
    sum.flops += number_or_zero(stage->flops);
    sum.bytes += number_or_zero(stage->bytes);
  }
  return sum;
}

int l4r_derive_ceiling(struct l4r_record *record, double users_per_second) {
  const struct l4r_round_ceilings found = l4r_round_ceilings_of(record);
  const double flops = l4r_work_of(record, -1).flops;
  struct l4r_record_ceiling *ceiling = &record->data.ceiling;
  *ceiling = (struct l4r_record_ceiling){.is_there = 1, .value = NAN, .fraction = NAN};
  if (found.peak > 0) {
    ceiling->precision = found.precision;
    ceiling->instructions = found.instructions;
    ceiling->name = l4r_record_format(record, "%s multiply-adds by %s, flop/s",
                                      found.precision ? found.precision : "unknown",
                                      found.instructions ? found.instructions : "unknown");
    if (!ceiling->name) return L4R_ENVIRONMENT;
    ceiling->value = found.peak;
  } else if (found.sgemm > 0) {
    ceiling->name = "sgemm, flop/s";
    ceiling->value = found.sgemm;
  }
  if (flops > 0 && ceiling->value > 0)
    ceiling->fraction = flops * users_per_second / ceiling->value;
  return L4R_OK;
}

/* The mean over rounds of a timer's ns_per_user, on logarithms as all times; *value 0 where a round
 * has none. */
static int timer_estimate(struct l4r_record *record, int64_t timer,
                          struct l4r_record_estimate *out) {
  const int crossed = l4r_interval_is_crossed(record->data.latency_ns.interval);
  double logarithm[ROUNDS_MAX];
  int64_t n = 0;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_round *round = &record->data.rounds.at[r];
    const double ns = timer < round->timers.count ? round->timers.at[timer].ns_per_user : NAN;
    if (ns > 0 && n < ROUNDS_MAX) logarithm[n++] = log(ns);
  }
  if (n < record->data.rounds.count) return L4R_OK;
  const struct l4r_estimate estimate = l4r_rounds_estimate(logarithm, n, crossed);
  return l4r_estimate_put(&estimate, 1, record, out);
}

static double per_second(double work, double ns) {
  return ns > 0 && work > 0 ? work / ns * 1e9 : NAN;
}

/* The names of the stages that timer t covers. */
static int name_stages(struct l4r_record *record, int64_t t, struct l4r_texts *names) {
  const int64_t most = record->data.description.stages.count;
  names->at = l4r_record_room(record, (size_t)most, sizeof *names->at);
  if (!names->at) return L4R_ENVIRONMENT;
  names->is_there = 1;
  for (int64_t s = 0; s < most; s++) {
    const struct l4r_record_described_stage *of = &record->data.description.stages.at[s];
    if (of->timer == t && of->name) names->at[names->count++] = of->name;
  }
  return L4R_OK;
}

/* The slowest level that gives so many bytes a second is where they came from at best. */
static void put_reading(const struct l4r_round_ceilings *found, struct l4r_record_stage *stage) {
  for (int level = L4R_READ_LEVELS - 1; level >= 0; level--) {
    const double share = stage->bytes_per_second / found->read[level];
    if (!(found->read[level] > 0) || !(share <= L4R_SHARE_MOST)) continue;
    stage->read_from = l4r_read_levels[level];
    stage->read_fraction = share;
    return;
  }
}

int l4r_derive_stages(struct l4r_record *record) {
  const struct l4r_round_ceilings found = l4r_round_ceilings_of(record);
  const double memory = found.read[L4R_READ_LEVELS - 1];
  const int64_t rounds = record->data.rounds.count;
  const int64_t timers = rounds ? record->data.rounds.at[0].timers.count : 0;
  int status = l4r_record_list(record, l4r_shape_stage(), &record->data.stages, timers);
  for (int64_t t = 0; t < timers && !status; t++) {
    struct l4r_record_stage *stage = &record->data.stages.at[t];
    const struct l4r_modelled_work work = l4r_work_of(record, t);
    stage->is_there = 1;
    stage->name = record->data.rounds.at[0].timers.at[t].name;
    stage->flops = work.flops;
    stage->bytes = work.bytes;
    status = name_stages(record, t, &stage->stages);
    if (!status) status = timer_estimate(record, t, &stage->ns_per_user);
    const double ns = number_or_zero(stage->ns_per_user.value);
    stage->flops_per_second = per_second(work.flops, ns);
    stage->bytes_per_second = per_second(work.bytes, ns);
    if (memory > 0) stage->memory_fraction = per_second(work.bytes / memory, ns);
    if (found.peak > 0) {
      stage->peak_fraction = per_second(work.flops / found.peak, ns);
      put_reading(&found, stage);
    } else if (found.sgemm > 0) {
      stage->sgemm_fraction = per_second(work.flops / found.sgemm, ns);
    }
  }
  return status;
}

int l4r_derive_fault(struct l4r_record *record) {
  struct l4r_record_ceiling *ceiling = &record->data.ceiling;
  double most = ceiling->precision ? ceiling->fraction : NAN;
  const char *whose = "";
  for (int64_t s = 0; s < record->data.stages.count; s++) {
    const struct l4r_record_stage *stage = &record->data.stages.at[s];
    if (isnan(stage->peak_fraction) || stage->peak_fraction <= number_or_zero(most)) continue;
    most = stage->peak_fraction;
    whose = stage->name;
  }
  if (!(most > L4R_SHARE_MOST)) return L4R_OK;
  ceiling->fault = l4r_record_format(
      record, "ceiling below the work%s%s by a factor of %.2f: measure again or report a fault",
      *whose ? " of " : "", whose, most);
  return ceiling->fault ? L4R_OK : L4R_ENVIRONMENT;
}
