/* SPDX-License-Identifier: BSD-3-Clause */
/* Eight tiles of 16 rows of 64 bytes: four sums, two left and two right operands, each product
 * independent of the three after it, which hides its latency (52 cycles, one every 16). */
#include "impl/ceiling/peak_tiles.h"

#if defined(__x86_64__)
#include "impl/base/cpu.h"
#include "impl/simd/amx_tile.h"

#include <stddef.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64, SUMS = 4 };

/* Sets the tiles up, operands full of `value`; sums are 0. */
static void begin(uint32_t value) {
  struct tile_palette palette = {.palette = 1};
  uint32_t operand[ROWS][ROW_BYTES / 4];
  for (int t = 0; t < TILES; t++) {
    palette.row_bytes[t] = ROW_BYTES;
    palette.rows[t] = ROWS;
  }
  for (int r = 0; r < ROWS; r++)
    for (int w = 0; w < ROW_BYTES / 4; w++) operand[r][w] = value;
  TILE_CONFIGURE(&palette); /* sums are zeros then */
  TILE_LOAD(4, operand, ROW_BYTES);
  TILE_LOAD(5, operand, ROW_BYTES);
  TILE_LOAD(6, operand, ROW_BYTES);
  TILE_LOAD(7, operand, ROW_BYTES);
}

#define ROUND(PRODUCT)                                                                             \
  PRODUCT(0, 4, 6);                                                                                \
  PRODUCT(1, 4, 7);                                                                                \
  PRODUCT(2, 5, 6);                                                                                \
  PRODUCT(3, 5, 7)

/* `products` of a 32-bit word */
static double operations(int64_t rounds, int products) {
  return 2.0 * SUMS * ROWS * ROWS * (ROW_BYTES / 4) * products * (double)rounds;
}

double l4r_peak_amx_bf16(int64_t rounds) {
  begin(0x3f803f80); /* 1 and 1 */
  for (int64_t r = 0; r < rounds; r++) {
    ROUND(TILE_BF16);
  }
  TILE_RELEASE();
  return operations(rounds, 2);
}

double l4r_peak_amx_int8(int64_t rounds) {
  begin(0x01010101);
  for (int64_t r = 0; r < rounds; r++) {
    ROUND(TILE_INT8);
  }
  TILE_RELEASE();
  return operations(rounds, 4);
}

static const char *lacks(int has, const char *what) {
  if (l4r_cpu_tiles() == L4R_TILES_REFUSED)
    return "the kernel refuses AMX's tiles to this process (arch_prctl)";
  return has && l4r_cpu_tiles() == L4R_TILES_GRANTED ? NULL : what;
}

const char *l4r_peak_lacks_amx_bf16(void) {
  return lacks(l4r_cpu()->amx_bf16, "this processor, or its system, has no AMX-BF16");
}

const char *l4r_peak_lacks_amx_int8(void) {
  return lacks(l4r_cpu()->amx_int8, "this processor, or its system, has no AMX-INT8");
}
#endif
