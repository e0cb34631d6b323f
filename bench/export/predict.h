/* SPDX-License-Identifier: BSD-3-Clause */
/* Predicts the performance of another machine. */
#ifndef L4R_BENCH_EXPORT_PREDICT_H
#define L4R_BENCH_EXPORT_PREDICT_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

struct l4r_machine {      /* the machine to predict for */
  int64_t cores, sockets; /* cores: of all sockets */
  double gb_per_s;        /* speed of reading memory per socket; 0: unknown */
};
/* Prints a prediction for that machine: a row for every arm of a group that was measured with at
 * least two numbers of threads, by the model in predict.c (Amdahl's law through the measured times,
 * bounded by the roofline). L4R_USAGE when cores do not divide evenly among sockets, L4R_INPUT when
 * there is no such arm. */
int l4r_export_predict(const struct l4r_rows *rows, const struct l4r_machine *machine,
                       struct l4r_sheet *sheet);

#endif
