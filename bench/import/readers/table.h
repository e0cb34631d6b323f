/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of interactions and of item texts, by the names of their columns. */
#ifndef L4R_BENCH_IMPORT_READERS_TABLE_H
#define L4R_BENCH_IMPORT_READERS_TABLE_H

#include "bench/import/collect/collect.h"

/* Reads the interactions of csv and pairs, by `columns`, which need not be those of the options. */
int l4r_read_interactions_table(struct l4r_import *import, const struct l4r_import_options *options,
                                const struct l4r_columns *columns);

/* Reads the texts of --items as a table. */
int l4r_read_items_table(struct l4r_import *import, const struct l4r_import_options *options);

#endif
