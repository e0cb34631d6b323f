/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints every pair of Lite and beam search that was measured, so that no single number stands
 * without its configuration. */
#ifndef L4R_BENCH_CLAIMS_GRID_H
#define L4R_BENCH_CLAIMS_GRID_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

/* Adds the table of the pairs' times. Where there is none, a document gets a sentence and text gets
 * nothing. In text, warnings of the records are below each row. */
void l4r_claims_grid(struct l4r_sheet *sheet, const struct l4r_records *records);

/* The same with "->" before the cell that a verdict is of; its two records, NULL: none. */
void l4r_claims_grid_marked(struct l4r_sheet *sheet, const struct l4r_records *records,
                            const struct l4r_record *const verdict[2]);

#endif
