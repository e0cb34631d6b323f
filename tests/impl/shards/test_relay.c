/* SPDX-License-Identifier: BSD-3-Clause */
/* What rank 0 does for the process that measures, with one rank: the ranks' part is tried by
 * tests/mpi/serve.sh. */
#include "impl/shards/link.h"
#include "impl/shards/relay.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sent { /* an order as it stands in the socket */
  struct l4r_frame frame;
  struct l4r_order order;
  int64_t start[2];
  l4r_item history[2];
};

static struct sent recommend(void) {
  struct sent sent = {
      .order =
          {.kind = L4R_ORDER_RECOMMEND, .count = 1, .positions = 2, .k = 2, .items = 9, .width = 1},
      .start = {0, 2},
      .history = {4, 5}};
  sent.order.bytes = l4r_order_payload(1, 2);
  sent.frame = (struct l4r_frame){L4R_FRAME_ORDER, (int64_t)sizeof sent.order + sent.order.bytes};
  return sent;
}

/* Serves what was written; whatever that was, the ranks are in step behind it. */
static int serve(int pair[2]) {
  struct l4r_link link = {.ranks = 1};
  shutdown(pair[0], SHUT_WR);
  const int status = l4r_relay_serve(&link, pair[1]);
  close(pair[1]);
  return status;
}

static void make_pair(int pair[2]) {
  cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

Test(shards_relay, a_request_gets_the_answers_of_the_calls_that_follow_it) {
  const struct sent sent = recommend();
  const struct l4r_frame share = {L4R_FRAME_SHARE, 8}, gather = {L4R_FRAME_GATHER, 0};
  const float vectors[2] = {1, 2};
  float back[2];
  int pair[2];
  make_pair(pair);
  test_ok(l4r_socket_write(pair[0], &sent, sizeof sent));
  test_ok(l4r_socket_write(pair[0], &share, sizeof share));
  test_ok(l4r_socket_write(pair[0], vectors, sizeof vectors));
  test_ok(l4r_socket_write(pair[0], &gather, sizeof gather));
  test_ok(serve(pair));
  test_ok(l4r_socket_read(pair[0], back, sizeof back));
  cr_assert(!memcmp(back, vectors, sizeof back));
  cr_assert_eq(l4r_socket_read(pair[0], back, 1), 1, "nothing is behind it");
}

Test(shards_relay, a_process_may_end_anywhere_in_a_request) {
  const struct sent sent = recommend();
  for (size_t bytes = 0; bytes <= sizeof sent; bytes++) {
    int pair[2];
    make_pair(pair);
    test_ok(l4r_socket_write(pair[0], &sent, bytes));
    test_ok(serve(pair));
    close(pair[0]);
  }
}

Test(shards_relay, what_is_no_request_ends_the_serving_and_reaches_nobody) {
  struct sent sent[6];
  for (int i = 0; i < 6; i++) sent[i] = recommend();
  sent[0].frame.kind = L4R_FRAME_GATHER; /* before an order */
  sent[1].frame.bytes = 3;
  sent[2].order.bytes++;
  sent[3].order.count = 5;
  sent[4].order.kind = L4R_ORDER_STOP; /* for rank 0 alone to say */
  sent[5].order.positions = -1;
  for (int i = 0; i < 6; i++) {
    int pair[2];
    char back;
    make_pair(pair);
    test_ok(l4r_socket_write(pair[0], &sent[i], sizeof sent[i]));
    test_ok(serve(pair));
    cr_assert_neq(l4r_socket_read(pair[0], &back, 1), 0);
    close(pair[0]);
  }
}
