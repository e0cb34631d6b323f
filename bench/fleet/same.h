/* SPDX-License-Identifier: BSD-3-Clause */
/* Hosts that are compared must measure the same thing: program, command, data and models. */
#ifndef L4R_BENCH_FLEET_SAME_H
#define L4R_BENCH_FLEET_SAME_H

#include "bench/run/options.h"
#include "impl/comm/comm.h"

/* Compares, by hash, what every rank would run and measure with what most of them would. The data
 * set's files and the models' are read and hashed on each host. L4R_INPUT where they differ, with
 * the hosts and what differs, or as the first host that lacks something says; the same status on
 * every rank, the message on rank 0 alone (bench/fleet/texts.h). The arms are resolved by it.
 * Collective. */
int l4r_fleet_same(struct l4r_comm *comm, const struct l4r_run_options *options);

/* Says in what the facts of hosts differ from those of most of them: objects of texts, the same
 * members in each, names[hosts]. L4R_INPUT with a message, or 0. Pure. */
int l4r_fleet_differ(const json_t *const *facts, const char *const *names, int hosts);

#endif
