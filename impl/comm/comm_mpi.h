/* SPDX-License-Identifier: BSD-3-Clause */
/* The seam to MPI, in builds that have it (make MPI=1). */
#ifndef L4R_COMM_COMM_MPI_H
#define L4R_COMM_COMM_MPI_H

#include "impl/comm/backend.h"

extern const struct l4r_comm_backend l4r_comm_mpi;

#endif
