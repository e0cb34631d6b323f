/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands below a row of a table: counters with their source, stages, the server, tails,
 * warnings; a line each, and none for what a record does not have. Source: project. */
#ifndef L4R_BENCH_TABLE_REMARKS_H
#define L4R_BENCH_TABLE_REMARKS_H

#include "bench/table/footnotes.h"

#include <jansson.h>
#include <stdio.h>

/* The counters of a query; those that are absent share a footnote. The notes borrow the record's
 * texts. */
void l4r_print_counters(FILE *stream, const json_t *record, struct l4r_footnotes *notes);
/* The first round's counters of each stage, beside what reading them cost. */
void l4r_print_stage_counters(FILE *stream, const json_t *record, struct l4r_footnotes *notes);
/* Short rankings, ties, the ceiling, stages, the server, rounds, tails, failures. */
void l4r_print_remarks(FILE *stream, const json_t *record);
/* A line a warning, behind `indent`. */
void l4r_print_warnings(FILE *stream, const json_t *warnings, const char *indent);

#endif
