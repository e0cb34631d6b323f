/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec info --gemm`. */
#ifndef L4R_BENCH_COMMANDS_INFO_GEMM_H
#define L4R_BENCH_COMMANDS_INFO_GEMM_H

#include "bench/table/sheet.h"

#include <jansson.h>
#include <stdint.h>

/* The products of a model of that size (its weights and the head over 3,416 items; rows of a beam
 * step, of one user's history, of 64 users), by this project's kernels in that precision ("fp32",
 * "bf16", ...) and by every BLAS library that is installed, in fp32: one worker and `threads`
 * pinned ones (0: all cores). Prints tables in Markdown; with `json` these to stderr and one JSON
 * object to stdout. L4R_USAGE for an unknown size or precision. About two minutes. */
int l4r_info_gemm(int64_t threads, const char *size, const char *precision, int json);
/* Its tables, one a number of threads: `libraries` and `products` as in the JSON. */
void l4r_info_gemm_print(struct l4r_sheet *sheet, const json_t *libraries, const json_t *products);

#endif
