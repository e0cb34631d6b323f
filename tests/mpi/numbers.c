/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/mpi/ranks.h"

#include <string.h>

enum { COUNT = 101, RANKS_MOST = 8 };

static int64_t int_of(int rank, int64_t i) {
  return (int64_t)ranks_number(rank, i) * (i % 2 ? -3000000007 : 1);
}

static void test_ints(struct l4r_comm *comm, int64_t count) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  int64_t sums[COUNT + 1], most[COUNT + 1], bad = 0;
  for (int64_t i = 0; i <= count; i++) sums[i] = most[i] = int_of(rank, i);
  CHECK(!l4r_comm_sum_int(comm, sums, count));
  CHECK(!l4r_comm_max_int(comm, most, count));
  for (int64_t i = 0; i < count; i++) {
    uint64_t sum = 0; /* wraps */
    int64_t largest = int_of(0, i);
    for (int r = 0; r < size; r++) {
      sum += (uint64_t)int_of(r, i);
      if (int_of(r, i) > largest) largest = int_of(r, i);
    }
    bad += sums[i] != (int64_t)sum || most[i] != largest;
  }
  CHECK(!bad && sums[count] == int_of(rank, count) && most[count] == int_of(rank, count));
}

static void test_doubles(struct l4r_comm *comm, int64_t count) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  double sums[COUNT];
  for (int64_t i = 0; i < count; i++) sums[i] = (double)ranks_float(rank, i) / 3;
  CHECK(!l4r_comm_sum_double(comm, sums, count));
  for (int64_t i = 0; i < count; i++) {
    double sum = (double)ranks_float(0, i) / 3;
    for (int r = 1; r < size; r++) sum += (double)ranks_float(r, i) / 3;
    CHECK(!memcmp(&sum, &sums[i], sizeof sum));
  }
}

void ranks_test_numbers(struct l4r_comm *comm) {
  int64_t all[RANKS_MOST];
  CHECK(!l4r_comm_share_int(comm, int_of(l4r_comm_rank(comm), 5), all));
  for (int r = 0; r < l4r_comm_size(comm); r++) CHECK(all[r] == int_of(r, 5));
  static const int64_t counts[] = {0, 1, 2, COUNT};
  for (int c = 0; c < 4; c++) {
    test_ints(comm, counts[c]);
    test_doubles(comm, counts[c]);
  }
}
