/* SPDX-License-Identifier: BSD-3-Clause */
/* The readers, one for each kind of source. They share this header because each is the only
 * function of the file of its name; those of named columns stand in by_column.c. */
#ifndef L4R_BENCH_IMPORT_READERS_READERS_H
#define L4R_BENCH_IMPORT_READERS_READERS_H

#include "bench/import/collect/collect.h"

int l4r_read_ml_1m(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_100k(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_ml_latest(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_amazon(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_sequences(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_lists(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_recbole(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_table(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_pairs(struct l4r_import *import, const struct l4r_import_options *options);
int l4r_read_jsonl(struct l4r_import *import, const struct l4r_import_options *options);

#endif
