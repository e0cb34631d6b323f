/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing a decoder: struct l4r_stack_ops' decoder_open and decoder_close. */
#ifndef L4R_BLIS_DECODER_OPEN_H
#define L4R_BLIS_DECODER_OPEN_H

#include "impl/stack.h"

int l4r_blis_decoder_open(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                          struct l4r_decoder **decoder);
void l4r_blis_decoder_close(struct l4r_decoder *decoder);

#endif
