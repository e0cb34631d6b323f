/* SPDX-License-Identifier: BSD-3-Clause */
/* The graph of items with common users, and the coordinates of its nodes in the space of the
 * leading eigenvectors.
 *
 * Two items are joined by as many edges as there are pairs of them in users' sequences. With B the
 * users x items matrix of counts, the adjacency matrix is A = B'B - diag(counts). A is never built:
 * a product with it is two passes over the sequences, and the memory is that of the sequences, for
 * any length of history and size of catalogue. */
#ifndef L4R_BASELINES_BEAM_IDS_COOCCURRENCE_H
#define L4R_BASELINES_BEAM_IDS_COOCCURRENCE_H

#include "impl/data/dataset.h"

struct l4r_cooccurrence {
  int64_t rows, nodes; /* rows: users with two of the nodes or more; nodes: items */
  int64_t *start;      /* [rows + 1] */
  int32_t *node;       /* [start[rows]] 0..nodes-1 */
  double *taken;       /* [nodes] interactions in the rows kept */
  double *degree;      /* [nodes] number of edges */
};

/* Makes the graph of `nodes` items from the training parts alone; item[i] becomes node i. Free with
 * l4r_cooccurrence_free. */
int l4r_cooccurrence_make(const struct l4r_dataset *dataset, const l4r_item *item, int64_t nodes,
                          struct l4r_cooccurrence *graph);
void l4r_cooccurrence_free(struct l4r_cooccurrence *graph);

/* Computes y = D^-1/2 A D^-1/2 x, where D are the degrees, 1 for nodes without edges; `scaled` is
 * scratch of [nodes]. */
void l4r_cooccurrence_apply(const struct l4r_cooccurrence *graph, const double *x, double *scaled,
                            double *y);

/* Computes the eigenvectors of the `count` smallest eigenvalues of the normalised Laplacian 1 -
 * D^-1/2 A D^-1/2 (ARPACK; Lehoucq, Sorensen and Yang 1998), each of length 1: vector
 * [nodes][count], value [count] ascending. 1 <= count < nodes. The search starts from a vector
 * drawn from (seed, stream). L4R_INPUT when the graph has too few edges for that many,
 * L4R_ENVIRONMENT when the search does not converge. */
struct l4r_eigen_spec {
  int64_t count;
  uint64_t seed, stream;
};
int l4r_cooccurrence_eigen(const struct l4r_cooccurrence *graph, const struct l4r_eigen_spec *spec,
                           double *value, double *vector);

#endif
