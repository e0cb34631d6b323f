/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses numbers that people write. */
#ifndef L4R_BASE_NUMBER_H
#define L4R_BASE_NUMBER_H

#include <stdint.h>

/* Parses a whole token as a decimal integer. L4R_INPUT when it is none; the message does not say
 * where, so the caller adds that. */
int l4r_parse_int(const char *text, int64_t *value);
int l4r_parse_double(const char *text, double *value);

#endif
