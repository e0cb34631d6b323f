/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/shards/link.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/comm/comm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct l4r_link *l4r_link_here(void) {
  static struct l4r_link here;
  return &here;
}

void l4r_link_use_comm(struct l4r_link *link, struct l4r_comm *comm) {
  *link = (struct l4r_link){
      .comm = comm, .rank = l4r_comm_rank(comm), .ranks = l4r_comm_size(comm)};
}

void l4r_link_use_socket(struct l4r_link *link, int socket, int ranks) {
  *link = (struct l4r_link){.socket = socket, .ranks = ranks};
}

int l4r_link_ranks(const struct l4r_link *link) {
  return link->ranks > 1 ? link->ranks : 1;
}

/* --- the socket --- */

int l4r_socket_write(int socket, const void *data, size_t bytes) {
  for (const char *at = data; bytes;) {
    const ssize_t done = send(socket, at, bytes, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return l4r_fail_errno(L4R_ENVIRONMENT, "the way to the other ranks is closed");
    at += done;
    bytes -= (size_t)done;
  }
  return L4R_OK;
}

int l4r_socket_read(int socket, void *data, size_t bytes) {
  for (char *at = data; bytes;) {
    const ssize_t done = recv(socket, at, bytes, 0);
    if (done < 0 && errno == EINTR) continue;
    if (!done && at == (char *)data) return 1;
    if (done <= 0)
      return l4r_fail(L4R_ENVIRONMENT, "the way to the other ranks closed in a message");
    at += done;
    bytes -= (size_t)done;
  }
  return L4R_OK;
}

static int write_frame(int socket, enum l4r_frame_kind kind, const void *content, int64_t bytes) {
  const struct l4r_frame frame = {kind, bytes};
  const int status = l4r_socket_write(socket, &frame, sizeof frame);
  return status ? status : l4r_socket_write(socket, content, (size_t)bytes);
}

static int read_answer(int socket, void *all, int64_t bytes) {
  const int status = bytes ? l4r_socket_read(socket, all, (size_t)bytes) : L4R_OK;
  if (status <= 0) return status;
  return l4r_fail(L4R_ENVIRONMENT, "rank 0 no longer serves: the other ranks cannot be reached");
}

/* --- orders --- */

/* Most orders are short and go in one call, whatever their length. */
struct first {
  struct l4r_order order;
  char payload[L4R_ORDER_FIRST - sizeof(struct l4r_order)];
};

static int broadcast_order(struct l4r_comm *comm, const struct l4r_order *order,
                           const void *payload) {
  struct first first = {.order = *order};
  const int64_t fits = (int64_t)sizeof first.payload;
  const int64_t early = order->bytes < fits ? order->bytes : fits;
  if (early) memcpy(first.payload, payload, (size_t)early);
  int status = l4r_comm_broadcast(comm, 0, &first, sizeof first);
  if (!status && order->bytes > early) /* the root's data are only read */
    status = l4r_comm_broadcast(comm, 0, (char *)(uintptr_t)payload + early, order->bytes - early);
  return status;
}

static void note_kind(struct l4r_link *link, const struct l4r_order *order) {
  if (order->kind == L4R_ORDER_OPEN) link->is_open = 1;
  if (order->kind == L4R_ORDER_CLOSE) link->is_open = 0;
}

int l4r_link_order(struct l4r_link *link, const struct l4r_order *order, const void *payload) {
  int status = L4R_OK;
  if (l4r_link_ranks(link) == 1) return L4R_OK;
  if (link->socket) {
    const struct l4r_frame frame = {L4R_FRAME_ORDER, (int64_t)sizeof *order + order->bytes};
    status = l4r_socket_write(link->socket, &frame, sizeof frame);
    if (!status) status = l4r_socket_write(link->socket, order, sizeof *order);
    if (!status) status = l4r_socket_write(link->socket, payload, (size_t)order->bytes);
    return status;
  }
  if (!link->is_open) status = l4r_comm_rest(link->comm);
  if (!status) status = broadcast_order(link->comm, order, payload);
  note_kind(link, order);
  return status;
}

int l4r_link_take(struct l4r_link *link, struct l4r_order *order, void **payload, size_t *room) {
  struct first first;
  int status = link->is_open ? L4R_OK : l4r_comm_rest(link->comm);
  if (!status) status = l4r_comm_broadcast(link->comm, 0, &first, sizeof first);
  if (status) return status;
  const int64_t bytes = first.order.bytes, fits = (int64_t)sizeof first.payload;
  const int64_t early = bytes < fits ? bytes : fits;
  status = l4r_grow(payload, room, (size_t)bytes, 1, "an order of rank 0");
  if (status) return status;
  if (early) memcpy(*payload, first.payload, (size_t)early);
  if (bytes > early)
    status = l4r_comm_broadcast(link->comm, 0, (char *)*payload + early, bytes - early);
  *order = first.order;
  note_kind(link, order);
  return status;
}

/* --- what follows them --- */

static int call(struct l4r_link *link, enum l4r_frame_kind kind, const void *mine,
                const int64_t *bytes, void *all) {
  if (l4r_link_ranks(link) == 1) {
    if (bytes[0]) memcpy(all, mine, (size_t)bytes[0]);
    return L4R_OK;
  }
  if (link->socket) {
    const int status = write_frame(link->socket, kind, mine, bytes[0]);
    return status ? status : read_answer(link->socket, all, l4r_order_total(bytes, link->ranks));
  }
  return kind == L4R_FRAME_SHARE ? l4r_comm_share(link->comm, mine, bytes, all)
                                 : l4r_comm_gather(link->comm, 0, mine, bytes, all);
}

static int timed(struct l4r_link *link, enum l4r_frame_kind kind, const void *mine,
                 const int64_t *bytes, void *all) {
  const int64_t began = l4r_now_ns();
  const int status = call(link, kind, mine, bytes, all);
  link->wait_ns += l4r_now_ns() - began;
  link->calls++;
  return status;
}

int l4r_link_share(struct l4r_link *link, const void *mine, const int64_t *bytes, void *all) {
  return timed(link, L4R_FRAME_SHARE, mine, bytes, all);
}

int l4r_link_gather(struct l4r_link *link, const void *mine, const int64_t *bytes, void *all) {
  return timed(link, L4R_FRAME_GATHER, mine, bytes, all);
}

void l4r_link_sign(const struct l4r_link *link, struct l4r_shard_report *report) {
  struct l4r_comm_spent spent = {.bytes = 0};
  if (link->socket) return;
  if (link->comm) l4r_comm_spent(link->comm, &spent);
  snprintf(report->host, sizeof report->host, "%.63s", l4r_comm_host(link->comm, link->rank));
  report->sent_bytes = spent.bytes;
  report->messages = spent.messages;
  if (link->rank) report->wait_ns = spent.wait_ns;
}
