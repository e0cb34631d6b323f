/* SPDX-License-Identifier: BSD-3-Clause */
/* What `info` tells of a model's kernels: by which instructions it is served here. */
#ifndef L4R_BENCH_COMMANDS_INFO_KERNELS_H
#define L4R_BENCH_COMMANDS_INFO_KERNELS_H

#include "impl/model/config.h"

#include <jansson.h>
#include <stdio.h>

/* Chooses, as an engine of this project does when it opens a model of tensors, the kernel of each
 * precision; measures where nobody has yet, some ten milliseconds each, and keeps that in the cache
 * folder: {"cache", "products" [{rows, k, n, times}], "choices" [{"precision", "isa", "kernel",
 * "chosen" and "measured" [{kernel, ns}] as in records, or "absent" with the reason}]}. *kernels is
 * the caller's. */
int l4r_info_kernels(const struct l4r_model_config *config, json_t **kernels);
void l4r_info_kernels_print(FILE *stream, const json_t *kernels);

#endif
