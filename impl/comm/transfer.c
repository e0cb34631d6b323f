/* SPDX-License-Identifier: BSD-3-Clause */
/* A round moves one part of every message, and the next begins when this rank has its parts; so no
 * rank has more than two messages a peer under way, however long they are. Rounds cannot wait for
 * each other in a circle: the parts of a round depend on those of the rounds before it alone. */
#include "impl/comm/transfer.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/comm/backend.h"

#include <unistd.h>

enum { SPIN_NS = 1000000, SPIN_POLLS = 20000, REST_NS = 20000000 };

static int least(int64_t a, int64_t b) {
  return (int)(a < b ? a : b);
}

int l4r_comm_failed(const struct l4r_comm *comm) {
  return l4r_fail_context(L4R_ENVIRONMENT, "rank %d on host %s", comm->rank, comm->host);
}

int l4r_comm_spend(struct l4r_comm *comm, int64_t began, int status) {
  if (comm) comm->spent.wait_ns += l4r_now_ns() - began;
  return status;
}

/* Polls are counted too: a simulated clock may stand still between them. */
void l4r_comm_pause(struct l4r_comm_pause *pause) {
  const int64_t now = l4r_now_ns();
  if (!pause->polls++) pause->began_ns = now;
  const int64_t waited = now - pause->began_ns, share = waited / 40;
  if (waited < SPIN_NS && pause->polls < SPIN_POLLS) return;
  usleep((useconds_t)((share < REST_NS ? share : REST_NS) / 1000 + 1));
}

int l4r_comm_wait(struct l4r_comm *comm) {
  struct l4r_comm_pause pause = {0};
  int done = 0, status;
  while (!(status = comm->backend->progress(comm->group, &done)) && !done) l4r_comm_pause(&pause);
  return status;
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
    int status = L4R_OK;
    left = 0;
    for (int i = 1; i < comm->size && !status; i++) {
      const int from = (comm->rank - i + comm->size) % comm->size;
      status = receive_part(comm, from, &messages[from]);
    }
    for (int i = 1; i < comm->size && !status; i++) {
      const int to = (comm->rank + i) % comm->size;
      status = send_part(comm, to, &messages[to]);
    }
    if (!status) status = l4r_comm_wait(comm);
    if (status) return l4r_comm_failed(comm);
    for (int i = 0; i < comm->size; i++)
      if (i != comm->rank) left |= messages[i].in_bytes > 0 || messages[i].out_bytes > 0;
  }
  return L4R_OK;
}
