/* SPDX-License-Identifier: BSD-3-Clause */
/* What another machine would give, from records and that machine's ceilings. */
#ifndef L4R_BENCH_EXPORT_PREDICT_H
#define L4R_BENCH_EXPORT_PREDICT_H

#include "bench/ceiling/file.h"
#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Two tables. What that machine would give: a row for every arm whose work is modelled and each
 * number of threads it was measured with, by the model that predict.c states, with an interval;
 * "unknown" where the interval's ends are further apart than a factor of four, where nothing tells
 * how wide it is, or where a ceiling is missing. And how well the same model predicts the machines
 * whose records these are, each left out in turn and predicted from the others.
 * L4R_INPUT when no arm's work is modelled, L4R_ENVIRONMENT without memory. */
int l4r_export_predict(const struct l4r_rows *rows, const struct l4r_ceilings *machine,
                       struct l4r_sheet *sheet);

#endif
