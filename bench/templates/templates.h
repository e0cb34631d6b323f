/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders that engines of one's own begin as. */
#ifndef L4R_BENCH_TEMPLATES_H
#define L4R_BENCH_TEMPLATES_H

enum l4r_template { L4R_TEMPLATE_PYTHON, L4R_TEMPLATE_C, L4R_TEMPLATE_SO, L4R_TEMPLATES };
extern const char *const l4r_template_names[]; /* "python", "c", "so"; NULL behind */
extern const char *const l4r_template_about[L4R_TEMPLATES];

/* Writes a new folder whose engine runs as it is: the source, a Makefile where it has to be built,
 * README.md, and for `so` the headers of the contract. L4R_USAGE when the folder exists and is not
 * empty; nothing is left behind on failure. */
int l4r_template_write(enum l4r_template kind, const char *folder);

#endif
