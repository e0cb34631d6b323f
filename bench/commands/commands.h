/* SPDX-License-Identifier: BSD-3-Clause */
/* The subcommands: each gets its own argv (argv[0] is its name) and returns a status. */
#ifndef L4R_BENCH_COMMANDS_H
#define L4R_BENCH_COMMANDS_H

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
int l4r_command_export(int argc, char **argv);
int l4r_command_report(int argc, char **argv);
int l4r_command_man(int argc, char **argv);
int l4r_command_completion(int argc, char **argv);
/* One round of one arm, in a child of `run`; not for people. */
int l4r_command_round(int argc, char **argv);

#endif
