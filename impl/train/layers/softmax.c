/* SPDX-License-Identifier: BSD-3-Clause */
/* Softmax cross-entropy over an output matrix. In fp32, the fused kernels of kernels/head.h are
 * used where the processor supports them. This file has the plain way, through BLIS or with
 * products of bf16 operands, blocked over rows: the logits of one block are computed, turned into
 * their own gradient in place, and used in two products before the next block. */
#include "impl/train/layers/softmax.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/train/layers/kernels/kernels.h"
#include "impl/train/layers/matmul.h"

#include <string.h>

/* With more classes, a bf16 block, which packs all weights again, would have few rows or much
 * scratch; the fused kernels are used then. */
enum { BF16_CLASSES = 1 << 16, BF16_ROWS = 256 };

static int by_bf16(int bf16, int64_t classes) {
  return bf16 && classes <= BF16_CLASSES;
}

/* Rows of a block. In fp32 its logits take 8 MB, but it has at least 8 rows and at most 512. In
 * bf16, 256 rows were the fastest of 64 to 1,024 at 3,400 classes and equal to more at 12,000; at
 * most 64 MB. */
static int64_t block_rows(int bf16, int64_t classes) {
  if (bf16) return BF16_ROWS;
  int64_t rows = (1 << 21) / classes;
  return rows < 8 ? 8 : rows > 512 ? 512 : rows;
}

int64_t l4r_softmax_scratch(const struct l4r_layer_kernels *kernels, int64_t width, int64_t classes,
                            int bf16) {
  bf16 = by_bf16(bf16, classes);
  kernels = l4r_layer_kernels_or_widest(kernels);
  return kernels->softmax_scratch && !bf16 ? kernels->softmax_scratch(width, classes)
                                           : block_rows(bf16, classes) * classes;
}

/* Turns the logits of rows [begin, begin + rows), in scratch, into gradients. Returns the block's
 * loss. */
static double block_loss(const struct l4r_softmax_spec *spec,
                         const struct l4r_layer_kernels *kernels, int64_t begin, int64_t rows) {
  double loss = 0;
  for (int64_t i = 0; i < rows; i++) {
    l4r_real *logits = spec->scratch + i * spec->classes;
    if (spec->target[begin + i] < 0)
      memset(logits, 0, (size_t)spec->classes * sizeof *logits);
    else
      loss += kernels->loss_row(spec->classes, spec->target[begin + i], spec->bias,
                                spec->loss_scale, logits, spec->d_bias);
  }
  return loss;
}

static void block(const struct l4r_softmax_spec *spec, const struct l4r_layer_kernels *kernels,
                  int64_t begin, int64_t rows, double *loss) {
  const l4r_real *hidden = spec->hidden + begin * spec->width;
  l4r_matmul(&(struct l4r_matmul){.bf16 = spec->bf16,
                                  .kernels = spec->kernels,
                                  .trans_b = 1,
                                  .m = rows,
                                  .n = spec->classes,
                                  .k = spec->width,
                                  .a = hidden,
                                  .b = spec->weight,
                                  .c = spec->scratch,
                                  .alpha = spec->scale});
  *loss += block_loss(spec, kernels, begin, rows);
  l4r_matmul(&(struct l4r_matmul){.bf16 = spec->bf16,
                                  .kernels = spec->kernels,
                                  .m = rows,
                                  .n = spec->width,
                                  .k = spec->classes,
                                  .a = spec->scratch,
                                  .b = spec->weight,
                                  .c = spec->d_hidden + begin * spec->width,
                                  .alpha = spec->scale});
  l4r_matmul(&(struct l4r_matmul){.bf16 = spec->bf16,
                                  .kernels = spec->kernels,
                                  .trans_a = 1,
                                  .m = spec->classes,
                                  .n = spec->width,
                                  .k = rows,
                                  .a = spec->scratch,
                                  .b = hidden,
                                  .c = spec->d_weight,
                                  .alpha = spec->scale,
                                  .beta = 1});
}

static int wanted(const int32_t *target, int64_t rows) {
  for (int64_t i = 0; i < rows; i++)
    if (target[i] >= 0) return 1;
  return 0;
}

static double plain(const struct l4r_softmax_spec *spec, const struct l4r_layer_kernels *kernels) {
  int64_t most = block_rows(spec->bf16, spec->classes);
  double loss = 0;
  for (int64_t begin = 0; begin < spec->rows; begin += most) {
    int64_t left = spec->rows - begin, rows = left < most ? left : most;
    if (wanted(spec->target + begin, rows))
      block(spec, kernels, begin, rows, &loss);
    else
      memset(spec->d_hidden + begin * spec->width, 0,
             (size_t)(rows * spec->width) * sizeof *spec->d_hidden);
  }
  return loss;
}

int l4r_softmax_cross_entropy(const struct l4r_softmax_spec *spec, double *loss) {
  if (spec->rows < 0 || spec->width < 1 || spec->classes < 1)
    return l4r_fail(L4R_INPUT,
                    "softmax of %lld rows over %lld classes of width %lld: classes and width must"
                    " be at least 1",
                    (long long)spec->rows, (long long)spec->classes, (long long)spec->width);
  for (int64_t i = 0; i < spec->rows; i++)
    if (spec->target[i] >= spec->classes)
      return l4r_fail(L4R_INPUT, "target %ld of row %lld is outside the %lld classes",
                      (long)spec->target[i], (long long)i, (long long)spec->classes);
  l4r_blas_open();
  struct l4r_softmax_spec made = *spec;
  made.bf16 = by_bf16(spec->bf16, spec->classes);
  const struct l4r_layer_kernels *kernels = l4r_layer_kernels_or_widest(spec->kernels);
  *loss = kernels->softmax && !made.bf16 ? kernels->softmax(&made) : plain(&made, kernels);
  return 0;
}
