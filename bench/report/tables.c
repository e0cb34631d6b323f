/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the sections made of bench/export's tables, group by group, with their figures. */
#include "bench/report/tables.h"
#include "bench/export/accuracy.h"
#include "bench/export/speed.h"
#include "bench/export/table.h"
#include "bench/report/draw_curves.h"
#include "bench/report/draw_points.h"
#include "bench/report/fold.h"
#include "bench/report/section.h"
#include "bench/record/training.h"
#include "bench/table/html.h"
#include "bench/report/inner.h"
#include "impl/base/error.h"
#include "impl/base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int rows_of(const struct l4r_report *report, int g) {
  return l4r_report_rows(report, g, L4R_ROWS_ALL);
}

int l4r_report_latency(struct l4r_report *report) {
  int status = L4R_OK;
  struct l4r_fold fold = {0};
  l4r_section(report, "latency", "Accuracy beside latency");
  l4r_lead(report, "A row shows both figures of one arm. keep: items of the history may be ranked; "
                   "mask: they are left out; the two are never mixed. The reason for a missing "
                   "figure is below its table; a rate without an interval is from a single round. "
                   "Tables of two rows or more have figures: a point tells its figures, and leads "
                   "to its row.");
  l4r_fold_lead(report);
  for (int n = 0; n < report->rows.groups && !status; n++) {
    const int g = report->group[n];
    l4r_group_begin(report, &fold, g);
    if (rows_of(report, g) > 1) {
      fputs("<div class=\"figures\">\n", report->page);
      l4r_put_accuracy(&report->figures, report->page, g);
      l4r_put_load(&report->figures, report->page, g);
      l4r_put_distribution(&report->figures, report->page, g);
      fputs("</div>\n", report->page);
    }
    status = l4r_report_rows_put(report, g, L4R_ROWS_OLDER, "latency", l4r_export_table);
    l4r_group_end(report);
  }
  l4r_section_end(report);
  return status;
}

int l4r_report_training_rows(struct l4r_report *report) {
  struct l4r_sheet sheet;
  l4r_section(report, "training", "Accuracy by way of training");
  l4r_lead(report, "Records that differ in the training seed alone are one row: mean and range, "
                   "never the best seed.");
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "rows");
  int status = l4r_export_accuracy(&report->rows, &sheet);
  if (status == L4R_CHECK) {
    l4r_report_warn(report, "%s", l4r_error_message());
    status = L4R_OK;
  } else if (status == L4R_INPUT) {
    l4r_sheet_text(&sheet, "No table: %s.", l4r_error_message());
    status = L4R_OK;
  }
  status = l4r_sheet_end(&sheet, status);
  l4r_section_end(report);
  return status;
}

static int has_stages(const struct l4r_report *report, int g) {
  for (int64_t r = 0; r < report->rows.count; r++) {
    const struct l4r_row *row = &report->rows.row[r];
    if (row->group == g && row->record->data.stages.count) return 1;
  }
  return 0;
}

int l4r_report_stages(struct l4r_report *report) {
  int status = L4R_OK, without = 0;
  struct l4r_fold fold = {.rows = L4R_FOLD_FIRST};
  l4r_section(report, "stages", "Stages and ceilings");
  l4r_lead(report,
           "Where a user's time goes, how fast each stage computes, and what share that is "
           "of two ceilings measured in the same rounds: multiply-adds in registers by the "
           "fastest instruction set for the precision, and reading from the slowest level that "
           "could give the bytes so fast. Records of before 2026-11-29 have sgemm's speed in place "
           "of the first, which is a library's and may be passed. Work is modelled (analytic FLOPs "
           "and bytes).");
  for (int n = 0; n < report->rows.groups && !status; n++) {
    const int g = report->group[n];
    if (!has_stages(report, g)) {
      without++;
      continue;
    }
    l4r_group_begin(report, &fold, g);
    /* all rows, because rows of one run are compared even if some were measured again */
    status = l4r_report_rows_put(report, g, L4R_ROWS_ALL, "stages", l4r_export_speed);
    if (!status && rows_of(report, g) > 1) {
      fputs("<div class=\"figures\">\n", report->page);
      l4r_put_roofline(&report->figures, report->page, g);
      fputs("</div>\n", report->page);
    }
    l4r_group_end(report);
  }
  if (without)
    l4r_lead(report, "%d of %d groups have no times of stages: their records name none.", without,
             report->rows.groups);
  l4r_section_end(report);
  return status;
}

int l4r_report_growth(struct l4r_report *report) {
  static const char *const dimensions[] = {"history", "items", "beams", "batch", "threads"};
  l4r_section(report, "growth", "Growth");
  if (*report->growth) l4r_lead(report, "Not shown: %s.", report->growth);
  fputs("<div class=\"figures\">\n", report->page);
  for (size_t d = 0; !*report->growth && d < sizeof dimensions / sizeof *dimensions; d++)
    l4r_put_growth(&report->figures, report->page, dimensions[d]);
  fputs("</div>\n", report->page);
  if (!*report->growth) {
    fputs("<details class=\"older\"><summary>Tables</summary>\n", report->page);
    fputs(report->growth_text, report->page);
    fputs("</details>\n", report->page);
  }
  l4r_section_end(report);
  return L4R_OK;
}

/* Gives the path of a log: in the given model folder, or the given file itself. */
static int log_of(const char *given, char *path) {
  struct stat info;
  if (!stat(given, &info) && S_ISDIR(info.st_mode))
    return l4r_path_join(path, given, "training.jsonl");
  snprintf(path, L4R_PATH_MAX, "%s", given);
  return L4R_OK;
}

static int add_log(struct l4r_table *table, const char *given) {
  char path[L4R_PATH_MAX];
  struct l4r_training_log log = {0};
  struct l4r_trend trend = {0};
  int status = log_of(given, path);
  if (!status) status = l4r_training_read(path, &log);
  if (!status) status = l4r_training_trend(&log, &trend);
  if (!status) {
    const struct l4r_training_epoch *best = l4r_training_best(&log);
    l4r_row(table);
    l4r_cell(table, L4R_CODE "%s" L4R_CODE, given);
    l4r_cell_count(table, log.epochs);
    l4r_cell_fixed(table, best ? (double)best->epoch : NAN, 0, "");
    l4r_cell_fixed(table, best ? best->loss : NAN, 4, "");
    l4r_cell_fixed(table, best ? best->hr10 : NAN, 4, "");
    l4r_cell_fixed(table, best ? best->ndcg10 : NAN, 4, "");
    l4r_cell_fixed(table, log.epoch[log.epochs - 1].seconds / 60, 1, "");
    l4r_cell(table, "%s", l4r_trend_name(trend.state));
  }
  l4r_training_free(&log);
  return status;
}

int l4r_report_curves(struct l4r_report *report) {
  static const struct l4r_column columns[] = {
      {"model", "model", .align = L4R_LEFT},      {"epochs", "epochs", .align = L4R_RIGHT},
      {"best", "best", .align = L4R_RIGHT},       {"loss", "loss", .align = L4R_RIGHT},
      {"hr10", "HR@10", .align = L4R_RIGHT},      {"ndcg10", "NDCG@10", .align = L4R_RIGHT},
      {"minutes", "minutes", .align = L4R_RIGHT}, {"curve", "curve at its end", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.gap = 2}};
  struct l4r_sheet sheet;
  int status = L4R_OK;
  l4r_section(report, "curves", "Training curves");
  if (!report->logs) {
    l4r_lead(report, "Not shown: no training log was given (--training MODEL, a model folder or a "
                     "copy of its training.jsonl).");
    l4r_section_end(report);
    return L4R_OK;
  }
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "curves");
  l4r_table_title(&table, "Validation figures of the epoch that was kept, masked");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int m = 0; m < report->logs && !status; m++) status = add_log(&table, report->training[m]);
  if (status) table.status = status;
  l4r_sheet_table(&sheet, &table);
  status = l4r_sheet_end(&sheet, status);
  fputs("<div class=\"figures\">\n", report->page);
  l4r_put_learning(&report->figures, report->page);
  fputs("</div>\n", report->page);
  l4r_section_end(report);
  return status;
}
