/* SPDX-License-Identifier: BSD-3-Clause */
/* Orders, filters and numbers what was read. */
#ifndef L4R_BENCH_IMPORT_FILTER_H
#define L4R_BENCH_IMPORT_FILTER_H

#include "bench/import/collect/collect.h"
#include "impl/data/dataset_write.h"

/* Orders, filters and numbers what was read, then writes the folder. */
int l4r_import_finish(struct l4r_import *import, const struct l4r_import_options *options,
                      const struct l4r_dataset_source *labels);

#endif
