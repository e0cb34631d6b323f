/* SPDX-License-Identifier: BSD-3-Clause */
/* What ranks send each other in a step, by the code that sends it in earnest (impl/comm,
 * impl/shards), with computing replaced by the time that it was measured to take. A program of its
 * own: under mpirun it computes by waiting busily, under SimGrid's smpirun, for which it is
 * compiled with smpicc and L4R_SIMULATED, by simulated time, so that one machine stands for
 * hundreds.
 *
 * pattern serve STEPS ITEMS WIDTH POSITIONS COUNT K ENCODE_NS HEAD_NS HOP_NS
 *
 * A step serves COUNT requests of POSITIONS items in all. Times are those of a rank, a step.
 *
 * pattern sum STEPS FLOATS BUCKETS COMPUTE_NS ADD_NS bf16|fp32
 *
 * A step of training: gradients are summed, bucket by bucket, while two thirds of COMPUTE_NS, the
 * backward pass, go on. ADD_NS is what adding up all that a rank adds takes.
 *
 * pattern ping STEPS BYTES
 *
 * A step is a message of BYTES from rank 0 to rank 1, and one back.
 *
 * pattern hop STEPS
 *
 * The time of a message through a socket to a sleeping process and back: what lies between rank 0
 * and the process that measures.
 *
 * Rank 0 prints "ranks N step_ns T compute_ns C bytes B": means of a step, B sent by all ranks. */
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/team.h"
#include "impl/comm/comm.h"
#include "impl/shards/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef L4R_SIMULATED
#include <mpi.h>
#include <smpi/smpi.h>
#endif

enum { WORDS = 9, ADVANCES = 8 /* while a bucket is computed */ };

static int64_t now(void) {
#ifdef L4R_SIMULATED
  return (int64_t)(MPI_Wtime() * 1e9); /* of the simulation */
#else
  return l4r_now_ns();
#endif
}

static void compute(double ns) {
#ifdef L4R_SIMULATED
  smpi_execute(ns * 1e-9);
#else
  const int64_t until = now() + (int64_t)ns;
  while (now() < until) l4r_relax();
#endif
}

struct pattern {
  struct l4r_comm *comm;
  struct l4r_link link;
  int64_t steps;
  double word[WORDS]; /* behind STEPS */
  double compute_ns;  /* of a step */
};

/* The bytes that all ranks have sent. */
static int sent(struct l4r_comm *comm, int64_t *bytes) {
  struct l4r_comm_spent spent;
  l4r_comm_spent(comm, &spent);
  *bytes = spent.bytes;
  return l4r_comm_sum_int(comm, bytes, 1);
}

static int timed(struct pattern *pattern, int (*step)(struct pattern *pattern, void *context),
                 void *context) {
  int64_t before = 0, after = 0, began = 0;
  int status = step(pattern, context); /* the first makes buffers */
  if (!status) status = sent(pattern->comm, &before);
  if (!status) status = l4r_comm_barrier(pattern->comm);
  began = now();
  for (int64_t s = 0; s < pattern->steps && !status; s++) status = step(pattern, context);
  const int64_t ended = now();
  if (!status) status = sent(pattern->comm, &after);
  if (!status && !l4r_comm_rank(pattern->comm))
    printf("ranks %d step_ns %.0f compute_ns %.0f bytes %.0f\n", l4r_comm_size(pattern->comm),
           (double)(ended - began) / (double)pattern->steps, pattern->compute_ns,
           (double)(after - before) / (double)pattern->steps);
  return status;
}

/* --- serving --- */

struct serving {
  struct l4r_order order;
  int64_t *start, *bytes; /* the payload; [ranks] */
  void *taken;
  size_t room;
  char *mine, *all; /* large enough for the vectors and the rankings */
};

static int serve_step(struct pattern *pattern, void *context) {
  struct serving *serving = context;
  struct l4r_link *link = &pattern->link;
  const int ranks = l4r_link_ranks(link);
  struct l4r_order order = serving->order;
  if (!link->rank) compute(pattern->word[7]);
  int status = link->rank ? l4r_link_take(link, &order, &serving->taken, &serving->room)
                          : l4r_link_order(link, &order, serving->start);
  if (status) return status;
  l4r_order_share_bytes(&order, serving->start, ranks, serving->bytes);
  status = l4r_link_share(link, serving->mine, serving->bytes, serving->all);
  compute(pattern->word[5] + pattern->word[6]);
  l4r_order_gather_bytes(&order, ranks, serving->bytes);
  return status ? status : l4r_link_gather(link, serving->mine, serving->bytes, serving->all);
}

static int serve(struct pattern *pattern) {
  const double *word = pattern->word;
  const int64_t items = (int64_t)word[0], width = (int64_t)word[1], positions = (int64_t)word[2];
  const int64_t count = (int64_t)word[3], k = (int64_t)word[4];
  const int ranks = l4r_comm_size(pattern->comm);
  const size_t rows = (size_t)(positions * width) * sizeof(float);
  const size_t ranked = (size_t)(count * k) * sizeof(struct l4r_ranked);
  struct serving serving = {.order = {.kind = L4R_ORDER_RECOMMEND,
                                      .count = count,
                                      .positions = positions,
                                      .k = k,
                                      .items = items,
                                      .width = width,
                                      .bytes = l4r_order_payload(count, positions)}};
  if (items < ranks || width < 1 || positions < 1 || count < 1 || k < 1)
    return l4r_fail(L4R_USAGE, "serve: fewer items than ranks, or nothing to do");
  l4r_link_use_comm(&pattern->link, pattern->comm);
  pattern->link.is_open = 1; /* nobody rests */
  pattern->compute_ns = word[5] + word[6] + word[7];
  serving.start = l4r_alloc((size_t)serving.order.bytes, 1, "an order");
  serving.bytes = l4r_alloc((size_t)ranks, sizeof *serving.bytes, "what ranks give");
  serving.mine = l4r_alloc(rows + ranked, 1, "vectors");
  serving.all = l4r_alloc(rows + ranked * (size_t)ranks, 1, "vectors");
  int status = serving.start && serving.bytes && serving.mine && serving.all ? L4R_OK
                                                                             : L4R_ENVIRONMENT;
  if (!status) { /* histories hold items from everywhere */
    l4r_item *history = (l4r_item *)(serving.start + count + 1);
    for (int64_t r = 0; r <= count; r++) serving.start[r] = r * positions / count;
    for (int64_t p = 0; p < positions; p++) history[p] = (l4r_item)(1 + p * 7919 % items);
    status = timed(pattern, serve_step, &serving);
  }
  l4r_free(serving.start);
  l4r_free(serving.bytes);
  l4r_free(serving.mine);
  l4r_free(serving.all);
  l4r_free(serving.taken);
  return status;
}

/* --- training --- */

struct summing {
  float *values;
  int64_t count, buckets;
  enum l4r_wire wire;
};

static int sum_step(struct pattern *pattern, void *context) {
  const struct summing *summing = context;
  const double backward = pattern->word[2] * 2 / 3;
  int status = L4R_OK;
  compute(pattern->word[2] / 3);
  for (int64_t b = 0; b < summing->buckets && !status; b++) {
    int64_t begin, end;
    l4r_split(summing->count, 1, (int)b, (int)summing->buckets, &begin, &end);
    for (int part = 0; part < ADVANCES && !status; part++) {
      compute(backward / (double)summing->buckets / ADVANCES);
      status = l4r_comm_sum_advance(pattern->comm);
    }
    if (!status)
      status = l4r_comm_sum_begin(pattern->comm, summing->values + begin, end - begin,
                                  summing->wire);
  }
  if (!status) status = l4r_comm_sum_finish(pattern->comm);
#ifdef L4R_SIMULATED
  compute(pattern->word[3]); /* which is computed in earnest otherwise */
#endif
  return status;
}

static int sum(struct pattern *pattern, const char *wire) {
  struct summing summing = {.count = (int64_t)pattern->word[0],
                            .buckets = (int64_t)pattern->word[1],
                            .wire = strcmp(wire, "bf16") ? L4R_WIRE_FP32 : L4R_WIRE_BF16};
  if (summing.count < 1 || summing.buckets < 1 || summing.buckets > L4R_SUMS_MOST)
    return l4r_fail(L4R_USAGE, "sum: from 1 to %d buckets of at least one float", L4R_SUMS_MOST);
  pattern->compute_ns = pattern->word[2];
  summing.values = l4r_alloc((size_t)summing.count, sizeof *summing.values, "gradients");
  const int status = summing.values ? timed(pattern, sum_step, &summing) : L4R_ENVIRONMENT;
  l4r_free(summing.values);
  return status;
}

/* --- what a platform is described by --- */

static int ping_step(struct pattern *pattern, void *context) {
  int status = l4r_comm_broadcast(pattern->comm, 0, context, (int64_t)pattern->word[0]);
  return status ? status : l4r_comm_broadcast(pattern->comm, 1, context, (int64_t)pattern->word[0]);
}

static int ping(struct pattern *pattern) {
  if (l4r_comm_size(pattern->comm) != 2 || pattern->word[0] < 1)
    return l4r_fail(L4R_USAGE, "ping wants 2 ranks and a number of bytes");
  void *buffer = l4r_alloc((size_t)pattern->word[0], 1, "a message");
  const int status = buffer ? timed(pattern, ping_step, buffer) : L4R_ENVIRONMENT;
  l4r_free(buffer);
  return status;
}

#ifndef L4R_SIMULATED
static int hop(int64_t steps) {
  int pair[2];
  char word = 1;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make sockets");
  const pid_t child = fork();
  if (child < 0) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot start a process");
  if (!child) {
    close(pair[0]);
    while (!l4r_socket_read(pair[1], &word, 1) && !l4r_socket_write(pair[1], &word, 1));
    _exit(0);
  }
  close(pair[1]);
  const int64_t began = now();
  int status = L4R_OK;
  for (int64_t s = 0; s < steps && !status; s++) {
    status = l4r_socket_write(pair[0], &word, 1);
    if (!status && l4r_socket_read(pair[0], &word, 1)) status = L4R_ENVIRONMENT;
  }
  const int64_t ended = now();
  close(pair[0]);
  waitpid(child, NULL, 0);
  if (!status) printf("hop_ns %.0f\n", (double)(ended - began) / (double)steps);
  return status;
}
#endif

static int run(struct pattern *pattern, int argc, char **argv) {
  const char *which = argv[1];
  int64_t words = argc - 3;
  const char *wire = !strcmp(which, "sum") && words == 5 ? argv[--argc] : "";
  if (l4r_parse_int(argv[2], &pattern->steps) || pattern->steps < 1)
    return l4r_fail(L4R_USAGE, "'%s' is no number of steps", argv[2]);
  for (int a = 3; a < argc && a - 3 < WORDS; a++)
    if (l4r_parse_double(argv[a], &pattern->word[a - 3]) || pattern->word[a - 3] < 0)
      return l4r_fail(L4R_USAGE, "'%s' is no number from 0", argv[a]);
  if (!strcmp(which, "serve") && words == 8) return serve(pattern);
  if (!strcmp(which, "sum") && words == 5) return sum(pattern, wire);
  if (!strcmp(which, "ping") && words == 1) return ping(pattern);
  return l4r_fail(L4R_USAGE, "%s: unknown, or another number of arguments (%lld)", which,
                  (long long)words);
}

int main(int argc, char **argv) {
  struct pattern *pattern = NULL;
  struct l4r_comm *comm = NULL;
  int status = L4R_OK;
  if (argc < 3) {
    fprintf(stderr, "usage: pattern serve|sum|ping|hop STEPS ...: see bench/scale/pattern.c\n");
    return 2;
  }
#ifndef L4R_SIMULATED
  if (!strcmp(argv[1], "hop")) {
    status = hop(atoll(argv[2]) > 0 ? atoll(argv[2]) : 1);
    if (status) fprintf(stderr, "pattern: %s\n", l4r_error_message());
    return l4r_exit_code(status);
  }
#endif
  status = l4r_comm_open(&comm);
  if (!status) pattern = l4r_alloc(1, sizeof *pattern, "a pattern");
  if (!status && !pattern) status = L4R_ENVIRONMENT;
  if (!status) pattern->comm = comm;
  if (!status) status = run(pattern, argc, argv);
  if (status && !l4r_comm_rank(comm)) fprintf(stderr, "pattern: %s\n", l4r_error_message());
  l4r_free(pattern);
  l4r_comm_end(comm, status);
  return l4r_exit_code(status);
}
