/* SPDX-License-Identifier: BSD-3-Clause */
/* Verdicts as cards: what the paper says, what was measured, and what follows. */
#include "bench/claims/judge.h"
#include "bench/claims/ranks.h"
#include "bench/record/text.h"
#include "bench/report/html.h"
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

/* What the record itself says against its times. */
static void put_side_warnings(FILE *page, const json_t *record) {
  size_t index;
  const json_t *warning;
  char text[512];
  json_array_foreach(json_object_get(record, "warnings"), index, warning) {
    snprintf(text, sizeof text, "%.200s: %.300s", l4r_text_at(record, "arm"),
             l4r_warning_text(warning));
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
  put_pill(page, "at least as much as claimed", j->magnitude);
  fprintf(page, "<div><dt>paper</dt><dd><b>%+.2f&nbsp;%%</b></dd></div>\n", 100 * claim->value);
  put_gains(page, time ? "measured" : "measured, keep", j->gain, j->gains);
  if (!time && j->gains) put_gains(page, "measured, mask", j->mask, j->gains);
  put_text(page, "because", j->reason);
  for (int s = 0; s < 2; s++) put_side_warnings(page, j->side[s]);
  if (*j->cell) put_text(page, "cell", j->cell);
  put_text(page, "said in", claim->where);
  fputs("</dl></article>\n", page);
}

/* Every pair that was measured, so that no single number stands without its cell. */
static int put_grid(struct l4r_report *report) {
  const json_t *lite, *beam;
  int64_t cursor = 0, rows = 0, rounds;
  struct l4r_markdown markdown;
  int status = l4r_markdown_open(&markdown);
  if (status) return status;
  while (l4r_next_pair(report->records, &cursor, &lite, &beam)) {
    struct l4r_gain gain;
    char cell[256];
    if (l4r_pair_saving(lite, beam, &gain, &rounds)) continue;
    if (!rows++)
      fputs("Time of Lite beside beam search, every cell that was measured: 1 - time(Lite) / "
            "time(beam), mean of a user, 95 % interval over rounds\n\n"
            "| cell | data set | less time | times faster | rounds |\n|---|---|--:|--:|--:|\n",
            markdown.stream);
    l4r_pair_cell(lite, beam, cell, sizeof cell);
    char label[256];
    const char *name = l4r_dataset_label_in(lite, label, sizeof label);
    fputs("| ", markdown.stream);
    for (const char *c = cell; *c; c++) fputc(*c == '|' || *c == '`' ? '\'' : *c, markdown.stream);
    fputs(" | ", markdown.stream);
    for (const char *c = *name ? name : "-"; *c; c++)
      fputc(*c == '|' || *c == '`' ? '\'' : *c, markdown.stream);
    fprintf(markdown.stream, " | %.2f %%<br>%.2f to %.2f | %.1f | %lld |\n", 100 * gain.value,
            100 * gain.lo, 100 * gain.hi, 1 / (1 - gain.value), (long long)rounds);
  }
  if (!rows)
    fputs("No run holds Lite and beam search side by side, so there is no table of their times.\n",
          markdown.stream);
  return l4r_markdown_put(&markdown, report, "cells", L4R_OK);
}

int l4r_report_claims(struct l4r_report *report) {
  struct l4r_paper paper = {0};
  int status = l4r_paper_open(&paper);
  if (status) return status;
  const struct l4r_record_set set = {.records = report->records, .ranks = l4r_ranks_of_samples};
  l4r_section(report, "claims", "Verdicts");
  l4r_lead(report,
           "The claims of %s, held against these records. Supported or refuted when the 95 %% "
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
  if (!status) status = put_grid(report);
  l4r_section_end(report);
  l4r_paper_close(&paper);
  return status;
}
