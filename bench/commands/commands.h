/* SPDX-License-Identifier: BSD-3-Clause */
/* The subcommands: each gets its own argv (argv[0] is its name) and returns a status. */
#ifndef L4R_BENCH_COMMANDS_H
#define L4R_BENCH_COMMANDS_H

#include "bench/cli/options.h"

int l4r_command_data(int argc, char **argv);  /* import, check, synth */
int l4r_command_train(int argc, char **argv); /* lite, p5, p5-head, lite-beam, pop, ... */
int l4r_command_run(int argc, char **argv);
int l4r_command_eval(int argc, char **argv);
int l4r_command_recommend(int argc, char **argv);
int l4r_command_claims(int argc, char **argv);
int l4r_command_compare(int argc, char **argv);
int l4r_command_history(int argc, char **argv);
int l4r_command_info(int argc, char **argv);
int l4r_command_verify(int argc, char **argv);
int l4r_command_attest(int argc, char **argv);
int l4r_command_export(int argc, char **argv);
int l4r_command_report(int argc, char **argv);
int l4r_command_new_engine(int argc, char **argv); /* python, c, so */
/* One round of one arm, in a child of `run`; not for people. */
int l4r_command_round(int argc, char **argv);

/* Their options as data: what --help prints, and manual page and completion are made of. */
extern const struct l4r_usage l4r_usage_train, l4r_usage_run, l4r_usage_eval, l4r_usage_recommend,
    l4r_usage_claims, l4r_usage_compare, l4r_usage_history, l4r_usage_info, l4r_usage_verify,
    l4r_usage_export, l4r_usage_report, l4r_usage_new_engine, l4r_usage_attest;
extern const struct l4r_command l4r_data_actions[];

/* --unsealed is the same option wherever records are read. */
#define L4R_UNSEALED_HELP                                                                          \
  "take records too that do not have the hash they state or do not fit their samples; every "      \
  "output says so"

#endif
