/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/collect/clock.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

static const struct {
  const char *text;
  enum l4r_time_form form;
  int64_t whole;
  int32_t billionth;
} good[] = {
    {"1000000137", L4R_TIME_NUMBER, 1000000137, 0},
    {"1000000137.0", L4R_TIME_NUMBER, 1000000137, 0},
    {"1000.095", L4R_TIME_NUMBER, 1000, 95000000},
    {"-3.25", L4R_TIME_NUMBER, -4, 750000000},
    {"-7", L4R_TIME_NUMBER, -7, 0},
    {".5", L4R_TIME_NUMBER, 0, 500000000},
    {" 12 ", L4R_TIME_NUMBER, 12, 0},
    {"1.5e9", L4R_TIME_NUMBER, 1500000000, 0},
    {"9.783E8", L4R_TIME_NUMBER, 978300000, 0},
    {"1588687728923123456", L4R_TIME_NUMBER, 1588687728923123456, 0},
    {"1970-01-01", L4R_TIME_DATE, 0, 0},
    {"2000/02/29", L4R_TIME_DATE, 951782400, 0},
    {"2005-04-02 23:53:00", L4R_TIME_DATE, 1112485980, 0},
    {"2005-04-02T23:53:00Z", L4R_TIME_DATE, 1112485980, 0},
    {"2005-04-03T01:53:00+02:00", L4R_TIME_DATE, 1112485980, 0},
    {"2005-04-02 20:23:00-0330", L4R_TIME_DATE, 1112485980, 0},
    {"2005-04-03 01:53+02", L4R_TIME_DATE, 1112485980, 0},
    {"2005-04-02 23:53:00.25 UTC", L4R_TIME_DATE, 1112485980, 250000000},
    {"1969-12-31 23:59:59.9", L4R_TIME_DATE, -1, 900000000},
};

Test(clock, numbers_and_dates_are_read_to_the_nanosecond) {
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct l4r_moment moment;
    const char *wrong = l4r_moment_parse(good[i].text, &moment);
    cr_assert_null(wrong, "%s %s", good[i].text, wrong);
    cr_assert_eq(moment.form, good[i].form, "%s", good[i].text);
    cr_assert_eq(moment.whole, good[i].whole, "%s: %" PRId64, good[i].text, moment.whole);
    cr_assert_eq(moment.billionth, good[i].billionth, "%s: %d", good[i].text, moment.billionth);
  }
}

Test(clock, what_is_no_time_is_refused) {
  static const char *const bad[] = {"",
                                    "noon",
                                    "nan",
                                    "inf",
                                    "12 30",
                                    "1e30",
                                    "2001-02-30",
                                    "2001-13-01",
                                    "2001-1-1",
                                    "2001-01/01",
                                    "0x10",
                                    "2001-01-01 25:00:00",
                                    "2001-01-01 10:00:00 PST",
                                    "2001-01-01x",
                                    "99999999999999999999",
                                    "-",
                                    "1,5",
                                    "01/02/2003",
                                    "2001-01-01T10"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct l4r_moment moment;
    cr_assert_not_null(l4r_moment_parse(bad[i], &moment), "%s is taken", bad[i]);
  }
}

static struct l4r_clock take_all(const char *const *texts) {
  struct l4r_clock clock = {0};
  for (; *texts; texts++) {
    struct l4r_moment moment;
    int digits;
    cr_assert_null(l4r_moment_parse(*texts, &moment), "%s", *texts);
    const char *wrong = l4r_clock_add(&clock, &moment, &digits);
    cr_assert_null(wrong, "%s %s", *texts, wrong);
    clock.digits = digits;
  }
  return clock;
}

Test(clock, units_are_told_apart_by_size) {
  static const char *const seconds[] = {"0", "5", "978300760", NULL};
  static const char *const ms[] = {"1588687728923", "1588687728924.5", "0", NULL};
  static const char *const us[] = {"1588687728923123", "-1588687728923123", NULL};
  static const char *const ns[] = {"1588687728923123456", "1588687728923123457", NULL};
  cr_assert_eq(take_all(seconds).digits, 0);
  struct l4r_clock clock = take_all(seconds);
  cr_assert_eq(l4r_clock_unit(&clock), 0);
  clock = take_all(ms);
  cr_assert_eq(l4r_clock_unit(&clock), 1);
  cr_assert_eq(clock.digits, 3);
  clock = take_all(us);
  cr_assert_eq(l4r_clock_unit(&clock), 2);
  cr_assert_eq(clock.negative, 1);
  clock = take_all(ns);
  cr_assert_eq(l4r_clock_unit(&clock), 3);
}

/* Digits that 64 bits have no room for are given up, and counted, rather than wrapped around. */
Test(clock, fractions_give_way_to_large_numbers) {
  static const char *const texts[] = {"1.123456789", "4000000000000000", NULL};
  const struct l4r_clock clock = take_all(texts);
  cr_assert_eq(clock.digits, 0);
  static const char *const again[] = {"4000000000000000", "1.123456789", NULL};
  const struct l4r_clock other = take_all(again);
  cr_assert_eq(other.digits, 0);
  cr_assert_eq(other.lost, 1);
}

Test(clock, dates_and_numbers_do_not_mix) {
  struct l4r_clock clock = {0};
  struct l4r_moment moment;
  int digits;
  cr_assert_null(l4r_moment_parse("2001-02-03", &moment));
  cr_assert_null(l4r_clock_add(&clock, &moment, &digits));
  cr_assert_null(l4r_moment_parse("20010203", &moment));
  cr_assert_str_eq(l4r_clock_add(&clock, &moment, &digits),
                   "is a number, where the lines above hold dates");
}

Test(clock, dates_are_written_as_they_are_read) {
  static const char *const days[] = {"1970-01-01 00:00:00", "2000-02-29 23:59:59",
                                     "1969-12-31 23:59:59", "1900-03-01 00:00:00",
                                     "2400-02-29 12:00:00"};
  for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
    struct l4r_moment moment;
    char text[40];
    cr_assert_null(l4r_moment_parse(days[i], &moment));
    l4r_clock_date(l4r_clock_time(&moment, 3), 3, text, sizeof text);
    cr_assert_str_eq(text, days[i]);
  }
}
