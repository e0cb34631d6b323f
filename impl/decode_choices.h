/* SPDX-License-Identifier: BSD-3-Clause */
/* What every stack refuses of the tokens a decoder may choose from. */
#ifndef L4R_DECODE_CHOICES_H
#define L4R_DECODE_CHOICES_H

#include "impl/stack.h"

/* L4R_USAGE unless rows->choice_start ascends from 0 and every choice is below `vocabulary`: what
 * restricted decoders refuse. Pure. */
int l4r_decode_choices_check(const struct l4r_decode_rows *rows, int64_t vocabulary);

#endif
