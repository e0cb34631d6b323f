/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of a fleet: a row a host for each combination, how far they lie apart, which host is
 * off, and in what it differs. */
#ifndef L4R_BENCH_FLEET_TABLE_H
#define L4R_BENCH_FLEET_TABLE_H

#include "bench/record/read.h"
#include "bench/table/sheet.h"

struct l4r_fleet_host {
  const char *name;
  struct l4r_records records; /* of this run; none where it failed */
};

/* Prints the table and, for each host that is off in a combination, the members of its manifest
 * that differ from those of the most typical host there. A closed loop is judged by the mean time
 * of a user, an open one (scenario server) by p99. *off is how many hosts are off. L4R_ENVIRONMENT
 * without memory. */
int l4r_fleet_print(struct l4r_sheet *sheet, const struct l4r_fleet_host *hosts, int count,
                    int *off);

#endif
