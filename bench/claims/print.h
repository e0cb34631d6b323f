/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints verdicts for people and for programs. */
#ifndef L4R_BENCH_CLAIMS_PRINT_H
#define L4R_BENCH_CLAIMS_PRINT_H

#include "bench/claims/judge.h"
#include "bench/table/sheet.h"

#include <jansson.h>

/* Writes what a verdict is about: "size mini, from scratch, 2 threads on 2 virtual processors". */
void l4r_claims_scope(const struct l4r_judgement *judgement, char *out, size_t size);

/* Adds a claim as a paragraph: the paper's figure, ours, the cell, its scope, machine, date, arms
 * and records, both verdicts with their reason, and the records' warnings. */
int l4r_claims_add(struct l4r_sheet *sheet, const struct l4r_claim *claim,
                   const struct l4r_judgement *judgement);
/* The same for programs; NULL without memory. */
json_t *l4r_claims_json(const struct l4r_claim *claim, const struct l4r_judgement *judgement);

#endif
