/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/shards/relay.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/shards/link.h"

#include <string.h>

struct relay {
  struct l4r_link *link;
  int socket;
  struct l4r_order order;
  char *payload, *mine, *all;
  size_t payload_room, mine_room, all_room;
  int64_t *share, *gather; /* [ranks] bytes that follow the order */
  int share_is_due, gather_is_due;
};

/* Whether an order is one, and its payload what it says. */
static int is_whole(const struct l4r_order *order, int64_t behind) {
  const int asks = order->kind == L4R_ORDER_RECOMMEND || order->kind == L4R_ORDER_SCORE;
  return order->bytes == behind && order->kind >= L4R_ORDER_OPEN && order->kind < L4R_ORDER_STOP &&
         order->count >= 0 && order->positions >= 0 &&
         (!asks || behind == l4r_order_payload(order->count, order->positions));
}

/* 1 in *lost: the process behind the socket is gone or does not keep to the protocol; nothing of
 * the order went to the ranks then. */
static int take_order(struct relay *relay, int64_t bytes, int *lost) {
  const int64_t behind = bytes - (int64_t)sizeof relay->order;
  struct l4r_order order;
  *lost = relay->share_is_due || relay->gather_is_due || behind < 0 ||
          l4r_socket_read(relay->socket, &order, sizeof order) || !is_whole(&order, behind);
  if (*lost) return L4R_OK;
  int status = l4r_grow(&relay->payload, &relay->payload_room, (size_t)behind + 1, 1, "an order");
  if (status) return status;
  *lost = behind && l4r_socket_read(relay->socket, relay->payload, (size_t)behind);
  if (*lost) return L4R_OK;
  const int ranks = relay->link->ranks;
  relay->order = order;
  relay->share_is_due = l4r_order_share_bytes(&order, relay->payload, ranks, relay->share);
  relay->gather_is_due = l4r_order_gather_bytes(&order, ranks, relay->gather);
  return l4r_link_order(relay->link, &relay->order, relay->payload);
}

/* Makes the call that is due, of rank 0's part in relay->mine; the answer is in relay->all. */
static int make_call(struct relay *relay, int is_share, int64_t *got) {
  const int64_t *bytes = is_share ? relay->share : relay->gather;
  *got = l4r_order_total(bytes, relay->link->ranks);
  const int status = l4r_grow(&relay->all, &relay->all_room, (size_t)*got + 1, 1, "an answer");
  if (status) return status;
  if (is_share)
    relay->share_is_due = 0;
  else
    relay->gather_is_due = 0;
  return is_share ? l4r_link_share(relay->link, relay->mine, bytes, relay->all)
                  : l4r_link_gather(relay->link, relay->mine, bytes, relay->all);
}

static int need_mine(struct relay *relay, int64_t bytes) {
  return l4r_grow(&relay->mine, &relay->mine_room, (size_t)bytes + 1, 1, "a part of an answer");
}

/* *lost as above; what is due of the order is then still due. */
static int take_part(struct relay *relay, const struct l4r_frame *frame, int *lost) {
  const int is_share = frame->kind == L4R_FRAME_SHARE;
  const int is_due = is_share ? relay->share_is_due : relay->gather_is_due && !relay->share_is_due;
  *lost = !is_due || frame->bytes != (is_share ? relay->share : relay->gather)[0];
  if (*lost) return L4R_OK;
  int64_t got;
  int status = need_mine(relay, frame->bytes);
  if (status) return status;
  *lost = frame->bytes && l4r_socket_read(relay->socket, relay->mine, (size_t)frame->bytes) != 0;
  if (*lost) return L4R_OK;
  if (relay->order.kind == L4R_ORDER_OPEN || relay->order.kind == L4R_ORDER_REPORT)
    l4r_link_sign(relay->link, (struct l4r_shard_report *)relay->mine);
  status = make_call(relay, is_share, &got);
  if (!status) *lost = l4r_socket_write(relay->socket, relay->all, (size_t)got) != 0;
  return status;
}

/* What is due of the order under way, with zeros for the part of a process that is gone. */
static int finish(struct relay *relay) {
  int status = L4R_OK;
  int64_t got;
  for (int is_share = 1; is_share >= 0 && !status; is_share--) {
    if (!(is_share ? relay->share_is_due : relay->gather_is_due)) continue;
    const int64_t bytes = (is_share ? relay->share : relay->gather)[0];
    status = need_mine(relay, bytes);
    if (!status) memset(relay->mine, 0, (size_t)bytes);
    if (!status) status = make_call(relay, is_share, &got);
  }
  if (!status && relay->link->is_open)
    status = l4r_link_order(relay->link, &(struct l4r_order){.kind = L4R_ORDER_CLOSE}, NULL);
  return status;
}

static int serve(struct relay *relay) {
  for (;;) {
    struct l4r_frame frame;
    int lost = 0;
    if (l4r_socket_read(relay->socket, &frame, sizeof frame)) return L4R_OK;
    const int status = frame.kind == L4R_FRAME_ORDER ? take_order(relay, frame.bytes, &lost)
                                                     : take_part(relay, &frame, &lost);
    if (status || lost) return status;
  }
}

int l4r_relay_serve(struct l4r_link *link, int socket) {
  struct relay relay = {.link = link, .socket = socket};
  const size_t ranks = (size_t)l4r_link_ranks(link);
  relay.share = l4r_alloc(ranks, sizeof *relay.share, "what ranks give");
  relay.gather = l4r_alloc(ranks, sizeof *relay.gather, "what ranks give");
  int status = relay.share && relay.gather ? serve(&relay) : L4R_ENVIRONMENT;
  if (!status) status = finish(&relay);
  l4r_free(relay.share);
  l4r_free(relay.gather);
  l4r_free(relay.payload);
  l4r_free(relay.mine);
  l4r_free(relay.all);
  return status;
}
