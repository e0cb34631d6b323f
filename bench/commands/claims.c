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

static void print_gains(const char *label, const struct l4r_gain *gain, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    printf("  %-12s %+.2f %%  [%+.2f, %+.2f]\n", i ? "" : label, 100 * gain[i].value,
           100 * gain[i].lo, 100 * gain[i].hi);
}

/* A line that no record's words can make two of: they could look like a verdict. */
static void print_line(const char *before, const char *text, const char *more) {
  fputs(before, stdout);
  l4r_print_line(stdout, text);
  if (more) fputs(": ", stdout);
  if (more) l4r_print_line(stdout, more);
  fputc('\n', stdout);
}

/* What a record itself says against its times. */
static void print_warnings(const char *before, const struct l4r_record *record) {
  if (!record) return;
  for (int64_t w = 0; w < record->data.warnings.count; w++)
    print_line(before, l4r_text_or_none(record->data.arm),
               l4r_text_or_none(record->data.warnings.at[w].text));
}

static int print_claim(const struct l4r_claim *claim, const struct l4r_record_set *set) {
  struct l4r_judgement j;
  const int status = l4r_judge(claim, set, &j);
  if (status) return status;
  const int time = claim->statistic == L4R_TIME_SAVED;
  printf("\n%s%s\n", claim->says, claim->headline ? "   (headline)" : "");
  printf("  said in      %s\n", claim->where);
  printf("  paper        %+.2f %%\n", 100 * claim->value);
  print_gains(time ? "measured" : "ours, keep", j.gain, j.gains);
  if (!j.gains) printf("  %-12s unknown\n", "measured");
  if (!time) print_gains("ours, mask", j.mask, j.gains);
  if (j.mask_capped)
    printf(
        "               under mask these gains are too high: the beam side was ranked by what its\n"
        "               beams left beside the history; measure it again with this version\n");
  if (*j.cell) print_line("  cell         ", j.cell, NULL);
  printf("  direction    %s (%s at all)\n", l4r_verdict_name(j.direction),
         time ? "faster" : "better");
  printf("  magnitude    %s (at least as much as claimed)\n", l4r_verdict_name(j.magnitude));
  print_line("  because      ", j.reason, NULL);
  for (int s = 0; s < 2; s++) print_warnings("  warning      ", j.side[s]);
  return L4R_OK;
}

/* Every pair that was measured, and what was not checked of them. */
static int print_grid(const struct l4r_records *records) {
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(records, line);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "claims");
  sheet.blocks = 1; /* below the verdicts */
  l4r_claims_grid(&sheet, records);
  for (int l = 0; l < lines; l++) l4r_sheet_text(&sheet, "%s", line[l]);
  return l4r_sheet_end(&sheet, L4R_OK);
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
    printf("%s\n", l4r_text_at(paper.root, "paper"));
    for (int64_t i = 0; !status && i < paper.claims; ++i)
      status = print_claim(&paper.claim[i], &set);
    if (!status) status = print_grid(&records);
  }
  l4r_door_close(&args.door);
  if (paper.root) l4r_paper_close(&paper);
  l4r_records_free(&records);
  return status;
}
