/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder of this stack; see impl/stack.h for what it does. */
#ifndef L4R_BLIS_DECODER_H
#define L4R_BLIS_DECODER_H

#include "impl/stack.h"

/* As struct l4r_stack_ops' functions of these names. */
int l4r_blis_decode_begin(struct l4r_decoder *decoder, int64_t users, const int64_t *start,
                          const float *memory);
int l4r_blis_decode_step(struct l4r_decoder *decoder, const struct l4r_decode_rows *rows,
                         float *hidden, float *logits);
int l4r_blis_decode_rewind(struct l4r_decoder *decoder, int64_t step);

#endif
