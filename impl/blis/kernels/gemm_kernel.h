/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways to multiply activations by packed weights: a table of rows, one for each precision and
 * set of instructions that does it. A row owns everything that hangs on who multiplies: how weights
 * are packed for it, how activations are rounded for it, and the product itself. Whoever opens a
 * stack chooses a row; from then on the row stands behind each matrix that was packed for it.
 *
 * All rows of a precision round alike, so their results differ by the order of sums at most: none
 * of int8's differ at all. A result's bits depend neither on how rows and columns were divided
 * among calls nor on the number of rows. */
#ifndef L4R_BLIS_KERNELS_GEMM_KERNEL_H
#define L4R_BLIS_KERNELS_GEMM_KERNEL_H

#include "impl/base/cpu.h"

#include <stdint.h>

enum l4r_precision { L4R_FP32, L4R_BF16, L4R_INT8, L4R_BF16X3 };
enum { L4R_PRECISIONS = L4R_BF16X3 + 1 };

/* Words of 32 bits hold what neighbours of k are in the precision: one fp32, two bf16 (the even one
 * in the low half), four int8 (the first in the lowest byte). In bf16x3 there are three planes of
 * bf16: the nearest to each value, the nearest to what that leaves, and the nearest to the rest. */
struct l4r_layout {
  enum l4r_precision precision;
  int64_t panel;      /* columns of one: a tile of the kernel's */
  int64_t interleave; /* neighbouring words of k that stand side by side for each column: 1, or 2 of
                         bf16 and int8; then those of two rows of A do, too, [k / 2][row][2] */
  int64_t depth;      /* words of k are filled up with zeros to a multiple of it */
  int64_t planes;     /* one after another in each panel, and in each rounded row of A */
  int64_t a_words;    /* words of a rounded row of A for each word of k: 1, or 2 where the row keeps
                         its values in a wider type */
  int64_t a_rows;     /* rows of A that are read at a time: memory behind the last is readable up to
                         a multiple of it */
  int a_signed;       /* int8: 1: A is signed, and offsets are not looked at */
};

/* Words from the first of a rounded row of A to its word p, of every plane. Pure. */
static inline int64_t l4r_rounded_word(const struct l4r_layout *layout, int64_t p) {
  return p / layout->interleave * layout->interleave * layout->interleave + p % layout->interleave;
}

struct l4r_gemm { /* C[m][n] (+)= A[m][k] B[k][n] of fp32 */
  int64_t m, n, k;
  const float *a;
  int64_t lda;
  const float *b;
  int64_t ldb;
  float *c;
  int64_t ldc;
  int accumulate;   /* 1: +=, 0: = */
  const void *next; /* [k][ldb] words that will be read as the next B: asked for from memory while
                       this one is multiplied; NULL: unknown. No result depends on it */
};

struct l4r_gemm_term { /* words from an operand's first plane to those that are multiplied */
  int64_t a, b;
};

/* The same of rounded operands, within one panel. The products of the terms' planes are summed term
 * by term: one term, but in bf16x3 six, the smallest first, of which the first is of both second
 * planes; a row may take them in another order. In bf16 the sum is one of fp32, in which the
 * products are exact. In int8 A is unsigned, its value plus 128, B signed: C (+)= row[i] *
 * column[j] * (sum over k of A B - offset[j]), where offset[j] is 128 times the sum of B's column
 * (the layout's a_signed: A is signed and there is no offset). That is exact but for the product
 * with the two scales, as long as k stays below 2^17. */
struct l4r_gemm_rounded {
  int64_t m, n, k;   /* k: words, with those that fill it up to the layout's depth */
  const uint32_t *a; /* as the row's `round` left it */
  int64_t lda; /* words from row to row; interleaved, half of those from two rows to the next */
  const uint32_t *b; /* the first column's first word */
  int64_t ldb;       /* words of B from one step of k (`interleave` words) to the next */
  const struct l4r_gemm_term *term; /* [terms] */
  int terms;
  int64_t before; /* columns of the panel before b's, for who reads whole panels alone */
  float *c;
  int64_t ldc;
  int accumulate;
  const float *row, *column; /* int8: [m], [n] */
  const int32_t *offset;     /* int8: [n] */
  const void *next;          /* as above */
};

struct l4r_attention;
struct l4r_kernels;

struct l4r_gemm_kernel {
  const char *name;       /* "AVX512-BF16", "AVX2 multiply-adds": by which instructions */
  enum l4r_isa set;       /* the sets that contain it: l4r_isa_contains */
  int slow;               /* 1: slower than fp32, what `fallback` is asked for */
  int (*available)(void); /* 1: this processor and its system have the instructions */
  struct l4r_layout layout;
  void (*gemm)(const struct l4r_gemm *g); /* fp32 alone; the others have all that follows */
  /* Rounds a row of A: out[planes][words] = x[k], filled up with zeros; interleaved, words stand as
   * l4r_rounded_word says, and what is between them is another row's. Returns its scale in int8:
   * the largest |x| / 127 (0 for a row of zeros), of which the values are the nearest multiples,
   * ties to even; NaN becomes 0. In bf16 values become the nearest, ties to even, NaN stays one,
   * and the scale is 0. */
  float (*round)(int64_t k, const float *x, uint32_t *out, int64_t words);
  void (*multiply)(const struct l4r_gemm_rounded *g);
  /* Called by a thread before and after products of `m` rows, of whatever columns; or NULL. */
  void (*begin)(int64_t m);
  void (*end)(void);
  /* Attention of one head (attend.h), of at least one query and one key: queries, keys, weights and
   * values are rounded to bf16, sums and softmax are of fp32. NULL: attention stays fp32. Not to be
   * called between begin and end; takes attend_scratch(keys, width) floats of scratch. A query's
   * bits do not depend on how many are asked for at a time. */
  void (*attend)(const struct l4r_kernels *kernels, const struct l4r_attention *attention);
  int64_t (*attend_scratch)(int64_t keys, int64_t width);
};

/* The rows there are in this binary, those of a precision in order of preference; NULL beyond the
 * last. Not all are available here. */
const struct l4r_gemm_kernel *l4r_gemm_kernel_at(int index);
/* The available row of a precision that is preferred with that set: never NULL, since each
 * precision has a row for any processor. */
const struct l4r_gemm_kernel *l4r_gemm_kernel_best(enum l4r_precision precision, enum l4r_isa isa);
/* The row of that name, available or not; NULL: there is none. */
const struct l4r_gemm_kernel *l4r_gemm_kernel_named(enum l4r_precision precision, const char *name);

const char *l4r_precision_name(enum l4r_precision precision); /* "fp32", "bf16", "int8", "bf16x3" */

#endif
