/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/units.h"

#include <math.h>
#include <string.h>

static struct l4r_unit unit_of(double value, const struct l4r_unit *units, int count) {
  for (int u = 0; u + 1 < count; u++)
    if (value >= units[u].scale) return units[u];
  return units[count - 1];
}

struct l4r_unit l4r_unit_of_time(double ns) {
  static const struct l4r_unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};
  return unit_of(ns, units, 4);
}

struct l4r_unit l4r_unit_of_bytes(double bytes) {
  static const struct l4r_unit units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}};
  return unit_of(bytes, units, 4);
}

void l4r_print_digits(FILE *stream, double value) {
  const double magnitude = fabs(value);
  fprintf(stream, "%.*f", magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2, value);
}

void l4r_print_time(FILE *stream, double ns) {
  const struct l4r_unit unit = l4r_unit_of_time(ns);
  l4r_print_digits(stream, ns / unit.scale);
  fprintf(stream, " %s", unit.name);
}

static char plain(char c) {
  return strchr("|`*<[\\", c) ? ' ' : c;
}

void l4r_print_plain(FILE *stream, const char *text) {
  for (; *text; text++) fputc(plain(*text), stream);
}

void l4r_make_markdown(char *text) {
  for (; *text; text++) *text = plain(*text);
}

void l4r_print_label(FILE *stream, const char *label) {
  fputc('`', stream);
  for (; *label; label++) {
    if (*label == '|') fputc('\\', stream);
    const char c = *label == '\\' && label[1] == '|' ? '/' : *label; /* else that mark is escaped */
    fputc(c == '`' ? '\'' : c, stream);
  }
  fputc('`', stream);
}
