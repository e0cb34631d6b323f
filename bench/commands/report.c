/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec report: records as one HTML page. */
#include "bench/report/report.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "impl/base/error.h"

#include <stdio.h>

int l4r_command_report(int argc, char **argv) {
  const char *out = NULL;
  int unsealed = 0;
  struct l4r_argument_list training = {0};
  const struct l4r_argument arguments[] = {
      {"out", L4R_ARG_TEXT, "FILE", "the page, an .html file (required)", &out},
      {"training", L4R_ARG_LIST, "MODEL",
       "a model folder, or a copy of its training.jsonl, whose curves are shown; repeatable",
       &training},
      {"unsealed", L4R_ARG_FLAG, "",
       "take records too that do not have their hash or do not fit their samples; every output "
       "says "
       "so",
       &unsealed},
      {0}};
  const struct l4r_usage usage = {
      "lite4rec report RECORDS... --out FILE",
      "Makes one HTML page of records (files, or folders that are walked): verdicts on the "
      "paper's\n"
      "claims, accuracy beside latency, training rows, stages and ceilings, growth, counters with\n"
      "their sources, figures, machines, commands; for what is absent the reason. Of an arm\n"
      "measured again the newest record stands first, older ones folded below it. It opens from\n"
      "the disk and needs no network. Figures are drawn by gnuplot where it is installed.",
      "  lite4rec report runs --out report.html\n"
      "  lite4rec report results --training models/lite --training models/p5 --out report.html\n",
      arguments};
  struct l4r_argument_list words = {0};
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  if (!words.count) return l4r_fail(L4R_USAGE, "report wants files or folders of records");
  if (!out) return l4r_fail(L4R_USAGE, "--out is missing: the page's file, report.html");
  const struct l4r_report_options options = {words.value,    words.count, training.value,
                                             training.count, out,         unsealed};
  status = l4r_report_write(&options);
  if (!status) printf("%s\n", out);
  return status;
}
