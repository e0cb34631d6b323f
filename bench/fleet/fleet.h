/* SPDX-License-Identifier: BSD-3-Clause */
/* The same run on several hosts at once, begun by mpirun or srun: one rank a host, or several that
 * take cores of their own. */
#ifndef L4R_BENCH_FLEET_FLEET_H
#define L4R_BENCH_FLEET_FLEET_H

#include "bench/run/options.h"
#include "impl/comm/comm.h"

/* Measures on every rank what the options say and gathers the records in options->out/HOST of rank
 * 0. Before anything is measured, all hosts must have the same program, command, data and models
 * (by hash), room on their cores, and a folder to write to; else every rank returns that failure.
 * Then they measure at the same time, or host by host (--one-host-at-a-time), and a host that fails
 * costs its own records alone. Each labels its records by its name, behind a --label.
 *
 * On rank 0, *records is an array of the records of all hosts, the caller's, and the table with the
 * spread and who is off is printed unless options->json. Elsewhere *records is NULL and the status
 * 0, with which these ranks end: rank 0 speaks for all. options->out and options->label are changed
 * until it returns. Collective. */
int l4r_fleet_run(struct l4r_comm *comm, struct l4r_run_options *options, json_t **records);

#endif
