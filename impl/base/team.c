/* SPDX-License-Identifier: BSD-3-Clause */
/* A team of workers.
 *
 * Work is announced by a generation number that the waiting workers watch. They spin for a while
 * (batch-1 serving comes back within microseconds, and waking a sleeper costs fifty), then sleep on
 * a futex. Barriers are sense-reversing counters of the same kind: spin, then sleep. A thread
 * announces that it is about to sleep, so that a wake-up is a system call only where somebody
 * sleeps. On a machine with fewer free processors than workers, spinning would starve the worker
 * that is waited for, so the spin is short when a team is not pinned.
 *
 * One run of work, two workers:
 *
 *   creator: generation++ ... work(0) ... wait pending == 0 ... returns
 *   worker 1:     sees it ... work(1) ... pending-- */
#include "impl/base/team.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SPINS_PINNED = 20000, SPINS_FREE = 2000, MESSAGE_MAX = 2048 };

struct worker {
  struct l4r_team *team;
  pthread_t thread;
  int number, processor, observed, status;
  char message[MESSAGE_MAX];
} __attribute__((aligned(64)));

/* A number that threads wait on. Its writer changes it and then reads `sleepers`; a waiter raises
 * `sleepers` and then reads the number. Both are sequentially consistent, so at least one of the
 * two sees the other's change, and nobody sleeps through a change. */
struct gate {
  _Alignas(64) atomic_uint word;
  atomic_uint sleepers;
};

struct l4r_team {
  int count, spins, started, bound;
  struct worker *worker;
  l4r_work *work;
  void *argument;
  atomic_int stop;
  struct gate generation;           /* of the work announced */
  struct gate pending;              /* workers that have not finished it */
  struct gate passed;               /* barriers passed */
  _Alignas(64) atomic_uint arrived; /* at the barrier */
  atomic_llong sleeps, wakes;       /* counted for l4r_team_waits */
  cpu_set_t creator_mask;
};

static unsigned value_of(struct gate *gate) {
  return atomic_load_explicit(&gate->word, memory_order_acquire);
}

/* Waits until the gate's number differs from `old`. */
static void wait_change(struct l4r_team *team, struct gate *gate, unsigned old) {
  for (int i = 0; i < team->spins; ++i) {
    if (value_of(gate) != old) return;
    l4r_relax();
  }
  atomic_fetch_add(&gate->sleepers, 1);
  atomic_fetch_add_explicit(&team->sleeps, 1, memory_order_relaxed);
  while (atomic_load(&gate->word) == old)
    syscall(SYS_futex, &gate->word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
  atomic_fetch_sub(&gate->sleepers, 1);
}

/* Must be called after a sequentially consistent change of the gate's number. */
static void wake_all(struct l4r_team *team, struct gate *gate) {
  if (!atomic_load(&gate->sleepers)) return;
  atomic_fetch_add_explicit(&team->wakes, 1, memory_order_relaxed);
  syscall(SYS_futex, &gate->word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void change(struct l4r_team *team, struct gate *gate) {
  atomic_fetch_add(&gate->word, 1);
  wake_all(team, gate);
}

static void do_work(struct worker *worker) {
  struct l4r_team *team = worker->team;
  worker->status = team->work(team->argument, worker->number, team->count);
  if (worker->status) snprintf(worker->message, MESSAGE_MAX, "%s", l4r_error_message());
  worker->observed = sched_getcpu();
}

static int bind_thread(int processor) {
  cpu_set_t mask;
  if (processor < 0 || processor >= CPU_SETSIZE)
    return l4r_fail(L4R_ENVIRONMENT, "processor %d is out of range", processor);
  CPU_ZERO(&mask);
  CPU_SET(processor, &mask);
  if (sched_setaffinity(0, sizeof mask, &mask))
    return l4r_fail_errno(L4R_ENVIRONMENT,
                          "cannot bind a worker to processor %d (is it in this process's mask?)",
                          processor);
  return L4R_OK;
}

static void *worker_main(void *argument) {
  struct worker *worker = argument;
  struct l4r_team *team = worker->team;
  unsigned seen = 0;
  worker->status = team->bound ? bind_thread(worker->processor) : 0;
  if (worker->status) snprintf(worker->message, MESSAGE_MAX, "%s", l4r_error_message());
  for (;;) {
    if (atomic_fetch_sub(&team->pending.word, 1) == 1) wake_all(team, &team->pending);
    wait_change(team, &team->generation, seen);
    seen = value_of(&team->generation);
    if (atomic_load_explicit(&team->stop, memory_order_acquire)) return NULL;
    do_work(worker);
  }
}

static void wait_finished(struct l4r_team *team) {
  for (;;) {
    const unsigned left = value_of(&team->pending);
    if (left == 0) return;
    wait_change(team, &team->pending, left);
  }
}

static int first_failure(struct l4r_team *team) {
  for (int i = 0; i < team->count; ++i)
    if (team->worker[i].status)
      return l4r_fail(team->worker[i].status, "%s", team->worker[i].message);
  return L4R_OK;
}

static int start_threads(struct l4r_team *team) {
  atomic_store(&team->pending.word, (unsigned)(team->count - 1));
  for (int i = 1; i < team->count; ++i) {
    const int error = pthread_create(&team->worker[i].thread, NULL, worker_main, &team->worker[i]);
    if (error) {
      atomic_fetch_sub(&team->pending.word, (unsigned)(team->count - i));
      if (error == EAGAIN) /* pthread_create(3) has one number for both, and its text names neither */
        return l4r_fail(L4R_ENVIRONMENT,
                        "cannot start worker %d of %d: there is no memory for its stack (ulimit -v) "
                        "or no more threads are allowed (ulimit -u); ask for fewer threads",
                        i, team->count);
      errno = error;
      return l4r_fail_errno(L4R_ENVIRONMENT, "cannot start worker %d of %d", i, team->count);
    }
    team->started = i;
  }
  return L4R_OK;
}

int l4r_team_create(int count, const int *processors, struct l4r_team **out) {
  if (count < 1) return l4r_fail(L4R_USAGE, "a team needs at least one worker, not %d", count);
  struct l4r_team *team = l4r_alloc(1, sizeof *team, "a team");
  struct worker *workers = team ? l4r_alloc((size_t)count, sizeof *workers, "workers") : NULL;
  if (!workers) {
    l4r_free(team);
    return L4R_ENVIRONMENT;
  }
  team->worker = workers;
  team->count = count;
  team->bound = processors != NULL;
  team->spins = processors ? SPINS_PINNED : SPINS_FREE;
  sched_getaffinity(0, sizeof team->creator_mask, &team->creator_mask);
  for (int i = 0; i < count; ++i) {
    workers[i].team = team;
    workers[i].number = i;
    workers[i].processor = processors ? processors[i] : -1;
  }
  int status = processors ? bind_thread(processors[0]) : L4R_OK;
  if (!status) status = start_threads(team);
  wait_finished(team);
  if (!status) status = first_failure(team);
  if (status) {
    l4r_team_free(team);
    return status;
  }
  *out = team;
  return L4R_OK;
}

void l4r_team_free(struct l4r_team *team) {
  if (!team) return;
  wait_finished(team);
  atomic_store_explicit(&team->stop, 1, memory_order_release);
  change(team, &team->generation);
  for (int i = 1; i <= team->started; ++i) pthread_join(team->worker[i].thread, NULL);
  if (team->bound) sched_setaffinity(0, sizeof team->creator_mask, &team->creator_mask);
  l4r_free(team->worker);
  l4r_free(team);
}

int l4r_team_size(const struct l4r_team *team) {
  return team ? team->count : 1;
}

int l4r_team_run(struct l4r_team *team, l4r_work *work, void *argument) {
  if (!team) return work(argument, 0, 1);
  team->work = work;
  team->argument = argument;
  if (team->count > 1) {
    atomic_store_explicit(&team->pending.word, (unsigned)(team->count - 1), memory_order_release);
    change(team, &team->generation);
  }
  do_work(&team->worker[0]);
  wait_finished(team);
  return first_failure(team);
}

void l4r_team_barrier(struct l4r_team *team) {
  if (!team || team->count == 1) return;
  const unsigned round = value_of(&team->passed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 ==
      (unsigned)team->count) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    change(team, &team->passed);
    return;
  }
  wait_change(team, &team->passed, round);
}

void l4r_team_waits(const struct l4r_team *team, int64_t *sleeps, int64_t *wakes) {
  *sleeps = team ? atomic_load_explicit(&team->sleeps, memory_order_relaxed) : 0;
  *wakes = team ? atomic_load_explicit(&team->wakes, memory_order_relaxed) : 0;
}

static int nothing(void *argument, int worker, int workers) {
  return L4R_OK;
}

int l4r_team_observed(struct l4r_team *team, int *observed) {
  if (!team) {
    observed[0] = sched_getcpu();
    return L4R_OK;
  }
  const int status = l4r_team_run(team, nothing, NULL);
  for (int i = 0; i < team->count; ++i) observed[i] = team->worker[i].observed;
  return status;
}

void l4r_split(int64_t count, int64_t step, int worker, int workers, int64_t *begin, int64_t *end) {
  const int64_t blocks = (count + step - 1) / step;
  const int64_t each = blocks / workers, extra = blocks % workers;
  const int64_t first = worker * each + (worker < extra ? worker : extra);
  const int64_t last = first + each + (worker < extra);
  *begin = first * step < count ? first * step : count;
  *end = last * step < count ? last * step : count;
}
