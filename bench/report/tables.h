/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/report: sections of tables and figures made by bench/export. */
#ifndef L4R_BENCH_REPORT_TABLES_H
#define L4R_BENCH_REPORT_TABLES_H

#include "bench/report/inner.h"

/* Put sections on the page. L4R_ENVIRONMENT, or L4R_INPUT for damaged files. */
int l4r_report_latency(struct l4r_report *report);
int l4r_report_training_rows(struct l4r_report *report);
int l4r_report_stages(struct l4r_report *report);
int l4r_report_growth(struct l4r_report *report);
int l4r_report_curves(struct l4r_report *report);

#endif
