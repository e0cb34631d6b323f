/* SPDX-License-Identifier: BSD-3-Clause */
/* The sections that bench/export's tables make, group by group, with their figures. */
#include "bench/export/export.h"
#include "bench/report/fold.h"
#include "bench/report/section.h"
#include "bench/table/units.h"
#include "bench/record/training.h"
#include "bench/report/html.h"
#include "bench/report/inner.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef int export_rows(const struct l4r_rows *rows, FILE *stream);

/* What one export makes of a group's rows. */
static int put_rows(struct l4r_report *report, int g, enum l4r_rows_shown shown, const char *name,
                    export_rows *export) {
  char prefix[48];
  json_t *records = NULL;
  struct l4r_rows rows = {0};
  struct l4r_markdown markdown;
  l4r_text_set(prefix, sizeof prefix, "%s-%d%s", name, g, shown == L4R_ROWS_NEWEST ? "" : "-older");
  int status = l4r_markdown_open(&markdown);
  if (status) return status;
  status = l4r_report_group(report, g, shown, &records, &rows);
  if (!status) status = export(&rows, markdown.stream);
  l4r_rows_free(&rows);
  json_decref(records);
  return l4r_markdown_put(&markdown, report, prefix, status);
}

/* The newest, and folded below them the rest. */
static int put_group(struct l4r_report *report, int g, enum l4r_rows_shown rest, const char *name,
                     export_rows *export) {
  int status = put_rows(report, g, L4R_ROWS_NEWEST, name, export);
  if (status || !l4r_group_older(report, g, rest)) return status;
  status = put_rows(report, g, rest, name, export);
  l4r_group_end(report);
  return status;
}

static int rows_of(const struct l4r_report *report, int g) {
  return l4r_report_rows(report, g, L4R_ROWS_ALL);
}

int l4r_report_latency(struct l4r_report *report) {
  int status = L4R_OK;
  char caption[640];
  struct l4r_fold fold = {0};
  l4r_section(report, "latency", "Accuracy beside latency");
  l4r_lead(report,
           "Both of the same arm in the same row. keep: items of the history may be ranked; "
           "mask: they are left out; the two are never mixed. A figure that is not there "
           "says why below its table; a rate without an interval is of a run of one round. "
           "Figures stand where there are two rows or more; of more arms than can be told apart "
           "they show some, and say which.");
  l4r_fold_lead(report);
  for (int g = 0; g < report->rows.groups && !status; g++) {
    const struct l4r_row_group *group = &report->rows.group[g];
    l4r_group_begin(report, &fold, g);
    if (rows_of(report, g) > 1) {
      l4r_text_set(caption, sizeof caption, "Accuracy against latency: %s.", group->title);
      l4r_figures_put(&report->figures, report->page, "accuracy-latency", group->slug, caption);
      l4r_text_set(caption, sizeof caption, "Time of a user: %s.", group->title);
      l4r_figures_put(&report->figures, report->page, "times", group->slug, caption);
      l4r_text_set(caption, sizeof caption, "Latency against load: %s.", group->title);
      l4r_figures_put(&report->figures, report->page, "load", group->slug, caption);
      l4r_text_set(caption, sizeof caption, "Latency of a request, as a distribution: %s.",
                   group->title);
      l4r_figures_put(&report->figures, report->page, "latency", group->slug, caption);
    }
    status = put_group(report, g, L4R_ROWS_OLDER, "latency", l4r_export_markdown);
    l4r_group_end(report);
  }
  l4r_section_end(report);
  return status;
}

int l4r_report_training_rows(struct l4r_report *report) {
  struct l4r_markdown markdown;
  l4r_section(report, "training", "Accuracy by way of training");
  l4r_lead(report, "Records that differ in the training seed alone are one row: mean and range, "
                   "never the best seed.");
  int status = l4r_markdown_open(&markdown);
  if (status) return status;
  status = l4r_export_accuracy(&report->rows, markdown.stream, 1);
  if (status == L4R_CHECK) {
    l4r_report_warn(report, "%s", l4r_error_message());
    status = L4R_OK;
  } else if (status == L4R_INPUT) {
    fprintf(markdown.stream, "No table: %s.\n", l4r_error_message());
    status = L4R_OK;
  }
  status = l4r_markdown_put(&markdown, report, "rows", status);
  l4r_section_end(report);
  return status;
}

static int has_stages(const struct l4r_report *report, int g) {
  for (int64_t r = 0; r < report->rows.count; r++) {
    const struct l4r_row *row = &report->rows.row[r];
    if (row->group == g && json_array_size(json_object_get(row->record, "stages"))) return 1;
  }
  return 0;
}

int l4r_report_stages(struct l4r_report *report) {
  int status = L4R_OK, without = 0;
  char caption[640];
  struct l4r_fold fold = {0};
  l4r_section(report, "stages", "Stages and ceilings");
  l4r_lead(report,
           "Where a user's time goes, how fast each stage computes, and what share that is "
           "of two ceilings measured in the same rounds: sgemm, and reading memory. Work is "
           "modelled (analytic FLOPs and bytes).");
  l4r_fold_lead(report);
  for (int g = 0; g < report->rows.groups && !status; g++) {
    const struct l4r_row_group *group = &report->rows.group[g];
    if (!has_stages(report, g)) {
      without++;
      continue;
    }
    l4r_group_begin(report, &fold, g);
    /* all, because rows of one run are compared, whichever of them was measured again */
    status = put_group(report, g, L4R_ROWS_ALL, "stages", l4r_export_speed);
    if (!status && rows_of(report, g) > 1) {
      l4r_text_set(caption, sizeof caption, "Roofline of stages: %s.", group->title);
      l4r_figures_put(&report->figures, report->page, "roofline", group->slug, caption);
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
  char caption[128];
  l4r_section(report, "growth", "Growth");
  if (*report->growth)
    l4r_lead(report, "Not shown: %s.", report->growth);
  else
    l4r_html_markdown(report->page, report->growth_text, "growth");
  for (size_t d = 0; !*report->growth && d < sizeof dimensions / sizeof *dimensions; d++) {
    l4r_text_set(caption, sizeof caption, "Time of a user by %s; dashed: what the roofline allows.",
                 dimensions[d]);
    char name[32];
    l4r_text_set(name, sizeof name, "growth-%s", dimensions[d]);
    l4r_figures_put(&report->figures, report->page, name, "", caption);
  }
  l4r_section_end(report);
  return L4R_OK;
}

static void print_real(FILE *stream, double value, const char *format) {
  fputs(" ", stream);
  if (isnan(value))
    fputs("-", stream);
  else
    fprintf(stream, format, value); /* NOLINT: formats are literals of this file */
  fputs(" |", stream);
}

/* Where the log of an argument is: a model folder's, or itself. */
static int log_of(const char *given, char *path) {
  struct stat info;
  if (!stat(given, &info) && S_ISDIR(info.st_mode))
    return l4r_path_join(path, given, "training.jsonl");
  snprintf(path, L4R_PATH_MAX, "%s", given);
  return L4R_OK;
}

static int print_log(FILE *stream, const char *given) {
  char path[L4R_PATH_MAX];
  struct l4r_training_log log = {0};
  struct l4r_trend trend = {0};
  int status = log_of(given, path);
  if (!status) status = l4r_training_read(path, &log);
  if (!status) status = l4r_training_trend(&log, &trend);
  if (!status) {
    const struct l4r_training_epoch *best = l4r_training_best(&log);
    fputs("| ", stream);
    l4r_print_label(stream, given);
    fprintf(stream, " | %lld |", (long long)log.epochs);
    print_real(stream, best ? best->epoch : NAN, "%.0f");
    print_real(stream, best ? best->loss : NAN, "%.4f");
    print_real(stream, best ? best->hr10 : NAN, "%.4f");
    print_real(stream, best ? best->ndcg10 : NAN, "%.4f");
    print_real(stream, log.epoch[log.epochs - 1].seconds / 60, "%.1f");
    fprintf(stream, " %s |\n", l4r_trend_name(trend.state));
  }
  l4r_training_free(&log);
  return status;
}

int l4r_report_curves(struct l4r_report *report) {
  struct l4r_markdown markdown;
  l4r_section(report, "curves", "Training curves");
  if (!report->logs) {
    l4r_lead(report, "Not shown: no training log was given (--training MODEL, a model folder or a "
                     "copy of its training.jsonl).");
    l4r_section_end(report);
    return L4R_OK;
  }
  int status = l4r_markdown_open(&markdown);
  if (status) return status;
  fputs("Validation figures of the epoch that was kept, masked\n\n"
        "| model | epochs | best | loss | HR@10 | NDCG@10 | minutes | curve at its end |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|\n",
        markdown.stream);
  for (int m = 0; m < report->logs && !status; m++)
    status = print_log(markdown.stream, report->training[m]);
  status = l4r_markdown_put(&markdown, report, "curves", status);
  l4r_figures_put(
      &report->figures, report->page, "learning-curves", "",
      "Learning curves: training loss, and the validation figures by which the epoch is "
      "chosen.");
  l4r_section_end(report);
  return status;
}
