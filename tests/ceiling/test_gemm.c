/* SPDX-License-Identifier: BSD-3-Clause */
/* Products by every library that is installed agree with this project's, whatever the layout; the
 * figures are consistent with each other. Speeds themselves are never asserted. */
#include "bench/ceiling/gemm.h"
#include "bench/ceiling/gemm_libraries.h"
#include "impl/base/blas_choice.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct l4r_gemm_bench quick = {.threads = 1, .rounds = 3, .seconds = 1e-4};

Test(gemm, libraries_and_this_project_agree) {
  static const struct l4r_gemm_shape shapes[] = {
      {"a row", 1, 33, 17}, {"odd", 7, 65, 31}, {"tall", 300, 24, 16}, {"wide", 3, 700, 40}};
  struct l4r_gemm_libraries opened;
  l4r_gemm_libraries_open(1, &opened);
  const struct l4r_gemm_library *library = opened.library;
  const int found = opened.count;
  cr_assert_geq(found, 1, "BLIS is linked");
  cr_expect_eq(found + opened.absent, L4R_GEMM_LIBRARIES);
  cr_expect_str_eq(library[0].name, "BLIS");
  cr_expect(strstr(library[0].path, "blis"), "%s", library[0].path);
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    struct l4r_gemm_speed speed;
    cr_assert_eq(l4r_bench_gemm(&quick, &shapes[i], library, found, &speed), 0, "%s",
                 l4r_error_message());
    cr_expect_gt(speed.own, 0);
    cr_expect_lt(speed.differs, 1e-5, "%s", shapes[i].what);
    for (int l = 0; l < found; l++) {
      cr_expect_gt(speed.library[l], 0, "%s", library[l].name);
      cr_expect_gt(speed.ratio[l], 0, "%s", library[l].name);
      cr_expect_lt((int)speed.layout[l], L4R_GEMM_LAYOUTS);
    }
  }
}

/* Libraries stay in fp32: what differs is this project's rounding. */
Test(gemm, other_precisions_stand_beside_fp32) {
  static const struct {
    const char *name;
    double least, most;
  } precisions[] = {{"bf16", 1e-4, 1e-2}, {"int8", 1e-4, 5e-2}, {"bf16x3", 0, 1e-5}};
  const struct l4r_gemm_shape shape = {"odd", 19, 65, 131};
  struct l4r_gemm_libraries opened;
  struct l4r_gemm_speed speed;
  struct l4r_gemm_bench bench = quick;
  l4r_gemm_libraries_open(1, &opened);
  for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
    bench.precision = precisions[i].name;
    cr_assert_eq(l4r_bench_gemm(&bench, &shape, opened.library, 1, &speed), 0, "%s",
                 l4r_error_message());
    cr_expect_gt(speed.own, 0);
    cr_expect_leq(precisions[i].least, speed.differs, "%s: %g", precisions[i].name, speed.differs);
    cr_expect_leq(speed.differs, precisions[i].most, "%s: %g", precisions[i].name, speed.differs);
  }
  bench.precision = "fp8";
  cr_expect_eq(l4r_bench_gemm(&bench, &shape, opened.library, 1, &speed), L4R_USAGE);
}

/* What is not there is said, by name and with a remedy. */
Test(gemm, libraries_that_are_not_there_are_named) {
  struct l4r_gemm_libraries opened;
  setenv("LITE4REC_MKL", test_path("no-such.so"), 1);
  setenv("LITE4REC_ONEDNN", test_file("broken.so", "no object"), 1);
  l4r_gemm_libraries_open(1, &opened);
  int seen = 0;
  for (int i = 0; i < opened.absent; i++) {
    if (strcmp(opened.missing[i].name, "MKL") && strcmp(opened.missing[i].name, "oneDNN")) continue;
    cr_expect(strstr(opened.missing[i].why, "cannot be opened"), "%s", opened.missing[i].why);
    cr_expect(strstr(opened.missing[i].why, "LITE4REC_"), "%s", opened.missing[i].why);
    seen++;
  }
  cr_expect_eq(seen, 2);
}

static void wrong(const struct l4r_gemm_library *library, const struct l4r_gemm_shape *shape,
                  const struct l4r_gemm_operands *operands, enum l4r_gemm_layout layout) {
  (void)library, (void)layout;
  for (int64_t i = 0; i < shape->m * shape->n; i++) operands->c[i] = 0;
}

Test(gemm, a_library_that_computes_something_else_shows) {
  const struct l4r_gemm_library library = {.name = "wrong", .multiply = wrong};
  const struct l4r_gemm_shape shape = {"small", 5, 16, 16};
  struct l4r_gemm_speed speed;
  cr_assert_eq(l4r_bench_gemm(&quick, &shape, &library, 1, &speed), 0, "%s", l4r_error_message());
  cr_expect_eq(speed.differs, 1);
}

/* What each layout holds, by definition of the product. */
static void by_definition(const struct l4r_gemm_library *library,
                          const struct l4r_gemm_shape *shape, const struct l4r_gemm_operands *o,
                          enum l4r_gemm_layout layout) {
  (void)library;
  for (int64_t i = 0; i < shape->m; i++)
    for (int64_t j = 0; j < shape->n; j++) {
      double sum = 0;
      for (int64_t p = 0; p < shape->k; p++)
        sum += (double)o->a[i * shape->k + p] *
               (double)(layout == L4R_GEMM_OUT  ? o->w_out[j * shape->k + p]
                        : layout == L4R_GEMM_IN ? o->w_in[p * shape->n + j]
                                                : o->w_pad[p * o->pad_ld + j]);
      o->c[i * shape->n + j] = (float)sum;
    }
}

Test(gemm, layouts_are_what_they_are_called) {
  const struct l4r_gemm_library library = {.name = "plain", .multiply = by_definition};
  const struct l4r_gemm_shape shape = {"small", 3, 21, 10};
  struct l4r_gemm_speed speed;
  cr_assert_eq(l4r_bench_gemm(&quick, &shape, &library, 1, &speed), 0, "%s", l4r_error_message());
  cr_expect_lt(speed.differs, 1e-5);
}

Test(gemm, an_empty_shape_is_refused) {
  const struct l4r_gemm_shape shape = {"nothing", 0, 4, 4};
  struct l4r_gemm_speed speed;
  cr_expect_eq(l4r_bench_gemm(&quick, &shape, NULL, 0, &speed), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "1 or more"), "%s", l4r_error_message());
}

/* OpenBLAS, too, chooses by a list of processors that ends before this one; its row says so. */
Test(gemm, openblas_below_the_processor_is_said_with_the_remedy) {
  static const struct l4r_cpu avx512 = {.avx2 = 1, .avx512 = 1}, avx2 = {.avx2 = 1}, old = {0};
  static const struct {
    const char *core;
    const struct l4r_cpu *cpu;
    const char *variable, *says; /* "": nothing at all */
  } cases[] = {
      {"Prescott", &avx512, NULL, "OPENBLAS_CORETYPE=SkylakeX"},
      {"Prescott", &avx2, NULL, "OPENBLAS_CORETYPE=Haswell"},
      {"Haswell", &avx512, "Haswell", "as OPENBLAS_CORETYPE asks"},
      {"Haswell", &avx512, NULL, "OPENBLAS_CORETYPE=SkylakeX"},
      {"Zen", &avx2, NULL, ""},
      {"SkylakeX", &avx512, NULL, ""},
      {"Cooperlake", &avx512, "", ""},
      {"SkylakeX", &avx512, "SkylakeX", "as OPENBLAS_CORETYPE=SkylakeX asks"},
      {"Sandybridge", &old, NULL, ""},
      {"Prescott", &old, NULL, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char note[256];
    l4r_gemm_openblas_note(cases[i].core, cases[i].cpu, cases[i].variable, note, sizeof note);
    if (*cases[i].says)
      cr_expect(strstr(note, cases[i].says) && strstr(note, cases[i].core), "%d: %s", (int)i, note);
    else
      cr_expect_str_eq(note, "", "%d: %s", (int)i, note);
  }
}
