/* SPDX-License-Identifier: BSD-3-Clause */
/* A model as an ONNX graph. */
#ifndef L4R_BENCH_CONVERT_ONNX_H
#define L4R_BENCH_CONVERT_ONNX_H

/* One ONNX graph of a lite model (T5's blocks), atomically: input `items`, int64 [batch][length],
 * numbers from 1, oldest first, length 1..history, all histories of a batch as long; output
 * `scores`, [batch][items]. `data`: the data set whose texts make the item vectors, NULL where none
 * are needed or the model folder has them cached. L4R_USAGE for models of other kinds, naming what
 * serves them; L4R_INPUT for a file beyond 2 GiB. */
int l4r_export_onnx(const char *model, const char *data, const char *out);

#endif
