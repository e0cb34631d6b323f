/* SPDX-License-Identifier: BSD-3-Clause */
/* Every pair of Lite and beam search that was measured, so that no single number stands without its
 * cell. */
#ifndef L4R_BENCH_CLAIMS_GRID_H
#define L4R_BENCH_CLAIMS_GRID_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

/* Adds the table of the pairs' times; in a document a sentence where there is none, in text
 * nothing. Text has what the records say against their times below each row. */
void l4r_claims_grid(struct l4r_sheet *sheet, const struct l4r_records *records);

#endif
