/* SPDX-License-Identifier: BSD-3-Clause */
/* A team of pinned worker threads that spins briefly before it sleeps.
 *
 * The thread that creates the team is its worker 0. `l4r_team_run` lets every worker call one
 * function and returns when all have returned: one fork and join, about a microsecond when the
 * workers still spin. Inside a run the workers meet at l4r_team_barrier. A team belongs to one
 * thread; no call here may be made from two threads at once, except the barrier. */
#ifndef L4R_BASE_TEAM_H
#define L4R_BASE_TEAM_H

#include <stdint.h>

struct l4r_team;

/* Makes a team of `count` >= 1 workers, worker i bound to processor `processors[i]` (operating
 * system numbers), or nobody bound when `processors` is NULL. L4R_ENVIRONMENT when a thread cannot
 * be made or bound. Binding is undone for worker 0 by l4r_team_free. */
int l4r_team_create(int count, const int *processors, struct l4r_team **team);
void l4r_team_free(struct l4r_team *team);
int l4r_team_size(const struct l4r_team *team); /* NULL counts as a team of one */

/* Calls work(argument, worker, workers) on every worker; returns the first failing status by worker
 * number, whose message becomes the caller's, or 0. A NULL team calls it once as worker 0 of 1. */
typedef int l4r_work(void *argument, int worker, int workers);
int l4r_team_run(struct l4r_team *team, l4r_work *work, void *argument);

/* All workers of a run wait for each other; every worker must call it equally often. */
void l4r_team_barrier(struct l4r_team *team);

/* How often a thread of the team has gone to sleep because it had waited long enough, and how many
 * system calls were made to wake sleepers. Both are 0 for NULL. Call it between runs. */
void l4r_team_waits(const struct l4r_team *team, int64_t *sleeps, int64_t *wakes);

/* Writes to observed[count] the processor that each worker last ran on (sched_getcpu). */
int l4r_team_observed(struct l4r_team *team, int *observed);

/* Belongs into a loop that waits for another thread: it leaves the core's units to the thread that
 * shares them. On Arm it is isb, which waits some tens of cycles, because yield does nothing on
 * most processors. */
static inline void l4r_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

/* Sets [*begin, *end) to the part of `count` things that worker `worker` of `workers` owns:
 * multiples of `step`, as even as possible. Pure. */
void l4r_split(int64_t count, int64_t step, int worker, int workers, int64_t *begin, int64_t *end);

#endif
