/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare: two sets of records, and a gate on the second. */
#include "bench/compare/compare.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/compare/gate.h"
#include "bench/compare/print.h"
#include "bench/compare/ranks.h"
#include "impl/base/error.h"
#include "impl/base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *metric, *margin, *gate, *arm, *against, *scenario;
  int64_t threads;
  double allow;
  int strict, across, markdown, json, unsealed, ranks;
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
    {"ranks", L4R_ARG_FLAG, NULL,
     "compare the ranks of the held-out items user by user, in place of times", AT(ranks)},
    {"allow", L4R_ARG_REAL, "SHARE",
     "with --ranks, exit with 1 when more than this share of the users have another rank (0: when "
     "one has)",
     AT(allow), .range = {0, 1, 2}},
    {"across-machines", L4R_ARG_FLAG, NULL, "compare records of two different machines",
     AT(across)},
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(unsealed)},
    {"markdown", L4R_ARG_FLAG, NULL, "print the table in Markdown", AT(markdown)},
    {"json", L4R_ARG_FLAG, NULL, "print all figures as JSON", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_compare = {
    .command = "compare",
    .positional = "A B",
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
        "With --ranks it compares accuracy user by user: how many users' held-out item has another "
        "rank, the first of them by number, hits that one side alone has, and the differences of "
        "HR@10 and NDCG@10 with their paired 95 % intervals.",
    .examples = "  lite4rec compare runs/before runs/after\n"
                "  lite4rec compare main.jsonl branch.jsonl --gate 3% --metric p50,p99\n"
                "  lite4rec compare runs runs --arm beam@p5 --against blis@lite --threads 1\n"
                "  lite4rec compare runs runs --ranks --arm reference@lite --against blis@lite\n",
    .arguments = arguments};

/* Options of times beside --ranks, and the other way round. */
static int check_ranks(const struct cli_args *args, const struct l4r_parsed *parsed) {
  static const char *const of_times[] = {"metric", "margin", "gate", "strict", "across-machines"};
  if (!args->ranks && !isnan(args->allow)) return l4r_fail(L4R_USAGE, "--allow belongs to --ranks");
  for (size_t o = 0; o < sizeof of_times / sizeof *of_times && args->ranks; o++)
    if (l4r_argument_given(&l4r_usage_compare, parsed, of_times[o]))
      return l4r_fail(L4R_USAGE, "--%s is of times; --ranks compares none", of_times[o]);
  return L4R_OK;
}

int l4r_command_compare(int argc, char **argv) {
  struct cli_args args = {.metric = NULL, .allow = NAN};
  struct l4r_compare_options options = {.metrics = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_compare, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = check_ranks(&args, &parsed);
  if (!status) status = validate(&args, &parsed.words, &options);
  if (status) return status;
  return args.ranks ? compare_ranks(&args, &options) : compare(&args, &options);
}
