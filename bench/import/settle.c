/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides which unit the times of a column have. */
#include "bench/import/settle.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/import/collect/collect.h"
#include "bench/import/collect/warn.h"

static int64_t power_of_ten(int digits) {
  int64_t power = 1;
  while (digits-- > 0) power *= 10;
  return power;
}

/* YYYYMMDD numbers become seconds: a year of them would be 10,000 seconds otherwise. */
static int take_days(struct l4r_import *import) {
  const struct l4r_clock *clock = &import->clock;
  if (clock->form != L4R_TIME_NUMBER || !clock->count || clock->day_numbers < clock->count)
    return 0;
  for (size_t i = 0; i < import->events; i++)
    import->event[i].time = l4r_clock_day(import->event[i].time / power_of_ten(clock->digits));
  return 1;
}

/* Times that hold whole milliseconds only are kept as such, whatever was written. */
static int drop_zeros(struct l4r_import *import, int digits) {
  while (digits >= 3) {
    for (size_t i = 0; i < import->events; i++)
      if (import->event[i].time % 1000) return digits;
    for (size_t i = 0; i < import->events; i++) import->event[i].time /= 1000;
    digits -= 3;
  }
  return digits;
}

static void say(struct l4r_import *import, const char *form, int digits) {
  char from[40], to[40];
  int64_t first = INT64_MAX, last = INT64_MIN;
  for (size_t i = 0; i < import->events; i++) {
    if (import->event[i].time < first) first = import->event[i].time;
    if (import->event[i].time > last) last = import->event[i].time;
  }
  if (!import->events) first = last = 0;
  l4r_clock_date(first, digits, from, sizeof from);
  l4r_clock_date(last, digits, to, sizeof to);
  snprintf(import->report->times, sizeof import->report->times, "%s, %s to %s (UTC); kept in %s",
           form, from, to, l4r_clock_unit_name(digits));
}

static void warn(struct l4r_import *import, int unit) {
  static const char *const names[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  struct l4r_import_report *report = import->report;
  const struct l4r_clock *clock = &import->clock;
  int64_t others = 0;
  for (int b = 0; b < L4R_BANDS; b++) others += b != unit ? clock->band[b] : 0;
  if (clock->form == L4R_TIME_NUMBER && others)
    l4r_import_warn(report,
                    "%" PRId64 " of %" PRId64
                    " times are of another size than the others, which were taken for %s: "
                    "does the column mix units?",
                    others, clock->count, names[unit]);
  if (clock->lost)
    l4r_import_warn(report,
                    "%" PRId64 " times have finer fractions than a 64-bit time holds; they "
                    "were cut off",
                    clock->lost);
  if (report->negative_times)
    l4r_import_warn(report,
                    "%" PRId64 " times are negative, before 1970 (lines %s%s): taken as they are, "
                    "since times only order here; --skip-bad drops them",
                    report->negative_times, report->negative,
                    report->negative_times > L4R_BAD_TOLD ? ", ..." : "");
}

void l4r_import_settle_times(struct l4r_import *import, int *digits) {
  static const char *const forms[] = {
      "numbers, taken for seconds since 1970", "numbers, taken for milliseconds since 1970",
      "numbers, taken for microseconds since 1970", "numbers, taken for nanoseconds since 1970"};
  *digits = 0;
  if (take_days(import)) {
    say(import, "numbers, taken for days written YYYYMMDD", 0);
    return;
  }
  const int unit = l4r_clock_unit(&import->clock), all = 3 * unit + import->clock.digits;
  *digits = all;
  if (all > L4R_DIGITS) {
    const int64_t factor = power_of_ten(all - L4R_DIGITS);
    for (size_t i = 0; i < import->events; i++) import->event[i].time /= factor;
    *digits = L4R_DIGITS;
  }
  *digits = drop_zeros(import, *digits);
  say(import, import->clock.form == L4R_TIME_DATE ? "dates" : forms[unit], *digits);
  warn(import, unit);
}
