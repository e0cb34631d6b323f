/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/units.h"

#include "impl/base/text.h"

#include <math.h>

static struct l4r_unit unit_of(double value, const struct l4r_unit *units, int count) {
  for (int u = 0; u + 1 < count; u++)
    if (value >= units[u].scale) return units[u];
  return units[count - 1];
}

struct l4r_unit l4r_unit_of_time(double ns) {
  static const struct l4r_unit units[] = {
      {1e9, 1e-9, "s"}, {1e6, 1e-9, "ms"}, {1e3, 1e-9, "µs"}, {1, 1e-9, "ns"}};
  return unit_of(ns, units, 4);
}

struct l4r_unit l4r_unit_of_bytes(double bytes) {
  static const struct l4r_unit units[] = {
      {1e9, 1, "GB"}, {1e6, 1, "MB"}, {1e3, 1, "kB"}, {1, 1, "B"}};
  return unit_of(bytes, units, 4);
}

const char *l4r_digits(char out[32], double value, int decimals) {
  const double magnitude = fabs(value);
  const int most = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
  l4r_text_set(out, 32, "%.*f", most < decimals ? most : decimals, value);
  return out;
}

const char *l4r_time_text(char out[32], double ns) {
  const struct l4r_unit unit = l4r_unit_of_time(ns);
  char digits[32];
  l4r_text_set(out, 32, "%s %s", l4r_digits(digits, ns / unit.scale, 2), unit.name);
  return out;
}

int l4r_text_width(const char *text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}
