/* SPDX-License-Identifier: BSD-3-Clause */
/* How long the products of a request take by several kernels. */
#ifndef L4R_BLIS_CALIBRATE_H
#define L4R_BLIS_CALIBRATE_H

#include "impl/blis/kernels/gemm_kernel.h"
#include "impl/products.h"

enum { L4R_KERNELS_MAX = 12 };
struct l4r_kernel_times {
  int count;
  const struct l4r_gemm_kernel *kernel[L4R_KERNELS_MAX]; /* in order of preference */
  double ns[L4R_KERNELS_MAX]; /* that a request's products take; 0: not measured */
};

/* Measures on the calling thread, for some ten milliseconds: times->ns becomes the processor time
 * that `products` take by each kernel, the least of several rounds in which the kernels take turns.
 * Wide matrices are measured by their first columns and high ones by their first rows. A kernel
 * that is far behind after its first turn gets no further one. L4R_ENVIRONMENT when memory is
 * short. */
int l4r_calibrate(const struct l4r_products *products, struct l4r_kernel_times *times);

#endif
