/* SPDX-License-Identifier: BSD-3-Clause */
/* What must hold before two sides' times say anything of each other. */
#ifndef L4R_BENCH_CLAIMS_CONDITIONS_H
#define L4R_BENCH_CLAIMS_CONDITIONS_H

#include "bench/record/fields.h"
#include <stddef.h>

struct l4r_conditions {
  double taken_most;      /* share of the processors' time that others and the hypervisor took */
  double clock_fall_most; /* share by which the clock fell within the rounds of both sides */
  int without_samples;    /* 1: records without samples too */
};

/* 1 and the reason when times of these records are not to be compared: samples missing, other
 * requests or histories, a busy machine, a clock that fell, a warning of the record that says that
 * it spoils times. What a record does not state is not held against it. Pure. */
int l4r_conditions_fail(const struct l4r_conditions *conditions, const struct l4r_record *a,
                        const struct l4r_record *b, char *reason, size_t size);

#endif
