/* SPDX-License-Identifier: BSD-3-Clause */
/* A team of workers: that all work and meet, who is woken, and what it says when the system gives
 * it no thread. */
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/team.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct sum {
  struct l4r_team *team;
  int64_t partial[8], total[8];
  int fail_at;
};

static int add_parts(void *argument, int worker, int workers) {
  struct sum *sum = argument;
  int64_t begin, end;
  l4r_split(1000, 7, worker, workers, &begin, &end);
  sum->partial[worker] = 0;
  for (int64_t i = begin; i < end; ++i) sum->partial[worker] += i;
  l4r_team_barrier(sum->team);
  sum->total[worker] = 0;
  for (int w = 0; w < workers; ++w) sum->total[worker] += sum->partial[w];
  l4r_team_barrier(sum->team);
  return worker == sum->fail_at ? l4r_fail(L4R_CHECK, "worker %d", worker) : L4R_OK;
}

Test(team, runs_and_barriers_many_times_at_several_sizes) {
  for (int size = 1; size <= 4; ++size) {
    struct sum sum = {.fail_at = -1};
    cr_assert_eq(l4r_team_create(size, NULL, &sum.team), 0);
    for (int repeat = 0; repeat < 200; ++repeat) {
      cr_assert_eq(l4r_team_run(sum.team, add_parts, &sum), 0);
      for (int w = 0; w < size; ++w) cr_assert_eq(sum.total[w], 499500);
    }
    l4r_team_free(sum.team);
  }
}

static int meet(void *argument, int worker, int workers) {
  l4r_team_barrier(argument);
  return L4R_OK;
}

/* Whoever slept before the first of two runs was woken in it. So when nobody has gone to sleep
 * since, the second run has no one to wake, and must not ask the kernel to. */
Test(team, who_does_not_sleep_is_not_woken) {
  struct l4r_team *team;
  int64_t slept, before, after, woken, woken_after;
  int judged = 0;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  for (int64_t end = l4r_now_ns() + 15000000000; judged < 20 && l4r_now_ns() < end;) {
    l4r_team_waits(team, &slept, &before);
    cr_assert_eq(l4r_team_run(team, meet, team), 0);
    l4r_team_waits(team, &before, &woken);
    cr_assert_eq(l4r_team_run(team, meet, team), 0);
    l4r_team_waits(team, &after, &woken_after);
    if (after != slept) continue;
    cr_assert_eq(woken_after, woken, "nobody slept, and %lld system calls were made to wake them",
                 (long long)(woken_after - woken));
    judged++;
  }
  l4r_team_free(team);
  if (!judged) cr_skip_test("the workers never ran at the same time: one free processor at most");
}

static int come_late(void *argument, int worker, int workers) {
  if (worker == 0) usleep(50000);
  l4r_team_barrier(argument);
  if (worker == 1) usleep(50000);
  return L4R_OK;
}

Test(team, who_sleeps_is_woken_at_barriers_and_ends_and_for_new_work) {
  struct l4r_team *team;
  int64_t slept, woken;
  cr_assert_eq(l4r_team_create(3, NULL, &team), 0);
  for (int64_t run = 1; run <= 3; run++) {
    usleep(50000);
    cr_assert_eq(l4r_team_run(team, come_late, team), 0);
    l4r_team_waits(team, &slept, &woken);
    cr_assert_geq(slept, run); /* for work, at the barrier, until all are done */
    cr_assert_geq(woken, run);
    cr_assert_leq(woken, 2 * slept); /* one that comes late may find the next sleeper */
  }
  l4r_team_free(team);
}

Test(team, a_failing_workers_message_reaches_the_caller) {
  struct sum sum = {.fail_at = 1};
  cr_assert_eq(l4r_team_create(2, NULL, &sum.team), 0);
  cr_assert_eq(l4r_team_run(sum.team, add_parts, &sum), L4R_CHECK);
  cr_assert_str_eq(l4r_error_message(), "worker 1");
  l4r_team_free(sum.team);
}

Test(team, a_processor_that_does_not_exist_is_refused) {
  struct l4r_team *team;
  const int processors[] = {0, 1000};
  cr_assert_eq(l4r_team_create(2, processors, &team), L4R_ENVIRONMENT);
}

Test(team, split_covers_everything_once_in_multiples) {
  for (int workers = 1; workers < 9; ++workers)
    for (int64_t count = 0; count < 60; ++count) {
      int64_t at = 0;
      for (int w = 0; w < workers; ++w) {
        int64_t begin, end;
        l4r_split(count, 8, w, workers, &begin, &end);
        cr_assert_eq(begin, at);
        cr_assert(end == count || end % 8 == 0);
        at = end;
      }
      cr_assert_eq(at, count);
    }
}

/* Sanitizers themselves reserve terabytes of addresses. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
Test(team, a_worker_without_memory_for_its_stack_says_so) {
  const struct rlimit limit = {1, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
  void *volatile room = malloc(1 << 16); /* volatile: gcc 14 leaves out what nobody looks at */
  free(room);                            /* the team itself fits into the heap there is */
  cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
  void *beyond = malloc(1 << 28);
  if (beyond) cr_skip_test("no limit of memory holds here (qemu's user mode has none)");
  struct l4r_team *team = NULL;
  const int status = l4r_team_create(2, NULL, &team);
  setrlimit(RLIMIT_AS, &all);
  cr_assert_eq(status, L4R_ENVIRONMENT);
  cr_assert_null(team);
  cr_assert(strstr(l4r_error_message(), "worker 1 of 2"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "memory"), "%s", l4r_error_message());
  cr_assert(strstr(l4r_error_message(), "fewer threads"), "%s", l4r_error_message());
}
#endif
