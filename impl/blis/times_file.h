/* SPDX-License-Identifier: BSD-3-Clause */
/* What was measured, kept as a file of the user's cache folder: kernels-HASH.txt, where the hash is
 * of the key, which holds the machine, the kernels and the products.
 *
 *   lite4rec kernels 1
 *   machine ...      processor and microcode, as the kernel tells them
 *   kernels ...      precision, and the names of those that are compared
 *   products ...     rows x k x n x times, ...
 *   took 12345.678 AVX-512
 *   ...
 *   sha256 ...       of all that stands above
 */
#ifndef L4R_BLIS_TIMES_FILE_H
#define L4R_BLIS_TIMES_FILE_H

#include "impl/blis/calibrate.h"

enum { L4R_TIMES_KEY = 4096 };

/* Writes the first lines of the file, which say what it answers; times->ns is not read. */
void l4r_times_key(const struct l4r_kernel_times *times, const struct l4r_products *products,
                   char key[L4R_TIMES_KEY]);

/* Fills times->ns from the file of that key and returns 1, or returns 0 where there is none. One
 * that is damaged is warned of and counts as none. */
int l4r_times_read(const char *key, struct l4r_kernel_times *times);
/* Writes the file, aside and renamed, so that processes may do so at once. What cannot be written
 * is left: a folder that may not be written to is no fault. */
void l4r_times_write(const char *key, const struct l4r_kernel_times *times);

#endif
