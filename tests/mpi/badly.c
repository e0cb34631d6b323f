/* SPDX-License-Identifier: BSD-3-Clause */
/* Ways in which a rank ends that ends all: while the others wait for it. */
#include "impl/base/error.h"
#include "tests/mpi/ranks.h"

#include <signal.h>
#include <string.h>

enum { VALUES = 100000 };
static float values[VALUES];

static void step(struct l4r_comm *comm, int last) {
  for (int i = 0; i < 1000000; i++) {
    if (last && i == 3) raise(SIGKILL);
    if (l4r_comm_sum(comm, values, VALUES, L4R_WIRE_FP32)) l4r_comm_end(comm, L4R_ENVIRONMENT);
  }
}

static void gather(struct l4r_comm *comm, int last) {
  int64_t bytes[64] = {0};
  bytes[l4r_comm_size(comm) - 1] = sizeof values;
  if (last) raise(SIGKILL);
  if (l4r_comm_gather(comm, 0, values, bytes, values)) l4r_comm_end(comm, L4R_ENVIRONMENT);
  l4r_comm_barrier(comm);
}

static void barrier(struct l4r_comm *comm, int last) {
  if (last) raise(SIGKILL);
  l4r_comm_barrier(comm);
}

static void fails(struct l4r_comm *comm, int last) {
  if (last) l4r_comm_end(comm, l4r_fail(L4R_INPUT, "items.tsv:3: no such item"));
  l4r_comm_barrier(comm);
}

/* The last rank gives less than the others await. */
static void short_message(struct l4r_comm *comm, int last) {
  int64_t bytes[64] = {0};
  bytes[l4r_comm_size(comm) - 1] = last ? 10 : 20;
  l4r_comm_end(comm, l4r_comm_gather(comm, 0, values, bytes, values + 100));
}

static const struct {
  const char *how;
  void (*end)(struct l4r_comm *comm, int last);
} ways[] = {{"killed-in-step", step},
            {"killed-in-gather", gather},
            {"killed-in-barrier", barrier},
            {"fails", fails},
            {"short-message", short_message}};

int ranks_end_badly(struct l4r_comm *comm, const char *how) {
  for (int w = 0; w < (int)(sizeof ways / sizeof *ways); w++)
    if (!strcmp(how, ways[w].how)) {
      ways[w].end(comm, l4r_comm_rank(comm) == l4r_comm_size(comm) - 1);
      return 1;
    }
  return 0;
}
