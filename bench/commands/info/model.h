/* SPDX-License-Identifier: BSD-3-Clause */
/* What `info` tells of a model folder. */
#ifndef L4R_BENCH_COMMANDS_INFO_MODEL_H
#define L4R_BENCH_COMMANDS_INFO_MODEL_H

#include <jansson.h>
#include <stdio.h>

/* Opens and checks the model: what a record says of one (bench/run/facts.h), and "folder",
 * "parameters" and "weights_bytes" (of counts 0 and the file's size), "history", "items",
 * "dataset_name" and "engines"; of tensors also "kernels"
 * (kernels.h). *facts is the caller's. L4R_INPUT for a damaged folder. */
int l4r_info_model(const char *folder, json_t **facts);
void l4r_info_model_print(FILE *stream, const json_t *facts);

#endif
