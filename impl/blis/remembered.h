/* SPDX-License-Identifier: BSD-3-Clause */
/* What this process has measured or been told, by the hash of the question (times_file.h's key).
 * Internal to choice.c, which holds a lock around all of it. */
#ifndef L4R_BLIS_REMEMBERED_H
#define L4R_BLIS_REMEMBERED_H

#include "impl/blis/calibrate.h"

/* Fills times->ns and returns 1, or returns 0 where the question is new. */
int l4r_remembered_find(const char *hash, struct l4r_kernel_times *times);
/* Keeps times->ns; of a question that is known the first answer stays. Beyond some thirty questions
 * nothing more is kept. */
void l4r_remembered_add(const char *hash, const struct l4r_kernel_times *times);
void l4r_remembered_clear(void);

/* Everything as one text, "HASH NS NS ...;HASH ..." with "" for nothing, or NULL without memory; to
 * be freed with l4r_free. */
char *l4r_remembered_write(void);
/* Adds what such a text holds. Returns 0 where it is damaged; then nothing is added. */
int l4r_remembered_read(const char *text);

#endif
