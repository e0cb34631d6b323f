/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare: two sets of records, and a gate on the second. */
#include "bench/compare/compare.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/compare/across.h"
#include "bench/compare/gate.h"
#include "bench/compare/junit.h"
#include "bench/compare/print.h"
#include "bench/compare/ranks.h"
#include "bench/derive/door.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *metric, *margin, *gate, *arm, *against, *scenario, *junit, *across_what;
  int64_t threads;
  double allow;
  int strict, across, markdown, json, github, unsealed, ranks;
};

static int choose_targets(const struct cli_args *args, struct l4r_targets *targets) {
  double margin;
  if (args->gate) return l4r_targets_of_gate(args->gate, args->metric, targets);
  int status = l4r_margin_parse("--margin", args->margin ? args->margin : "3%", &margin);
  if (!status && isnan(margin))
    status = l4r_fail(L4R_USAGE, "auto is a margin of --gate, which resamples A's rounds for it");
  return status ? status : l4r_targets_of_metrics(args->metric, margin, targets);
}

static int validate(const struct cli_args *args, const struct l4r_argument_list *words,
                    struct l4r_compare_options *options, struct l4r_targets *targets) {
  if (words->count != 2)
    return l4r_fail(L4R_USAGE, "compare needs two files or folders of records, A and B, not %d",
                    words->count);
  if (args->gate && args->margin)
    return l4r_fail(L4R_USAGE, "--gate names the margin; --margin beside it says it twice");
  if (args->strict && !args->gate) return l4r_fail(L4R_USAGE, "--strict belongs to --gate");
  if (args->markdown && args->json)
    return l4r_fail(L4R_USAGE, "give --markdown or --json, not both");
  if (args->json && args->github)
    return l4r_fail(L4R_USAGE, "--github prints lines among the table; give it without --json");
  if (args->against && !args->arm)
    return l4r_fail(L4R_USAGE, "--against names B's arm; --arm has to name A's");
  if (args->gate && args->across)
    return l4r_fail(L4R_USAGE, "a gate judges one machine; leave --across-machines out");
  if (args->threads < 0) return l4r_fail(L4R_USAGE, "--threads cannot be negative");
  options->path[0] = words->value[0];
  options->path[1] = words->value[1];
  options->arm[0] = args->arm;
  options->arm[1] = args->against ? args->against : args->arm;
  options->scenario = args->scenario;
  options->threads = args->threads;
  options->across_machines = args->across;
  options->unsealed = args->unsealed;
  options->complete = args->gate != NULL;
  options->targets = targets;
  return choose_targets(args, targets);
}

/* What a machine reads of the gate, whether it could tell or not; `noisy` says why not. */
static int report(const struct cli_args *args, const struct l4r_compare_table *table,
                  const struct l4r_gate *gate, const char *noisy) {
  int status = L4R_OK;
  if (args->junit) status = l4r_compare_junit(table, args->strict, noisy, args->junit);
  if (!status && args->github)
    status = l4r_compare_github(table, gate, args->strict, noisy, stdout);
  return status;
}

static int print(const struct cli_args *args, const struct l4r_compare_table *table,
                 const struct l4r_gate *gate) {
  if (args->json) return l4r_compare_json(table, gate, stdout);
  return l4r_compare_print(table, gate, args->markdown ? &l4r_print_markdown : &l4r_print_text,
                           stdout);
}

/* --across machines: any number of files and folders, grouped by machine. */
static int check_across(const struct cli_args *args, const struct l4r_argument_list *words) {
  if (strcmp(args->across_what, "machines") != 0)
    return l4r_fail(L4R_USAGE, "--across takes machines, not '%s'", args->across_what);
  if (args->gate || args->strict || args->margin || args->junit || args->github || args->ranks)
    return l4r_fail(L4R_USAGE, "a gate judges records of one machine, and ranks are of one model: "
                               "--across has no --gate, --strict, --margin, --junit, --github or "
                               "--ranks");
  if (args->arm || args->against || args->scenario || args->threads || args->across)
    return l4r_fail(L4R_USAGE, "--across machines shows every arm that two machines measured; "
                               "--arm, --against, --scenario, --threads and --across-machines "
                               "belong to compare A B");
  if (args->markdown && args->json)
    return l4r_fail(L4R_USAGE, "give --markdown or --json, not both");
  if (!words->count)
    return l4r_fail(L4R_USAGE, "compare --across machines needs files or folders of records");
  return L4R_OK;
}

static int one_machine(const struct l4r_across *across) {
  return l4r_fail(L4R_INPUT,
                  "all records are of one machine, %s: name those of another one too; two that one "
                  "key cannot tell apart are told apart by run --label NAME",
                  across->name[0]);
}

static int compare_machines(const struct cli_args *args, const struct l4r_argument_list *words) {
  struct l4r_door door = {.unsealed = args->unsealed};
  struct l4r_records records = {0};
  struct l4r_across across = {.machines = 0};
  struct l4r_sheet sheet;
  int status = check_across(args, words);
  if (!status) status = l4r_records_admit(&door, words->value, words->count, &records);
  l4r_door_close(&door);
  if (!status) status = l4r_across_make(&records, &across);
  if (!status && across.machines < 2) status = one_machine(&across);
  if (!status) {
    l4r_sheet_begin(&sheet,
                    args->json       ? &l4r_print_json
                    : args->markdown ? &l4r_print_markdown
                                     : &l4r_print_text,
                    stdout, "across");
    l4r_across_print(&sheet, &across);
    status = l4r_sheet_end(&sheet, L4R_OK);
  }
  l4r_across_free(&across);
  l4r_records_free(&records);
  return status;
}

static int compare(const struct cli_args *args, const struct l4r_compare_options *options) {
  struct l4r_compare_table table = {.rows = 0};
  struct l4r_gate gate = {.sight = NULL};
  const struct l4r_gate *sight = args->gate ? &gate : NULL;
  int status = l4r_compare(options, &table);
  if (!status && args->gate) status = l4r_gate_calibrate(&table, &gate);
  if (status == L4R_NOISY) {
    char noisy[2048];
    l4r_text_set(noisy, sizeof noisy, "%s", l4r_error_message());
    const int reported = report(args, &table, sight, noisy);
    status = reported ? reported : l4r_fail(L4R_NOISY, "%s", noisy);
  } else if (!status) {
    status = print(args, &table, sight);
    if (!status) status = report(args, &table, sight, NULL);
    if (!status && args->gate) status = l4r_gate_judge(&table, args->strict);
  }
  l4r_gate_free(&gate);
  l4r_compare_free(&table);
  return status;
}

static int compare_ranks(const struct cli_args *args, const struct l4r_compare_options *options) {
  struct l4r_ranks_table table = {.pairs = 0};
  int status = l4r_ranks_table_make(options, &table);
  if (!status)
    status = args->json
                 ? l4r_ranks_table_json(&table, stdout)
                 : l4r_ranks_table_print(
                       &table, args->markdown ? &l4r_print_markdown : &l4r_print_text, stdout);
  if (!status && !isnan(args->allow)) status = l4r_ranks_table_judge(&table, args->allow);
  l4r_ranks_table_free(&table);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"metric", L4R_ARG_TEXT, "NAME,...",
     "figures to compare: " L4R_FIGURE_NAMES
     "; HR and NDCG at any depth, and with seen items kept as keep:HR@10",
     AT(metric), .shown = "mean, guarded by HR@10,NDCG@10"},
    {"margin", L4R_ARG_TEXT, "SHARE", "largest difference that counts as the same", AT(margin),
     .shown = "3%"},
    {"gate", L4R_ARG_TEXT, "MARGINS",
     "exit with 1 when a row is worse by more than its margin: 3% of all figures, auto (the finest "
     "that A's noise allows), p99=5%,HR@10=1% (each its own), or a file of gates, gate.json",
     AT(gate)},
    {"strict", L4R_ARG_FLAG, NULL, "let the gate fail on UNDECIDED too", AT(strict)},
    {"arm", L4R_ARG_TEXT, "ARM", "compare this arm only, named as in tables", AT(arm)},
    {"against", L4R_ARG_TEXT, "ARM", "arm of B, where it is not the same as A's", AT(against)},
    {"scenario", L4R_ARG_TEXT, "NAME", "compare this scenario only", AT(scenario)},
    {"threads", L4R_ARG_INT, "N", "compare this number of threads only", AT(threads),
     .range = L4R_AT_LEAST(0)},
    {"ranks", L4R_ARG_FLAG, NULL,
     "compare the ranks of the held-out items user by user, in place of times", AT(ranks)},
    {"allow", L4R_ARG_REAL, "SHARE",
     "with --ranks, exit with 1 when more than this share of the users have another rank (0: when "
     "one has)",
     AT(allow), .range = {0, 1, 2}},
    {"across-machines", L4R_ARG_FLAG, NULL, "compare records of two different machines",
     AT(across)},
    {"across", L4R_ARG_TEXT, "machines",
     "show records of several machines side by side, with the ratios of their speeds and in what "
     "the machines differ",
     AT(across_what), .offers = "machines"},
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(unsealed)},
    {"markdown", L4R_ARG_FLAG, NULL, "print the table in Markdown", AT(markdown)},
    {"json", L4R_ARG_FLAG, NULL, "print all figures as JSON", AT(json)},
    {"junit", L4R_ARG_TEXT, "FILE", "also write the verdicts as JUnit XML", AT(junit)},
    {"github", L4R_ARG_FLAG, NULL,
     "also print annotations for GitHub, and append the table to GITHUB_STEP_SUMMARY", AT(github)},
    {0}};

const struct l4r_usage l4r_usage_compare = {
    .command = "compare",
    .positional = "A B|RECORDS...",
    .summary =
        "Compares records B with baseline A (files or folders), arm by arm, and prints the ratio "
        "of each figure with its 95 % confidence interval, of times over paired rounds (at least "
        "5), of accuracy over the same users, and a verdict:\n"
        "  SLOWER     worse: the interval lies above 1 + margin (of memory LARGER, of\n"
        "             instructions MORE; of accuracy WORSE, below 1 / (1 + margin))\n"
        "  FASTER     better likewise (SMALLER, FEWER, BETTER)\n"
        "  SAME       the 90 % interval lies between the two (two one-sided tests)\n"
        "  UNDECIDED  neither can be shown; measure more rounds\n"
        "The intervals of times are simultaneous over the table (Bonferroni), and so are those of "
        "accuracy. Records that do not verify, that answered other requests or that come from "
        "another machine are refused. --gate first resamples A's rounds to estimate its "
        "false-alarm rate and the smallest slowdown that it detects with 90 % power. Where a "
        "margin is finer than that, it exits with 5 and says how many rounds are needed and which "
        "margins hold. Exit codes: 0 the gate passes, 1 it fails, 5 it cannot tell.\n"
        "With --ranks it compares accuracy user by user: how many users' held-out item has another "
        "rank, the first of them by number, hits that one side alone has, and the differences of "
        "HR@10 and NDCG@10 with their paired 95 % intervals.\n"
        "With --across machines, any number of RECORDS are grouped by machine (key and --label of "
        "run), never by the processor's name.",
    .examples = "  lite4rec compare runs/before runs/after\n"
                "  lite4rec compare main.jsonl branch.jsonl --gate p99=5%,mean=3%,HR@10=2%\n"
                "  lite4rec compare main.jsonl branch.jsonl --gate gate.json --junit gate.xml\n"
                "  lite4rec compare runs runs --arm beam@p5 --against blis@lite --threads 1\n"
                "  lite4rec compare runs runs --ranks --arm reference@lite --against blis@lite\n"
                "  lite4rec compare --across machines runs/epyc runs/xeon\n",
    .arguments = arguments};

/* Options of times beside --ranks, and the other way round. */
static int check_ranks(const struct cli_args *args, const struct l4r_parsed *parsed) {
  static const char *const of_times[] = {"metric", "margin",          "gate",  "strict",
                                         "junit",  "across-machines", "github"};
  if (!args->ranks && !isnan(args->allow)) return l4r_fail(L4R_USAGE, "--allow belongs to --ranks");
  for (size_t o = 0; o < sizeof of_times / sizeof *of_times && args->ranks; o++)
    if (l4r_argument_given(&l4r_usage_compare, parsed, of_times[o]))
      return l4r_fail(L4R_USAGE, "--%s is of times; --ranks compares none", of_times[o]);
  return L4R_OK;
}

int l4r_command_compare(int argc, char **argv) {
  struct cli_args args = {.metric = NULL, .allow = NAN};
  struct l4r_compare_options options = {.complete = 0};
  struct l4r_targets targets = {.count = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_compare, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (args.across_what) return compare_machines(&args, &parsed.words);
  status = check_ranks(&args, &parsed);
  if (!status) status = validate(&args, &parsed.words, &options, &targets);
  if (!status) status = args.ranks ? compare_ranks(&args, &options) : compare(&args, &options);
  l4r_targets_free(&targets);
  return status;
}
