/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/cells.h"

#include "bench/record/text.h"
#include "impl/base/text.h"

#include <string.h>

/* The unit in which a time reads with one to three digits before the point. */
struct l4r_table_unit l4r_table_unit_of(double ns) {
  static const struct l4r_table_unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    if (ns >= units[u].scale) return units[u];
  return units[3];
}

/* Three significant digits without an exponent. */
void l4r_table_number(char *out, size_t size, double value) {
  double magnitude = value < 0 ? -value : value;
  int digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
  snprintf(out, size, "%.*f", digits, value);
}

struct l4r_cell l4r_accuracy_cell(const json_t *accuracy, const char *convention,
                                  const char *metric) {
  struct l4r_cell cell;
  json_t *value = json_object_get(json_object_get(accuracy, convention), metric);
  json_t *interval = json_object_get(json_object_get(json_object_get(accuracy, "ci95"), convention),
                                     metric);
  snprintf(cell.value, L4R_CELL_ROOM, "%.4f", json_number_value(value));
  snprintf(cell.interval, L4R_CELL_ROOM, "%.4f-%.4f",
           json_number_value(json_array_get(interval, 0)),
           json_number_value(json_array_get(interval, 1)));
  return cell;
}

struct l4r_cell l4r_estimate_cell(const json_t *estimate, int is_time,
                                  struct l4r_footnotes *notes) {
  struct l4r_cell cell = {{0}, {0}};
  const json_t *value = json_object_get(estimate, "value"), *lo = json_object_get(estimate, "lo");
  if (!json_is_number(value)) {
    snprintf(cell.value, L4R_CELL_ROOM, "- [%d]",
             l4r_footnote(notes, l4r_text_at(estimate, "withheld")));
    return cell;
  }
  struct l4r_table_unit unit = {1, ""};
  if (is_time) unit = l4r_table_unit_of(json_number_value(value));
  char middle[24], low[24], high[24];
  l4r_table_number(middle, sizeof middle, json_number_value(value) / unit.scale);
  l4r_text_set(cell.value, L4R_CELL_ROOM, "%s%s%s", middle, is_time ? " " : "", unit.name);
  if (!json_is_number(lo)) {
    const char *why = l4r_text_at(estimate, "interval_withheld");
    snprintf(cell.interval, L4R_CELL_ROOM, "- [%d]",
             l4r_footnote(notes, *why ? "fewer than three rounds have no interval; raise --rounds"
                                      : "one round has no interval over rounds; raise --rounds"));
    return cell;
  }
  l4r_table_number(low, sizeof low, json_number_value(lo) / unit.scale);
  l4r_table_number(high, sizeof high,
                   json_number_value(json_object_get(estimate, "hi")) / unit.scale);
  l4r_text_set(cell.interval, L4R_CELL_ROOM, "%s-%s", low, high);
  return cell;
}

struct l4r_cell l4r_bytes_cell(const json_t *bytes) {
  struct l4r_cell cell = {{0}, {0}};
  double megabytes = json_number_value(bytes) / 1e6;
  if (json_is_number(bytes))
    snprintf(cell.value, L4R_CELL_ROOM, "%.*f", megabytes < 10 ? 2 : 0, megabytes);
  else
    strcpy(cell.value, "-");
  return cell;
}

/* A line without the blanks that padding leaves at its end. */
static void print_trimmed(FILE *stream, char *text) {
  size_t n = strlen(text);
  while (n && text[n - 1] == ' ') n--;
  fprintf(stream, "%.*s\n", (int)n, text);
}

void l4r_print_cells(FILE *stream, const struct l4r_cell *cell, int cells) {
  char text[512];
  size_t used = 0;
  for (int c = 0; c < cells; c++)
    l4r_text_add(text, sizeof text, &used, " %-*s", (c < 8 ? L4R_COLUMN_WIDTH : 8) - 1,
                 cell[c].value);
  print_trimmed(stream, text);
  used = 0;
  l4r_text_add(text, sizeof text, &used, "%*s", L4R_ARM_WIDTH + 3, "");
  for (int c = 0; c < cells && c < 8; c++)
    l4r_text_add(text, sizeof text, &used, " %-*s", L4R_COLUMN_WIDTH - 1, cell[c].interval);
  print_trimmed(stream, text);
}
