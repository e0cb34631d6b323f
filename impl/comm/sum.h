/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of many floats over the ranks of a run, in the order of the ranks: a reduce-scatter and a
 * hand-round of our own, because those of MPI may add up in any order. Included by comm.h, which
 * says what holds for all calls. */
#ifndef L4R_COMM_SUM_H
#define L4R_COMM_SUM_H

#include <stdint.h>

struct l4r_comm;

/* What stands on the wire: fp32 as it is, or rounded to the nearest bf16 (ties to even). With bf16
 * every rank's values are rounded before they are added, its own too, sums are made in fp32, and
 * the result is rounded again, so that all ranks have the same and it does not depend on who added
 * up. One rank sends nothing, and rounds nothing. */
enum l4r_wire { L4R_WIRE_FP32, L4R_WIRE_BF16 };

/* Adds up values[count] over all ranks into every rank's values: each rank receives its slice from
 * all, sums it in the order of the ranks and hands it on (2 (R - 1) / R of the bytes a rank). Takes
 * 8 MiB more (bf16: as much), whatever the count, and all that are under way at a time 32 MiB. */
int l4r_comm_sum(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire);
/* The first half of it: afterwards rank r holds the sum of its slice alone, the places of l4r_split
 * (count, 1, rank, size), not rounded after it was made; the other places are as they were. */
int l4r_comm_sum_slices(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire);

/* The same while this rank computes on: begin, then now and then advance (which moves what waits
 * and may be called any number of times), then finish before the values are read. At most
 * L4R_SUMS_MOST are under way, more are refused (L4R_USAGE); values must not be touched meanwhile;
 * they are made in the order in which they began, a few at a time. All ranks begin the same ones in
 * the same order. After an error, finish or advance return it again. */
enum { L4R_SUMS_MOST = 64 };
int l4r_comm_sum_begin(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire);
int l4r_comm_sum_advance(struct l4r_comm *comm);
int l4r_comm_sum_finish(struct l4r_comm *comm); /* all that are under way */

/* Frees what sums took; none is under way. For l4r_comm_end. */
void l4r_sums_free(struct l4r_comm *comm);

#endif
