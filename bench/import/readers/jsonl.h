/* SPDX-License-Identifier: BSD-3-Clause */
/* Interactions and item texts as lines of JSON. */
#ifndef L4R_BENCH_IMPORT_READERS_JSONL_H
#define L4R_BENCH_IMPORT_READERS_JSONL_H

#include "bench/import/collect/collect.h"

/* Reads the interactions of jsonl, by the columns of the options. */
int l4r_read_interactions_jsonl(struct l4r_import *import,
                                const struct l4r_import_options *options);

/* Reads the texts of --items as lines of JSON. */
int l4r_read_items_jsonl(struct l4r_import *import, const struct l4r_import_options *options);

#endif
