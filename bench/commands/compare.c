/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare: two sets of records, and a gate on the second. */
#include "bench/compare/compare.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/compare/across.h"
#include "bench/compare/gate.h"
#include "bench/compare/print.h"
#include "bench/derive/door.h"
#include "impl/base/error.h"
#include "impl/base/number.h"

#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *metric, *margin, *gate, *arm, *against, *scenario, *across_what;
  int64_t threads;
  int strict, across, markdown, json, unsealed;
};

/* "3%" or ".03" as a share. */
static int parse_margin(const char *option, const char *text, double *share) {
  char number[64];
  size_t n = strlen(text);
  const int percent = n > 1 && text[n - 1] == '%';
  if (percent) n--;
  if (n < sizeof number) {
    memcpy(number, text, n);
    number[n] = '\0';
    if (!l4r_parse_double(number, share)) {
      if (percent) *share /= 100;
      if (*share > 0 && *share < 1) return L4R_OK;
    }
  }
  return l4r_fail(L4R_USAGE, "--%s wants a share between 0 and 1, like 3%% or .03, not '%s'",
                  option, text);
}

static int parse_metrics(const char *text, unsigned *metrics) {
  char copy[64], *rest = copy, *word;
  if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) copy[0] = '\0';
  while ((word = strsep(&rest, ","))) {
    int m = 0;
    while (m < L4R_ROUND_METRICS && strcmp(word, l4r_round_metric_names[m])) m++;
    if (m == L4R_ROUND_METRICS)
      return l4r_fail(L4R_USAGE,
                      "--metric must be mean, p50, p99 or several of them (p50,p99), not '%s'",
                      text);
    *metrics |= 1u << m;
  }
  return L4R_OK;
}

static int validate(const struct cli_args *args, const struct l4r_argument_list *words,
                    struct l4r_compare_options *options) {
  if (words->count != 2)
    return l4r_fail(L4R_USAGE, "compare needs two files or folders of records, A and B, not %d",
                    words->count);
  if (args->gate && args->margin)
    return l4r_fail(L4R_USAGE, "--gate names the margin; --margin beside it says it twice");
  if (args->strict && !args->gate) return l4r_fail(L4R_USAGE, "--strict belongs to --gate");
  if (args->markdown && args->json)
    return l4r_fail(L4R_USAGE, "give --markdown or --json, not both");
  if (args->against && !args->arm)
    return l4r_fail(L4R_USAGE, "--against names B's arm; --arm has to name A's");
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
  const char *margin = args->gate ? args->gate : args->margin ? args->margin : "3%";
  const int status = parse_margin(args->gate ? "gate" : "margin", margin, &options->margin);
  return status ? status : parse_metrics(args->metric, &options->metrics);
}

/* --across machines: any number of files and folders, grouped by machine. */
static int check_across(const struct cli_args *args, const struct l4r_argument_list *words) {
  if (strcmp(args->across_what, "machines") != 0)
    return l4r_fail(L4R_USAGE, "--across takes machines, not '%s'", args->across_what);
  if (args->gate || args->strict || args->margin)
    return l4r_fail(L4R_USAGE, "a gate judges records of one machine: --across has no --gate, "
                               "--strict or --margin");
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
  const struct l4r_printer *printer = args->markdown ? &l4r_print_markdown : &l4r_print_text;
  const struct l4r_gate *sight = args->gate ? &gate : NULL;
  int status = l4r_compare(options, &table);
  if (!status && args->gate) status = l4r_gate_calibrate(&table, &gate);
  if (!status)
    status = args->json ? l4r_compare_json(&table, sight, stdout)
                        : l4r_compare_print(&table, sight, printer, stdout);
  if (!status && args->gate) status = l4r_gate_judge(&table, args->strict);
  l4r_gate_free(&gate);
  l4r_compare_free(&table);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"metric", L4R_ARG_TEXT, "NAME,...",
     "figures of a round to compare: mean, p50, p99, or several of them", AT(metric),
     .preset = "mean"},
    {"margin", L4R_ARG_TEXT, "SHARE", "largest difference that counts as the same", AT(margin),
     .shown = "3%"},
    {"gate", L4R_ARG_TEXT, "SHARE", "exit with 1 when a row is SLOWER by more than this margin",
     AT(gate)},
    {"strict", L4R_ARG_FLAG, NULL, "let the gate fail on UNDECIDED too", AT(strict)},
    {"arm", L4R_ARG_TEXT, "ARM", "compare this arm only, named as in tables", AT(arm)},
    {"against", L4R_ARG_TEXT, "ARM", "arm of B, where it is not the same as A's", AT(against)},
    {"scenario", L4R_ARG_TEXT, "NAME", "compare this scenario only", AT(scenario)},
    {"threads", L4R_ARG_INT, "N", "compare this number of threads only", AT(threads),
     .range = L4R_AT_LEAST(0)},
    {"across-machines", L4R_ARG_FLAG, NULL, "compare records of two different machines",
     AT(across)},
    {"across", L4R_ARG_TEXT, "machines",
     "show records of several machines side by side, with the ratios of their speeds and in what "
     "the machines differ",
     AT(across_what), .offers = "machines"},
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(unsealed)},
    {"markdown", L4R_ARG_FLAG, NULL, "print the table in Markdown", AT(markdown)},
    {"json", L4R_ARG_FLAG, NULL, "print all figures as JSON", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_compare = {
    .command = "compare",
    .positional = "A B|RECORDS...",
    .summary =
        "Compares records B with baseline A (files or folders), arm by arm, and prints the ratio "
        "of time per user with its 95 % confidence interval over paired rounds (at least 5), and a "
        "verdict:\n"
        "  SLOWER     the interval lies above 1 + margin\n"
        "  FASTER     the interval lies below 1 / (1 + margin)\n"
        "  SAME       the 90 % interval lies between the two (two one-sided tests)\n"
        "  UNDECIDED  neither can be shown; measure more rounds\n"
        "The intervals are simultaneous over the table (Bonferroni). Records that do not verify, "
        "that answered other requests or that come from another machine are refused. --gate first "
        "resamples A's rounds to estimate its false-alarm rate and the smallest slowdown that it "
        "detects with 90 % power. If the margin is finer than that, it exits with 3 and says how "
        "many rounds are needed.\n"
        "With --across machines, any number of RECORDS are grouped by machine (key and --label of "
        "run), never by the processor's name.",
    .examples = "  lite4rec compare runs/before runs/after\n"
                "  lite4rec compare main.jsonl branch.jsonl --gate 3% --metric p50,p99\n"
                "  lite4rec compare runs runs --arm beam@p5 --against blis@lite --threads 1\n"
                "  lite4rec compare --across machines runs/epyc runs/xeon\n",
    .arguments = arguments};

int l4r_command_compare(int argc, char **argv) {
  struct cli_args args = {.metric = NULL};
  struct l4r_compare_options options = {.metrics = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_compare, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (args.across_what) return compare_machines(&args, &parsed.words);
  status = validate(&args, &parsed.words, &options);
  return status ? status : compare(&args, &options);
}
