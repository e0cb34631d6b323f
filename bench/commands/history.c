/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec history: the course of one machine's records. */
#include "bench/history/history.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/history/changes.h"
#include "bench/history/gate.h"
#include "bench/history/plot_tables.h"
#include "bench/history/print.h"
#include "bench/compare/targets.h"
#include "impl/base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NO_ROWS = -1000 }; /* nobody asks for so many */
struct cli_args {
  const char *metric, *out, *gate;
  double margin; /* of gate */
  struct l4r_record_filter filter;
  int64_t rows; /* NO_ROWS: changes alone; -1: as many as fit */
  int markdown, json, unsealed;
};

static int validate(struct cli_args *args, const struct l4r_argument_list *words,
                    struct l4r_history_options *options) {
  if (!words->count) return l4r_fail(L4R_USAGE, "history wants files or folders of records");
  if (args->markdown && args->json)
    return l4r_fail(L4R_USAGE, "give --markdown or --json, not both");
  if (args->rows < -1 && args->rows != NO_ROWS)
    return l4r_fail(L4R_USAGE, "--rows wants 0 (all) or more, or auto");
  if (args->rows != NO_ROWS && (args->json || args->out))
    return l4r_fail(L4R_USAGE, "--rows is of the tables to read, not of --json and --out");
  if (args->gate && (args->json || args->out))
    return l4r_fail(L4R_USAGE, "--gate prints verdicts; give it without --json and --out");
  if (args->gate) {
    const int status = l4r_margin_parse("--gate", args->gate, &args->margin);
    if (status) return status;
    if (isnan(args->margin)) return l4r_fail(L4R_USAGE, "history's --gate wants a share, like 3%%");
  }
  *options = (struct l4r_history_options){.path = words->value,
                                          .paths = words->count,
                                          .filter = args->filter,
                                          .unsealed = args->unsealed};
  for (int m = 0; m < L4R_ROUND_METRICS; m++)
    if (!strcmp(args->metric, l4r_round_metric_names[m])) {
      options->metric = (enum l4r_round_metric)m;
      return L4R_OK;
    }
  return l4r_fail(
      L4R_USAGE,
      "--metric must be one of mean, p50, p99, users/s, cold, open, memory and instructions, not "
      "'%s'",
      args->metric);
}

static int show(const struct cli_args *args, const struct l4r_history_options *options) {
  struct l4r_history history;
  const struct l4r_printer *printer = args->markdown ? &l4r_print_markdown : &l4r_print_text;
  int status = l4r_history_read(options, &history);
  if (!status && args->out)
    status = l4r_history_plot_tables(&history, args->out);
  else if (!status && args->json)
    status = l4r_history_json(&history, stdout);
  else if (!status && args->rows == NO_ROWS)
    status = l4r_history_print_changes(&history, printer, stdout);
  else if (!status)
    status = l4r_history_print(&history, printer, args->rows, stdout);
  if (!status && args->gate) status = l4r_history_gate(&history, args->margin, stdout);
  l4r_history_free(&history);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"metric", L4R_ARG_TEXT, "NAME",
     "figure to follow: mean, p50, p99, users/s, cold, open, memory, instructions", AT(metric),
     .preset = "mean"},
    {"gate", L4R_ARG_TEXT, "SHARE",
     "exit with 1 when the newest record of a series is worse than the level before it by more "
     "than "
     "this margin, with 5 when its records vary too much to tell",
     AT(gate)},
    {"arm", L4R_ARG_TEXT, "ARM", "show this arm only, named as in tables", AT(filter.arm)},
    {"scenario", L4R_ARG_TEXT, "NAME", "show this scenario only", AT(filter.scenario)},
    {"threads", L4R_ARG_INT, "N", "show this number of threads only", AT(filter.threads)},
    {"rows", L4R_ARG_INT, "N",
     "show records too, a table a series in which so many have a row; 0 shows all, auto 40, or "
     "fewer "
     "with many series",
     AT(rows), .shown = "changes alone", .word = "auto", .word_is = -1},
    {"unsealed", L4R_ARG_FLAG, NULL,
     "take records too that do not have the hash they state; the output says so", AT(unsealed)},
    {"markdown", L4R_ARG_FLAG, NULL, "print the tables in Markdown", AT(markdown)},
    {"json", L4R_ARG_FLAG, NULL, "print all figures as JSON", AT(json)},
    {"out", L4R_ARG_TEXT, "FOLDER", "write the tables that plots/history.sh draws, print nothing",
     AT(out)},
    {0}};

const struct l4r_usage l4r_usage_history = {
    .command = "history",
    .positional = "RECORDS...",
    .summary =
        "Shows records (files, or folders, which are searched) in the order of their times, a "
        "series for each machine, arm, data set, scenario and number of threads, with commits, "
        "95 % intervals over rounds, and the places where the level changed.\n"
        "Changes are those of the best piecewise constant fit of the logarithms (FPOP; Maidstone, "
        "Hocking, Rigaill and Fearnhead 2017), with the noise estimated from neighbouring records. "
        "A series needs at least 8 records, and 3 on either side of a change. A single record far "
        "off is shown but makes no level.\n"
        "By default it says only what changed. With --rows records have rows: in a long series the "
        "newest, those beside the newest changes, and the first; the others are counted. --gate "
        "holds the newest record of each series against the records of the level before it (at "
        "least 5), by Student's prediction interval for one more record. Every record must have "
        "the hash that it states, or history "
        "stops and names its file and line. Samples are not opened; lite4rec verify does that.",
    .examples = "  lite4rec history runs\n"
                "  lite4rec history runs --gate 5% --metric p99\n"
                "  lite4rec history runs --arm blis@lite --threads 1 --rows 40\n"
                "  lite4rec history runs --metric p99 --json > history.json\n"
                "  sh plots/history.sh runs figures      # figures, SVG and PNG\n",
    .arguments = arguments};

int l4r_command_history(int argc, char **argv) {
  struct cli_args args = {.rows = NO_ROWS};
  struct l4r_parsed parsed;
  struct l4r_history_options options;
  int status = l4r_arguments_parse(&l4r_usage_history, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = validate(&args, &parsed.words, &options);
  return status ? status : show(&args, &options);
}
