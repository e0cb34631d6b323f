/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of rows. Within a precision those of wider sets stand first, and before the rows that
 * do it by instructions meant for something else. */
#include "impl/blis/kernels/gemm_kernel.h"

#include "impl/blis/kernels/rows.h"

#include <string.h>

static const struct l4r_gemm_kernel *const rows[] = {
#if defined(__x86_64__)
    &l4r_gemm_fp32_avx512,     &l4r_gemm_fp32_avx2,
#elif defined(__aarch64__)
    &l4r_gemm_fp32_neon,
#endif
    &l4r_gemm_fp32_portable,
#if defined(__x86_64__)
    &l4r_gemm_bf16_amx,        &l4r_gemm_bf16_avx512_bf16, &l4r_gemm_bf16_avx512,
    &l4r_gemm_bf16_avx2,
#elif defined(__aarch64__)
    &l4r_gemm_bf16_bfmmla,     &l4r_gemm_bf16_bfdot,   &l4r_gemm_bf16_neon,
#endif
    &l4r_gemm_bf16_portable,
#if defined(__x86_64__)
    &l4r_gemm_int8_amx,        &l4r_gemm_int8_avx512_vnni, &l4r_gemm_int8_avx_vnni,
    &l4r_gemm_int8_avx512,     &l4r_gemm_int8_avx2,
#elif defined(__aarch64__)
    &l4r_gemm_int8_smmla,      &l4r_gemm_int8_sdot,    &l4r_gemm_int8_smull,
#endif
    &l4r_gemm_int8_portable,
#if defined(__x86_64__)
    &l4r_gemm_bf16x3_amx,      &l4r_gemm_bf16x3_avx512,    &l4r_gemm_bf16x3_avx512_bf16,
    &l4r_gemm_bf16x3_avx2,
#elif defined(__aarch64__)
    &l4r_gemm_bf16x3_bfmmla,   &l4r_gemm_bf16x3_bfdot, &l4r_gemm_bf16x3_neon,
#endif
    &l4r_gemm_bf16x3_portable,
};

const struct l4r_gemm_kernel *l4r_gemm_kernel_at(int index) {
  return index >= 0 && index < (int)(sizeof rows / sizeof *rows) ? rows[index] : NULL;
}

const struct l4r_gemm_kernel *l4r_gemm_kernel_best(enum l4r_precision precision, enum l4r_isa isa) {
  for (int i = 0;; i++) {
    const struct l4r_gemm_kernel *row = l4r_gemm_kernel_at(i);
    if (!row) return NULL;
    if (row->layout.precision == precision && l4r_isa_contains(isa, row->set) && row->available())
      return row;
  }
}

const struct l4r_gemm_kernel *l4r_gemm_kernel_named(enum l4r_precision precision,
                                                    const char *name) {
  for (int i = 0;; i++) {
    const struct l4r_gemm_kernel *row = l4r_gemm_kernel_at(i);
    if (!row || (row->layout.precision == precision && !strcmp(row->name, name))) return row;
  }
}

const char *l4r_precision_name(enum l4r_precision precision) {
  static const char *const names[] = {"fp32", "bf16", "int8", "bf16x3"};
  return names[precision];
}
