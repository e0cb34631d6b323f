/* SPDX-License-Identifier: BSD-3-Clause */
/* The machines of a report as cards: what a reader asks of a machine first. */
#ifndef L4R_BENCH_REPORT_CARDS_H
#define L4R_BENCH_REPORT_CARDS_H

#include "bench/report/inner.h"

enum { L4R_PAGE_MACHINE = 160 }; /* bytes of l4r_machine_name */
/* Puts a card a machine on the page, and below them what several machines measured alike, side by
 * side. L4R_ENVIRONMENT without memory. */
int l4r_machine_cards(struct l4r_report *report);

#endif
