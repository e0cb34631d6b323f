/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/collect/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t power[] = {1,      10,      100,      1000,      10000,
                                100000, 1000000, 10000000, 100000000, 1000000000};
#define LARGEST INT64_C(4000000000000000000)

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* --- dates ---------------------------------------------------------------------------------------
 */

/* Exactly `digits` digits; -1 otherwise. */
static int fixed(const char *at, int digits) {
  int value = 0;
  for (int i = 0; i < digits; i++) {
    if (!is_digit(at[i])) return -1;
    value = value * 10 + (at[i] - '0');
  }
  return value;
}

/* Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t days_of(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int is_day(int year, int month, int day) {
  static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return 0;
  const int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= length[month - 1] + leap;
}

/* Digits behind a point as billionths; moves *at behind them. */
static int32_t parse_fraction(const char **at, int *lost) {
  int32_t value = 0;
  int digits = 0;
  for (; is_digit(**at); ++*at, digits++) {
    if (digits < L4R_DIGITS)
      value = value * 10 + (**at - '0');
    else
      *lost |= **at != '0';
  }
  return digits < L4R_DIGITS ? value * (int32_t)power[L4R_DIGITS - digits] : value;
}

/* "", "Z", " UTC", "+02:00", "-0500", "+02": seconds east of Greenwich; moves *at. */
static int parse_zone(const char **at, int *east) {
  const char *zone = *at;
  *east = 0;
  while (*zone == ' ') zone++;
  if (*zone == 'Z' || *zone == 'z')
    zone++;
  else if (!strncmp(zone, "UTC", 3) || !strncmp(zone, "GMT", 3))
    zone += 3;
  else if (*zone == '+' || *zone == '-') {
    const int sign = *zone++ == '-' ? -1 : 1, hours = fixed(zone, 2);
    if (hours < 0 || hours > 14) return -1;
    zone += 2 + (zone[2] == ':');
    const int minutes = is_digit(*zone) ? fixed(zone, 2) : 0;
    if (minutes < 0 || minutes > 59) return -1;
    if (is_digit(*zone)) zone += 2;
    *east = sign * (hours * 3600 + minutes * 60);
  }
  while (*zone == ' ') zone++;
  *at = zone;
  return 0;
}

static const char *parse_date(const char *at, struct l4r_moment *moment) {
  const char separator = at[4];
  const int year = fixed(at, 4), month = fixed(at + 5, 2);
  const int day = month < 0 || at[7] != separator ? -1 : fixed(at + 8, 2);
  if (day < 0) return "is not a date like 2005-04-02 23:53:00";
  if (!is_day(year, month, day)) return "names a day that no calendar has";
  moment->form = L4R_TIME_DATE;
  moment->whole = days_of(year, month, day) * 86400;
  at += 10;
  int east = 0;
  if ((*at == 'T' || *at == 't' || *at == ' ') && is_digit(at[1])) {
    const int hour = fixed(at + 1, 2), minute = hour < 0 || at[3] != ':' ? -1 : fixed(at + 4, 2);
    if (hour > 23 || minute < 0 || minute > 59) return "names no time of day like 23:53:00";
    moment->whole += hour * 3600 + minute * 60;
    at += 6;
    if (*at == ':') {
      const int second = fixed(at + 1, 2);
      if (second < 0 || second > 60) return "names no time of day like 23:53:00";
      moment->whole += second;
      at += 3;
      if ((*at == '.' || *at == ',') && is_digit(at[1])) {
        at++;
        moment->billionth = parse_fraction(&at, &moment->lost);
      }
    }
  }
  if (parse_zone(&at, &east) || *at) return "ends in something that is neither a time nor a zone";
  moment->whole -= east;
  return NULL;
}

/* --- numbers -------------------------------------------------------------------------------------
 */

static const char NO_TIME[] = "is not a number or a date (as 2005-03-31 23:53:00)";

/* "1.5e9" and the like, through a double, which is exact for what such numbers can say. */
static const char *parse_real(const char *text, struct l4r_moment *moment) {
  char *end;
  const double value = strtod(text, &end);
  while (*end == ' ') end++;
  if (end == text || *end || !isfinite(value)) return NO_TIME;
  if (fabs(value) > 1e18) return "is out of range";
  moment->whole = (int64_t)floor(value);
  moment->billionth = (int32_t)floor((value - floor(value)) * 1e9);
  return NULL;
}

static const char *parse_number(const char *text, struct l4r_moment *moment) {
  const int negative = *text == '-';
  const char *at = text + (*text == '-' || *text == '+');
  int64_t whole = 0;
  moment->form = L4R_TIME_NUMBER;
  if (!is_digit(*at) && !(*at == '.' && is_digit(at[1]))) return NO_TIME;
  for (; is_digit(*at); at++) {
    if (whole > LARGEST / 10) return "is out of range";
    whole = whole * 10 + (*at - '0');
  }
  if (*at == '.') {
    at++;
    moment->billionth = parse_fraction(&at, &moment->lost);
  }
  if (*at == 'e' || *at == 'E') return parse_real(text, moment);
  while (*at == ' ') at++;
  if (*at) return NO_TIME;
  moment->whole = whole;
  if (!negative) return NULL;
  moment->whole = -whole - (moment->billionth > 0);
  if (moment->billionth) moment->billionth = (int32_t)power[L4R_DIGITS] - moment->billionth;
  return NULL;
}

const char *l4r_moment_parse(const char *text, struct l4r_moment *moment) {
  *moment = (struct l4r_moment){.form = L4R_TIME_NUMBER};
  while (*text == ' ') text++;
  if (!*text) return "is missing";
  const int dated = fixed(text, 4) >= 0 && (text[4] == '-' || text[4] == '/');
  return dated ? parse_date(text, moment) : parse_number(text, moment);
}

/* --- a column ------------------------------------------------------------------------------------
 */

static int band_of(int64_t whole) {
  const int64_t size = whole < 0 ? -whole : whole;
  return size < INT64_C(100000000000)         ? 0
         : size < INT64_C(100000000000000)    ? 1
         : size < INT64_C(100000000000000000) ? 2
                                              : 3;
}

static int fits(int64_t whole, int digits) {
  return whole < LARGEST / power[digits];
}

const char *l4r_clock_add(struct l4r_clock *clock, const struct l4r_moment *moment, int *digits) {
  if (clock->form && clock->form != moment->form)
    return moment->form == L4R_TIME_DATE ? "is a date, where the lines above hold numbers"
                                         : "is a number, where the lines above hold dates";
  clock->form = moment->form;
  int needed = 0;
  while (needed < L4R_DIGITS && moment->billionth % power[L4R_DIGITS - needed]) needed += 3;
  *digits = needed > clock->digits ? needed : clock->digits;
  const int64_t size = moment->whole < 0 ? -moment->whole : moment->whole;
  if (size > clock->largest) clock->largest = size;
  while (*digits && !fits(clock->largest, *digits)) *digits -= 3;
  clock->lost += moment->lost || needed > *digits;
  clock->band[band_of(moment->whole)]++;
  clock->negative += moment->whole < 0;
  clock->count++;
  const int64_t day = moment->whole;
  clock->day_numbers += day >= 19000101 && day <= 21001231 && !moment->billionth &&
                        is_day((int)(day / 10000), (int)(day / 100 % 100), (int)(day % 100));
  return NULL;
}

int64_t l4r_clock_day(int64_t number) {
  return days_of(number / 10000, (int)(number / 100 % 100), (int)(number % 100)) * 86400;
}

int64_t l4r_clock_time(const struct l4r_moment *moment, int digits) {
  return moment->whole * power[digits] + moment->billionth / power[L4R_DIGITS - digits];
}

int l4r_clock_unit(const struct l4r_clock *clock) {
  int unit = 0;
  if (clock->form == L4R_TIME_DATE) return 0;
  for (int b = 1; b < L4R_BANDS; b++)
    if (clock->band[b] > clock->band[unit]) unit = b;
  return unit;
}

const char *l4r_clock_unit_name(int digits) {
  return digits >= 9 ? "ns" : digits >= 6 ? "us" : digits >= 3 ? "ms" : "s";
}

void l4r_clock_date(int64_t time, int digits, char *out, size_t room) {
  const int64_t unit = power[digits], second = time / unit - (time % unit < 0);
  int64_t days = second / 86400 - (second % 86400 < 0);
  const int64_t of_day = second - days * 86400;
  if (days < -700000 || days > 2900000) {
    snprintf(out, room, "%" PRId64, time);
    return;
  }
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100),
                m = (5 * of_year + 2) / 153;
  const int month = (int)(m < 10 ? m + 3 : m - 9);
  snprintf(out, room, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", year + era * 400 + (month <= 2),
           month, (int)(of_year - (153 * m + 2) / 5 + 1), (int)(of_day / 3600),
           (int)(of_day / 60 % 60), (int)(of_day % 60));
}
