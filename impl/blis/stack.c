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
  struct l4r_choice choice;
  int status = l4r_choose(options, &choice);
  if (status) return status;
  struct l4r_stack *stack = l4r_alloc(1, sizeof *stack, "the blis stack");
  if (!stack) return L4R_ENVIRONMENT;
  stack->team = team;
  stack->workers = l4r_team_size(team);
  stack->choice = choice;
  stack->spent = options->spent;
  stack->kernels = l4r_kernels_of(choice.isa);
  stack->gemm = choice.gemm;
  snprintf(stack->blis, sizeof stack->blis, "%s", l4r_blas_open());
  if (stack->gemm->layout.precision != L4R_FP32) status = take_converted(stack);
  if (status) {
    stack_close(stack);
    return status;
  }
  *out = stack;
  return L4R_OK;
}

static void tell_choice(const struct l4r_choice *choice, struct l4r_about *about) {
  const struct l4r_kernel_times *times = &choice->times;
  l4r_kernel_word(choice->gemm, about->kernel, sizeof about->kernel);
  snprintf(about->chosen, sizeof about->chosen, "%s", choice->way);
  about->measured_kernels = 0;
  for (int i = 0; i < times->count && times->ns[0] > 0; i++) {
    struct l4r_measured *measured = &about->measured[about->measured_kernels++];
    l4r_kernel_word(times->kernel[i], measured->kernel, sizeof measured->kernel);
    measured->ns = times->ns[i];
  }
}

static void stack_about(const struct l4r_stack *stack, struct l4r_about *about) {
  const char *isa = l4r_isa_name(stack->choice.isa);
  enum l4r_precision precision = stack->gemm->layout.precision;
  char by[64] = "";
  if (precision != L4R_FP32)
    snprintf(by, sizeof by, ", %s by %s", l4r_precision_name(precision), stack->gemm->name);
  snprintf(about->kernels, sizeof about->kernels, "own %s kernels%s (blis here: %s)", isa, by,
           stack->blis);
  snprintf(about->isa, sizeof about->isa, "%s", isa);
  snprintf(about->precision, sizeof about->precision, "%s", l4r_precision_name(precision));
  tell_choice(&stack->choice, about);
  about->weights_bytes += stack->weights_bytes;
  about->scratch_bytes += stack->scratch_bytes;
}

static enum l4r_isa stack_isa(const struct l4r_stack *stack) {
  return stack->choice.isa;
}

static double stack_weight_bytes(const struct l4r_stack *stack) {
  return l4r_weight_bytes(&stack->gemm->layout);
}

const struct l4r_stack_ops l4r_stack_blis = {
    .name = "blis",
    .open = stack_open,
    .close = stack_close,
    .about = stack_about,
    .isa = stack_isa,
    .weight_bytes = stack_weight_bytes,
    .encoder_open = l4r_blis_encoder_open,
    .encoder_close = l4r_blis_encoder_close,
    .encode = l4r_blis_encode,
    .decoder_open = l4r_blis_decoder_open,
    .decoder_close = l4r_blis_decoder_close,
    .decode_begin = l4r_blis_decode_begin,
    .decode_step = l4r_blis_decode_step,
    .decode_rewind = l4r_blis_decode_rewind,
    .head_open = l4r_blis_head_open,
    .head_close = l4r_blis_head_close,
    .project = l4r_blis_project,
    .project_top_k = l4r_blis_project_top_k,
};
