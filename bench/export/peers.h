/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the race of engines. */
#ifndef L4R_BENCH_EXPORT_PEERS_H
#define L4R_BENCH_EXPORT_PEERS_H

#include "bench/export/rows.h"
#include "bench/table/sheet.h"

/* Prints three tables for every model that somebody else's engine (peer:, so:) served, with that
 * scenario, number of threads and way of searching: a user's mean time with a row an engine and a
 * column a precision; how many times as long as this project's fastest engine of the same run and
 * precision takes, and in each side's fastest precision; and what ran, with version, instruction
 * set and settings. Of two records of one engine in one precision the later one counts. L4R_INPUT
 * where there is no such engine. */
int l4r_export_peers(const struct l4r_rows *rows, struct l4r_sheet *sheet);

#endif
