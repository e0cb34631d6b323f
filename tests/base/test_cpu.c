/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of instructions by name: what there is, what is refused and in which words. Each test runs
 * in a process of its own, so that lowering the processor ends with it. */
#include "impl/base/cpu.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

Test(cpu, auto_is_the_widest_set_and_is_here) {
  enum l4r_isa isa, named;
  cr_assert_eq(l4r_isa_find(NULL, &isa), L4R_OK);
  cr_expect_eq(isa, l4r_isa_widest());
  cr_expect(l4r_cpu_offers(isa));
  cr_assert_eq(l4r_isa_find("auto", &named), L4R_OK);
  cr_expect_eq(named, isa);
  cr_assert_eq(l4r_isa_find("portable", &named), L4R_OK);
  cr_expect_eq(named, L4R_ISA_PORTABLE);
}

Test(cpu, every_set_that_is_here_is_found_by_its_name) {
  for (int i = 0; i < L4R_ISAS; i++) {
    enum l4r_isa found;
    int status = l4r_isa_find(l4r_isa_name((enum l4r_isa)i), &found);
    cr_expect_eq(found, (enum l4r_isa)i);
    cr_expect_eq(status, l4r_cpu_offers((enum l4r_isa)i) ? L4R_OK : L4R_ENVIRONMENT);
  }
}

static void expect_error(const char *name, int status, const char *text) {
  enum l4r_isa isa;
  cr_expect_eq(l4r_isa_find(name, &isa), status);
  cr_expect_str_eq(l4r_error_message(), text);
}

#if defined(__x86_64__)
Test(cpu, what_is_not_here_is_refused_with_what_is) {
  if (!l4r_cpu_offers(L4R_ISA_AVX2)) cr_skip_test("this processor has no AVX2");
  l4r_cpu_lower(L4R_ISA_AVX2);
  cr_expect_eq(l4r_isa_widest(), L4R_ISA_AVX2);
  expect_error("sse9", L4R_USAGE,
               "isa=sse9: no such instruction set; there are auto, portable, avx2, avx512, amx and "
               "neon, of which this processor has portable and avx2");
  expect_error(
      "avx512", L4R_ENVIRONMENT,
      "isa=avx512: this processor, or its system, lacks AVX-512 (F, DQ, BW and VL); it has "
      "portable and avx2");
  expect_error(
      "amx", L4R_ENVIRONMENT,
      "isa=amx: this processor, or its system, has no AMX tiles; it has portable and avx2");
  expect_error("neon", L4R_ENVIRONMENT,
               "isa=neon: neon is a set of Arm processors, and this one is x86-64; it has portable "
               "and avx2");
}

Test(cpu, refused_tiles_are_told_from_absent_ones) {
  cr_expect_str_eq(l4r_isa_lacks(L4R_ISA_AMX, L4R_TILES_REFUSED),
                   "the processor has AMX tiles, but the kernel refuses them to this process "
                   "(arch_prctl with ARCH_REQ_XCOMP_PERM)");
  cr_expect_str_eq(l4r_isa_lacks(L4R_ISA_AMX, L4R_TILES_ABSENT),
                   "this processor, or its system, has no AMX tiles");
}

Test(cpu, a_processor_without_vectors_has_the_portable_set) {
  l4r_cpu_lower(L4R_ISA_PORTABLE);
  cr_expect_eq(l4r_isa_widest(), L4R_ISA_PORTABLE);
  expect_error("avx2", L4R_ENVIRONMENT,
               "isa=avx2: this processor, or its system, lacks AVX2 with FMA; it has portable");
  expect_error(
      "", L4R_USAGE,
      "isa=: no such instruction set; there are auto, portable, avx2, avx512, amx and neon, "
      "of which this processor has portable");
}
#elif defined(__aarch64__)
Test(cpu, what_is_not_here_is_refused_with_what_is) {
  expect_error(
      "avx2", L4R_ENVIRONMENT,
      "isa=avx2: this is a set of x86-64 processors, and this one is none; it has portable "
      "and neon");
}
#endif
