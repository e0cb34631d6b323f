/* SPDX-License-Identifier: BSD-3-Clause */
/* A sum goes in rounds. In each, every rank gives the others a part of their slices, adds up its
 * own in the order of the ranks, and hands the result round:
 *
 *   values of rank 0:  [ slice 0 | slice 1 | slice 2 ]    give: 0's part of slice 1 to rank 1, ...
 *   values of rank 1:  [ slice 0 | slice 1 | slice 2 ]    add:  rank 1 the parts of slice 1
 *   values of rank 2:  [ slice 0 | slice 1 | slice 2 ]    hand: the sum back to 0 and 2
 *
 * A round is as large as a message must be to be fast, and bounds the memory. At most WINDOW sums
 * move at a time, the oldest first, so that no rank waits for one that another has not begun. */
#include "impl/comm/sum.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/comm/backend.h"
#include "impl/comm/bf16.h"
#include "impl/comm/transfer.h"

#include <string.h>

enum {
  ROUND_VALUES = 2 << 20, /* of all ranks together: 8 MiB; 32 KiB a message with 256 ranks */
  WINDOW = 4,
  BLOCK = 1024, /* values added up while they are in the first cache */
  TAGS = 16384  /* a standard MPI has 32767 */
};

enum phase { WAITING, GIVING, HANDING, DONE };

struct sum {
  float *values;
  int64_t count, at; /* this round's place in each slice */
  enum l4r_wire wire;
  enum phase phase;
  int slices_only, tag, slot;
};

struct slot {
  struct l4r_comm_group *group;
  char *in, *out; /* of a part for each rank; `out` for bf16 alone */
  size_t in_bytes, out_bytes;
  int used;
};

struct l4r_sums {
  struct sum queue[L4R_SUMS_MOST]; /* in the order in which they began */
  int count, tag, failed;
  struct slot slots[WINDOW];
};

/* The part of rank r's slice that moves in this round. */
struct part {
  int64_t begin, count;
};

static int64_t round_values(const struct l4r_comm *comm) {
  const int64_t each = (comm->round ? comm->round : ROUND_VALUES) / comm->size;
  return each ? each : 1;
}

static struct part part_of(const struct l4r_comm *comm, const struct sum *sum, int rank) {
  const int64_t each = round_values(comm);
  int64_t begin, end;
  l4r_split(sum->count, 1, rank, comm->size, &begin, &end);
  const int64_t left = end - begin - sum->at;
  return (struct part){begin + sum->at, left < 0 ? 0 : left < each ? left : each};
}

static size_t value_bytes(const struct sum *sum) {
  return sum->wire == L4R_WIRE_BF16 ? 2 : 4;
}

static char *place(const struct l4r_comm *comm, const struct sum *sum, char *parts, int rank) {
  return parts + (size_t)(rank * round_values(comm)) * value_bytes(sum);
}

static int room(char **parts, size_t *has, size_t wants) {
  if (*has >= wants) return L4R_OK;
  l4r_free(*parts);
  *parts = l4r_alloc(wants, 1, "sums over ranks");
  *has = *parts ? wants : 0;
  return *parts ? L4R_OK : L4R_ENVIRONMENT;
}

static int give(struct l4r_comm *comm, struct sum *sum) {
  struct slot *slot = &comm->sums->slots[sum->slot];
  const struct part mine = part_of(comm, sum, comm->rank);
  const size_t size = value_bytes(sum);
  int status = L4R_OK;
  for (int i = 1; i < comm->size && mine.count && !status; i++) {
    const int from = (comm->rank - i + comm->size) % comm->size;
    status = comm->backend->receive(slot->group, from, sum->tag, place(comm, sum, slot->in, from),
                                    (int)((size_t)mine.count * size));
  }
  for (int i = 1; i < comm->size && !status; i++) {
    const int to = (comm->rank + i) % comm->size;
    const struct part part = part_of(comm, sum, to);
    const void *out = sum->values + part.begin;
    if (!part.count) continue;
    if (sum->wire == L4R_WIRE_BF16) {
      l4r_bf16_pack(place(comm, sum, slot->out, to), sum->values + part.begin, part.count);
      out = place(comm, sum, slot->out, to);
    }
    status = comm->backend->send(slot->group, to, sum->tag, out, (int)((size_t)part.count * size));
    comm->spent.bytes += part.count * (int64_t)size;
    comm->spent.messages++;
  }
  sum->phase = GIVING;
  return status;
}

/* The values of one rank at [begin, begin + count) of this rank's part, as they stand on the wire.
 */
static void load(const struct l4r_comm *comm, const struct sum *sum, int rank, int64_t begin,
                 int64_t count, float *out) {
  const struct slot *slot = &comm->sums->slots[sum->slot];
  const char *in = place(comm, sum, slot->in, rank) + (size_t)begin * value_bytes(sum);
  if (rank == comm->rank) {
    memcpy(out, sum->values + part_of(comm, sum, rank).begin + begin,
           (size_t)count * sizeof(float));
    if (sum->wire == L4R_WIRE_BF16) l4r_bf16_round(out, count);
  } else if (sum->wire == L4R_WIRE_BF16) {
    l4r_bf16_unpack(out, in, count);
  } else {
    memcpy(out, in, (size_t)count * sizeof(float));
  }
}

static void add(const struct l4r_comm *comm, const struct sum *sum) {
  const struct part mine = part_of(comm, sum, comm->rank);
  float total[BLOCK], next[BLOCK];
  for (int64_t begin = 0; begin < mine.count; begin += BLOCK) {
    const int64_t count = mine.count - begin < BLOCK ? mine.count - begin : BLOCK;
    load(comm, sum, 0, begin, count, total);
    for (int rank = 1; rank < comm->size; rank++) {
      load(comm, sum, rank, begin, count, next);
      for (int64_t i = 0; i < count; i++) total[i] += next[i];
    }
    if (sum->wire == L4R_WIRE_BF16 && !sum->slices_only) l4r_bf16_round(total, count);
    memcpy(sum->values + mine.begin + begin, total, (size_t)count * sizeof(float));
  }
}

static int hand(struct l4r_comm *comm, struct sum *sum) {
  struct slot *slot = &comm->sums->slots[sum->slot];
  const struct part mine = part_of(comm, sum, comm->rank);
  const size_t size = value_bytes(sum);
  const int half = sum->wire == L4R_WIRE_BF16;
  const void *out = half ? (void *)slot->out : (void *)(sum->values + mine.begin);
  int status = L4R_OK;
  if (half) l4r_bf16_pack(slot->out, sum->values + mine.begin, mine.count);
  for (int i = 1; i < comm->size && !status; i++) {
    const int from = (comm->rank - i + comm->size) % comm->size;
    const struct part part = part_of(comm, sum, from);
    void *in = half ? (void *)place(comm, sum, slot->in, from) : (void *)(sum->values + part.begin);
    if (part.count)
      status = comm->backend->receive(slot->group, from, sum->tag, in,
                                      (int)((size_t)part.count * size));
  }
  for (int i = 1; i < comm->size && mine.count && !status; i++) {
    status = comm->backend->send(slot->group, (comm->rank + i) % comm->size, sum->tag, out,
                                 (int)((size_t)mine.count * size));
    comm->spent.bytes += mine.count * (int64_t)size;
    comm->spent.messages++;
  }
  sum->phase = HANDING;
  return status;
}

static void take(const struct l4r_comm *comm, const struct sum *sum) {
  if (sum->wire != L4R_WIRE_BF16) return;
  for (int rank = 0; rank < comm->size; rank++) {
    const struct part part = part_of(comm, sum, rank);
    if (rank != comm->rank)
      l4r_bf16_unpack(sum->values + part.begin,
                      place(comm, sum, comm->sums->slots[sum->slot].in, rank), part.count);
  }
}

static int next_round(struct l4r_comm *comm, struct sum *sum) {
  sum->at += round_values(comm);
  if (sum->at * comm->size < sum->count) return give(comm, sum);
  comm->sums->slots[sum->slot].used = 0;
  sum->phase = DONE;
  return L4R_OK;
}

static int start(struct l4r_comm *comm, struct sum *sum) {
  struct l4r_sums *sums = comm->sums;
  const int64_t most = (sum->count + comm->size - 1) / comm->size, each = round_values(comm);
  const size_t bytes = (size_t)(comm->size * each - (each > most ? each - most : 0)) *
                       value_bytes(sum);
  int i = 0;
  while (sums->slots[i].used) i++; /* one is free: as many sums move as there are slots */
  struct slot *slot = &sums->slots[i];
  if (!slot->group) slot->group = comm->backend->group(2 * comm->size);
  int status = slot->group ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) status = room(&slot->in, &slot->in_bytes, bytes);
  if (!status && sum->wire == L4R_WIRE_BF16) status = room(&slot->out, &slot->out_bytes, bytes);
  if (status) return status;
  slot->used = 1;
  sum->slot = i;
  return give(comm, sum);
}

/* Takes a sum as far as it goes without waiting. */
static int move(struct l4r_comm *comm, struct sum *sum, int *moved) {
  int status = L4R_OK, done = 1;
  if (sum->phase == WAITING) {
    *moved = 1;
    status = start(comm, sum);
  }
  while (!status && done && sum->phase != DONE) {
    status = comm->backend->progress(comm->sums->slots[sum->slot].group, &done);
    if (status || !done) break;
    *moved = 1;
    if (sum->phase == GIVING) add(comm, sum);
    if (sum->phase == HANDING) take(comm, sum);
    status = sum->phase == GIVING && !sum->slices_only ? hand(comm, sum) : next_round(comm, sum);
  }
  return status;
}

static int advance(struct l4r_comm *comm, int *moved) {
  struct l4r_sums *sums = comm->sums;
  int done = 0;
  for (int i = 0; i < sums->count && i < WINDOW; i++)
    if (move(comm, &sums->queue[i], moved)) {
      sums->failed = 1;
      return l4r_comm_failed(comm);
    }
  while (done < sums->count && sums->queue[done].phase == DONE) done++;
  sums->count -= done;
  memmove(sums->queue, sums->queue + done, (size_t)sums->count * sizeof *sums->queue);
  return L4R_OK;
}

static int failed_before(const struct l4r_comm *comm) {
  return comm && comm->sums && comm->sums->failed
             ? l4r_fail(L4R_ENVIRONMENT,
                        "rank %d on host %s: a sum over ranks failed before; end the run",
                        comm->rank, comm->host)
             : L4R_OK;
}

static int begin(struct l4r_comm *comm, struct sum sum) {
  if (!comm || comm->size == 1 || !sum.count) return L4R_OK;
  if (failed_before(comm)) return L4R_ENVIRONMENT;
  if (!comm->sums && !(comm->sums = l4r_alloc(1, sizeof *comm->sums, "sums over ranks")))
    return l4r_comm_failed(comm);
  struct l4r_sums *sums = comm->sums;
  int moved = 0;
  if (sums->count == L4R_SUMS_MOST)
    return l4r_fail(L4R_USAGE, "more than %d sums over ranks at a time", L4R_SUMS_MOST);
  sum.tag = L4R_TAG_SUMS + sums->tag;
  sums->tag = (sums->tag + 1) % TAGS;
  sums->queue[sums->count++] = sum;
  return advance(comm, &moved);
}

static int finish(struct l4r_comm *comm) {
  struct l4r_comm_pause pause = {0};
  if (failed_before(comm)) return L4R_ENVIRONMENT;
  while (comm && comm->sums && comm->sums->count) {
    int moved = 0;
    const int status = advance(comm, &moved);
    if (status) return status;
    if (moved)
      pause = (struct l4r_comm_pause){0};
    else
      l4r_comm_pause(&pause);
  }
  return L4R_OK;
}

static int whole(struct l4r_comm *comm, struct sum sum) {
  const int64_t began = l4r_now_ns();
  int status = comm && comm->sums && comm->sums->count == L4R_SUMS_MOST ? finish(comm) : L4R_OK;
  if (!status) status = begin(comm, sum);
  if (!status) status = finish(comm);
  return l4r_comm_spend(comm, began, status);
}

int l4r_comm_sum(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire) {
  return whole(comm, (struct sum){.values = values, .count = count, .wire = wire});
}

int l4r_comm_sum_slices(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire) {
  return whole(comm,
               (struct sum){.values = values, .count = count, .wire = wire, .slices_only = 1});
}

int l4r_comm_sum_begin(struct l4r_comm *comm, float *values, int64_t count, enum l4r_wire wire) {
  const int64_t began = l4r_now_ns();
  return l4r_comm_spend(comm, began,
                        begin(comm, (struct sum){.values = values, .count = count, .wire = wire}));
}

int l4r_comm_sum_advance(struct l4r_comm *comm) {
  const int64_t began = l4r_now_ns();
  int moved = 0;
  if (failed_before(comm)) return L4R_ENVIRONMENT;
  return l4r_comm_spend(comm, began, comm && comm->sums ? advance(comm, &moved) : L4R_OK);
}

int l4r_comm_sum_finish(struct l4r_comm *comm) {
  const int64_t began = l4r_now_ns();
  return l4r_comm_spend(comm, began, finish(comm));
}

void l4r_sums_free(struct l4r_comm *comm) {
  struct l4r_sums *sums = comm->sums;
  for (int i = 0; sums && i < WINDOW; i++) {
    if (sums->slots[i].group) comm->backend->free(sums->slots[i].group);
    l4r_free(sums->slots[i].in);
    l4r_free(sums->slots[i].out);
  }
  l4r_free(sums);
  comm->sums = NULL;
}
