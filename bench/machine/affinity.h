/* SPDX-License-Identifier: BSD-3-Clause */
/* What a process was given before it pins: a set of processors, its CPU affinity, by taskset or a
 * container. A process may widen its own affinity, so binding outside of it often succeeds, and
 * takes a processor that belongs to somebody else. */
#ifndef L4R_BENCH_MACHINE_AFFINITY_H
#define L4R_BENCH_MACHINE_AFFINITY_H

#include "bench/machine/pin.h"

/* L4R_ENVIRONMENT when the affinity of the calling thread holds fewer processors than the plan has
 * workers, or the plan binds one outside of it; the message says how many there are and which. */
int l4r_affinity_check(const struct l4r_pin *pin);

/* Keeps the calling thread, and threads made from it later, on the plan's processors, so that those
 * of libraries stay there too. They inherit what holds when they are made: so the plan with most
 * threads comes first. L4R_ENVIRONMENT where that is refused. */
int l4r_affinity_narrow(const struct l4r_pin *pin);

#endif
