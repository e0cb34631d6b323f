/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/memory.h"
#include "impl/comm/backend.h"
#include "tests/mpi/ranks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RANKS_MOST = 8, BYTES_MOST = 4096 };

static char byte_of(int rank, int64_t i) {
  return (char)ranks_number(rank, i);
}

static void fill(char *out, int rank, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i++) out[i] = byte_of(rank, i);
}

static int is_from(const char *in, int rank, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i++)
    if (in[i] != byte_of(rank, i)) return 0;
  return 1;
}

static void test_names(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  int on_host = -1, of_host = -1;
  CHECK(rank >= 0 && rank < size && size <= RANKS_MOST);
  l4r_comm_on_host(comm, &on_host, &of_host);
  CHECK(on_host >= 0 && on_host < of_host && of_host <= size);
  CHECK(*l4r_comm_host(comm, rank));
  int before = 0, same = 0;
  for (int r = 0; r < size; r++) {
    const int equal = !strcmp(l4r_comm_host(comm, r), l4r_comm_host(comm, rank));
    same += equal;
    before += equal && r < rank;
  }
  CHECK(before == on_host && same == of_host);
}

static void test_broadcast(struct l4r_comm *comm) {
  static const int sizes[] = {0, 1, 7, 100, 101, 1096};
  char data[BYTES_MOST];
  for (int root = 0; root < l4r_comm_size(comm); root++)
    for (int s = 0; s < 6; s++) {
      memset(data, 0, sizeof data);
      if (l4r_comm_rank(comm) == root) fill(data, root, sizes[s]);
      CHECK(!l4r_comm_broadcast(comm, root, data, sizes[s]));
      CHECK(is_from(data, root, sizes[s]));
    }
}

/* What rank r gives: nothing, a byte, an odd number, and lengths around the part. */
static int64_t given(int r, int turn) {
  static const int sizes[] = {0, 1, 3, 99, 100, 101, 500, 333};
  return sizes[(r * 3 + turn) % 8];
}

static void test_gather_and_share(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  char mine[BYTES_MOST], all[BYTES_MOST + 1];
  int64_t bytes[RANKS_MOST];
  for (int turn = 0; turn < 8; turn += comm->part < 100 ? 3 : 1)
    for (int root = -1; root < size; root++) { /* -1: to all */
      int64_t at = 0;
      for (int r = 0; r < size; r++) bytes[r] = given(r, turn);
      fill(mine, rank, bytes[rank]);
      memset(all, 0x55, sizeof all);
      CHECK(root < 0 ? !l4r_comm_share(comm, mine, bytes, all)
                     : !l4r_comm_gather(comm, root, mine, bytes, all));
      if (root >= 0 && root != rank) continue;
      for (int r = 0; r < size; at += bytes[r++]) CHECK(is_from(all + at, r, bytes[r]));
      CHECK(all[at] == 0x55);
    }
}

static void test_share_in_place(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  char all[BYTES_MOST];
  int64_t bytes[RANKS_MOST], at = 0;
  for (int r = 0; r < size; r++) bytes[r] = 101 + r;
  for (int r = 0; r < rank; r++) at += bytes[r];
  fill(all + at, rank, bytes[rank]);
  CHECK(!l4r_comm_share(comm, all + at, bytes, all));
  at = 0;
  for (int r = 0; r < size; at += bytes[r++]) CHECK(is_from(all + at, r, bytes[r]));
}

static void test_exchange(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  char out[BYTES_MOST], in[BYTES_MOST + 1];
  int64_t to[RANKS_MOST], from[RANKS_MOST];
  for (int turn = 0; turn < 8; turn += comm->part < 100 ? 3 : 1) {
    int64_t at = 0;
    for (int r = 0; r < size; r++) {
      to[r] = given(rank * 5 + r, turn);
      from[r] = given(r * 5 + rank, turn);
      fill(out + at, rank * RANKS_MOST + r, to[r]);
      at += to[r];
    }
    memset(in, 0x55, sizeof in);
    CHECK(!l4r_comm_exchange(comm, out, to, in, from));
    at = 0;
    for (int r = 0; r < size; at += from[r++])
      CHECK(is_from(in + at, r * RANKS_MOST + rank, from[r]));
    CHECK(in[at] == 0x55);
  }
}

/* Bytes that are counted are those that were handed to others. */
static void test_spent(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  struct l4r_comm_spent before, after;
  char mine[256], all[256 * RANKS_MOST];
  int64_t bytes[RANKS_MOST];
  for (int r = 0; r < size; r++) bytes[r] = 256;
  fill(mine, rank, 256);
  l4r_comm_spent(comm, &before);
  CHECK(!l4r_comm_gather(comm, 0, mine, bytes, all));
  l4r_comm_spent(comm, &after);
  CHECK(after.bytes - before.bytes == (rank ? 256 : 0));
  CHECK(size == 1 || after.wait_ns > before.wait_ns);
}

void ranks_test_bytes(struct l4r_comm *comm) {
  static const int64_t parts[] = {33, 100, 1 << 30};
  const int64_t part = comm->part;
  test_names(comm);
  for (int p = 0; p < 3; p++) {
    comm->part = parts[p];
    test_broadcast(comm);
    test_gather_and_share(comm);
    test_share_in_place(comm);
    test_exchange(comm);
    CHECK(!l4r_comm_barrier(comm));
    CHECK(!l4r_comm_rest(comm));
  }
  comm->part = part;
  test_spent(comm);
}

/* Each rank holds the message once: skipped where memory has no room for it. */
void ranks_test_large(struct l4r_comm *comm) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  const int64_t large = ((int64_t)1 << 31) + 5;
  int64_t lacks = (int64_t)sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE) < (size + 1) * large;
  if (l4r_comm_max_int(comm, &lacks, 1) || lacks) {
    if (!rank) printf("[SKIP] large: %d ranks of 2 GiB do not fit into free memory\n", size);
    return;
  }
  char *data = l4r_alloc((size_t)large, 1, "a large message");
  int64_t bytes[RANKS_MOST] = {0};
  CHECK(data != NULL);
  for (int64_t i = 0; data && !rank && i < large; i += 4093) data[i] = byte_of(0, i);
  if (data && !rank) data[large - 1] = 77;
  CHECK(!l4r_comm_broadcast(comm, 0, data, large));
  for (int64_t i = 0; data && i < large - 1; i += 4093) CHECK(data[i] == byte_of(0, i));
  CHECK(data && data[large - 1] == 77);
  bytes[size - 1] = large; /* the last gives it back */
  if (data && rank == size - 1) data[large - 2] = 78;
  CHECK(!l4r_comm_gather(comm, 0, data, bytes, data));
  CHECK(data && (rank || data[large - 2] == 78));
  l4r_free(data);
}
