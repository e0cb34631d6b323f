/* SPDX-License-Identifier: BSD-3-Clause */
/* k-means, plainly: Lloyd's rounds (1982) from a start by k-means++ (Arthur and Vassilvitskii
 * 2007). The answer depends on the points and the generator alone: sums are in double and in the
 * order of the points, a point's distances do not depend on who computes them, ties go to the lower
 * number. */
#ifndef L4R_BASELINES_BEAM_IDS_KMEANS_H
#define L4R_BASELINES_BEAM_IDS_KMEANS_H

#include "impl/base/random.h"
#include "impl/base/team.h"

#include <stdint.h>

/* Rounds at most, so that the time has a bound; fewer when no point moves any more. */
enum { L4R_KMEANS_ROUNDS = 50 };

struct l4r_kmeans_spec {
  int64_t count, width;  /* points, numbers of each; 1 or more */
  const double *point;   /* [count][width], finite */
  int64_t clusters;      /* 1 or more */
  struct l4r_team *team; /* shares the distances; NULL: this thread alone */
};

/* Sets label[count] to the cluster of each point, 0..*made-1, and centre[spec->clusters][width] to
 * the mean of each cluster; every label is that of the nearest centre. *made is spec->clusters, or
 * the number of distinct points where these are fewer. A cluster that loses its points takes the
 * point that is farthest from its own centre. L4R_ENVIRONMENT without memory. */
int l4r_kmeans(const struct l4r_kmeans_spec *spec, struct l4r_random *random, double *centre,
               int32_t *label, int64_t *made);

#endif
