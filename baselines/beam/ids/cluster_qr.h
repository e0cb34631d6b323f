/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes clusters of eigenvectors without a random number: Damle, Minden and Ying, "Simple, direct
 * and efficient multi-way spectral clustering" (Information and Inference 2019), which is also what
 * OpenP5 and LLM-RecSys-ID label with. */
#ifndef L4R_BASELINES_BEAM_IDS_CLUSTER_QR_H
#define L4R_BASELINES_BEAM_IDS_CLUSTER_QR_H

#include <stdint.h>

/* Labels the rows of vector [nodes][count] with 0..count-1; equal rows get equal labels, ties the
 * lower label. Some labels may be given to no row. L4R_INPUT when fewer than `count` rows are
 * linearly independent. */
int l4r_cluster_qr(const double *vector, int64_t nodes, int64_t count, int32_t *label);

#endif
