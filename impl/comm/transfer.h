/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of any length between all ranks at once. */
#ifndef L4R_COMM_TRANSFER_H
#define L4R_COMM_TRANSFER_H

#include "impl/comm/comm.h"

#include <stdint.h>

/* The tags of messages: those of transfers, and the first of those of sums. */
enum { L4R_TAG_TRANSFER = 1, L4R_TAG_REST = 2, L4R_TAG_SUMS = 3 };

/* Puts this rank and its host before the stored message; returns L4R_ENVIRONMENT. */
int l4r_comm_failed(const struct l4r_comm *comm);
/* Counts what passed since `began` as waited for; returns status. A NULL comm has nothing to count.
 */
int l4r_comm_spend(struct l4r_comm *comm, int64_t began, int status);

/* Waits: the first millisecond without a pause, because most messages come sooner, and then with
 * ever longer ones of up to a fortieth of what was waited, which leaves the processor to those who
 * are waited for. Begins as {0}; each call is one pause. */
struct l4r_comm_pause {
  int64_t began_ns, polls;
};
void l4r_comm_pause(struct l4r_comm_pause *pause);
/* Waits for all of comm->group. */
int l4r_comm_wait(struct l4r_comm *comm);

/* One message to each rank and one from each, all at once, in parts of at most comm->part bytes;
 * those of 0 bytes are left out. Both sides give the same number of bytes. This rank's own is not
 * copied. messages[size] is changed. */
struct l4r_comm_message {
  const char *out;
  char *in;
  int64_t out_bytes, in_bytes;
};
int l4r_comm_transfer(struct l4r_comm *comm, struct l4r_comm_message *messages);

#endif
