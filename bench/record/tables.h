/* SPDX-License-Identifier: BSD-3-Clause */
/* Records as flat tables, for spreadsheets and plots. */
#ifndef L4R_BENCH_RECORD_TABLES_H
#define L4R_BENCH_RECORD_TABLES_H

#include <jansson.h>
#include <stdio.h>

/* One row a record: arm, threads, accuracy with intervals, latency with intervals, users/s, memory;
 * withheld figures are empty. RFC 4180. */
void l4r_export_csv(FILE *stream, const json_t *records);

#endif
