/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec claims: holds records against the paper's numbers. */
#include "bench/claims/grid.h"
#include "bench/claims/judge.h"
#include "bench/claims/print.h"
#include "bench/claims/ranks.h"
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/record/read.h"
#include "bench/derive/door.h"
#include "bench/record/text.h"
#include "impl/base/error.h"

#include <stdio.h>

struct cli_args {
  struct l4r_door door;
  int without_samples, json, markdown;
};

static int print_text(const struct cli_args *args, const struct l4r_paper *paper,
                      const struct l4r_record_set *set) {
  const struct l4r_record *verdict[2] = {NULL, NULL};
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(set->records, line);
  struct l4r_sheet sheet;
  int status = L4R_OK;
  l4r_sheet_begin(&sheet, args->markdown ? &l4r_print_markdown : &l4r_print_text, stdout, "claims");
  l4r_sheet_text(&sheet, "%s", l4r_text_at(paper->root, "paper"));
  for (int64_t i = 0; !status && i < paper->claims; ++i) {
    struct l4r_judgement j;
    status = l4r_judge(&paper->claim[i], set, &j);
    if (!status) status = l4r_claims_add(&sheet, &paper->claim[i], &j);
    for (int s = 0; s < 2 && j.side[s]; s++) verdict[s] = j.side[s];
  }
  if (!status) l4r_claims_grid_marked(&sheet, set->records, verdict);
  for (int l = 0; l < lines && !status; l++) l4r_sheet_text(&sheet, "%s", line[l]);
  return l4r_sheet_end(&sheet, status);
}

static int print_json(const struct l4r_paper *paper, const struct l4r_record_set *set) {
  json_t *claims = json_array();
  int status = L4R_OK;
  for (int64_t i = 0; !status && i < paper->claims; ++i) {
    struct l4r_judgement j;
    status = l4r_judge(&paper->claim[i], set, &j);
    if (!status) json_array_append_new(claims, l4r_claims_json(&paper->claim[i], &j));
  }
  json_t *root = json_pack("{s:i, s:s, s:s, s:o}", "schema", 1, "kind", "claims", "paper",
                           l4r_text_at(paper->root, "paper"), "claims", claims);
  if (!status && (!root || json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12))))
    status = l4r_fail(L4R_ENVIRONMENT, "the claims could not be written as JSON");
  printf("\n");
  json_decref(root);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(door.unsealed)},
    {"without-samples", L4R_ARG_FLAG, NULL,
     "give verdicts on records whose raw samples are missing too", AT(without_samples)},
    {"markdown", L4R_ARG_FLAG, NULL, "print Markdown", AT(markdown)},
    {"json", L4R_ARG_FLAG, NULL, "print the verdicts as JSON", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_claims = {
    .command = "claims",
    .positional = "RECORDS...",
    .summary =
        "Compares records (files, or folders, which are searched) with the paper's numbers. Each "
        "claim is printed with the paper's value, our value and its interval, the configuration "
        "that was measured, its scope, machine and records, and two verdicts. A record must have "
        "the hash that it states and agree "
        "with its raw samples; without samples there is no verdict on it.",
    .examples = "  lite4rec claims runs/\n  lite4rec claims results/\n",
    .arguments = arguments};

int l4r_command_claims(int argc, char **argv) {
  struct cli_args args = {.without_samples = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_claims, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  const struct l4r_argument_list *words = &parsed.words;
  if (args.json && args.markdown) return l4r_fail(L4R_USAGE, "give --markdown or --json, not both");
  if (!words->count) return l4r_fail(L4R_USAGE, "claims needs files or folders of records");
  struct l4r_records records = {0};
  struct l4r_paper paper = {0};
  status = l4r_records_admit(&args.door, words->value, words->count, &records);
  if (!status) status = l4r_paper_open(&paper);
  if (!status) {
    const struct l4r_record_set set = {&records, l4r_ranks_of_samples, NULL, args.without_samples};
    status = args.json ? print_json(&paper, &set) : print_text(&args, &paper, &set);
  }
  l4r_door_close(&args.door);
  if (paper.root) l4r_paper_close(&paper);
  l4r_records_free(&records);
  return status;
}
