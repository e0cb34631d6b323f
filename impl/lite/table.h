/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to the Lite engines: where a handle's item vectors are. In memory, or, a large table of
 * item ids, in the weights' file: its rows are read where a history names them, since in memory
 * they would stand twice, here and packed for the head. */
#ifndef L4R_LITE_TABLE_H
#define L4R_LITE_TABLE_H

#include "impl/engine.h"

#include <stdint.h>

struct l4r_lite;
struct l4r_model;

enum l4r_table { L4R_TABLE_BY_SIZE, L4R_TABLE_MEMORY, L4R_TABLE_FILE };

/* Reads option table=memory|file into lite->table; by size without it. L4R_USAGE for others, and
 * for a file where lite->live is set already. */
int l4r_lite_table_read(struct l4r_lite *lite, const struct l4r_open_options *options);
/* Makes or finds the vectors of the handle's items. *weight: the same rows, [end - begin][D], for
 * the head to pack; borrowed from handle and model. L4R_USAGE for table=file of items that are not
 * ids; errors of impl/lite/catalogue.h. */
int l4r_lite_table_open(struct l4r_lite *lite, const struct l4r_model *model,
                        const struct l4r_dataset *dataset, const float **weight);
void l4r_lite_table_close(struct l4r_lite *lite);
/* Copies the vector of an item that the handle holds to row[D]. L4R_INPUT where the file cannot be
 * read any more. Thread-safe. */
int l4r_lite_table_row(const struct l4r_lite *lite, l4r_item item, float *row);
/* Returns the bytes of memory that the vectors take. Pure. */
int64_t l4r_lite_table_bytes(const struct l4r_lite *lite);

#endif
