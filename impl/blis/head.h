/* SPDX-License-Identifier: BSD-3-Clause */
/* The projection over items; see struct l4r_stack_ops for what each function does. */
#ifndef L4R_BLIS_HEAD_H
#define L4R_BLIS_HEAD_H

#include "impl/stack.h"

int l4r_blis_head_open(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                       struct l4r_head **head);
void l4r_blis_head_close(struct l4r_head *head);
int l4r_blis_project(struct l4r_head *head, const float *u, int64_t n, float *scores);
int l4r_blis_project_top_k(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                           const int64_t *popularity, struct l4r_ranking *ranking);

#endif
