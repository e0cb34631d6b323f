/* The optimised stack: weights transposed and aligned once, fused projections, own vector kernels
 * by instruction set, BLIS where it is the best there is, one fork and join a call. See
 * impl/blis/matrix.c for who multiplies, impl/blis/encoder.c for how work is divided. */
#include "impl/blis/stack.h"

#include "impl/blis/matrix.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

static int stack_open(struct l4r_team *team, const char *precision, struct l4r_stack **out) {
  if (strcmp(precision, "fp32"))
    return l4r_fail(L4R_USAGE, "the blis stack has no precision '%s'; it has: fp32", precision);
  enum l4r_isa isa;
  int status = l4r_cpu_isa(&isa);
  if (status) return status;
  struct l4r_stack *stack = l4r_alloc(1, sizeof *stack, "the blis stack");
  if (!stack) return L4R_ENVIRONMENT;
  stack->team = team;
  stack->workers = l4r_team_size(team);
  stack->kernels = l4r_kernels_of(isa);
  snprintf(stack->blis, sizeof stack->blis, "%s", l4r_blas_open());
  stack->blas_is_better = isa == L4R_ISA_PORTABLE && strcmp(stack->blis, "generic");
  stack->panel = stack->blas_is_better ? L4R_PANEL_BLAS : stack->kernels->panel;
  *out = stack;
  return L4R_OK;
}

static void stack_close(struct l4r_stack *stack) {
  l4r_free(stack);
}

static int stack_describe(const struct l4r_stack *stack, struct l4r_description *description) {
  const char *isa = l4r_isa_name(stack->kernels->isa);
  if (stack->blas_is_better)
    snprintf(description->kernels, sizeof description->kernels,
             "blis sgemm %s, own %s kernels for few rows", stack->blis, isa);
  else
    snprintf(description->kernels, sizeof description->kernels, "own %s kernels (blis here: %s)",
             isa, stack->blis);
  snprintf(description->isa, sizeof description->isa, "%s", isa);
  snprintf(description->precision, sizeof description->precision, "fp32");
  description->weights_bytes += stack->weights_bytes;
  description->scratch_bytes += stack->scratch_bytes;
  return L4R_OK;
}

const struct l4r_stack_ops l4r_stack_blis = {
    .name = "blis",
    .open = stack_open,
    .close = stack_close,
    .describe = stack_describe,
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
