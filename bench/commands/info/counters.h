/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info --counters: what this machine can count, group by group, and what would mend it. */
#ifndef L4R_BENCH_COMMANDS_INFO_COUNTERS_H
#define L4R_BENCH_COMMANDS_INFO_COUNTERS_H

#include "bench/counters/pmu.h"
#include "bench/table/sheet.h"

#include <jansson.h>

/* Tries every group on the calling thread: {"perf_event_paranoid", "advice", "cpu", "groups":
 * [{"name", "about", "family", "cpus", "explanation", "passes", "events": [{"name", "counts",
 * "source", "event", "reason"}], "metrics": [{"name", "formula", "unit", "counts", "reason"}]}]}.
 * The caller's; NULL with a message when memory is short. `pmu` is PAPI but in tests. */
json_t *l4r_info_counters_of(const struct l4r_pmu *pmu);

/* Prints it, as text or as one JSON object. */
int l4r_info_counters(int json);

/* The table of one of its "groups". */
void l4r_info_group_print(struct l4r_sheet *sheet, const json_t *group);

#endif
