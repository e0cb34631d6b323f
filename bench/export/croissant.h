/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set folder as a Croissant 1.1 descriptor (https://docs.mlcommons.org/croissant): what
 * files there are, with their checksums, and what their lines mean. It holds none of the data. */
#ifndef L4R_BENCH_EXPORT_CROISSANT_H
#define L4R_BENCH_EXPORT_CROISSANT_H

/* Writes the descriptor of the data set `folder` to the file `out` (NULL: the standard output),
 * with the files' names relative to the folder, so that it is read beside them. Every file is
 * hashed: L4R_INPUT, with its name, when one is not as dataset.json states. */
int l4r_export_croissant(const char *folder, const char *out);

#endif
