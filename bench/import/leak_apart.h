/* SPDX-License-Identifier: BSD-3-Clause */
/* The check of a data set folder in a process of its own. */
#ifndef L4R_BENCH_IMPORT_LEAK_APART_H
#define L4R_BENCH_IMPORT_LEAK_APART_H

#include <stdint.h>

/* Runs l4r_dataset_check in a process of its own, so that this one never holds a test item, and
 * returns its status and message. *leaked counts users with a held-out item in their training part
 * or held out twice. Without test.txt, which may be kept away from those who train, nothing is
 * checked. Before there are threads. */
int l4r_leak_check_apart(const char *folder, int64_t *leaked);

#endif
