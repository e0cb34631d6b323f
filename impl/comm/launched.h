/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether somebody began this process together with others: mpirun, mpiexec and srun leave words in
 * the environment of what they begin. Asked before MPI is touched, because MPI_Init alone in a
 * process that nobody began so starts helpers, or hangs where it finds no network. */
#ifndef L4R_COMM_LAUNCHED_H
#define L4R_COMM_LAUNCHED_H

struct l4r_launched {
  int ranks; /* as the launcher says; 1 where nobody began us with others; 0: it does not say */
  const char *by;   /* "mpirun of Open MPI"; NULL where nobody did */
  const char *word; /* the variable that says so */
  int rank;         /* this process's; 0 where the launcher does not say */
  int joinable;     /* 0: the launcher began several, and gave them no way to find each other */
};

/* Reads the environment (Open MPI: OMPI_COMM_WORLD_SIZE; MPICH and Slurm's PMI: PMI_SIZE; PMIx:
 * PMIX_RANK; SimGrid: SMPI_GLOBAL_SIZE; srun: SLURM_STEP_NUM_TASKS). Values that are no number say
 * nothing of the ranks. */
void l4r_launched(struct l4r_launched *launched);

#endif
