/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine and the program a record was made with. */
#ifndef L4R_BENCH_MACHINE_MANIFEST_H
#define L4R_BENCH_MACHINE_MANIFEST_H

#include <jansson.h>

/* An object of facts that hold for a whole run, owned by the caller; NULL with a message when
 * memory is short. Facts that cannot be found are null. */
json_t *l4r_manifest(void);

#endif
