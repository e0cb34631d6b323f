/* SPDX-License-Identifier: BSD-3-Clause */
/* The README's table: made from records, never typed. */
#include "bench/export/export.h"
#include "bench/table/units.h"
#include "bench/derive/door.h"
#include "bench/table/footnotes.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* "value unit", and below it the interval in the same unit. */
static void cell(FILE *stream, struct l4r_figure figure, struct l4r_unit unit) {
  fputc(' ', stream);
  l4r_print_digits(stream, figure.value / unit.scale);
  fprintf(stream, "%s%s", *unit.name ? " " : "", unit.name);
  if (isnan(figure.lo)) return;
  fputs("<br>", stream);
  l4r_print_digits(stream, figure.lo / unit.scale);
  fputs("–", stream);
  l4r_print_digits(stream, figure.hi / unit.scale);
}

static void accuracy_cell(FILE *stream, struct l4r_figure figure, struct l4r_footnotes *notes) {
  if (isnan(figure.value)) {
    fprintf(stream, " - [%d] |", l4r_footnote(notes, "the record holds no accuracy"));
    return;
  }
  fprintf(stream, " %.4f", figure.value);
  if (!isnan(figure.lo)) fprintf(stream, "<br>%.4f–%.4f", figure.lo, figure.hi);
  fputs(" |", stream);
}

static void latency_cell(FILE *stream, const struct l4r_row *row, const char *name,
                         struct l4r_footnotes *notes) {
  const struct l4r_figure figure = l4r_row_latency(row, name);
  if (isnan(figure.value))
    fprintf(stream, " - [%d]", l4r_footnote(notes, l4r_row_withheld(row, name)));
  else
    cell(stream, figure, l4r_unit_of_time(figure.value));
  fputs(" |", stream);
}

static void bytes_cell(FILE *stream, double bytes, struct l4r_footnotes *notes) {
  const struct l4r_figure figure = {bytes, NAN, NAN};
  if (isnan(bytes))
    fprintf(stream, " - [%d]", l4r_footnote(notes, "the record does not hold it"));
  else
    cell(stream, figure, l4r_unit_of_bytes(bytes));
  fputs(" |", stream);
}

/* What the record says against its figures, and what was not checked of it. */
static void warning_marks(FILE *stream, const struct l4r_row *row, struct l4r_footnotes *notes) {
  size_t index;
  const json_t *warning;
  const enum l4r_checked checked = l4r_record_checked(row->record);
  if (checked == L4R_UNCHECKED || checked == L4R_CHECKED_MISSING)
    fprintf(stream, " [%d]", l4r_footnote(notes, l4r_checked_names[checked]));
  json_array_foreach(l4r_row_at(row, "warnings"), index, warning)
    fprintf(stream, " [%d]", l4r_footnote(notes, l4r_warning_text(warning)));
}

static void print_row(FILE *stream, const struct l4r_row *row, struct l4r_footnotes *notes) {
  char label[sizeof row->label + 32], suffix[32] = "";
  if (row->rate > 0) snprintf(suffix, sizeof suffix, " at %.6g/s", row->rate);
  l4r_text_set(label, sizeof label, "%s%s", row->label, suffix);
  fputs("| ", stream);
  l4r_print_label(stream, label);
  warning_marks(stream, row, notes);
  fputs(" |", stream);
  if (row->threads)
    fprintf(stream, " %lld |", (long long)row->threads);
  else
    fputs(" - |", stream);
  for (int c = 0; c < L4R_CONVENTIONS; c++) {
    accuracy_cell(stream, l4r_row_accuracy(row, c, "HR@10"), notes);
    accuracy_cell(stream, l4r_row_accuracy(row, c, "NDCG@10"), notes);
  }
  latency_cell(stream, row, "p50", notes);
  latency_cell(stream, row, "p90", notes);
  latency_cell(stream, row, "p99", notes);
  const struct l4r_figure rate = l4r_figure_of(json_object_get(row->record, "users_per_second"));
  if (isnan(rate.value))
    fprintf(stream, " - [%d]", l4r_footnote(notes, "the record does not hold it"));
  else
    cell(stream, rate, (struct l4r_unit){1, 1, ""});
  fputs(" |", stream);
  bytes_cell(stream, l4r_row_number(row, "resources.weights_bytes"), notes);
  bytes_cell(stream, l4r_row_number(row, "resources.peak_rss_bytes"), notes);
  fputc('\n', stream);
}

static void print_group(FILE *stream, const struct l4r_rows *rows, int g) {
  const struct l4r_row_group *group = &rows->group[g];
  struct l4r_footnotes notes = {{0}, 0};
  fputs(g ? "\n**" : "**", stream);
  l4r_print_plain(stream, group->title);
  fputs(*group->cpu ? "** on " : "**", stream);
  l4r_print_plain(stream, group->cpu);
  fputs(". Below each figure its 95 % interval.\n\n", stream);
  fputs("| arm | threads | HR@10 keep | NDCG@10 keep | HR@10 mask | NDCG@10 mask | p50 | p90 | p99 "
        "| users/s | weights | peak memory |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        stream);
  for (int64_t r = 0; r < rows->count; r++)
    if (rows->row[r].group == g) print_row(stream, &rows->row[r], &notes);
  if (notes.count) fputc('\n', stream);
  for (int n = 0; n < notes.count; n++) {
    fprintf(stream, "[%d] ", n + 1);
    l4r_print_plain(stream, notes.text[n]);
    fputs(n + 1 < notes.count ? "<br>\n" : "\n", stream);
  }
}

int l4r_export_markdown(const struct l4r_rows *rows, FILE *stream) {
  for (int g = 0; g < rows->groups; g++) print_group(stream, rows, g);
  return ferror(stream) ? l4r_fail(L4R_ENVIRONMENT, "the table could not be written") : L4R_OK;
}
