/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info: this machine on one screen, and as JSON. */
#ifndef L4R_BENCH_COMMANDS_INFO_MACHINE_H
#define L4R_BENCH_COMMANDS_INFO_MACHINE_H

#include <jansson.h>
#include <stdio.h>

/* Asks and measures (about half a second): the members of a record's manifest (bench/machine) and
 * "isa" {"name", "extensions"}, "clock" {"alone_ghz", "all_busy_ghz", "processors"}, "blas"
 * {"name", "version"}, "energy" {"domains", "reason"}, "counters" (as info --counters --json),
 * "memory_bytes". The caller's; NULL with a message where memory is short or hwloc cannot start. */
json_t *l4r_info_machine(void);

/* Prints it within 80 columns, one line a fact, what would mend a measurement last. */
void l4r_info_machine_print(FILE *stream, const json_t *machine);

#endif
