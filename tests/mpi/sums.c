/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/comm/backend.h"
#include "impl/comm/bf16.h"
#include "tests/mpi/ranks.h"

#include <string.h>

enum { MOST = 100003, MANY = L4R_SUMS_MOST };

/* What a plain loop in the order of the ranks makes of it. */
static float expected(int size, int64_t i, enum l4r_wire wire, int rounded) {
  float total = 0;
  for (int r = 0; r < size; r++) {
    float next = ranks_float(r, i);
    if (wire == L4R_WIRE_BF16 && size > 1) l4r_bf16_round(&next, 1);
    total = r ? total + next : next;
  }
  if (wire == L4R_WIRE_BF16 && size > 1 && rounded) l4r_bf16_round(&total, 1);
  return total;
}

static int same(float a, float b) {
  return !memcmp(&a, &b, sizeof a);
}

static int64_t differing(const struct l4r_comm *comm, const float *values, int64_t first,
                         int64_t count, enum l4r_wire wire) {
  int64_t bad = 0;
  for (int64_t i = 0; i < count; i++)
    bad += !same(values[i], expected(l4r_comm_size(comm), first + i, wire, 1));
  return bad;
}

static void fill(float *values, int rank, int64_t first, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = ranks_float(rank, first + i);
}

static void test_whole(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire) {
  struct l4r_comm_spent before, after;
  const int size = l4r_comm_size(comm);
  fill(values, l4r_comm_rank(comm), 0, count);
  values[count] = 42;
  l4r_comm_spent(comm, &before);
  CHECK(!l4r_comm_sum(comm, values, count, wire));
  l4r_comm_spent(comm, &after);
  CHECK(!differing(comm, values, 0, count, wire));
  CHECK(same(values[count], 42));
  int64_t sent = after.bytes - before.bytes; /* before it is itself sent */
  CHECK(!l4r_comm_sum_int(comm, &sent, 1));
  CHECK(sent == 2 * (size - 1) * count * (wire == L4R_WIRE_BF16 ? 2 : 4));
}

static void test_slices(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  int64_t begin, end, bad = 0;
  l4r_split(count, 1, rank, size, &begin, &end);
  fill(values, rank, 0, count);
  CHECK(!l4r_comm_sum_slices(comm, values, count, wire));
  for (int64_t i = 0; i < count; i++)
    bad += !same(values[i],
                 i >= begin && i < end ? expected(size, i, wire, 0) : ranks_float(rank, i));
  CHECK(!bad);
}

/* Sums of many lengths under way, moved on by each rank as often as it likes. */
static void test_many(struct l4r_comm *comm, float *values, enum l4r_wire wire) {
  const int rank = l4r_comm_rank(comm);
  int64_t at[MANY + 1] = {0}, bad = 0;
  for (int s = 0; s < MANY; s++) at[s + 1] = at[s] + s * s % 1500 + (s % 7 ? 1 : 0);
  fill(values, rank, 0, at[MANY]);
  for (int s = 0; s < MANY; s++) {
    CHECK(!l4r_comm_sum_begin(comm, values + at[s], at[s + 1] - at[s], wire));
    for (int a = (s * 7 + rank * 5) % 11; a > 3; a--) CHECK(!l4r_comm_sum_advance(comm));
  }
  CHECK(!l4r_comm_sum_finish(comm));
  for (int s = 0; s < MANY; s++)
    bad += differing(comm, values + at[s], at[s], at[s + 1] - at[s], wire);
  CHECK(!bad);
  CHECK(!l4r_comm_sum_finish(comm)); /* nothing is under way */
  CHECK(!l4r_comm_sum_advance(comm));
}

/* One more than may be: of such a length that none is done before all have begun. */
static void test_too_many(struct l4r_comm *comm) {
  if (l4r_comm_size(comm) == 1) return;
  float *values = l4r_alloc(MANY + 1, sizeof *values, "values");
  CHECK(values != NULL);
  comm->round = 1;
  int refused = 0;
  if (l4r_comm_rank(comm) == 0) { /* the others have not begun, so nothing moves */
    for (int s = 0; s <= MANY; s++) {
      const int status = l4r_comm_sum_begin(comm, values + s, 1, L4R_WIRE_FP32);
      refused = status == L4R_USAGE;
      CHECK(refused || (!status && s < MANY));
    }
    CHECK(refused);
  }
  CHECK(!l4r_comm_barrier(comm));
  if (l4r_comm_rank(comm))
    for (int s = 0; s < MANY; s++) CHECK(!l4r_comm_sum_begin(comm, values + s, 1, L4R_WIRE_FP32));
  CHECK(!l4r_comm_sum_finish(comm));
  comm->round = 0;
  l4r_free(values);
}

void ranks_test_sums(struct l4r_comm *comm) {
  const int size = l4r_comm_size(comm);
  const int64_t counts[] = {0, 1, size - 1, size, size + 1, 31, 1000, 4097, MOST};
  static const int64_t rounds[] = {0, 1, 900};
  float *values = l4r_alloc(MOST + 1, sizeof *values, "values");
  CHECK(values != NULL);
  for (int wire = L4R_WIRE_FP32; values && wire <= L4R_WIRE_BF16; wire++)
    for (int r = 0; r < 3; r++) {
      comm->round = rounds[r];
      /* few rounds: ranks that share a processor wait long for each */
      for (int c = 0; c < 9 && (!rounds[r] || counts[c] < 40 * rounds[r]); c++) {
        test_whole(comm, values, counts[c], wire);
        test_slices(comm, values, counts[c], wire);
      }
      if (rounds[r] != 1) test_many(comm, values, wire);
    }
  comm->round = 0;
  test_too_many(comm);
  l4r_free(values);
}
