/* SPDX-License-Identifier: BSD-3-Clause */
/* The graph of items that were taken by the same users, and where its nodes lie in the space of the
 * leading eigenvectors.
 *
 * Two items are joined by as many edges as there are pairs of them in a user's sequence. With B the
 * users x items matrix of what was taken, that is A = B'B - diag(times taken), so A is never made:
 * a product with it is two passes over the sequences, and the memory is theirs, however long a
 * history or large a catalogue. */
#ifndef L4R_BASELINES_BEAM_IDS_COOCCURRENCE_H
#define L4R_BASELINES_BEAM_IDS_COOCCURRENCE_H

#include "impl/data/dataset.h"

struct l4r_cooccurrence {
  int64_t rows, nodes; /* users who took two of the nodes or more; items */
  int64_t *start;      /* [rows + 1] */
  int32_t *node;       /* [start[rows]] 0..nodes-1 */
  double *taken;       /* [nodes] how often, in the rows kept */
  double *degree;      /* [nodes] edges */
};

/* Makes the graph of `nodes` items from the training parts alone; item[i] becomes node i. Free with
 * l4r_cooccurrence_free. */
int l4r_cooccurrence_make(const struct l4r_dataset *dataset, const l4r_item *item, int64_t nodes,
                          struct l4r_cooccurrence *graph);
void l4r_cooccurrence_free(struct l4r_cooccurrence *graph);

/* y = D^-1/2 A D^-1/2 x, D the degrees, 1 where there are none; `scaled` is scratch of [nodes]. */
void l4r_cooccurrence_apply(const struct l4r_cooccurrence *graph, const double *x, double *scaled,
                            double *y);

/* The eigenvectors of the `count` smallest eigenvalues of the normalised Laplacian
 * 1 - D^-1/2 A D^-1/2 (ARPACK; Lehoucq, Sorensen and Yang 1998), each of length 1: vector
 * [nodes][count], value [count] ascending. 1 <= count < nodes. The search starts from a vector
 * drawn from (seed, stream). L4R_INPUT when the graph has too few edges for so many,
 * L4R_ENVIRONMENT when the search does not converge. */
struct l4r_eigen_spec {
  int64_t count;
  uint64_t seed, stream;
};
int l4r_cooccurrence_eigen(const struct l4r_cooccurrence *graph, const struct l4r_eigen_spec *spec,
                           double *value, double *vector);

#endif
