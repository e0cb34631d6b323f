/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints histories for people and for programs. */
#ifndef L4R_BENCH_HISTORY_PRINT_H
#define L4R_BENCH_HISTORY_PRINT_H

#include "bench/history/history.h"
#include "bench/table/model.h"

#include <stdio.h>

/* Prints every series. `rows` of its records get a row of their own: the newest, the first and
 * those beside the newest changes of level; the others are counted, with their range and changes.
 * 0: all records. -1: 40 per series; where there are more than 25 series, only the newest of series
 * without a change and about 1000 in all of the others. L4R_ENVIRONMENT without memory, or where
 * the stream cannot be written. */
int l4r_history_print(const struct l4r_history *history, const struct l4r_printer *printer,
                      int64_t rows, FILE *stream);
/* Prints every record as JSON. */
int l4r_history_json(const struct l4r_history *history, FILE *stream);

#endif
