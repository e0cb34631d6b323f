/* SPDX-License-Identifier: BSD-3-Clause */
/* Eight tiles of 16 rows of 64 bytes: four sums, two left and two right operands, each product
 * independent of the three after it, which hides its latency (52 cycles, one every 16). Written as
 * instructions, because no compiler's intrinsics keep a tile across a loop in the same way. */
#include "impl/ceiling/peak_tiles.h"

#if defined(__x86_64__)
#include "impl/base/cpu.h"

#include <stddef.h>
#include <string.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64, SUMS = 4 };

struct configuration { /* what ldtilecfg reads: palette 1 */
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

/* Sets the tiles up, operands full of `value`; sums are 0. */
static void begin(uint32_t value) {
  struct configuration configuration = {.palette = 1};
  uint32_t operand[ROWS][ROW_BYTES / 4];
  for (int t = 0; t < TILES; t++) {
    configuration.row_bytes[t] = ROW_BYTES;
    configuration.rows[t] = ROWS;
  }
  for (int r = 0; r < ROWS; r++)
    for (int w = 0; w < ROW_BYTES / 4; w++) operand[r][w] = value;
  __asm__ volatile("ldtilecfg %0" ::"m"(configuration));
  __asm__ volatile("tilezero %%tmm0\n\ttilezero %%tmm1\n\ttilezero %%tmm2\n\ttilezero %%tmm3\n\t"
                   "tileloadd (%0,%1,1), %%tmm4\n\ttileloadd (%0,%1,1), %%tmm5\n\t"
                   "tileloadd (%0,%1,1), %%tmm6\n\ttileloadd (%0,%1,1), %%tmm7"
                   :
                   : "r"(operand), "r"((int64_t)ROW_BYTES)
                   : "memory");
}

static void end(void) {
  __asm__ volatile("tilerelease");
}

#define ROUND(instruction)                                                                         \
  __asm__ volatile(instruction " %tmm6, %tmm4, %tmm0\n\t" instruction                              \
                               " %tmm7, %tmm4, %tmm1\n\t" instruction                              \
                               " %tmm6, %tmm5, %tmm2\n\t" instruction " %tmm7, %tmm5, %tmm3")

/* `products` of a 32-bit word */
static double operations(int64_t rounds, int products) {
  return 2.0 * SUMS * ROWS * ROWS * (ROW_BYTES / 4) * products * (double)rounds;
}

double l4r_peak_amx_bf16(int64_t rounds) {
  begin(0x3f803f80); /* 1 and 1 */
  for (int64_t r = 0; r < rounds; r++) ROUND("tdpbf16ps");
  end();
  return operations(rounds, 2);
}

double l4r_peak_amx_int8(int64_t rounds) {
  begin(0x01010101);
  for (int64_t r = 0; r < rounds; r++) ROUND("tdpbusd");
  end();
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
