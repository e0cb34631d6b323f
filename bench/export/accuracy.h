/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy by row, over training seeds. */
#ifndef L4R_BENCH_EXPORT_ACCURACY_H
#define L4R_BENCH_EXPORT_ACCURACY_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* A table a data set: accuracy by row, records that differ in the training seed alone as one (mean
 * and range; of several records of a seed the newest), with loss, seeds, selected epochs, minutes
 * of training, where the learning curve ends, and the floor. L4R_CHECK, after the tables are
 * built, when a row is below its floor; L4R_INPUT when no record holds an accuracy. */
int l4r_export_accuracy(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
