/* SPDX-License-Identifier: BSD-3-Clause */
/* The slowest calls of a round, with the context switches and page faults that happened around
 * them.
 *
 * A reading of the kernel's counters (getrusage) costs from a fifth of a microsecond to several,
 * which is too much for every call. So its cost is measured first, and readings are made only so
 * often that a call's share is L4R_SLOWEST_BUDGET_NS. A slow call gets the events of all calls
 * between the two readings around it, and the number of these calls (`over`): 0 events prove that
 * it had none, others are an upper bound. Readings are never made inside a latency. While the open
 * loop is idle they delay nobody, and then every call has a reading of its own. */
#ifndef L4R_BENCH_RUN_SESSION_SLOWEST_H
#define L4R_BENCH_RUN_SESSION_SLOWEST_H

#include <stdint.h>

enum { L4R_SLOWEST = 10, L4R_SLOWEST_BUDGET_NS = 50, L4R_SLOW_CALL_EVENTS = 4 };

/* "voluntary_switches", "forced_switches", "minor_faults", "major_faults". */
extern const char *const l4r_slow_call_event_names[L4R_SLOW_CALL_EVENTS];

struct l4r_slow_call {
  int64_t query;   /* number of the call in the round's timed part, from 0 */
  int64_t request; /* of the sample; of several in a call the one with the longest history */
  int64_t length;  /* of that history */
  int64_t ns;      /* the call's latency */
  int64_t at_ns;   /* when serving it began, from the begin of the timed part */
  int64_t events[L4R_SLOW_CALL_EVENTS];
  int64_t over; /* calls that the events are spread over, this one among them; 0: not yet read */
};

struct l4r_slowest {
  struct l4r_slow_call call[L4R_SLOWEST]; /* slowest first; of equals the earlier first */
  int count;
  int whole_process;                     /* 1: events of all threads, 0: of the calling thread */
  int64_t every;                         /* calls between readings */
  int64_t read_ns;                       /* what a reading costs */
  int64_t since;                         /* calls since the newest reading */
  int64_t reading[L4R_SLOW_CALL_EVENTS]; /* the newest */
};

/* Measures the cost of a reading, with some twenty of them. `threads` is the size of the team. */
void l4r_slowest_init(struct l4r_slowest *slowest, int threads);
/* Reads the counters and assigns what happened since the newest reading to the calls that have no
 * events yet. */
void l4r_slowest_close(struct l4r_slowest *slowest);
/* Reads the counters, so that what happened before belongs to no call. */
void l4r_slowest_open(struct l4r_slowest *slowest);
/* Puts a call in its place; use l4r_slowest_add. */
void l4r_slowest_insert(struct l4r_slowest *slowest, const struct l4r_slow_call *call);

/* Adds a call; call it after every one, on the thread that made it. It allocates nothing. */
static inline void l4r_slowest_add(struct l4r_slowest *slowest, const struct l4r_slow_call *call) {
  if (slowest->count < L4R_SLOWEST || call->ns > slowest->call[L4R_SLOWEST - 1].ns)
    l4r_slowest_insert(slowest, call);
  if (++slowest->since >= slowest->every) l4r_slowest_close(slowest);
}

#endif
