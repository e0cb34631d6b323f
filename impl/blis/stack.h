/* SPDX-License-Identifier: BSD-3-Clause */
/* What the objects of this stack share: the kernels chosen at open, the team, and the accounts that
 * about() adds up. */
#ifndef L4R_BLIS_STACK_H
#define L4R_BLIS_STACK_H

#include "impl/blis/choice.h"
#include "impl/blis/group.h"
#include "impl/blis/matrix.h"
#include "impl/stack.h"

struct l4r_stack {
  struct l4r_team *team;
  int workers;
  struct l4r_choice choice;
  const struct l4r_kernels *kernels;  /* the instruction set's */
  const struct l4r_gemm_kernel *gemm; /* the row for which weights are packed */
  uint32_t **converted;               /* [workers] group.h; NULL in fp32 */
  char blis[32];                      /* its architecture string */
  int64_t weights_bytes, scratch_bytes;
  struct l4r_spent *spent; /* the engine's, where somebody asks; else NULL */
};

/* What a worker brings to a group. */
static inline uint32_t *l4r_stack_converted(const struct l4r_stack *stack, int worker) {
  return stack->converted ? stack->converted[worker] : NULL;
}

#endif
