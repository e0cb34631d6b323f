/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints what changed in a history, and nothing else. */
#ifndef L4R_BENCH_HISTORY_CHANGES_H
#define L4R_BENCH_HISTORY_CHANGES_H

#include "bench/history/history.h"
#include "bench/table/model.h"

#include <stdio.h>

/* Writes a figure of the history's metric with its unit into out[32], and returns it. */
const char *l4r_history_figure(enum l4r_round_metric metric, double value, char out[32]);

/* Prints a row for each change of level, the newest first, at most 40, and then how many series had
 * none and how many are too short to show one. L4R_ENVIRONMENT without memory, or where the stream
 * cannot be written. */
int l4r_history_print_changes(const struct l4r_history *history, const struct l4r_printer *printer,
                              FILE *stream);

#endif
