/* A wide output matrix (items of a head, pieces of a vocabulary) in blocks of columns:
 *
 *   block 0: [k][512 + pad]   block 1: [k][512 + pad]   ...
 *
 * A block's rows lie close together, so that reading it touches few pages, and a block's scores
 * stay in cache until they have been looked at. Blocks are the unit of work. */
#ifndef L4R_BLIS_TABLE_H
#define L4R_BLIS_TABLE_H

#include "impl/blis/matrix.h"

enum { L4R_TABLE_COLUMNS = 512 };

struct l4r_table {
  float *value;
  int64_t k, n, blocks, block_floats;
};
/* Packs weight[n][k]; L4R_ENVIRONMENT. */
int l4r_table_open(struct l4r_table *table, int64_t k, int64_t n, const float *weight,
                   const char *what);
void l4r_table_close(struct l4r_table *table);
int64_t l4r_table_bytes(const struct l4r_table *table);
/* Block b as a matrix of its own (of up to L4R_TABLE_COLUMNS columns); not to be closed. */
struct l4r_matrix l4r_table_block(const struct l4r_table *table, int64_t b);
/* out[k] = column `column`, that is row `column` of the original weight. */
void l4r_table_row(const struct l4r_table *table, int64_t column, float *out);

#endif
