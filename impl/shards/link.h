/* SPDX-License-Identifier: BSD-3-Clause */
/* How a process reaches the ranks that hold a catalogue together. It is one of three:
 *
 *   alone       no others: what is shared is copied
 *   a rank      it calls the communicator (impl/comm/comm.h) itself
 *   behind one  the process that `run` measures in, which is new in every round and so can be no
 * rank: its parent, rank 0, calls for it (impl/shards/relay.h), through a socket
 *
 * A process has one link; a test may make others. Calls are collective as those of comm.h are: rank
 * 0 gives an order, the others take it, and all make the calls that follow it (order.h). A call
 * that fails returns L4R_ENVIRONMENT, and the ranks are no longer in step. */
#ifndef L4R_SHARDS_LINK_H
#define L4R_SHARDS_LINK_H

#include "impl/shards/order.h"

#include <stddef.h>
#include <stdint.h>

struct l4r_comm;

struct l4r_link {
  struct l4r_comm *comm;  /* NULL: alone, or behind a rank */
  int socket;             /* to the parent; else 0 */
  int rank, ranks;        /* ranks 0: not set up, which counts as one rank */
  int is_open;            /* between OPEN and CLOSE: others wait busily for the next order */
  int64_t wait_ns, calls; /* spent in share and gather */
};

/* The link of this process: alone until one of the next two calls sets it up. */
struct l4r_link *l4r_link_here(void);
void l4r_link_use_comm(struct l4r_link *link, struct l4r_comm *comm);
void l4r_link_use_socket(struct l4r_link *link, int socket, int ranks);
int l4r_link_ranks(const struct l4r_link *link); /* 1: alone */

/* On rank 0: hands an order and its payload[order->bytes] to the others, which rest while nothing
 * is open. */
int l4r_link_order(struct l4r_link *link, const struct l4r_order *order, const void *payload);
/* On the others: waits for the next order; its payload goes to *payload, which is grown by l4r_grow
 * (*room bytes so far) and the caller's to free. */
int l4r_link_take(struct l4r_link *link, struct l4r_order *order, void **payload, size_t *room);

/* As l4r_comm_share, and as l4r_comm_gather to rank 0: `all` is not read on the others. */
int l4r_link_share(struct l4r_link *link, const void *mine, const int64_t *bytes, void *all);
int l4r_link_gather(struct l4r_link *link, const void *mine, const int64_t *bytes, void *all);

/* Writes into a report what the communicator knows: host, bytes and messages sent, and of ranks
 * behind the first the time in its calls. Behind a rank that is for the rank to do. */
void l4r_link_sign(const struct l4r_link *link, struct l4r_shard_report *report);

/* What goes through the socket: a frame, and `bytes` of content behind it. ORDER holds the order
 * and its payload, and has no answer; the others hold what rank 0 gives, and the answer is `all`.
 */
enum l4r_frame_kind { L4R_FRAME_ORDER = 1, L4R_FRAME_SHARE, L4R_FRAME_GATHER };
struct l4r_frame {
  int64_t kind, bytes;
};
/* Read and write whole blocks; reading returns 0 when it is done, 1 when the other side closed
 * before the first byte, L4R_ENVIRONMENT otherwise. */
int l4r_socket_write(int socket, const void *data, size_t bytes);
int l4r_socket_read(int socket, void *data, size_t bytes);

#endif
