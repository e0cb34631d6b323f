/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints verdicts as cards: what the paper says, what was measured, and the verdict. */
#include "bench/report/claims.h"
#include "bench/claims/grid.h"
#include "bench/claims/judge.h"
#include "bench/claims/ranks.h"
#include "bench/record/text.h"
#include "bench/table/html.h"
#include "bench/report/inner.h"
#include "bench/report/section.h"
#include "impl/base/error.h"

static void put_pill(FILE *page, const char *question, enum l4r_verdict verdict) {
  static const char *const classes[] = {"yes", "no", "open", "none"};
  fprintf(page, "<div><dt>%s</dt><dd><span class=\"pill %s\">%s</span></dd></div>\n", question,
          classes[verdict], l4r_verdict_name(verdict));
}

static void put_gains(FILE *page, const char *label, const struct l4r_gain *gain, int64_t n) {
  fprintf(page, "<div><dt>%s</dt><dd>", label);
  for (int64_t i = 0; i < n; i++)
    fprintf(page, "%s<b>%+.2f&nbsp;%%</b> <small>%+.2f to %+.2f</small>", i ? "<br>" : "",
            100 * gain[i].value, 100 * gain[i].lo, 100 * gain[i].hi);
  fputs(n ? "</dd></div>\n" : "not measured: see the reason</dd></div>\n", page);
}

static void put_text(FILE *page, const char *label, const char *text) {
  fprintf(page, "<div><dt>%s</dt><dd>", label);
  l4r_html_text(page, text);
  fputs("</dd></div>\n", page);
}

/* Prints the warnings of the record about its times. */
static void put_side_warnings(FILE *page, const struct l4r_record *record) {
  char text[512];
  if (!record) return;
  for (int64_t w = 0; w < record->data.warnings.count; w++) {
    snprintf(text, sizeof text, "%.200s: %.300s", l4r_text_or_none(record->data.arm),
             l4r_text_or_none(record->data.warnings.at[w].text));
    put_text(page, "warning", text);
  }
}

static void put_claim(FILE *page, const struct l4r_claim *claim, const struct l4r_judgement *j) {
  const int time = claim->statistic == L4R_TIME_SAVED;
  fputs("<article class=\"claim\"><h3>", page);
  l4r_html_text(page, claim->says);
  fputs(claim->headline ? " <span class=\"tag\">headline</span></h3>\n<dl>\n" : "</h3>\n<dl>\n",
        page);
  put_pill(page, time ? "faster at all" : "better at all", j->direction);
  put_pill(page, claim->is_margin ? "loses no more than the margin" : "at least as much as claimed",
           j->magnitude);
  fprintf(page, "<div><dt>%s</dt><dd><b>%+.2f&nbsp;%%</b></dd></div>\n",
          claim->is_margin ? "margin" : "paper", 100 * claim->value);
  put_gains(page, time ? "measured" : "measured, keep", j->gain, j->gains);
  if (!time && j->gains) put_gains(page, "measured, mask", j->mask, j->gains);
  put_text(page, "because", j->reason);
  for (int s = 0; s < 2; s++) put_side_warnings(page, j->side[s]);
  if (*j->cell) put_text(page, "cell", j->cell);
  put_text(page, "said in", claim->where);
  fputs("</dl></article>\n", page);
}

int l4r_report_claims(struct l4r_report *report) {
  struct l4r_paper paper = {0};
  int status = l4r_paper_open(&paper);
  if (status) return status;
  const struct l4r_record_set set = {.records = &report->records, .ranks = l4r_ranks_of_samples};
  l4r_section(report, "claims", "Verdicts");
  l4r_lead(
      report,
      "The claims of %s, judged by these records. A claim is supported or refuted when the 95 %% "
      "interval excludes the claimed value in each of at least %d training seeds (accuracy) "
      "or over at least %d rounds (time).",
      l4r_text_at(paper.root, "paper"), L4R_SEEDS_NEEDED, L4R_ROUNDS_NEEDED);
  fputs("<div class=\"claims\">\n", report->page);
  for (int64_t i = 0; !status && i < paper.claims; ++i) {
    struct l4r_judgement judgement;
    status = l4r_judge(&paper.claim[i], &set, &judgement);
    if (!status) put_claim(report->page, &paper.claim[i], &judgement);
  }
  fputs("</div>\n", report->page);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "cells");
  if (!status) l4r_claims_grid(&sheet, &report->records);
  status = l4r_sheet_end(&sheet, status);
  l4r_section_end(report);
  l4r_paper_close(&paper);
  return status;
}
