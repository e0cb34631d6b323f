/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/report.h"

#include "bench/claims/ranks.h"
#include "bench/export/growth.h"
#include "bench/machine/build_info.h"
#include "bench/derive/door.h"
#include "bench/report/assets.h"
#include "bench/report/claims.h"
#include "bench/report/counters.h"
#include "bench/report/machine.h"
#include "bench/report/tables.h"
#include "bench/report/users.h"
#include "bench/table/html.h"
#include "bench/report/inner.h"
#include "bench/report/section.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void hear_warning(void *report, const char *text) {
  l4r_report_warn(report, "%s", text);
}

/* --- the page ------------------------------------------------------------------------------------
 */

static const struct {
  const char *id, *title;
  int (*put)(struct l4r_report *report);
} parts[] = {{"claims", "Verdicts", l4r_report_claims},
             {"machines", "Machines", l4r_report_machines},
             {"latency", "Accuracy beside latency", l4r_report_latency},
             {"users", "Who gains", l4r_report_users},
             {"training", "Accuracy by training", l4r_report_training_rows},
             {"stages", "Stages and ceilings", l4r_report_stages},
             {"growth", "Growth", l4r_report_growth},
             {"curves", "Training curves", l4r_report_curves},
             {"counters", "Counters", l4r_report_counters},
             {"records", "Records and commands", l4r_report_provenance}};
enum { PARTS = sizeof parts / sizeof *parts };

/* The script is allowed by its hash, so no text of a record can run as a script. Figures are part
 * of the page's own text, and nothing may be loaded from elsewhere. */
static void put_policy(FILE *page) {
  unsigned char digest[EVP_MAX_MD_SIZE], text[128];
  unsigned bytes = 0;
  if (!EVP_Digest(l4r_page_js, strlen(l4r_page_js), digest, &bytes, EVP_sha256(), NULL)) return;
  EVP_EncodeBlock(text, digest, (int)bytes);
  fprintf(page,
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; "
          "form-action 'none'\">\n",
          (const char *)text);
}

static int files_of(const struct l4r_records *records) {
  int files = 0;
  for (int64_t r = 0; r < records->count; r++)
    files += !r || strcmp(records->at[r - 1].from.path, records->at[r].from.path);
  return files;
}

/* Finds the first and the last time among the records. */
static void times_of(const struct l4r_report *report, const char **first, const char **last) {
  *first = *last = "";
  for (int64_t r = 0; r < report->rows.count; r++) {
    const char *time = l4r_row_text(&report->rows.row[r], "manifest.time");
    if (!*time) continue;
    if (!**first || strcmp(time, *first) < 0) *first = time;
    if (strcmp(time, *last) > 0) *last = time;
  }
}

static void put_head(FILE *page, const struct l4r_report *report) {
  const char *first, *last;
  times_of(report, &first, &last);
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", page);
  put_policy(page);
  fprintf(page,
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>lite4rec report</title>\n"
          "<style>\n%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#claims\">To the "
          "verdicts</a>\n<header>\n<h1>lite4rec report</h1>\n",
          l4r_page_css);
  const int files = files_of(&report->records), groups = report->rows.groups;
  fprintf(page,
          "<p>Accuracy and latency of recommenders on CPUs, measured together: %lld record%s of "
          "%d run%s in %d group%s that may be compared",
          (long long)report->rows.count, report->rows.count == 1 ? "" : "s", files,
          files == 1 ? "" : "s", groups, groups == 1 ? "" : "s");
  if (*first) {
    fputs(", measured from ", page);
    l4r_html_text(page, first);
    fputs(" to ", page);
    l4r_html_text(page, last);
  }
  fputs(". Page made by lite4rec, commit ", page);
  l4r_html_text(page, *l4r_build_git ? l4r_build_git : "unknown");
  fputs(".</p>\n</header>\n<nav aria-label=\"Contents\"><ul>\n", page);
  for (int p = 0; p < PARTS; p++)
    fprintf(page, "<li><a href=\"#%s\">%s</a></li>\n", parts[p].id, parts[p].title);
  fprintf(page, "<li><a href=\"#warnings\">Warnings (%zu)</a></li>\n",
          json_object_size(report->warnings));
  fputs("</ul></nav>\n<main>\n", page);
}

static void put_warnings(FILE *page, const struct l4r_report *report) {
  const char *text;
  json_t *count;
  const size_t warnings = json_object_size(report->warnings);
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(&report->records, line);
  fputs("<section id=\"warnings\">\n<h2>Warnings</h2>\n", page);
  for (int l = 0; l < lines; l++) fprintf(page, "<p class=\"note\">%s.</p>\n", line[l]);
  if (!warnings)
    fputs("<p>None: no record says anything against its figures.</p>\n", page);
  else
    fprintf(page,
            "<details%s><summary>%zu thing%s that may spoil a figure, or that is left "
            "out</summary>\n<ul>\n",
            warnings <= 6 ? " open" : "", warnings, warnings == 1 ? "" : "s");
  json_object_foreach(report->warnings, text, count) {
    fputs("<li>", page);
    l4r_html_text(page, text);
    if (json_integer_value(count) > 1)
      fprintf(page, " <small>(%lld times)</small>", (long long)json_integer_value(count));
    fputs("</li>\n", page);
  }
  fputs(warnings ? "</ul></details>\n</section>\n" : "</section>\n", page);
}

static int write_page(const struct l4r_report *report, const char *body, size_t bytes,
                      const char *out) {
  struct l4r_output output;
  const int status = l4r_output_open(&output, out);
  if (status) return status;
  put_head(output.stream, report);
  fwrite(body, 1, bytes, output.stream);
  put_warnings(output.stream, report);
  fprintf(output.stream, "</main>\n<script>%s</script>\n</body>\n</html>\n", l4r_page_js);
  return l4r_output_commit(&output);
}

/* --- making it -----------------------------------------------------------------------------------
 */

/* Growth is printed as tables before the page begins, because its figures are drawn from them. */
static int prepare_growth(struct l4r_report *report) {
  char tables[L4R_PATH_MAX];
  size_t bytes;
  struct l4r_sheet sheet;
  FILE *stream = open_memstream(&report->growth_text, &bytes);
  if (!stream) return l4r_fail(L4R_ENVIRONMENT, "no memory for a table");
  l4r_sheet_begin(&sheet, &l4r_print_html, stream, "growth");
  int status = l4r_figures_tables(&report->figures, tables);
  if (!status) status = l4r_export_growth(&report->rows, &sheet, tables);
  status = l4r_sheet_end(&sheet, status);
  if (fclose(stream) && !status) status = l4r_fail(L4R_ENVIRONMENT, "no memory for a table");
  if (status == L4R_INPUT) {
    l4r_text_set(report->growth, sizeof report->growth, "%s", l4r_error_message());
    return L4R_OK;
  }
  return status;
}

static int make_page(struct l4r_report *report, const char *out) {
  char *body = NULL;
  size_t bytes = 0;
  int status = prepare_growth(report);
  if (!status)
    status = l4r_figures_begin(&report->figures, &report->rows, report->training, report->logs);
  if (status) return status;
  report->page = open_memstream(&body, &bytes);
  if (!report->page) return l4r_fail(L4R_ENVIRONMENT, "no memory for the page");
  for (int p = 0; p < PARTS && !status; p++) status = parts[p].put(report);
  if (fclose(report->page) && !status) status = l4r_fail(L4R_ENVIRONMENT, "no memory for the page");
  if (!status) status = write_page(report, body, bytes, out);
  free(body);
  return status;
}

/* Groups with models that were trained come first: the others' accuracy says nothing. */
static int order_groups(struct l4r_report *report) {
  const struct l4r_rows *rows = &report->rows;
  int *trained = l4r_alloc((size_t)rows->groups, sizeof *trained, "groups"), placed = 0;
  report->group = l4r_alloc((size_t)rows->groups, sizeof *report->group, "groups");
  const int status = trained && report->group ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t r = 0; !status && r < rows->count; r++)
    trained[rows->row[r].group] |= !l4r_row_untrained(&rows->row[r]);
  for (int wanted = 1; !status && wanted >= 0; wanted--)
    for (int g = 0; g < rows->groups; g++)
      if (trained[g] == wanted) report->group[placed++] = g;
  l4r_free(trained);
  return status;
}

int l4r_report_write(const struct l4r_report_options *options) {
  struct l4r_report report = {.training = options->training, .logs = options->logs};
  struct l4r_door door = {.unsealed = options->unsealed};
  int status = l4r_records_admit(&door, options->path, options->paths, &report.records);
  l4r_door_close(&door);
  if (status) return status;
  report.warnings = json_object();
  status = report.warnings ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for warnings");
  if (!status) status = l4r_rows_make(&report.records, &report.rows);
  if (!status) status = order_groups(&report);
  if (!status) status = l4r_figures_open(&report.figures);
  l4r_on_warning(hear_warning, &report);
  if (!status) status = make_page(&report, options->out);
  l4r_on_warning(NULL, NULL);
  l4r_figures_end(&report.figures);
  free(report.growth_text);
  l4r_free(report.group);
  l4r_rows_free(&report.rows);
  json_decref(report.warnings);
  l4r_records_free(&report.records);
  return status;
}
