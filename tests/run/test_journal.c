/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run has measured is kept until its records are written, and taken up by --resume. */
#include "bench/run/interrupt.h"
#include "bench/run/journal.h"
#include "bench/run/options.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/runs.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 4 };
static struct l4r_arm arm;
static struct l4r_run_options options;
static char out[512];

/* A run of one arm at one thread count, as far as a journal needs it. */
static struct l4r_run *make_run(int resume) {
  struct l4r_run *run = l4r_alloc(1, sizeof *run, "a run");
  snprintf(out, sizeof out, "%s", test_path("out"));
  mkdir(out, 0777);
  options = (struct l4r_run_options){.arm = &arm,
                                     .arms = 1,
                                     .data = test_small_data(),
                                     .pin = "none",
                                     .counters = "none",
                                     .out = out,
                                     .rounds = ROUNDS,
                                     .users = 20,
                                     .seed = 1,
                                     .resume = resume};
  options.threads.value[0] = options.threads.count = 1;
  OK(l4r_arm_parse("heuristic@somewhere/pop", &arm));
  run->options = &options;
  OK(l4r_dataset_open(options.data, L4R_PART_TRAIN, &run->dataset));
  run->arm[0].arm = &arm;
  run->arm[0].model = json_pack("{s:s}", "sha256", "m");
  run->config = l4r_alloc(1, sizeof *run->config, "configurations");
  run->configs = 1;
  run->config[0].pin.threads = 1;
  run->config[0].round = l4r_alloc(ROUNDS, sizeof *run->config[0].round, "rounds");
  return run;
}

static void measure(struct l4r_run *run, int round, int64_t value) {
  struct l4r_run_config *config = &run->config[0];
  struct l4r_bundle *result = &config->round[config->done];
  OK(l4r_bundle_init(result));
  json_object_set_new(result->meta, "round", json_integer(round));
  *l4r_bundle_add(result, "ns", 1) = value;
  config->done++;
  l4r_journal_round(run, config, round, result);
}

Test(journal, rounds_are_read_back_and_the_rest_is_still_to_do) {
  l4r_log_quiet(1);
  struct l4r_run *run = make_run(0);
  OK(l4r_journal_open(run));
  OK(l4r_bundle_init(&run->arm[0].accuracy));
  *l4r_bundle_add(&run->arm[0].accuracy, "user", 1) = 7;
  l4r_journal_accuracy(run, 0);
  measure(run, 0, 100);
  measure(run, 2, 300);
  cr_assert_eq(l4r_journal_rounds(run), 2);

  struct l4r_run *again = make_run(1);
  OK(l4r_journal_open(again));
  struct l4r_run_config *config = &again->config[0];
  cr_assert_eq(config->done, 2);
  cr_assert_eq(config->resumed, 2);
  cr_assert_eq(config->written, 0);
  cr_assert_eq(l4r_bundle_find(&config->round[1], "ns")->value[0], 300);
  cr_assert_eq(l4r_bundle_find(&again->arm[0].accuracy, "user")->value[0], 7);
  for (int r = 0; r < ROUNDS; r++)
    cr_assert_eq(l4r_journal_has_round(config, r), r == 0 || r == 2, "round %d", r);
  l4r_journal_written(again, config);
  struct l4r_run *third = make_run(1);
  OK(l4r_journal_open(third));
  cr_assert_eq(third->config[0].written, 1);
  l4r_journal_remove(third);
  cr_assert_eq(test_entries("out"), 0);
}

Test(journal, another_run_is_another_and_a_new_one_begins_anew) {
  l4r_log_quiet(1);
  struct l4r_run *run = make_run(0);
  OK(l4r_journal_open(run));
  measure(run, 0, 100);
  struct l4r_run *other = make_run(1);
  options.seed = 2; /* other users, other rounds */
  FAILS(l4r_journal_open(other), L4R_INPUT, "but of others");
  struct l4r_run *shorter = make_run(1);
  options.rounds = 2; /* how many are wanted is no part of what was measured */
  OK(l4r_journal_open(shorter));
  cr_assert_eq(shorter->config[0].done, 1);
  struct l4r_run *anew = make_run(0);
  OK(l4r_journal_open(anew));
  cr_assert_eq(anew->config[0].done, 0);
  struct l4r_run *empty = make_run(1);
  OK(l4r_journal_open(empty));
  cr_assert_eq(empty->config[0].done, 0);
}

/* Which kernels BLIS has is measured, and another measurement may say otherwise. */
Test(journal, the_kernels_of_before_are_asked_for_again) {
  l4r_log_quiet(1);
  OK(l4r_journal_open(make_run(0)));
  options.arm_texts.value[0] = "heuristic@somewhere/pop";
  options.arm_texts.count = 1;
  unsetenv(L4R_BLAS_VARIABLE);
  l4r_journal_choose_blis(&options);
  cr_assert_not_null(getenv(L4R_BLAS_VARIABLE));
  cr_assert_str_eq(getenv(L4R_BLAS_VARIABLE), l4r_blas_choose()->asked);
  setenv(L4R_BLAS_VARIABLE, "haswell", 1); /* the user's word stands */
  l4r_journal_choose_blis(&options);
  cr_assert_str_eq(getenv(L4R_BLAS_VARIABLE), "haswell");
  unsetenv(L4R_BLAS_VARIABLE);
  options.arm_texts.value[0] = "blis@another";
  l4r_journal_choose_blis(&options);
  cr_assert_null(getenv(L4R_BLAS_VARIABLE));
}

Test(journal, a_damaged_round_is_refused_with_the_remedy) {
  char name[640];
  l4r_log_quiet(1);
  struct l4r_run *run = make_run(0);
  OK(l4r_journal_open(run));
  measure(run, 0, 100);
  const char *slash = strrchr(run->journal, '/');
  snprintf(name, sizeof name, "out%s/round-0-0", slash);
  test_file(name, "no bundle");
  struct l4r_run *again = make_run(1);
  FAILS(l4r_journal_open(again), L4R_INPUT, "is damaged, remove it");
}

Test(interrupt, the_first_signal_is_noted_and_ends_the_child) {
  struct l4r_interrupt old;
  l4r_interrupt_begin(&old);
  cr_assert_eq(l4r_interrupted(), 0);
  const pid_t child = fork();
  if (!child) {
    signal(SIGTERM, SIG_IGN);
    pause();
    _exit(0);
  }
  l4r_interrupt_child(child);
  raise(SIGTERM);
  cr_assert_eq(l4r_interrupted(), SIGTERM);
  int how;
  cr_assert_eq(waitpid(child, &how, 0), child);
  cr_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
  l4r_interrupt_child(0);
  l4r_interrupt_end(&old);
}
