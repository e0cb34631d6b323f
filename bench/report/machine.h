/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/report: the sections of machines and of records' files. */
#ifndef L4R_BENCH_REPORT_MACHINE_H
#define L4R_BENCH_REPORT_MACHINE_H

#include "bench/report/inner.h"

/* Put sections on the page. L4R_ENVIRONMENT, or L4R_INPUT for damaged files. */
int l4r_report_machines(struct l4r_report *report);
int l4r_report_provenance(struct l4r_report *report);

#endif
