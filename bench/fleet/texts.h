/* SPDX-License-Identifier: BSD-3-Clause */
/* What hosts tell the first rank: texts, and how a step went. */
#ifndef L4R_BENCH_FLEET_TEXTS_H
#define L4R_BENCH_FLEET_TEXTS_H

#include "impl/comm/comm.h"

/* "b", or "b-1" for the second of several ranks on host b; returns out[L4R_FLEET_NAME]. */
enum { L4R_FLEET_NAME = 80 };
const char *l4r_fleet_name(const struct l4r_comm *comm, int rank, char *out);

/* Gathers a text of each rank on rank 0: all[size], freed by l4r_fleet_texts_free; elsewhere NULL.
 * Collective. */
int l4r_fleet_texts(struct l4r_comm *comm, const char *mine, char ***all);
void l4r_fleet_texts_free(const struct l4r_comm *comm, char **all);

/* Returns the same on every rank: 0 where every rank gives 0, else the status of the first rank
 * that gives another. The message of a failure names the hosts and what each said, and is rank 0's
 * alone; those of the others are empty, since rank 0 speaks for all. Collective. */
int l4r_fleet_agree(struct l4r_comm *comm, int status);

#endif
