/* SPDX-License-Identifier: BSD-3-Clause */
/* The BLAS libraries of this machine that a user could link instead of BLIS. */
#ifndef L4R_BENCH_CEILING_GEMM_LIBRARIES_H
#define L4R_BENCH_CEILING_GEMM_LIBRARIES_H

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

enum { L4R_GEMM_LIBRARIES = 4 };
struct l4r_gemm_libraries {
  int count, absent; /* together all of those below */
  struct l4r_gemm_library library[L4R_GEMM_LIBRARIES];
  struct {
    const char *name;
    char why[256]; /* and what to do about it */
  } missing[L4R_GEMM_LIBRARIES];
};
/* BLIS (linked), OpenBLAS, oneDNN and MKL, told to use `threads`. The last three are opened where
 * LITE4REC_OPENBLAS, LITE4REC_ONEDNN or LITE4REC_MKL says (the path of a shared object), else by
 * the name that the system's loader finds. They stay loaded until the process ends. Main thread
 * only. */
void l4r_gemm_libraries_open(int threads, struct l4r_gemm_libraries *libraries);

/* Writes to note[size] what a reader must know of OpenBLAS running its kernels `core` on a
 * processor while OPENBLAS_CORETYPE is `variable` (NULL: not set): that kernels are far below the
 * processor, with the remedy, or that the variable chose them; else "". Pure. */
struct l4r_cpu;
void l4r_gemm_openblas_note(const char *core, const struct l4r_cpu *cpu, const char *variable,
                            char *note, size_t size);

#endif
