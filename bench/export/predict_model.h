/* SPDX-License-Identifier: BSD-3-Clause */
/* The model by which a time on one machine is carried to another. Internal to predict.c. */
#ifndef L4R_BENCH_EXPORT_PREDICT_MODEL_H
#define L4R_BENCH_EXPORT_PREDICT_MODEL_H

#include "bench/ceiling/file.h"
#include "bench/export/rows.h"

struct l4r_speeds { /* of a machine, for a precision and a number of threads; 0: unknown */
  double compute;   /* flop/s: its ceiling, or sgemm's speed where that is all that is known */
  int is_sgemm;
  double read[L4R_CEILINGS_LEVELS]; /* bytes/s */
};
/* What a record measured beside its serving. Pure. */
struct l4r_speeds l4r_speeds_of_record(const struct l4r_record *record);
/* What a file says of such a machine, by the same measure (`is_sgemm`). L4R_INPUT where it has no
 * such figure; the message says which. */
int l4r_speeds_of_file(const struct l4r_ceilings *ceilings, const struct l4r_row *row, int is_sgemm,
                       struct l4r_speeds *speeds);

/* ns of a user as measured; NaN where a row has none, or a rate that it was asked for. Pure. */
double l4r_predict_measured(const struct l4r_row *row);
/* 1 where two rows are of the same work: engine, kind, size, precision, options, scenario, batch,
 * threads, catalogue, and modelled operations within 5 %. Pure. */
int l4r_predict_is_same_work(const struct l4r_row *a, const struct l4r_row *b);

/* ns of a user on a machine of `there`'s speeds, from a row and `here`, the speeds of its own
 * machine; NaN where no work is modelled or both speeds are not known. Sets *bound to what bounds
 * it there. Pure. */
double l4r_predict_time(const struct l4r_row *row, const struct l4r_speeds *here,
                        const struct l4r_speeds *there, const char **bound);

#endif
