/* SPDX-License-Identifier: BSD-3-Clause */
/* The vectors of a lite or sasrec model for other programs. */
#ifndef L4R_BENCH_CONVERT_VECTORS_H
#define L4R_BENCH_CONVERT_VECTORS_H

enum l4r_vectors_format { L4R_VECTORS_NPY, L4R_VECTORS_SAFETENSORS };

/* Writes, as 32-bit floats,
 *
 *   items [items][D]    vectors that histories are read with; row i - 1 is item i
 *   users [users][D]    states before the test item, by the whole history; row u - 1 is line u of
 *                       train.txt, zeroes for an empty history
 *   head [items][D], bias [items]    of a head of its own: then scores are users . head^T + bias,
 *                       else users . items^T times `scale`
 *
 * as files NAME.npy of the folder `out` with vectors.json beside them, or as tensors of one
 * safetensors file with the same in its metadata. Atomically. L4R_USAGE for models of other kinds.
 */
int l4r_export_vectors(const char *model, const char *data, enum l4r_vectors_format format,
                       const char *out);

#endif
