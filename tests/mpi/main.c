/* SPDX-License-Identifier: BSD-3-Clause */
/* The tests of the ranks of a run. A program of its own, and neither Criterion nor the runner of
 * tests/plain, because both fork for each test: a child is no rank, and MPI does not survive a
 * fork. Begun by mpirun, or alone as one rank.
 *
 * Usage: comm-tests [all|large|HOW]; HOW is a way in which the last rank ends badly. */
#include "impl/base/error.h"
#include "tests/mpi/ranks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int64_t ranks_failed;

void ranks_check(const struct l4r_comm *comm, int holds, const char *text, const char *file,
                 int line) {
  if (holds) return;
  ranks_failed++;
  fprintf(stderr, "%s:%d: rank %d of %d: does not hold: %s (%s)\n", file, line, l4r_comm_rank(comm),
          l4r_comm_size(comm), text, l4r_error_message());
}

uint32_t ranks_number(int rank, int64_t i) {
  uint64_t x = (uint64_t)i * 0x9e3779b97f4a7c15u + (uint64_t)rank * 0xbf58476d1ce4e5b9u;
  x ^= x >> 29;
  x *= 0x94d049bb133111ebu;
  return (uint32_t)(x >> 33);
}

float ranks_float(int rank, int64_t i) {
  const uint32_t number = ranks_number(rank, i);
  return ldexpf((float)(number & 0xffffff) / 0x800000 - 1, (int)(number >> 24) % 40 - 20);
}

static const struct {
  const char *name;
  void (*run)(struct l4r_comm *comm);
} tests[] = {{"bytes", ranks_test_bytes},
             {"numbers", ranks_test_numbers},
             {"sums", ranks_test_sums},
             {"large", ranks_test_large}};
enum { TESTS = sizeof tests / sizeof *tests };

static int run(struct l4r_comm *comm, const char *which) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  int64_t failed = 0;
  if (rank == 0) printf("comm-tests: %d ranks, %s\n", size, l4r_comm_library(comm));
  for (int t = 0; t < TESTS; t++) {
    if (strcmp(which, tests[t].name) && (strcmp(which, "all") || !strcmp(tests[t].name, "large")))
      continue;
    tests[t].run(comm);
    int64_t now = ranks_failed;
    if (l4r_comm_sum_int(comm, &now, 1)) return L4R_ENVIRONMENT;
    if (rank == 0) printf("[%s] %s\n", now > failed ? "FAIL" : "PASS", tests[t].name);
    failed = now;
  }
  fflush(stdout);
  return failed ? l4r_fail(L4R_CHECK, "%lld checks failed", (long long)failed) : L4R_OK;
}

int main(int argc, char **argv) {
  struct l4r_comm *comm = NULL;
  const char *which = argc > 1 ? argv[1] : "all";
  int status = l4r_comm_open(&comm);
  if (status) {
    fprintf(stderr, "comm-tests: %s\n", l4r_error_message());
    return l4r_exit_code(status);
  }
  if (!ranks_end_badly(comm, which)) status = run(comm, which);
  l4r_comm_end(comm, status);
  return l4r_exit_code(status);
}
