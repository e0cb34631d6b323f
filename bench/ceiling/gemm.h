/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of the models' shapes by this project's kernels and by the BLAS libraries that a user
 * could link instead, in one run: engines take turns within a round, medians are over the rounds.
 */
#ifndef L4R_BENCH_CEILING_GEMM_H
#define L4R_BENCH_CEILING_GEMM_H

#include <stddef.h>
#include <stdint.h>

struct l4r_gemm_shape { /* C[m][n] = A[m][k] times weights */
  const char *what;     /* "feed-forward in" */
  int64_t m, n, k;
};

struct l4r_gemm_operands {
  const float *a;            /* [m][k] */
  const float *w_out;        /* [n][k], as Hugging Face stores a weight */
  const float *w_in, *w_pad; /* [k][n] and [k][ld], ld off the powers of two */
  int64_t pad_ld;
  float *c; /* [m][n] */
};
/* How a library is given the weights; the fastest, tried before the rounds, is what is timed. */
enum l4r_gemm_layout { L4R_GEMM_OUT, L4R_GEMM_IN, L4R_GEMM_PAD, L4R_GEMM_LAYOUTS };

/* A BLAS of this machine. `multiply` computes C with the threads that `open` was told. */
struct l4r_gemm_library {
  const char *name;
  char version[256], path[512]; /* of the shared object; "" for what is not one */
  char note[256];               /* what a reader of its row must know; mostly "" */
  void *handle;
  void (*multiply)(const struct l4r_gemm_library *library, const struct l4r_gemm_shape *shape,
                   const struct l4r_gemm_operands *operands, enum l4r_gemm_layout layout);
  int threads;
  void *function; /* of the library */
};

enum { L4R_GEMM_LIBRARIES = 3 };
/* BLIS (linked), OpenBLAS and oneDNN (opened by name where they are installed), told to use
 * `threads`. Writes those that are there to library[] and returns their number. They stay loaded
 * until the process ends. Main thread only. */
int l4r_gemm_libraries_open(int threads, struct l4r_gemm_library library[L4R_GEMM_LIBRARIES]);

/* What is to be said of OpenBLAS running its kernels `core` on a processor, OPENBLAS_CORETYPE being
 * `variable` (NULL: not set): kernels far below the processor with the remedy, and a variable that
 * chose them. "" where nothing is. Pure. */
struct l4r_blas_cpu;
void l4r_gemm_openblas_note(const char *core, const struct l4r_blas_cpu *cpu, const char *variable,
                            char *note, size_t size);

enum { L4R_GEMM_ROUNDS_MAX = 32 };
struct l4r_gemm_bench {
  int threads;
  const int *processor; /* [threads] that the workers of this project's kernels are bound to */
  int64_t rounds;       /* at most L4R_GEMM_ROUNDS_MAX */
  double seconds;       /* of a measurement, at least */
};

struct l4r_gemm_speed {
  double own;                         /* GFLOP/s, median of the rounds */
  double library[L4R_GEMM_LIBRARIES]; /* the same */
  double ratio[L4R_GEMM_LIBRARIES];   /* median of own / library within a round */
  enum l4r_gemm_layout layout[L4R_GEMM_LIBRARIES];
  double differs; /* largest difference of any result from this project's, relative to the largest
                     result */
};

/* Measures one shape. Weights of this project's kernels are packed once, before; a library packs
 * on every call, as its interface has it. L4R_ENVIRONMENT when memory is short, L4R_USAGE for a
 * shape below 1. */
int l4r_bench_gemm(const struct l4r_gemm_bench *bench, const struct l4r_gemm_shape *shape,
                   const struct l4r_gemm_library *library, int libraries,
                   struct l4r_gemm_speed *speed);

#endif
