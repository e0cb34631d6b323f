/* SPDX-License-Identifier: BSD-3-Clause */
/* How a process knows that it was begun with others, by the words that launchers leave it. */
#include "impl/comm/launched.h"
#include "impl/base/error.h"
#include "impl/comm/comm.h"
#include "tests/support/command.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"OMPI_COMM_WORLD_SIZE",
                                    "OMPI_COMM_WORLD_RANK",
                                    "PMI_SIZE",
                                    "PMI_RANK",
                                    "SMPI_GLOBAL_SIZE",
                                    "PMIX_RANK",
                                    "SLURM_STEP_NUM_TASKS",
                                    "SLURM_PROCID"};

static void alone(void) {
  for (size_t w = 0; w < sizeof words / sizeof *words; w++) unsetenv(words[w]);
}

TestSuite(launched, .init = alone);

static struct l4r_launched now(void) {
  struct l4r_launched launched;
  l4r_launched(&launched);
  return launched;
}

Test(launched, without_a_launcher_there_is_one_rank) {
  cr_assert_eq(now().ranks, 1);
  cr_assert_null(now().by);
  OK(l4r_comm_check());
}

Test(launched, open_mpi_says_size_and_rank) {
  setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
  setenv("OMPI_COMM_WORLD_RANK", "3", 1);
  setenv("PMIX_RANK", "3", 1);
  cr_assert_eq(now().ranks, 4);
  cr_assert_eq(now().rank, 3);
  cr_assert(now().joinable);
  cr_assert_str_eq(now().word, "OMPI_COMM_WORLD_SIZE");
}

Test(launched, mpirun_of_one_process_is_one_rank) {
  setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  cr_assert_eq(now().ranks, 1);
  OK(l4r_comm_check());
}

Test(launched, pmi_says_size_and_rank) {
  setenv("PMI_SIZE", "2", 1);
  setenv("PMI_RANK", "1", 1);
  cr_assert_eq(now().ranks, 2);
  cr_assert_eq(now().rank, 1);
}

Test(launched, pmix_alone_does_not_say_how_many) {
  setenv("PMIX_RANK", "2", 1);
  cr_assert_eq(now().ranks, 0);
  cr_assert_eq(now().rank, 2);
  setenv("SLURM_STEP_NUM_TASKS", "8", 1);
  cr_assert_eq(now().ranks, 8);
}

Test(launched, a_size_that_is_no_number_says_nothing) {
  static const char *const sizes[] = {"", "x", "-1", "0", "99999999999", "3 "};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    setenv("PMI_SIZE", sizes[s], 1);
    cr_assert_eq(now().ranks, 0, "'%s' gives %d", sizes[s], now().ranks);
  }
}

/* A batch script's own shell has SLURM_PROCID 0 too, and is no step. */
Test(launched, srun_without_pmi_is_told_what_to_ask_for) {
  setenv("SLURM_PROCID", "0", 1);
  OK(l4r_comm_check());
  setenv("SLURM_STEP_NUM_TASKS", "3", 1);
  cr_assert_eq(now().ranks, 3);
  FAILS(l4r_comm_check(), L4R_USAGE, "srun --mpi=pmix");
}

#ifndef L4R_WITH_MPI
Test(launched, a_binary_without_mpi_refuses_to_be_one_of_several) {
  struct l4r_comm *comm = NULL;
  setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  FAILS(l4r_comm_open(&comm), L4R_USAGE, "make MPI=1");
  cr_assert_null(comm);
}
#endif
