/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of rows: each precision can be had anywhere, names are names, and which rows the tests
 * of this binary reach, for the summary of tests/kernels.sh. */
#include "tests/blis/models.h"

#include "impl/blis/kernels/gemm_kernel.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(blis_rows, every_precision_has_a_row_for_any_processor) {
  for (int p = 0; p < L4R_PRECISIONS; p++)
    for (int isa = L4R_ISA_PORTABLE; isa <= L4R_ISA_NEON; isa++) {
      const struct l4r_gemm_kernel *row = l4r_gemm_kernel_best((enum l4r_precision)p,
                                                               (enum l4r_isa)isa);
      cr_assert(row && row->available());
      cr_expect_eq((int)row->layout.precision, p);
      cr_expect(l4r_isa_contains((enum l4r_isa)isa, row->set), "%s", row->name);
    }
}

Test(blis_rows, a_name_is_one_row) {
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++)
    cr_expect_eq(l4r_gemm_kernel_named(row->layout.precision, row->name), row,
                 "two rows of %s are called %s", l4r_precision_name(row->layout.precision),
                 row->name);
  cr_expect_null(l4r_gemm_kernel_named(L4R_BF16, "abacus"));
  cr_expect_null(l4r_gemm_kernel_at(-1));
}

Test(blis_rows, a_set_contains_what_is_below_it) {
  cr_expect(l4r_isa_contains(L4R_ISA_AMX, L4R_ISA_AVX512));
  cr_expect(l4r_isa_contains(L4R_ISA_AVX512, L4R_ISA_PORTABLE));
  cr_expect(l4r_isa_contains(L4R_ISA_NEON, L4R_ISA_PORTABLE));
  cr_expect_not(l4r_isa_contains(L4R_ISA_NEON, L4R_ISA_AVX2));
  cr_expect_not(l4r_isa_contains(L4R_ISA_AMX, L4R_ISA_NEON));
  cr_expect_not(l4r_isa_contains(L4R_ISA_AVX2, L4R_ISA_AVX512));
}

Test(blis_rows, which_run_here) {
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++) {
    const char *emulated = strstr(row->name, " (emulated)");
    int length = (int)(emulated ? (size_t)(emulated - row->name) : strlen(row->name));
    fprintf(stderr, "[KERNEL] %s: %s by %.*s\n",
            !row->available() ? "not run"
            : emulated        ? "emulated"
                              : "native",
            l4r_precision_name(row->layout.precision), length, row->name);
  }
}
