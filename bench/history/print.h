/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of records, for people and programs. */
#ifndef L4R_BENCH_HISTORY_PRINT_H
#define L4R_BENCH_HISTORY_PRINT_H

#include "bench/history/history.h"
#include "bench/table/model.h"

#include <stdio.h>

/* Every series with its records, of which `rows` have a row of their own: the newest, the first and
 * those beside the newest changes of level; others are counted, with their range and changes. 0:
 * all of them; -1: 40 of a series, and where there are more than 25 series the newest alone of
 * those without a change, and about 1000 in all of the others. L4R_ENVIRONMENT without memory, or
 * where the stream cannot be written. */
int l4r_history_print(const struct l4r_history *history, const struct l4r_printer *printer,
                      int64_t rows, FILE *stream);
/* Every record, for programs. */
int l4r_history_json(const struct l4r_history *history, FILE *stream);

#endif
