/* SPDX-License-Identifier: BSD-3-Clause */
/* Rank 0's side of the socket (impl/shards/link.h): calls the communicator for the process behind
 * it, and leaves the other ranks in step when that process ends in the middle of a request. */
#ifndef L4R_SHARDS_RELAY_H
#define L4R_SHARDS_RELAY_H

struct l4r_link;

/* Serves until the other side of the socket closes; waiting takes no processor time. A request that
 * was under way then is ended with zeros, and what was open is closed. `link` is that of rank 0.
 * L4R_ENVIRONMENT when the ranks cannot be kept in step: a call of the communicator failed, or
 * memory is short. */
int l4r_relay_serve(struct l4r_link *link, int socket);

#endif
