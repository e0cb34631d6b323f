/* SPDX-License-Identifier: BSD-3-Clause */
/* Shares of ceilings as tables show them: the one place that knows when a share is none. */
#ifndef L4R_BENCH_TABLE_SHARE_H
#define L4R_BENCH_TABLE_SHARE_H

#include "bench/record/record.h"
#include "bench/table/model.h"

/* The next cell: "85.1 %" of a ceiling, '-' for NaN. Above what clocks may differ it is a fault of
 * the measurement and no figure: '-' with a footnote that says so. */
void l4r_cell_share(struct l4r_table *table, double share);
/* The same words for a line of text, into out[96]; returns it. */
const char *l4r_share_text(char out[96], double share);

/* What a stage's speed is against what its record measured beside it, and of what that is: a share
 * of the ceiling; in records of before there were ceilings, multiples of sgemm, a rival's speed. */
void l4r_cell_stage_share(struct l4r_table *table, const struct l4r_record_stage *stage);
/* What it reads, of what the level gives that it came from: "41.0 % of L3". Old records know memory
 * alone: then "from caches" stands where memory is not fast enough. */
void l4r_cell_stage_read(struct l4r_table *table, const struct l4r_record_stage *stage);

/* The next cell: which ceiling a record's shares are of: "bf16, AVX-512", "sgemm, a rival". */
void l4r_cell_ceiling(struct l4r_table *table, const struct l4r_record_ceiling *ceiling);

#endif
