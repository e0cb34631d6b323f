/* SPDX-License-Identifier: BSD-3-Clause */
/* A round moves one part of every message, and the next begins when this rank has its parts; so no
 * rank has more than two messages a peer under way, however long they are. Rounds cannot wait for
 * each other in a circle: the parts of a round depend on those of the rounds before it alone. */
#include "impl/comm/transfer.h"

#include "impl/base/error.h"
#include "impl/comm/backend.h"

static int least(int64_t a, int64_t b) {
  return (int)(a < b ? a : b);
}

int l4r_comm_failed(const struct l4r_comm *comm) {
  return l4r_fail_context(L4R_ENVIRONMENT, "rank %d on host %s", comm->rank, comm->host);
}

static int receive_part(struct l4r_comm *comm, int peer, struct l4r_comm_message *message) {
  const int bytes = least(message->in_bytes, comm->part);
  if (!bytes) return L4R_OK;
  const int status = comm->backend->receive(comm->group, peer, L4R_TAG_TRANSFER, message->in,
                                            bytes);
  message->in += bytes;
  message->in_bytes -= bytes;
  return status;
}

static int send_part(struct l4r_comm *comm, int peer, struct l4r_comm_message *message) {
  const int bytes = least(message->out_bytes, comm->part);
  if (!bytes) return L4R_OK;
  const int status = comm->backend->send(comm->group, peer, L4R_TAG_TRANSFER, message->out, bytes);
  message->out += bytes;
  message->out_bytes -= bytes;
  comm->spent.bytes += bytes;
  comm->spent.messages++;
  return status;
}

/* Peers in an order of which no two ranks begin with the same. */
int l4r_comm_transfer(struct l4r_comm *comm, struct l4r_comm_message *messages) {
  for (int left = 1; left;) {
    int status = L4R_OK, done;
    left = 0;
    for (int i = 1; i < comm->size && !status; i++) {
      const int from = (comm->rank - i + comm->size) % comm->size;
      status = receive_part(comm, from, &messages[from]);
    }
    for (int i = 1; i < comm->size && !status; i++) {
      const int to = (comm->rank + i) % comm->size;
      status = send_part(comm, to, &messages[to]);
    }
    if (!status) status = comm->backend->progress(comm->group, 1, &done);
    if (status) return l4r_comm_failed(comm);
    for (int i = 0; i < comm->size; i++)
      if (i != comm->rank) left |= messages[i].in_bytes > 0 || messages[i].out_bytes > 0;
  }
  return L4R_OK;
}
