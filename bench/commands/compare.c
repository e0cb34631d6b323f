/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec compare: two sets of records, and a gate on the second. */
#include "bench/compare/compare.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/compare/gate.h"
#include "bench/compare/print.h"
#include "impl/base/error.h"
#include "impl/base/file.h"

#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *metric, *margin, *gate, *arm, *against, *scenario;
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
                      "--metric wants mean, p50, p99 or several of them (p50,p99), not "
                      "'%s'",
                      text);
    *metrics |= 1u << m;
  }
  return L4R_OK;
}

static int validate(const struct cli_args *args, const struct l4r_argument_list *words,
                    struct l4r_compare_options *options) {
  if (words->count != 2)
    return l4r_fail(L4R_USAGE, "compare wants two files or folders of records, A and B, not %d",
                    words->count);
  if (args->gate && args->margin)
    return l4r_fail(L4R_USAGE, "--gate names the margin; --margin beside it says it twice");
  if (args->strict && !args->gate) return l4r_fail(L4R_USAGE, "--strict belongs to --gate");
  if (args->markdown && args->json) return l4r_fail(L4R_USAGE, "--markdown or --json, not both");
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

int l4r_command_compare(int argc, char **argv) {
  struct cli_args args = {.metric = "mean"};
  const struct l4r_argument arguments[] = {
      {"metric", L4R_ARG_TEXT, "NAME,...", "figure of a round: mean (default), p50, p99",
       &args.metric},
      {"margin", L4R_ARG_TEXT, "SHARE", "what counts as the same (3%)", &args.margin},
      {"gate", L4R_ARG_TEXT, "SHARE", "exit 1 when a row is SLOWER by more than this margin",
       &args.gate},
      {"strict", L4R_ARG_FLAG, "", "the gate fails on UNDECIDED too", &args.strict},
      {"arm", L4R_ARG_TEXT, "ARM", "only this arm, as tables show it", &args.arm},
      {"against", L4R_ARG_TEXT, "ARM", "this arm of B, where it is not the same as A's",
       &args.against},
      {"scenario", L4R_ARG_TEXT, "NAME", "only this scenario", &args.scenario},
      {"threads", L4R_ARG_INT, "N", "only this number of threads", &args.threads},
      {"across-machines", L4R_ARG_FLAG, "", "compare records of two machines all the same",
       &args.across},
      {"unsealed", L4R_ARG_FLAG, "",
       "compare records too that do not have their hash or do not fit their samples; the table "
       "says "
       "so",
       &args.unsealed},
      {"markdown", L4R_ARG_FLAG, "", "the table for a document", &args.markdown},
      {"json", L4R_ARG_FLAG, "", "all figures for programs", &args.json},
      {0}};
  const struct l4r_usage usage = {
      "lite4rec compare A B",
      "Holds the records B against the records A (files or folders), arm by arm: how many times as "
      "long a\nuser takes, with the 95 % interval of paired rounds (at least 5), and a verdict.\n"
      "  SLOWER     the interval lies above 1 + margin\n"
      "  FASTER     it lies below 1 / (1 + margin)\n"
      "  SAME       the 90 % interval lies between the two (two one-sided tests)\n"
      "  UNDECIDED  neither: more rounds would tell\n"
      "Intervals are simultaneous over the table (Bonferroni). Records that do not verify, of "
      "other\nrequests or of another machine are refused. --gate first judges A against itself, "
      "says what it\ncan see, and refuses a margin that is too fine for the rounds, saying how "
      "many "
      "it takes.",
      "  lite4rec compare runs/before runs/after\n"
      "  lite4rec compare main.jsonl branch.jsonl --gate 3% --metric p50,p99\n"
      "  lite4rec compare runs runs --arm beam@p5 --against blis@lite --threads 1\n",
      arguments};
  struct l4r_argument_list words = {0};
  struct l4r_compare_options options = {.metrics = 0};
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  status = validate(&args, &words, &options);
  return status ? status : compare(&args, &options);
}
