/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec claims: holds records against the paper's numbers. */
#include "bench/claims/grid.h"
#include "bench/claims/judge.h"
#include "bench/claims/ranks.h"
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/record/read.h"
#include "bench/derive/door.h"
#include "bench/record/text.h"
#include "impl/base/error.h"

#include <stdio.h>

static const char *add_gains(struct l4r_table *memory, const char *text, const char *label,
                             const struct l4r_gain *gain, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    text = l4r_table_more(memory, text, L4R_LINE "  %-12s %+.2f %%  " L4R_BRACKET "%+.2f, %+.2f]",
                          i ? "" : label, 100 * gain[i].value, 100 * gain[i].lo, 100 * gain[i].hi);
  return text;
}

/* What a record itself says against its times. */
static const char *add_warnings(struct l4r_table *memory, const char *text,
                                const struct l4r_record *record) {
  for (int64_t w = 0; record && w < record->data.warnings.count; w++)
    text = l4r_table_more(memory, text, L4R_LINE "  warning      %s: %s",
                          l4r_text_or_none(record->data.arm),
                          l4r_text_or_none(record->data.warnings.at[w].text));
  return text;
}

/* A paragraph, of whose lines no record's words can make two: they could look like a verdict. */
static int add_claim(struct l4r_sheet *sheet, const struct l4r_claim *claim,
                     const struct l4r_record_set *set) {
  struct l4r_table memory = {.status = L4R_OK};
  struct l4r_judgement j;
  int status = l4r_judge(claim, set, &j);
  if (status) return status;
  const int time = claim->statistic == L4R_TIME_SAVED;
  const char *text = l4r_table_text(
      &memory, "%s%s" L4R_LINE "  said in      %s" L4R_LINE "  %-12s %+.2f %%", claim->says,
      claim->headline ? "   (headline)" : "", claim->where, claim->is_margin ? "margin" : "paper",
      100 * claim->value);
  text = add_gains(&memory, text, time ? "measured" : "ours, keep", j.gain, j.gains);
  if (!j.gains) text = l4r_table_more(&memory, text, L4R_LINE "  measured     unknown");
  if (!time) text = add_gains(&memory, text, "ours, mask", j.mask, j.gains);
  if (j.mask_capped)
    text = l4r_table_more(
        &memory, text,
        L4R_LINE "               under mask these gains are too high: the beam side was ranked by "
                 "what its" L4R_LINE "               beams left beside the history; measure it "
                 "again with this version");
  if (*j.cell) text = l4r_table_more(&memory, text, L4R_LINE "  cell         %s", j.cell);
  text = l4r_table_more(
      &memory, text,
      L4R_LINE "  direction    %s (%s at all)" L4R_LINE "  magnitude    %s (%s)" L4R_LINE
               "  because      %s",
      l4r_verdict_name(j.direction), time ? "faster" : "better", l4r_verdict_name(j.magnitude),
      claim->is_margin ? "loses no more than the margin" : "at least as much as claimed", j.reason);
  for (int s = 0; s < 2; s++) text = add_warnings(&memory, text, j.side[s]);
  l4r_sheet_text(sheet, "%s", text);
  status = memory.status;
  l4r_table_free(&memory);
  return status;
}

static int print_claims(const struct l4r_paper *paper, const struct l4r_record_set *set) {
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(set->records, line);
  struct l4r_sheet sheet;
  int status = L4R_OK;
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "claims");
  l4r_sheet_text(&sheet, "%s", l4r_text_at(paper->root, "paper"));
  for (int64_t i = 0; !status && i < paper->claims; ++i)
    status = add_claim(&sheet, &paper->claim[i], set);
  if (!status) l4r_claims_grid(&sheet, set->records);
  for (int l = 0; l < lines && !status; l++) l4r_sheet_text(&sheet, "%s", line[l]);
  return l4r_sheet_end(&sheet, status);
}

struct cli_args {
  struct l4r_door door;
  int without_samples;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(door.unsealed)},
    {"without-samples", L4R_ARG_FLAG, NULL,
     "give verdicts on records whose raw samples are missing too", AT(without_samples)},
    {0}};

const struct l4r_usage l4r_usage_claims = {
    .command = "claims",
    .positional = "RECORDS...",
    .summary =
        "Compares records (files, or folders, which are searched) with the paper's numbers. Each "
        "claim is printed with the paper's value, our value and its interval, the configuration "
        "that was measured, and two verdicts. A record must have the hash that it states and agree "
        "with its raw samples; without samples there is no verdict on it.",
    .examples = "  lite4rec claims runs/\n  lite4rec claims results/\n",
    .arguments = arguments};

int l4r_command_claims(int argc, char **argv) {
  struct cli_args args = {.without_samples = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_claims, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  const struct l4r_argument_list *words = &parsed.words;
  if (!words->count) return l4r_fail(L4R_USAGE, "claims needs files or folders of records");
  struct l4r_records records = {0};
  struct l4r_paper paper = {0};
  status = l4r_records_admit(&args.door, words->value, words->count, &records);
  if (!status) status = l4r_paper_open(&paper);
  if (!status) {
    const struct l4r_record_set set = {&records, l4r_ranks_of_samples, NULL, args.without_samples};
    status = print_claims(&paper, &set);
  }
  l4r_door_close(&args.door);
  if (paper.root) l4r_paper_close(&paper);
  l4r_records_free(&records);
  return status;
}
