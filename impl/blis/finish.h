/* SPDX-License-Identifier: BSD-3-Clause */
/* A product, its bias, and the function of its results that is wanted: one way for the layers of
 * T5, SASRec and BERT. Neither bias nor function costs a pass of its own: a worker lays the bias
 * into its share of the results, and takes the function of a part of them, while both are in its
 * cache. */
#ifndef L4R_BLIS_FINISH_H
#define L4R_BLIS_FINISH_H

#include "impl/blis/matrix.h"

struct l4r_blis_rows { /* of a matrix */
  int64_t count;
  float *at;
  int64_t ld;
};
enum l4r_finish { L4R_SET, L4R_ADD, L4R_RELU, L4R_GELU, L4R_GEGLU, L4R_SWIGLU };

/* out = in . matrix + bias (ADD: += that; RELU, GELU: that function of it; GEGLU, SWIGLU: the
 * columns' first half becomes gelu or silu(first) * second), the worker's share. `bias`: [N], or
 * NULL for none. out.count is in.count. No barrier inside. */
void l4r_multiply_finished(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                           const float *bias, struct l4r_blis_rows in, enum l4r_finish finish,
                           struct l4r_blis_rows out);

/* x[rows][D] += in times the matrix + bias, multiplied by the sigmoid of x times the gate + its
 * bias where there is one; by all workers of a group, with one barrier inside where there is.
 * `added` and `gates`: scratch [rows][D]; `added` may be what `in` was made of, but neither `in`
 * nor x. */
struct l4r_skip {
  const struct l4r_matrix *matrix, *gate;
  const float *bias, *gate_bias; /* [D]; NULL: no bias; no gate */
  struct l4r_blis_rows in;
  float *x, *added, *gates;
};
void l4r_add_skip(const struct l4r_work_group *group, const struct l4r_skip *skip);

#endif
