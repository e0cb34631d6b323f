/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the command `lite4rec data`: its actions. */
#ifndef L4R_BENCH_COMMANDS_DATA_H
#define L4R_BENCH_COMMANDS_DATA_H

#include "bench/cli/options.h"
#include "bench/import/check.h"

int l4r_data_import(int argc, char **argv);
int l4r_data_permute(int argc, char **argv);
int l4r_data_synth(int argc, char **argv);
extern const struct l4r_usage l4r_usage_data_import, l4r_usage_data_permute, l4r_usage_data_synth;

/* Name, counts and the SHA-256 of every file of a folder, on standard output. */
int l4r_print_dataset(const char *folder);
/* Who is evaluated, and what no model that knows items by their interactions can find. */
void l4r_print_targets(const struct l4r_check_report *report);

#endif
