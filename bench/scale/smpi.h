/* SPDX-License-Identifier: BSD-3-Clause */
/* Included before impl/comm is compiled for SimGrid's SMPI (3.32), of which two things differ from
 * what MPI says:
 *
 *   it grants MPI_THREAD_SINGLE alone; the simulated program starts no threads, so that what it
 *   asks for may pass for granted
 *   its MPI_Testall forgets requests that are done while others are not, and then their statuses */
#ifndef L4R_BENCH_SCALE_SMPI_H
#define L4R_BENCH_SCALE_SMPI_H

#include <mpi.h>

#undef MPI_Init_thread
#define MPI_Init_thread(argc, argv, wanted, granted)                                               \
  (*(granted) = (wanted), MPI_Init((argc), (argv)))

static inline int l4r_smpi_testall(int count, MPI_Request *request, int *all, MPI_Status *status) {
  *all = 1;
  for (int i = 0; i < count && *all; i++) {
    const int code = MPI_Request_get_status(request[i], all, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return code;
  }
  return *all ? MPI_Waitall(count, request, status) : MPI_SUCCESS;
}
#undef MPI_Testall
#define MPI_Testall l4r_smpi_testall

#endif
