/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/cards.h"

#include "bench/compare/across.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "bench/report/section.h"
#include "bench/table/html.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <string.h>

/* --- a card --- */

static void put_fact(FILE *page, const char *name, const char *value) {
  fprintf(page, "<div><dt>%s</dt><dd>", name);
  if (*value)
    l4r_html_text(page, value);
  else
    fputs("<i>the machine does not say</i>", page);
  fputs("</dd></div>\n", page);
}

static void put_facts(FILE *page, const struct l4r_record *record) {
  const struct l4r_record_manifest *facts = &record->data.manifest;
  char text[256] = "";
  size_t used = 0;
  if (facts->processors_online != L4R_NONE)
    l4r_text_add(text, sizeof text, &used, "%lld processors, ",
                 (long long)facts->processors_online);
  if (facts->system.memory_bytes != L4R_NONE)
    l4r_text_add(text, sizeof text, &used, "%.3g GB, ", 1e-9 * (double)facts->system.memory_bytes);
  l4r_text_add(text, sizeof text, &used, "%s", l4r_text_or_none(facts->machine));
  put_fact(page, "processor", l4r_text_or_none(facts->cpu));
  put_fact(page, "shape", text);
  put_fact(page, "governor", l4r_text_or_none(facts->system.governor));
  put_fact(page, "huge pages", l4r_text_or_none(facts->system.transparent_huge_pages));
  put_fact(page, "kernel", l4r_text_or_none(facts->kernel));
  for (int64_t w = 0; w < facts->warnings.count; w++)
    put_fact(page, "warning", l4r_text_or_none(facts->warnings.at[w]));
}

/* Machines side by side, where there are several with something in common. */
static int put_across(struct l4r_report *report) {
  struct l4r_across across;
  struct l4r_sheet sheet;
  int status = l4r_across_make(&report->records, &across);
  if (status == L4R_INPUT) { /* too many for a table */
    l4r_report_warn(report, "%s", l4r_error_message());
    status = L4R_OK;
  } else if (!status && across.machines > 1 && across.rows) {
    l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "across");
    l4r_across_print(&sheet, &across);
    status = l4r_sheet_end(&sheet, L4R_OK);
  }
  l4r_across_free(&across);
  return status;
}

/* Puts the card of the machine that the first record is of. */
static void put_card(struct l4r_report *report, const char (*name)[L4R_PAGE_MACHINE],
                     int64_t first) {
  int64_t records = 0, last = first;
  for (int64_t r = first; r < report->records.count; r++) {
    if (strcmp(name[first], name[r]) != 0) continue;
    records++;
    last = r;
  }
  fputs("<article class=\"claim\"><h3>", report->page);
  l4r_html_text(report->page, name[first]);
  fprintf(report->page, " <span class=\"tag\">%lld record%s</span></h3>\n<dl>\n",
          (long long)records, records == 1 ? "" : "s");
  put_facts(report->page, &report->records.at[last]);
  fputs("</dl></article>\n", report->page);
}

int l4r_machine_cards(struct l4r_report *report) {
  const int64_t records = report->records.count;
  /* A name hashes a part of the record, so each is made once and not for every pair of records. */
  char(*name)[L4R_PAGE_MACHINE] = l4r_alloc((size_t)records, sizeof *name, "machine names");
  if (!name) return L4R_ENVIRONMENT;
  fputs("<div class=\"claims\">\n", report->page);
  for (int64_t r = 0; r < records; r++)
    l4r_machine_name(&report->records.at[r], name[r], sizeof name[r]);
  for (int64_t r = 0; r < records; r++) {
    int64_t before = 0;
    while (strcmp(name[before], name[r]) != 0) before++;
    if (before == r) put_card(report, (const char(*)[L4R_PAGE_MACHINE])name, r);
  }
  fputs("</div>\n", report->page);
  l4r_free(name);
  return put_across(report);
}
