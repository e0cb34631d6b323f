/* SPDX-License-Identifier: BSD-3-Clause */
/* What the gemm templates share: the order of a panel's tiles to memory, and the heights of tiles.
 * Included once by each file of kernels, after impl/simd's header of its instruction set, with
 *   TILE_ROWS   most rows of a gemm tile: 4, 6 or 12
 * No include guard: each file gets its own static copies. */

enum { NEAR = 4096 }; /* bytes */
enum { SOON = 16 };   /* rows of a panel from the second-level cache to the first */

/* The next panel on its way from memory to the second-level cache, evenly over the tiles of this
 * one: the first tile of a panel is as fast as memory at best, and the others would leave memory
 * idle. */
struct ahead {
  const char *at;
  int64_t step; /* bytes for each of k */
};

/* What tile number `tile` of `tiles` asks for; `b`, where nothing is known to come next. A panel
 * that one tile reads is read as fast as memory allows: then what lies a little ahead is enough,
 * and more would only push out what is not read yet. */
INLINE struct ahead ahead_of(const void *next, const void *b, int64_t ldb, int64_t k, int64_t tile,
                             int64_t tiles) {
  struct ahead ahead = {b, 0};
  if (!next) return ahead;
  int64_t row = ldb * (int64_t)sizeof(int32_t); /* bytes */
  ahead.at = (const char *)next + tile * (row * k / tiles);
  ahead.step = (row + tiles - 1) / tiles;
  if (tiles == 1 && row * k > NEAR) ahead.at = (const char *)b + NEAR;
  return ahead;
}

INLINE void fetch(struct ahead *ahead) {
  __builtin_prefetch(ahead->at, 0, 2);
  __builtin_prefetch(ahead->at + 64, 0, 2);
  ahead->at += ahead->step;
}

/* Rows of the next of so many tiles, as even as they come (50 = 5 x 10, not 4 x 12 + 2): a low tile
 * reads as much of B as a high one, and has too few sums to hide the latency of an addition. */
INLINE int64_t even_rows(int64_t rows, int64_t tiles) {
  return (rows + tiles - 1) / tiles;
}

/* CASE(1) .. CASE(TILE_ROWS), of a switch. */
#define TILE_CASES_4(CASE) CASE(1) CASE(2) CASE(3) CASE(4)
#if TILE_ROWS == 4
#define TILE_CASES(CASE) TILE_CASES_4(CASE)
#elif TILE_ROWS == 6
#define TILE_CASES(CASE) TILE_CASES_4(CASE) CASE(5) CASE(6)
#else
#define TILE_CASES(CASE)                                                                           \
  TILE_CASES_4(CASE) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
