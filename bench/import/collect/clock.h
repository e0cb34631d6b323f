/* SPDX-License-Identifier: BSD-3-Clause */
/* Times of interactions: what a column holds is found out from what is in it.
 *
 * Numbers may be seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their
 * size (10^11 seconds are the year 5138, 10^11 milliseconds 1973); dates are ISO 8601, with or
 * without a zone (none means UTC) and fractions of seconds. Nothing is rounded: times are integers
 * of the finest unit that the column needs, down to a nanosecond. */
#ifndef L4R_BENCH_IMPORT_COLLECT_CLOCK_H
#define L4R_BENCH_IMPORT_COLLECT_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum l4r_time_form { L4R_TIME_NONE, L4R_TIME_NUMBER, L4R_TIME_DATE };
enum { L4R_BANDS = 4, L4R_DIGITS = 9 };

struct l4r_moment {
  enum l4r_time_form form;
  int64_t whole;     /* of the column's unit, rounded down */
  int32_t billionth; /* of it, 0 to 999,999,999 */
  int lost;          /* digits behind the ninth were not 0 */
};

/* What a column has held so far. */
struct l4r_clock {
  enum l4r_time_form form;
  int digits;              /* of fractions, 0, 3, 6 or 9: an event's time is in 10^-digits units */
  int64_t band[L4R_BANDS]; /* numbers of the size of seconds, ms, us, ns */
  int64_t negative, lost;
  int64_t largest;     /* of the numbers' sizes */
  int64_t day_numbers; /* that read as YYYYMMDD */
  int64_t count;
};

/* Reads "1000000137", "1.5e9", "-3.25", "2005-04-02 23:53:00.5+02:00", "2017-12-01". NULL, or what
 * is wrong as part of a sentence ("is not a number or a date"). Pure. */
const char *l4r_moment_parse(const char *text, struct l4r_moment *moment);

/* Adds a moment to what is known; NULL, or what is wrong. When it needs more digits than
 * clock->digits, or would not fit, *digits is what all times must be brought to first (else
 * clock->digits). */
const char *l4r_clock_add(struct l4r_clock *clock, const struct l4r_moment *moment, int *digits);

/* A moment at that many digits. Whole numbers up to 2^62 / 10^digits fit. Pure. */
int64_t l4r_clock_time(const struct l4r_moment *moment, int digits);

/* The column's unit as a power of a thousandth: 0 seconds, 1 ms, 2 us, 3 ns. Pure. */
int l4r_clock_unit(const struct l4r_clock *clock);

/* "s", "ms", "us", "ns" for 0, 3, 6, 9 digits. */
const char *l4r_clock_unit_name(int digits);

/* Midnight of a number that reads as YYYYMMDD, in seconds since 1970. Pure. */
int64_t l4r_clock_day(int64_t number);

/* "2001-09-09 01:48:57" of a time at `digits`, in UTC; a plain number where there is no such year.
 */
void l4r_clock_date(int64_t time, int digits, char *out, size_t room);

#endif
