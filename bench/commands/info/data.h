/* SPDX-License-Identifier: BSD-3-Clause */
/* What `info` tells of a data set. */
#ifndef L4R_BENCH_COMMANDS_INFO_DATA_H
#define L4R_BENCH_COMMANDS_INFO_DATA_H

#include <jansson.h>
#include <stdio.h>

/* Opens and checks the data set: what a record says of one (bench/run/facts.h), and "folder",
 * "history" {"shortest", "median", "longest"} of the training part, "targets" {"validation",
 * "test"}, "cold_items", "items_without_text", "leaked_users", "head_share" (of the training
 * interactions, those with the tenth of the items that is seen most) and "example" (titles of the
 * first user's first items). *facts is the caller's. L4R_INPUT for a damaged folder. */
int l4r_info_data(const char *folder, json_t **facts);
void l4r_info_data_print(FILE *stream, const json_t *facts);

#endif
