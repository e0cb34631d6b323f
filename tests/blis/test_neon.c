/* SPDX-License-Identifier: BSD-3-Clause */
/* What holds for 64-bit Arm's rows alone: each is offered where its instruction runs and nowhere
 * else, whatever the kernel says of the processor, and bfmmla's results have the bits of bfdot's.
 * The products themselves are tested as every row's (test_bf16.c, test_int8.c). */
#include "tests/blis/models.h"

#include "impl/base/memory.h"
#include "impl/blis/matrix.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#if defined(__aarch64__)
static sigjmp_buf refused;

static void on_refusal(int signal) {
  siglongjmp(refused, signal);
}

/* The instructions by number, which assemblers of any age take; they change v0 alone. */
static void run_bfdot(void) {
  __asm__ volatile(".inst 0x6e42fc20" : : : "v0");
}
static void run_bfmmla(void) {
  __asm__ volatile(".inst 0x6e42ec20" : : : "v0");
}
static void run_sdot(void) {
  __asm__ volatile(".inst 0x4e829420" : : : "v0");
}
static void run_smmla(void) {
  __asm__ volatile(".inst 0x4e82a420" : : : "v0");
}
static void run_smull(void) {
  __asm__ volatile(".inst 0x0e22c020" : : : "v0");
}

static int runs(void (*instruction)(void)) {
  struct sigaction act = {.sa_handler = on_refusal}, before;
  volatile int ran = 0;
  sigaction(SIGILL, &act, &before);
  if (!sigsetjmp(refused, 1)) {
    instruction();
    ran = 1;
  }
  sigaction(SIGILL, &before, NULL);
  return ran;
}

Test(blis_neon, a_row_is_there_where_its_instruction_runs) {
  static const struct {
    enum l4r_precision precision;
    const char *name;
    void (*instruction)(void);
  } rows[] = {{L4R_BF16, "BFMMLA", run_bfmmla},
              {L4R_BF16, "BFDOT", run_bfdot},
              {L4R_INT8, "SMMLA", run_smmla},
              {L4R_INT8, "SDOT", run_sdot},
              {L4R_INT8, "SMULL", run_smull}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct l4r_gemm_kernel *row = l4r_gemm_kernel_named(rows[i].precision, rows[i].name);
    cr_assert(row, "%s", rows[i].name);
    cr_expect_eq(row->available(), runs(rows[i].instruction), "%s is %s", row->name,
                 row->available() ? "offered, and the instruction does not run"
                                  : "not offered, and the instruction runs");
  }
}

Test(blis_neon, bfmmla_has_the_bits_of_bfdot) {
  enum { M = 29, N = 50, K = 131 };
  const struct l4r_gemm_kernel *rows[] = {l4r_gemm_kernel_named(L4R_BF16, "BFMMLA"),
                                          l4r_gemm_kernel_named(L4R_BF16, "BFDOT")};
  if (!rows[0]->available()) cr_skip_test("this processor has no BFMMLA");
  float *a = test_normals(M * K, 1), *weight = test_normals(N * K, 2), *c[2];
  uint32_t *converted = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof *converted, "test");
  const struct l4r_work_group group = {.workers = 1, .converted = converted};
  for (int i = 0; i < 2; i++) {
    struct l4r_matrix matrix;
    c[i] = test_normals(M * N, 3);
    cr_assert_eq(l4r_matrix_open(&matrix, rows[i], K, N, "test"), 0);
    l4r_matrix_put(&matrix, 0, N, weight);
    l4r_multiply(
        &group, &matrix,
        &(struct l4r_product){.m = M, .a = a, .lda = K, .columns = N, .c = c[i], .ldc = N});
    l4r_matrix_close(&matrix);
  }
  for (int64_t i = 0; i < M * N; i++)
    cr_assert_eq(c[0][i], c[1][i], "at %lld, %lld", (long long)(i / N), (long long)(i % N));
  void *const all[] = {a, weight, c[0], c[1], converted};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}
#else
Test(blis_neon, rows_of_64_bit_Arm) {
  cr_skip_test("this is not 64-bit Arm; make arm64 runs them");
}
#endif
