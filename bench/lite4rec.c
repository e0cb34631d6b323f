/* SPDX-License-Identifier: BSD-3-Clause */
/* The program: picks a subcommand, and is the only place that prints errors and exits. */
#include "bench/commands/commands.h"
#include "bench/cli/walk.h"
#include "bench/machine/build_info.h"
#include "impl/base/error.h"
#include "impl/base/json.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct l4r_command commands[] = {
    {"data", l4r_command_data, "import real data, check a data set, draw a synthetic one"},
    {"train", l4r_command_train, "train a model of any kind: lite, p5, pop, markov, itemknn, ..."},
    {"run", l4r_command_run, "measure arms: accuracy and latency of each in one row"},
    {"eval", l4r_command_eval, "the accuracy part alone; TREC files with --trec"},
    {"recommend", l4r_command_recommend,
     "what an arm recommends to one user: titles in, titles out"},
    {"claims", l4r_command_claims,
     "hold records against the paper's numbers: two verdicts a claim"},
    {"verify", l4r_command_verify, "recompute every derived figure of records from raw samples"},
    {"compare", l4r_command_compare, "two sets of records, pair by pair of rounds; a gate for CI"},
    {"history", l4r_command_history, "the course of a machine's records, with change points"},
    {"export", l4r_command_export, "tables and TREC files from records, for other tools"},
    {"report", l4r_command_report, "one HTML page: verdicts, tables, figures, machines"},
    {"info", l4r_command_info, "this machine: processors, caches, counters, what is missing"},
    {"man", l4r_command_man, "print the manual page"},
    {"completion", l4r_command_completion, "print a completion script for bash"},
    {"round", l4r_command_round, NULL},
    {0},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] - 1 };

static void print_help(FILE *stream) {
  fprintf(stream,
          "lite4rec: accuracy and latency of language-model recommenders on CPUs, measured "
          "together\n\nusage: lite4rec COMMAND [options]; lite4rec COMMAND --help tells more; "
          "lite4rec --version\n\n");
  for (int i = 0; i < COMMANDS; ++i)
    if (commands[i].about) fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].about);
  fprintf(stream, "\nexit codes: 0 done, 1 a check or gate failed, 2 bad usage, 3 bad input, "
                  "4 environment\n");
}

int main(int argc, char **argv) {
  l4r_json_guard(NULL);
  signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported like any other */
  signal(SIGXFSZ, SIG_IGN); /* so is a file size limit */
  const char *name = argc > 1 ? argv[1] : "";
  l4r_commands_tell(commands);
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return 0;
  }
  if (strcmp(name, "--version") == 0) { /* what records name too */
    printf("lite4rec %s, commit %s, %s, %s\n", l4r_version,
           *l4r_build_git ? l4r_build_git : "unknown", l4r_build_compiler, l4r_build_flags);
    return 0;
  }
  for (int i = 0; i < COMMANDS; ++i) {
    if (strcmp(commands[i].name, name) != 0) continue;
    int status = commands[i].run(argc - 1, argv + 1);
    /* whatever it made of a lack of memory: "not JSON", "no such member", or nothing at all */
    if (l4r_json_whole("JSON")) status = L4R_ENVIRONMENT;
    const int lost = fflush(stdout) || ferror(stdout);
    if (!status && lost) status = l4r_fail(L4R_ENVIRONMENT, "the output could not be written");
    if (status && *l4r_error_message())
      fprintf(stderr, "lite4rec %s: %s\n", name, l4r_error_message());
    return l4r_exit_code(status);
  }
  if (*name) fprintf(stderr, "lite4rec: unknown command '%s'\n\n", name);
  print_help(stderr);
  return l4r_exit_code(L4R_USAGE);
}
