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

static const char *const precisions[] = {"fp32", "bf16", "int8"};

static const char *const instructions[] = {"", "AVX512-BF16", "AVX512-VNNI"};

static int has_instructions(enum l4r_precision precision, enum l4r_isa isa) {
  if (precision == L4R_FP32) return 1;
  if (isa != L4R_ISA_AVX512) return 0;
  return precision == L4R_BF16 ? l4r_cpu()->avx512_bf16 : l4r_cpu()->avx512_vnni;
}

static int check_precision(const struct l4r_stack_options *options, enum l4r_isa isa,
                           enum l4r_precision *found) {
  const char *precision = options->precision ? options->precision : "fp32";
  int p = L4R_FP32;
  while (p <= L4R_INT8 && strcmp(precision, precisions[p])) p++;
  if (p > L4R_INT8)
    return l4r_fail(L4R_USAGE, "the blis stack has no precision '%s'; it has: fp32, bf16, int8",
                    precision);
  *found = (enum l4r_precision)p;
  if (options->fallback || has_instructions(*found, isa)) return L4R_OK;
  return l4r_fail(L4R_ENVIRONMENT,
                  "precision=%s: this processor has no %s; take precision=fp32, or fallback=on for "
                  "the same rounding by other instructions (slower than fp32)",
                  precision, instructions[*found]);
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
  enum l4r_precision found = L4R_FP32;
  int status = l4r_isa_find(options->isa, &isa);
  if (!status) status = check_precision(options, isa, &found);
  if (status) return status;
  struct l4r_stack *stack = l4r_alloc(1, sizeof *stack, "the blis stack");
  if (!stack) return L4R_ENVIRONMENT;
  stack->team = team;
  stack->workers = l4r_team_size(team);
  stack->table = *l4r_kernels_of(isa);
  l4r_kernels_use_bf16(&stack->table);
  l4r_kernels_use_int8(&stack->table);
  stack->kernels = &stack->table;
  snprintf(stack->blis, sizeof stack->blis, "%s", l4r_blas_open());
  stack->layout.precision = found;
  stack->layout.panel = stack->kernels->panel;
  if (found != L4R_FP32) status = take_converted(stack);
  if (status) {
    stack_close(stack);
    return status;
  }
  *out = stack;
  return L4R_OK;
}

static void stack_about(const struct l4r_stack *stack, struct l4r_about *about) {
  const char *isa = l4r_isa_name(stack->kernels->isa);
  enum l4r_precision precision = stack->layout.precision;
  char by[64] = "";
  if (precision != L4R_FP32)
    snprintf(by, sizeof by, ", %s by %s", precisions[precision],
             has_instructions(precision, stack->kernels->isa) ? instructions[precision]
                                                              : "other instructions");
  snprintf(about->kernels, sizeof about->kernels, "own %s kernels%s (blis here: %s)", isa, by,
           stack->blis);
  snprintf(about->isa, sizeof about->isa, "%s", isa);
  snprintf(about->precision, sizeof about->precision, "%s", precisions[stack->layout.precision]);
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
