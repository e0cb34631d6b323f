/* SPDX-License-Identifier: BSD-3-Clause */
/* Fills a row of a comparison with the figures of both records: of paired rounds, of the same
 * users, or of the records themselves. */
#ifndef L4R_BENCH_COMPARE_ROWS_H
#define L4R_BENCH_COMPARE_ROWS_H

#include "bench/compare/compare.h"

/* `row` has its records and its target. L4R_INPUT, with file, line and member, where a record lacks
 * the figure or both have too little in common; what was taken is freed by l4r_compared_free. */
int l4r_compared_fill(struct l4r_compared *row);
void l4r_compared_free(struct l4r_compared *row);

/* Compares what was filled; `rows` of the row's family share the error rates. */
void l4r_compared_compare(struct l4r_compared *row, int64_t rows);

/* Sets `change` by the row's margin. */
void l4r_compared_judge(struct l4r_compared *row);

/* The verdict in the words of its figure: SLOWER, LARGER, MORE or WORSE; FASTER, SMALLER, FEWER or
 * BETTER; SAME; UNDECIDED. */
const char *l4r_verdict(const struct l4r_compared *row);

/* "file:line" of a record in one of four buffers of the thread. */
const char *l4r_compared_place(const struct l4r_record *record);

#endif
