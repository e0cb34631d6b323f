/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference stack: an oracle.
 *
 * Plain loops in the order of the formulas; no intrinsics, no BLAS, no blocking, no fusing. It is
 * never optimised: when it is slow, that is what it is for. Every other stack is tested against it,
 * so a reader must be able to check it against the paper (Raffel et al. 2020) with bare eyes.
 *
 * math.c is the arithmetic of one position, weights.c what a T5 holds, encoder.c, decoder.c and
 * head.c the operations of impl/stack.h. Work is spread over the team by independent outputs. */
#include "impl/reference/reference.h"

#include "impl/base/error.h"

#include <stdio.h>
#include <string.h>

static int reference_open(struct l4r_team *team, const struct l4r_stack_options *options,
                          struct l4r_stack **stack) {
  if (options->precision && strcmp(options->precision, "fp32") != 0)
    return l4r_fail(L4R_USAGE, "stack reference: unknown precision '%s' (known: fp32)",
                    options->precision);
  if (options->isa && strcmp(options->isa, "auto") != 0)
    return l4r_fail(L4R_USAGE,
                    "isa=%s: stack reference is plain loops as the compiler made them; only stack "
                    "blis has a choice of instruction sets",
                    options->isa);
  if (options->kernel)
    return l4r_fail(L4R_USAGE,
                    "kernel=%s: stack reference has no choice of kernels, stack blis has",
                    options->kernel);
  struct l4r_stack *made = l4r_alloc(1, sizeof *made, "a reference stack");
  if (!made) return L4R_ENVIRONMENT;
  made->team = team;
  *stack = made;
  return L4R_OK;
}

static void reference_close(struct l4r_stack *stack) {
  l4r_free(stack);
}

static void reference_about(const struct l4r_stack *stack, struct l4r_about *about) {
  snprintf(about->kernels, sizeof about->kernels, "plain loops");
  snprintf(about->isa, sizeof about->isa, "scalar");
  snprintf(about->precision, sizeof about->precision, "fp32");
  about->weights_bytes += stack->weights_bytes;
  about->scratch_bytes += stack->scratch_bytes;
}

static double reference_weight_bytes(const struct l4r_stack *stack) {
  (void)stack;
  return sizeof(float);
}

const struct l4r_stack_ops l4r_stack_reference = {
    .name = "reference",
    .open = reference_open,
    .close = reference_close,
    .about = reference_about,
    .weight_bytes = reference_weight_bytes,
    .encoder_open = l4r_reference_encoder_open,
    .encoder_close = l4r_reference_encoder_close,
    .encode = l4r_reference_encode,
    .decoder_open = l4r_reference_decoder_open,
    .decoder_close = l4r_reference_decoder_close,
    .decode_begin = l4r_reference_decode_begin,
    .decode_step = l4r_reference_decode_step,
    .decode_rewind = l4r_reference_decode_rewind,
    .head_open = l4r_reference_head_open,
    .head_close = l4r_reference_head_close,
    .project = l4r_reference_project,
    .project_top_k = l4r_reference_project_top_k,
};
