/* SPDX-License-Identifier: BSD-3-Clause */
/* The program: picks a subcommand, and is the only place that prints errors and exits. */
#include "bench/cli/completion.h"
#include "bench/cli/man.h"
#include "bench/commands/commands.h"
#include "bench/machine/build_info.h"
#include "impl/base/error.h"
#include "impl/base/json.h"
#include "impl/base/log.h"
#include "impl/base/nearest.h"
#include "impl/base/terminal.h"
#include "impl/comm/comm.h"
#include "impl/comm/launched.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int print_man(int argc, char **argv);
static int print_completion(int argc, char **argv);
static int shell_word(int i, struct l4r_kind_word *word) {
  *word = (struct l4r_kind_word){i < L4R_SHELLS ? l4r_shell_names[i] : NULL, NULL};
  return i < L4R_SHELLS;
}

static const struct l4r_argument none[] = {{0}};
static const struct l4r_usage usage_man = {
    .command = "man",
    .summary = "Prints the manual page of all commands and options, for man(1). make install "
               "installs it.",
    .examples = "  lite4rec man | man -l -\n",
    .arguments = none};
static const struct l4r_usage usage_completion = {
    .command = "completion",
    .kinds = shell_word,
    .summary =
        "Prints a completion script for a shell. make install puts each where its shell finds "
        "it.",
    .examples = "  source <(lite4rec completion bash)\n"
                "  source <(lite4rec completion zsh)\n"
                "  lite4rec completion fish | source\n",
    .arguments = none};

static const struct l4r_command commands[] = {
    {"data", "import real data, check a data set, draw a synthetic one", l4r_command_data, NULL,
     l4r_data_actions},
    {"train", "train a model: lite, sasrec, p5, p5-head, lite-beam, pop, ...", l4r_command_train,
     &l4r_usage_train, NULL},
    {"run", "measure arms: accuracy and latency of each in one row", l4r_command_run,
     &l4r_usage_run, NULL},
    {"eval", "measure accuracy alone; write TREC files with --trec", l4r_command_eval,
     &l4r_usage_eval, NULL},
    {"recommend", "print what an arm recommends to one user, titles in, titles out",
     l4r_command_recommend, &l4r_usage_recommend, NULL},
    {"claims", "compare records with the paper's numbers: two verdicts a claim", l4r_command_claims,
     &l4r_usage_claims, NULL},
    {"verify", "recompute every derived figure of records from raw samples", l4r_command_verify,
     &l4r_usage_verify, NULL},
    {"attest", "state the hashes that figures rest on, for somebody to sign", l4r_command_attest,
     &l4r_usage_attest, NULL},
    {"compare", "compare two sets of records, round by round; a gate for CI", l4r_command_compare,
     &l4r_usage_compare, NULL},
    {"history", "show the course of a machine's records, with change points", l4r_command_history,
     &l4r_usage_history, NULL},
    {"export", "make tables, files for other tools, and models for other programs",
     l4r_command_export, &l4r_usage_export, NULL},
    {"report", "make one HTML page: verdicts, tables, figures, machines", l4r_command_report,
     &l4r_usage_report, NULL},
    {"new-engine", "write a folder to begin an engine of your own: python, c or so",
     l4r_command_new_engine, &l4r_usage_new_engine, NULL},
    {"info", "show this machine: processors, caches, counters, what is missing", l4r_command_info,
     &l4r_usage_info, NULL},
    {"man", "print the manual page", print_man, &usage_man, NULL},
    {"completion", "print a completion script for bash, zsh or fish", print_completion,
     &usage_completion, NULL},
    {"round", NULL, l4r_command_round, NULL, NULL},
    {0},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] - 1 };

static int print_man(int argc, char **argv) {
  struct l4r_parsed parsed;
  const int status = l4r_arguments_parse(&usage_man, argc, argv, NULL, &parsed);
  if (!status && !parsed.helped) l4r_man_print(commands);
  return status;
}

static int print_completion(int argc, char **argv) {
  struct l4r_parsed parsed;
  const int status = l4r_arguments_parse(&usage_completion, argc, argv, NULL, &parsed);
  if (status || parsed.helped) return status;
  if (parsed.kind < 0)
    return l4r_fail(L4R_USAGE, "completion wants one of bash, zsh, fish%s%s",
                    parsed.words.count ? ", not " : "",
                    parsed.words.count ? parsed.words.value[0] : "");
  l4r_completion_print((enum l4r_shell)parsed.kind, commands);
  return L4R_OK;
}

static void print_help(FILE *stream) {
  fputs("lite4rec: accuracy and latency of language-model recommenders on CPUs,\n"
        "measured together\n\n"
        "usage: lite4rec COMMAND [options]\n"
        "       lite4rec help COMMAND     (or: lite4rec COMMAND --help)\n"
        "       lite4rec --version\n\n",
        stream);
  for (int i = 0; i < COMMANDS; ++i)
    if (commands[i].about) fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].about);
  fputs("\nexit codes: 0 done, 1 a check or gate failed, 2 bad usage, 3 bad input,\n"
        "            4 environment, 5 a gate cannot tell: the measurements vary too much\n",
        stream);
}

static int is_help(const char *word) {
  return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

static const struct l4r_command *find_command(const char *name) {
  for (int i = 0; i < COMMANDS; ++i)
    if (!strcmp(commands[i].name, name)) return &commands[i];
  return NULL;
}

static int unknown_command(const char *name) {
  struct l4r_nearest nearest = {.word = name};
  char text[320];
  for (int i = 0; i < COMMANDS; i++)
    if (commands[i].about) l4r_nearest_try(&nearest, commands[i].name, i);
  if (*name)
    fprintf(stderr, "%slite4rec:%s unknown command '%s'%s\n\n", l4r_colour(2, L4R_RED),
            l4r_colour(2, L4R_PLAIN), name, l4r_nearest_text(&nearest, "", text, sizeof text));
  if (nearest.count)
    fputs("lite4rec --help lists all commands\n", stderr);
  else
    print_help(stderr);
  return l4r_exit_code(L4R_USAGE);
}

/* "help data import" as "data import --help". */
static int help_of(int argc, char **argv) {
  static char asked[] = "--help";
  char *words[8] = {NULL};
  int count = 0;
  for (int i = 2; i < argc && count < 6; i++) words[count++] = argv[i];
  words[count++] = asked;
  const struct l4r_command *command = find_command(words[0]);
  if (!command) return unknown_command(words[0]);
  const int status = command->run(count, words);
  if (status && *l4r_error_message()) fprintf(stderr, "lite4rec help: %s\n", l4r_error_message());
  return l4r_exit_code(status);
}

/* Under mpirun or srun, a command that ranks do not run together would be done several times over.
 * Every rank is refused, and the first says so. Children of a run inherit the launcher's words. */
static int refuse_ranks(const struct l4r_command *command, const struct l4r_launched *launched) {
  if (launched->ranks == 1 || !command->about) return L4R_OK;
  if (command->run == l4r_command_run || command->run == l4r_command_train ||
      command->run == l4r_command_eval)
    return l4r_comm_check();
  return l4r_fail(L4R_USAGE,
                  "this command is one process's, and %s began several (%s is set); only run, eval "
                  "and train divide their work among ranks: begin it alone",
                  launched->by, launched->word);
}

/* A usage error is the same on all ranks, and the first says it. A launcher ends them all as soon
 * as one has failed, so the others let it speak. */
static void tell_error(const char *name, int status, int rank) {
  if (!*l4r_error_message()) return;
  if (rank > 0 && status == L4R_USAGE) {
    sleep(1);
    return;
  }
  fprintf(stderr, "%slite4rec %s:%s %s\n", l4r_colour(2, L4R_RED), name, l4r_colour(2, L4R_PLAIN),
          l4r_error_message());
}

int main(int argc, char **argv) {
  l4r_json_guard(NULL);
  signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported like any other */
  signal(SIGXFSZ, SIG_IGN); /* so is a file size limit */
  const char *name = argc > 1 ? argv[1] : "";
  if (!strcmp(name, "help") && argc > 2 && !is_help(argv[2])) return help_of(argc, argv);
  if (is_help(name)) {
    print_help(stdout);
    return 0;
  }
  if (strcmp(name, "--version") == 0) { /* what records name too */
    printf("lite4rec %s, commit %s, %s, %s\n", l4r_version,
           *l4r_build_git ? l4r_build_git : "unknown", l4r_build_compiler, l4r_build_flags);
    return 0;
  }
  const struct l4r_command *command = find_command(name);
  if (!command) return unknown_command(name);
  struct l4r_launched launched;
  l4r_launched(&launched);
  int status = refuse_ranks(command, &launched);
  if (status) {
    tell_error(name, status, launched.rank);
    return l4r_exit_code(status);
  }
  status = command->run(argc - 1, argv + 1);
  l4r_progress_end(); /* an error begins a line of its own */
  /* whatever it made of a lack of memory: "not JSON", "no such member", or nothing at all */
  if (l4r_json_whole("JSON")) status = L4R_ENVIRONMENT;
  const int lost = fflush(stdout) || ferror(stdout);
  if (!status && lost) status = l4r_fail(L4R_ENVIRONMENT, "the output could not be written");
  if (status) tell_error(name, status, launched.rank);
  return l4r_exit_code(status);
}
