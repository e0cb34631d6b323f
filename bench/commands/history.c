/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec history: the course of one machine's records. */
#include "bench/history/history.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/history/plot_tables.h"
#include "bench/history/print.h"
#include "impl/base/error.h"

#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *metric, *out;
  struct l4r_record_filter filter;
  int64_t rows; /* -1: not given */
  int markdown, json, unsealed;
};

static int validate(const struct cli_args *args, const struct l4r_argument_list *words,
                    struct l4r_history_options *options) {
  if (!words->count) return l4r_fail(L4R_USAGE, "history wants files or folders of records");
  if (args->markdown && args->json) return l4r_fail(L4R_USAGE, "--markdown or --json, not both");
  if (args->rows < -1) return l4r_fail(L4R_USAGE, "--rows wants 0 (all) or more");
  if (args->rows >= 0 && (args->json || args->out))
    return l4r_fail(L4R_USAGE, "--rows is of the tables to read, not of --json and --out");
  *options = (struct l4r_history_options){.path = words->value,
                                          .paths = words->count,
                                          .filter = args->filter,
                                          .unsealed = args->unsealed};
  for (int m = 0; m < L4R_ROUND_METRICS; m++)
    if (!strcmp(args->metric, l4r_round_metric_names[m])) {
      options->metric = (enum l4r_round_metric)m;
      return L4R_OK;
    }
  return l4r_fail(L4R_USAGE, "--metric wants mean, p50 or p99, not '%s'", args->metric);
}

static int show(const struct cli_args *args, const struct l4r_history_options *options) {
  struct l4r_history history;
  int status = l4r_history_read(options, &history);
  if (!status && args->out)
    status = l4r_history_plot_tables(&history, args->out);
  else if (!status && args->json)
    status = l4r_history_json(&history, stdout);
  else if (!status)
    status = l4r_history_print(&history, args->markdown ? &l4r_print_markdown : &l4r_print_text,
                               args->rows, stdout);
  l4r_history_free(&history);
  return status;
}

int l4r_command_history(int argc, char **argv) {
  struct cli_args args = {.metric = "mean", .rows = -1};
  const struct l4r_argument arguments[] = {
      {"metric", L4R_ARG_TEXT, "NAME", "figure of a round: mean (default), p50, p99", &args.metric},
      {"arm", L4R_ARG_TEXT, "ARM", "only this arm, as tables show it", &args.filter.arm},
      {"scenario", L4R_ARG_TEXT, "NAME", "only this scenario", &args.filter.scenario},
      {"threads", L4R_ARG_INT, "N", "only this number of threads", &args.filter.threads},
      {"rows", L4R_ARG_INT, "N",
       "records of a series that have a row (default 40, fewer of many series; 0: all)",
       &args.rows},
      {"unsealed", L4R_ARG_FLAG, "",
       "take records too that do not have the hash they state; the output says so", &args.unsealed},
      {"markdown", L4R_ARG_FLAG, "", "tables for a document", &args.markdown},
      {"json", L4R_ARG_FLAG, "", "all figures for programs", &args.json},
      {"out", L4R_ARG_TEXT, "FOLDER", "the tables that plots/history.sh draws, in place of text",
       &args.out},
      {0}};
  const struct l4r_usage usage = {
      "lite4rec history RECORDS...",
      "Records (files, or folders that are walked) in the order of their times: a series for every "
      "machine,\narm, data set, scenario and number of threads, with commits, 95 % intervals over "
      "rounds, and the\nplaces where the level changed. Changes are those of the best piecewise "
      "constant fit of the\nlogarithms (FPOP; Maidstone, Hocking, Rigaill and Fearnhead 2017), "
      "with "
      "the noise taken from\nneighbouring records: at least 8 records, and 3 on either side of a "
      "change. Single records far off are\nshown but make no level. Of a long series the newest "
      "records have a row, those beside the newest\nchanges, and the first; others are counted. "
      "Every record must have the hash it states, or history\nends with its file and line; its "
      "samples are not opened (lite4rec verify).",
      "  lite4rec history runs --arm blis@lite --threads 1\n"
      "  lite4rec history runs --metric p99 --json > history.json\n"
      "  sh plots/history.sh runs figures      # figures, SVG and PNG\n",
      arguments};
  struct l4r_argument_list words = {0};
  struct l4r_history_options options;
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  status = validate(&args, &words, &options);
  return status ? status : show(&args, &options);
}
