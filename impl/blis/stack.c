/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimised stack: weights transposed and aligned once, fused projections, own vector kernels
 * by instruction set, one fork and join a call. See impl/blis/matrix.c for who multiplies,
 * impl/blis/encoder.c for how work is divided. */
#include "impl/blis/stack.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/decoder.h"
#include "impl/blis/decoder_open.h"
#include "impl/blis/encoder.h"
#include "impl/blis/head.h"
#include "impl/blis/matrix.h"

#include <stdio.h>
#include <string.h>

static void stack_close(struct l4r_stack *stack) {
  for (int w = 0; stack && stack->converted && w < stack->workers; w++)
    l4r_free(stack->converted[w]);
  if (stack) l4r_free(stack->converted);
  l4r_free(stack);
}

static int find_precision(const char *name, enum l4r_precision *found) {
  int p = 0;
  while (p < L4R_PRECISIONS && strcmp(name, l4r_precision_name((enum l4r_precision)p))) p++;
  if (p == L4R_PRECISIONS)
    return l4r_fail(L4R_USAGE,
                    "the blis stack has no precision '%s'; it has: fp32, bf16, int8, "
                    "bf16x3",
                    name);
  *found = (enum l4r_precision)p;
  return L4R_OK;
}

/* The row that makes a precision faster than fp32, on whatever processor. */
static const char *meant(enum l4r_precision precision) {
  const struct l4r_gemm_kernel *row;
  for (int i = 0; (row = l4r_gemm_kernel_at(i)); i++)
    if (row->layout.precision == precision && !row->slow) return row->name;
  return "other instructions";
}

static int choose_kernel(const struct l4r_stack_options *options, enum l4r_isa isa,
                         const struct l4r_gemm_kernel **kernel) {
  const char *name = options->precision ? options->precision : "fp32";
  enum l4r_precision precision = L4R_FP32;
  int status = find_precision(name, &precision);
  if (status) return status;
  *kernel = l4r_gemm_kernel_best(precision, isa);
  if (options->fallback || !(*kernel)->slow) return L4R_OK;
  return l4r_fail(L4R_ENVIRONMENT,
                  "precision=%s: nothing here that isa=%s allows makes it faster than fp32 (%s "
                  "would); take precision=fp32, or fallback=on for the same rounding by other "
                  "instructions (%s; slower than fp32)",
                  name, options->isa ? options->isa : "auto", meant(precision), (*kernel)->name);
}

static int take_converted(struct l4r_stack *stack) {
  stack->converted = l4r_alloc((size_t)stack->workers, sizeof *stack->converted,
                               "rounded activations");
  int status = stack->converted ? L4R_OK : L4R_ENVIRONMENT;
  for (int w = 0; !status && w < stack->workers; w++) {
    stack->converted[w] = l4r_alloc(L4R_CONVERTED + L4R_CONVERTED_ROWS, sizeof **stack->converted,
                                    "rounded activations");
    if (!stack->converted[w]) status = L4R_ENVIRONMENT;
    stack->scratch_bytes += (L4R_CONVERTED + L4R_CONVERTED_ROWS) *
                            (int64_t)sizeof **stack->converted;
  }
  return status;
}

static int stack_open(struct l4r_team *team, const struct l4r_stack_options *options,
                      struct l4r_stack **out) {
  enum l4r_isa isa;
  const struct l4r_gemm_kernel *kernel = NULL;
  int status = l4r_isa_find(options->isa, &isa);
  /* Left to choose, who has AVX-512 may have tiles: a row that is not available is passed over. */
  int any = !options->isa || !strcmp(options->isa, "auto");
  if (!status)
    status = choose_kernel(options, any && isa == L4R_ISA_AVX512 ? L4R_ISA_AMX : isa, &kernel);
  if (status) return status;
  struct l4r_stack *stack = l4r_alloc(1, sizeof *stack, "the blis stack");
  if (!stack) return L4R_ENVIRONMENT;
  stack->team = team;
  stack->workers = l4r_team_size(team);
  stack->kernels = l4r_kernels_of(isa);
  stack->gemm = kernel;
  snprintf(stack->blis, sizeof stack->blis, "%s", l4r_blas_open());
  if (kernel->layout.precision != L4R_FP32) status = take_converted(stack);
  if (status) {
    stack_close(stack);
    return status;
  }
  *out = stack;
  return L4R_OK;
}

static void stack_about(const struct l4r_stack *stack, struct l4r_about *about) {
  const char *isa = l4r_isa_name(stack->kernels->isa);
  enum l4r_precision precision = stack->gemm->layout.precision;
  char by[64] = "";
  if (precision != L4R_FP32)
    snprintf(by, sizeof by, ", %s by %s", l4r_precision_name(precision), stack->gemm->name);
  snprintf(about->kernels, sizeof about->kernels, "own %s kernels%s (blis here: %s)", isa, by,
           stack->blis);
  snprintf(about->isa, sizeof about->isa, "%s", isa);
  snprintf(about->precision, sizeof about->precision, "%s", l4r_precision_name(precision));
  about->weights_bytes += stack->weights_bytes;
  about->scratch_bytes += stack->scratch_bytes;
}

const struct l4r_stack_ops l4r_stack_blis = {
    .name = "blis",
    .open = stack_open,
    .close = stack_close,
    .about = stack_about,
    .encoder_open = l4r_blis_encoder_open,
    .encoder_close = l4r_blis_encoder_close,
    .encode = l4r_blis_encode,
    .decoder_open = l4r_blis_decoder_open,
    .decoder_close = l4r_blis_decoder_close,
    .decode_begin = l4r_blis_decode_begin,
    .decode_step = l4r_blis_decode_step,
    .head_open = l4r_blis_head_open,
    .head_close = l4r_blis_head_close,
    .project = l4r_blis_project,
    .project_top_k = l4r_blis_project_top_k,
};
