/* SPDX-License-Identifier: BSD-3-Clause */
/* Points in the few directions in which they vary most: principal components, found by orthogonal
 * iteration (Golub and Van Loan, "Matrix Computations", 8.2.4). Sums are in double and in the order
 * of the points, so the answer depends on the points and the generator alone. */
#ifndef L4R_BASELINES_BEAM_IDS_PRINCIPAL_H
#define L4R_BASELINES_BEAM_IDS_PRINCIPAL_H

#include "impl/base/random.h"
#include "impl/base/team.h"

#include <stdint.h>

/* Rounds of the iteration. A direction whose variance is a tenth below that of the last one kept
 * has a share of 0.9^100 = 3e-5 left in the kept ones; nearer ones are as good as those. */
enum { L4R_PRINCIPAL_ROUNDS = 100 };

struct l4r_principal_spec {
  int64_t count, width;  /* points, numbers of each; 1 or more */
  const float *point;    /* [count][width], finite */
  int64_t kept;          /* 1..width */
  struct l4r_team *team; /* shares the covariance; NULL: this thread alone */
};

/* Sets out[count][kept] to the centred points' coordinates in an orthonormal basis of the space of
 * the `kept` largest variances; which basis of it is left open, distances do not depend on it.
 * Coordinates beyond the rank of the points are 0. L4R_ENVIRONMENT without memory. */
int l4r_principal(const struct l4r_principal_spec *spec, struct l4r_random *random, double *out);

#endif
