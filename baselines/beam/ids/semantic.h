/* SPDX-License-Identifier: BSD-3-Clause */
/* Semantic item ids (Rajput et al. 2023, "Recommender Systems with Generative Retrieval", TIGER):
 * an item's vector is quantised level by level, each level what those before it left over, so that
 * items whose texts are alike begin alike.
 *
 *   vector ~ centre[0][a] + centre[1][b] + centre[2][c]    the item is a-b-c-n
 *
 * and the last number n tells apart items of the same codes. TIGER learns the centres with a
 * residual-quantised autoencoder (RQ-VAE); here each level is a k-means over the residuals, which
 * needs no training and is the same on every run.
 *
 * The vectors are reduced to their principal components first, to as many numbers as TIGER's
 * autoencoder keeps. In all of an encoder's hundreds of dimensions what a level leaves over is as
 * far from any centre as from the mean, and k-means makes one cluster of nearly all of it: of 1,349
 * films (MovieLens-100K, MiniLM's 384 numbers) 1,030 had the same second code, and half shared all
 * their codes; of 32 components, 18 films do. */
#ifndef L4R_BASELINES_BEAM_IDS_SEMANTIC_H
#define L4R_BASELINES_BEAM_IDS_SEMANTIC_H

#include "impl/base/team.h"

#include <stdint.h>

enum { /* TIGER's, the defaults */
       L4R_SEMANTIC_LEVELS = 3,
       L4R_SEMANTIC_CODES = 256,
       L4R_SEMANTIC_WIDTH = 32
};
enum { L4R_SEMANTIC_LEVELS_MAX = 8, L4R_SEMANTIC_CODES_MAX = 4096 };

struct l4r_semantic_spec {
  int64_t items, width;
  const float *vector;       /* [items][width], row i - 1 is item i; finite */
  const int64_t *popularity; /* [items + 1] training counts, which order items of the same codes */
  int64_t levels;            /* 1..L4R_SEMANTIC_LEVELS_MAX; 0: 3 */
  int64_t codes;             /* a level, and last numbers; 2..L4R_SEMANTIC_CODES_MAX; 0: 256 */
  int64_t kept;              /* numbers that a vector is reduced to; 0: 32. `width` or more: all */
  uint64_t seed;             /* of the start of k-means, and of finding components */
  struct l4r_team *team;     /* for speed; the ids are the same without. NULL: this thread alone */
};

/* Makes the ids of all items. Item i has step[start[i-1]] .. step[start[i]-1], levels + 1 numbers
 * from 1: its codes, and last its place among the items of the same codes (the most popular is 1,
 * equal ones by item). No two items have the same. A level has fewer codes where fewer residuals
 * are distinct. L4R_USAGE for levels or codes out of range; L4R_INPUT when all vectors are equal,
 * and when more than `codes` items have the same codes; L4R_ENVIRONMENT. The caller frees *start
 * [items + 1] and *step with l4r_free. */
int l4r_semantic(const struct l4r_semantic_spec *spec, int64_t **start, int32_t **step);

#endif
