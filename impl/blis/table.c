/* Packing in blocks. */
#include "impl/blis/table.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

int l4r_table_open(struct l4r_table *table, int64_t k, int64_t n, const float *weight,
                   const char *what) {
  int64_t columns = n < L4R_TABLE_COLUMNS ? n : L4R_TABLE_COLUMNS;
  *table = (struct l4r_table){.k = k, .n = n, .block_floats = k * l4r_padded(columns)};
  table->blocks = (n + L4R_TABLE_COLUMNS - 1) / L4R_TABLE_COLUMNS;
  table->value = l4r_alloc((size_t)table->blocks, (size_t)table->block_floats * sizeof(float),
                           what);
  if (!table->value) return L4R_ENVIRONMENT;
  for (int64_t b = 0; b < table->blocks; b++) {
    struct l4r_matrix block = l4r_table_block(table, b);
    l4r_matrix_put(&block, 0, block.n, weight + b * L4R_TABLE_COLUMNS * k);
  }
  return L4R_OK;
}

void l4r_table_close(struct l4r_table *table) {
  l4r_free(table->value);
  *table = (struct l4r_table){0};
}

int64_t l4r_table_bytes(const struct l4r_table *table) {
  return table->blocks * table->block_floats * (int64_t)sizeof(float);
}

struct l4r_matrix l4r_table_block(const struct l4r_table *table, int64_t b) {
  int64_t left = table->n - b * L4R_TABLE_COLUMNS;
  return (struct l4r_matrix){.value = table->value + b * table->block_floats,
                             .k = table->k,
                             .n = left < L4R_TABLE_COLUMNS ? left : L4R_TABLE_COLUMNS,
                             .ld = table->block_floats / table->k};
}

void l4r_table_row(const struct l4r_table *table, int64_t column, float *out) {
  struct l4r_matrix block = l4r_table_block(table, column / L4R_TABLE_COLUMNS);
  const float *from = block.value + column % L4R_TABLE_COLUMNS;
  for (int64_t i = 0; i < table->k; i++) out[i] = from[i * block.ld];
}
