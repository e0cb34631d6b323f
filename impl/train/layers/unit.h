/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows divided by their lengths, for cosine scores. Number type as in layers.h; thread-safe. */
#ifndef L4R_TRAIN_LAYERS_UNIT_H
#define L4R_TRAIN_LAYERS_UNIT_H

#include "impl/train/layers/real.h"

#include <stdint.h>

/* unit[rows][width] = x / |x|, inverse[rows] = 1 / |x|; where |x| is below 1e-12, both are zero. */
void l4r_unit_rows(int64_t rows, int64_t width, const l4r_real *x, l4r_real *unit,
                   l4r_real *inverse);
/* The gradient of x from `d`, that of unit: inverse (d - (d . unit) unit), which is added to d_x
 * with `add`, else written; d_x may be d. A row of zeros has none. */
void l4r_unit_rows_back(int64_t rows, int64_t width, const l4r_real *unit, const l4r_real *inverse,
                        const l4r_real *d, int add, l4r_real *d_x);

#endif
