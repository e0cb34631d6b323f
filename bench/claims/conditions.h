/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks what must hold before the times of two sides can be compared. */
#ifndef L4R_BENCH_CLAIMS_CONDITIONS_H
#define L4R_BENCH_CLAIMS_CONDITIONS_H

#include "bench/record/fields.h"
#include <stddef.h>

struct l4r_conditions {
  double taken_most; /* limit of the share of processor time taken by others and the hypervisor */
  double clock_fall_most; /* limit of the share by which the clock fell within the rounds of both
                             sides */
  int without_samples;    /* 1: accept records without samples */
};

/* Returns 1 and the reason when times of these records must not be compared: samples are missing,
 * requests or histories differ, the machine was busy, the clock fell, or a warning of a record says
 * that it spoils times. Conditions that a record does not state count as met. Pure. */
int l4r_conditions_fail(const struct l4r_conditions *conditions, const struct l4r_record *a,
                        const struct l4r_record *b, char *reason, size_t size);

#endif
