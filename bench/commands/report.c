/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec report: records as one HTML page. */
#include "bench/report/report.h"

#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <stdio.h>

struct cli_args {
  const char *out;
  struct l4r_argument_list training;
  int unsealed;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "FILE", "page to write, an .html file", AT(out), .is_needed = 1},
    {"training", L4R_ARG_LIST, "MODEL",
     "model folder, or copy of its training.jsonl, whose curves are shown; repeatable",
     AT(training)},
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(unsealed)},
    {0}};

const struct l4r_usage l4r_usage_report = {
    .command = "report",
    .positional = "RECORDS...",
    .summary =
        "Makes one HTML page of records (files, or folders, which are searched): verdicts on the "
        "paper's claims, accuracy beside latency, training rows, stages and ceilings, growth, "
        "counters and their sources, figures, machines and commands. What is absent is shown with "
        "the reason. When an arm was measured again, the newest record stands first and older ones "
        "are folded below it. The page opens from the disk and needs no network. Figures are drawn "
        "by gnuplot where it is installed.",
    .examples = "  lite4rec report runs --out report.html\n"
                "  lite4rec report results --training models/lite --training models/p5 \\\n"
                "    --out report.html\n",
    .arguments = arguments};

int l4r_command_report(int argc, char **argv) {
  struct cli_args args = {.out = NULL};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_report, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (!parsed.words.count) return l4r_fail(L4R_USAGE, "report needs files or folders of records");
  const struct l4r_report_options options = {
      parsed.words.value,  parsed.words.count, args.training.value,
      args.training.count, args.out,           args.unsealed};
  status = l4r_report_write(&options);
  if (!status) printf("%s\n", args.out);
  if (!status) l4r_info("next: open it in a browser");
  return status;
}
