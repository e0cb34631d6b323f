/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info MODEL and info DATA: what a folder holds. */
#ifndef L4R_BENCH_COMMANDS_INFO_FOLDER_H
#define L4R_BENCH_COMMANDS_INFO_FOLDER_H

/* Prints the model or the data set of a folder, as lines or as one JSON object. L4R_INPUT where it
 * holds neither, with what it holds instead or is not there, and where the model or the data set is
 * damaged. */
int l4r_info_folder(const char *folder, int json);

#endif
