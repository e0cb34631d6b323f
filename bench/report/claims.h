/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/report: the section of claims. */
#ifndef L4R_BENCH_REPORT_CLAIMS_H
#define L4R_BENCH_REPORT_CLAIMS_H

#include "bench/report/inner.h"

/* Puts the section on the page. L4R_ENVIRONMENT, or L4R_INPUT for damaged files. */
int l4r_report_claims(struct l4r_report *report);

#endif
