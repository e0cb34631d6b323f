/* SPDX-License-Identifier: BSD-3-Clause */
/* The entities of HTML. */
#ifndef L4R_BENCH_IMPORT_COLLECT_ENTITIES_H
#define L4R_BENCH_IMPORT_COLLECT_ENTITIES_H

#include <stdint.h>

/* The character that "&name;" stands for, 0 when it is not known. Pure. */
uint32_t l4r_entity(const char *name);

#endif
