/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints accuracy by row, over training seeds. */
#ifndef L4R_BENCH_EXPORT_ACCURACY_H
#define L4R_BENCH_EXPORT_ACCURACY_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints one table per data set: accuracy by row with loss, seeds, selected epochs, minutes of
 * training, the end of the learning curve, and the floor. Records that differ only in the training
 * seed are one row (mean and range; the newest record of each seed). Models that no epoch trained
 * are counted and left out. L4R_CHECK, after the tables are built, when a row is below its floor;
 * L4R_INPUT when no record holds an accuracy of a trained model. */
int l4r_export_accuracy(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
