/* SPDX-License-Identifier: BSD-3-Clause */
/* Keeps a page of many records readable: groups are folded, and older records are below the
 * newest. */
#include "bench/report/fold.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "bench/report/cards.h"
#include "bench/table/html.h"
#include "bench/report/inner.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

static int is_among(const struct l4r_row *row, int group, enum l4r_rows_shown shown) {
  if (row->group != group) return 0;
  const int newest = row->arm >= 0; /* l4r_export_plot_tables places only these */
  return shown == L4R_ROWS_ALL || (shown == L4R_ROWS_NEWEST) == newest;
}

/* Selects rows of one group. The records are copies that borrow what the originals own; the caller
 * frees them with l4r_free, not before `rows` is last used. NULL without memory. */
static struct l4r_record *select_rows(const struct l4r_report *report, int group,
                                      enum l4r_rows_shown shown, struct l4r_rows *rows) {
  struct l4r_records some = {
      .at = l4r_alloc((size_t)report->rows.count, sizeof *some.at, "rows of a group")};
  if (!some.at) return NULL;
  for (int64_t r = 0; r < report->rows.count; r++)
    if (is_among(&report->rows.row[r], group, shown))
      some.at[some.count++] = *report->rows.row[r].record;
  if (!l4r_rows_make(&some, rows)) return some.at;
  l4r_rows_free(rows);
  l4r_free(some.at);
  return NULL;
}

int l4r_report_rows(const struct l4r_report *report, int group, enum l4r_rows_shown shown) {
  int count = 0;
  for (int64_t r = 0; r < report->rows.count; r++)
    count += is_among(&report->rows.row[r], group, shown);
  return count;
}

void l4r_fold_lead(const struct l4r_report *report) {
  int rows = 0;
  for (int g = 0; g < report->rows.groups; g++) rows += l4r_report_rows(report, g, L4R_ROWS_NEWEST);
  if (rows <= L4R_OPEN_ROWS || report->rows.groups < 2) return;
  fprintf(report->page,
          "<p class=\"lead\">%d rows in %d groups: those after the first %d rows are folded, and a "
          "click on a title unfolds its group.</p>\n",
          rows, report->rows.groups, L4R_OPEN_ROWS);
}

void l4r_group_begin(struct l4r_report *report, struct l4r_fold *fold, int g) {
  const struct l4r_row_group *group = &report->rows.group[g];
  const int rows = l4r_report_rows(report, g, L4R_ROWS_NEWEST);
  char machine[L4R_PAGE_MACHINE];
  l4r_machine_name(group->first, machine, sizeof machine);
  fprintf(report->page, "<details class=\"group\"%s data-machine=\"",
          fold->rows < L4R_OPEN_ROWS ? " open" : "");
  l4r_html_text(report->page, machine);
  fputs("\" data-scenario=\"", report->page);
  l4r_html_text(report->page, l4r_text_or_none(group->first->data.scenario));
  fputs("\"><summary><h3>", report->page);
  l4r_html_text(report->page, group->title);
  if (*group->cpu) {
    fputs(" <span class=\"on\">on ", report->page);
    l4r_html_text(report->page, group->cpu);
    fputs("</span>", report->page);
  }
  fprintf(report->page, "</h3> <small>%d row%s</small></summary>\n", rows, rows == 1 ? "" : "s");
  fold->rows += rows;
}

void l4r_group_end(struct l4r_report *report) {
  fputs("</details>\n", report->page);
}

/* Begins the folded part for older records, or for all records of a group with older ones, and
 * returns 1; returns 0 where there are none. Ended by l4r_group_end. */
static int group_older(struct l4r_report *report, int g, enum l4r_rows_shown shown) {
  const int older = l4r_report_rows(report, g, L4R_ROWS_OLDER);
  if (!older) return 0;
  if (shown == L4R_ROWS_ALL)
    fprintf(
        report->page,
        "<details class=\"older\"><summary>All %d records, with the %d that were measured again "
        "since</summary>\n",
        l4r_report_rows(report, g, shown), older);
  else
    fprintf(report->page,
            "<details class=\"older\"><summary>%d older record%s of these arms, measured again "
            "since</summary>\n",
            older, older == 1 ? "" : "s");
  return 1;
}

static int put_rows(struct l4r_report *report, int g, enum l4r_rows_shown shown, const char *name,
                    int (*export)(const struct l4r_rows *rows, struct l4r_sheet *sheet)) {
  char prefix[48];
  struct l4r_rows rows = {0};
  struct l4r_sheet sheet;
  l4r_text_set(prefix, sizeof prefix, "%s-%d%s", name, g, shown == L4R_ROWS_NEWEST ? "" : "-older");
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, prefix);
  sheet.anchors = 1;
  struct l4r_record *some = select_rows(report, g, shown, &rows);
  const int status = some ? export(&rows, &sheet) : L4R_ENVIRONMENT;
  l4r_rows_free(&rows);
  l4r_free(some);
  return l4r_sheet_end(&sheet, status);
}

int l4r_report_rows_put(struct l4r_report *report, int group, enum l4r_rows_shown rest,
                        const char *name,
                        int (*export)(const struct l4r_rows *rows, struct l4r_sheet *sheet)) {
  int status = put_rows(report, group, L4R_ROWS_NEWEST, name, export);
  if (status || !group_older(report, group, rest)) return status;
  status = put_rows(report, group, rest, name, export);
  l4r_group_end(report);
  return status;
}
