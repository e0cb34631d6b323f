/* SPDX-License-Identifier: BSD-3-Clause */
/* A run of one rank; what several do together is tested by tests/mpi. */
#include "impl/comm/comm.h"
#include "tests/support/command.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_comm *opened(void) {
  struct l4r_comm *comm = NULL;
  unsetenv("OMPI_COMM_WORLD_SIZE");
  unsetenv("PMI_SIZE");
  unsetenv("PMIX_RANK");
  unsetenv("SLURM_STEP_NUM_TASKS");
  OK(l4r_comm_open(&comm));
  return comm;
}

static void is_alone(struct l4r_comm *comm) {
  int rank = -1, ranks = -1;
  char in[] = "abc", out[4] = "";
  const int64_t bytes = 4;
  int64_t number = 0;
  float values[] = {1.0001f, -2};
  cr_assert_eq(l4r_comm_rank(comm), 0);
  cr_assert_eq(l4r_comm_size(comm), 1);
  l4r_comm_on_host(comm, &rank, &ranks);
  cr_assert(rank == 0 && ranks == 1);
  cr_assert(strlen(l4r_comm_host(comm, 0)) > 0);
  cr_assert_str_eq(l4r_comm_library(comm), "none: one rank");
  OK(l4r_comm_barrier(comm));
  OK(l4r_comm_rest(comm));
  OK(l4r_comm_broadcast(comm, 0, in, bytes));
  OK(l4r_comm_gather(comm, 0, in, &bytes, out));
  cr_assert_str_eq(out, "abc");
  memset(out, 0, sizeof out);
  OK(l4r_comm_share(comm, in, &bytes, out));
  cr_assert_str_eq(out, "abc");
  memset(out, 0, sizeof out);
  OK(l4r_comm_exchange(comm, in, &bytes, out, &bytes));
  cr_assert_str_eq(out, "abc");
  OK(l4r_comm_share_int(comm, 7, &number));
  OK(l4r_comm_sum_int(comm, &number, 1));
  OK(l4r_comm_max_int(comm, &number, 1));
  cr_assert_eq(number, 7);
  OK(l4r_comm_sum(comm, values, 2, L4R_WIRE_BF16));
  OK(l4r_comm_sum_slices(comm, values, 2, L4R_WIRE_FP32));
  for (int s = 0; s <= L4R_SUMS_MOST; s++) OK(l4r_comm_sum_begin(comm, values, 2, L4R_WIRE_FP32));
  OK(l4r_comm_sum_advance(comm));
  OK(l4r_comm_sum_finish(comm));
  cr_assert(values[0] == 1.0001f && values[1] == -2);
  struct l4r_comm_spent spent;
  l4r_comm_spent(comm, &spent);
  cr_assert(spent.bytes == 0 && spent.messages == 0);
}

Test(comm, one_rank_has_everything_and_sends_nothing) {
  struct l4r_comm *comm = opened();
  is_alone(comm);
  l4r_comm_end(comm, 0);
}

Test(comm, no_communicator_counts_as_one_rank) {
  is_alone(NULL);
  l4r_comm_end(NULL, L4R_INPUT);
}

Test(comm, one_rank_that_fails_returns) {
  l4r_comm_end(opened(), L4R_INPUT);
}
