/* SPDX-License-Identifier: BSD-3-Clause */
/* The register tile, packing and the general product; included by body.h.
 *
 * A tile is TILE_ROWS x PANEL sums, PANEL two vectors wide. Each step of k loads two vectors of a
 * packed panel and spreads TILE_ROWS single values of the other operand, which are read in place,
 * whichever way it is stored: `row[i] + p * step` is element (i, p). */

enum { PANEL = 2 * LANES };

struct tile {
  vec sum[TILE_ROWS][2];
};

/* An operand read in place: element (i, p) at `at[i * stride + p * step]`. */
struct operand {
  const l4r_real *at;
  int64_t stride, step;
};

INLINE void clear(struct tile *tile) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) tile->sum[i][0] = tile->sum[i][1] = (vec){0};
}

/* Adds A . panel. Rows beyond `rows` repeat the last one; nobody stores them. */
INLINE void multiply(struct tile *tile, struct operand a, int64_t rows, int64_t k,
                     const l4r_real *b) {
  const l4r_real *row[TILE_ROWS];
  UNROLL for (int i = 0; i < TILE_ROWS; i++) row[i] = a.at + (i < rows ? i : rows - 1) * a.stride;
  int64_t at = 0;
  for (int64_t p = 0; p < k; p++, b += PANEL, at += a.step) {
    vec b0 = load(b), b1 = load(b + LANES);
    UNROLL for (int i = 0; i < TILE_ROWS; i++) {
      vec x = spread(row[i][at]);
      tile->sum[i][0] += x * b0;
      tile->sum[i][1] += x * b1;
    }
  }
}

struct place { /* where a tile goes */
  l4r_real *at;
  int64_t stride, rows, columns;
  int add; /* 0: replace what is there */
};

INLINE void put(l4r_real *c, vec v, int64_t left, int add) {
  if (left >= LANES)
    store(c, add ? load(c) + v : v);
  else if (left > 0)
    store_part(c, add ? load_part(c, left) + v : v, left);
}

/* The tile's lines will be wanted when the sums are ready. */
INLINE void expect(const struct place *c) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    const l4r_real *row = c->at + (i < c->rows ? i : 0) * c->stride;
    __builtin_prefetch(row, 1);
    if (c->columns > LANES) __builtin_prefetch(row + LANES, 1);
  }
}

INLINE void finish(const struct tile *tile, const struct place *c) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    if (i >= c->rows) continue;
    put(c->at + i * c->stride, tile->sum[i][0], c->columns, c->add);
    put(c->at + i * c->stride + LANES, tile->sum[i][1], c->columns - LANES, c->add);
  }
}

static SIMD_TARGET void tile_product(struct operand a, int64_t k, const l4r_real *b,
                                     const struct place *c) {
  struct tile tile;
  clear(&tile);
  if (c->add) expect(c);
  multiply(&tile, a, c->rows, k, b);
  finish(&tile, c);
}

/* --- packing --- */

INLINE vec load_left(const l4r_real *p, int64_t left) {
  return left > 0 ? load_some(p, left, 0) : (vec){0};
}

struct source { /* of packing: `rows` x `columns` numbers, to be multiplied by alpha */
  const l4r_real *at;
  int64_t stride, rows, columns;
  l4r_real alpha;
};

/* out[rows][width], width whole vectors, zeros beyond the columns; rows are k. */
static SIMD_TARGET void pack_across(const struct source *from, int64_t width, l4r_real *out) {
  const l4r_real *row = from->at;
  for (int64_t p = 0; p < from->rows; p++, row += from->stride, out += width)
    for (int64_t j = 0; j < width; j += LANES) {
      vec v = load_left(row + j, from->columns - j) * from->alpha;
      store(out + j, v);
    }
}

/* out[rows][width], width at least the columns, which are k. Values beyond them are left alone. */
static SIMD_TARGET void pack_along(const struct source *from, int64_t width, l4r_real *out) {
  for (int64_t i = 0; i < from->rows; i++, out += width)
    for (int64_t p = 0; p < from->columns; p += LANES) {
      int64_t left = from->columns - p;
      vec v = load_some(from->at + i * from->stride + p, left, 0) * from->alpha;
      store_some(out + p, v, left, 0);
    }
}

/* out[columns][PANEL] from at most PANEL rows, zeros where rows lack: pack_along, transposed.
 * Piece by piece through a compact copy, because rows a multiple of 4 KB apart share their lines of
 * the first-level cache. */
static SIMD_TARGET void pack_transposed(const struct source *from, l4r_real *out) {
  enum { PIECE = 64 };
  l4r_real copy[PANEL * PIECE];
  memset(copy + from->rows * PIECE, 0, (size_t)((PANEL - from->rows) * PIECE) * sizeof *copy);
  for (int64_t begin = 0; begin < from->columns; begin += PIECE) {
    struct source piece = *from;
    piece.at += begin;
    if ((piece.columns -= begin) > PIECE) piece.columns = PIECE;
    pack_along(&piece, PIECE, copy);
    for (int64_t p = 0; p < piece.columns; p++, out += PANEL)
      for (int64_t j = 0; j < PANEL; j++) memcpy(out + j, copy + j * PIECE + p, sizeof *out);
  }
}

/* --- the product --- */

enum { DEPTH = 192 }; /* steps of k that are worked on at once */

/* Columns j .. of a block of k, at most PANEL of them, packed. */
static SIMD_TARGET void pack_panel(const struct l4r_matmul *p, int64_t j, int64_t depth,
                                   l4r_real *panel) {
  int64_t columns = p->n - j < PANEL ? p->n - j : PANEL;
  struct source from = {p->b + (p->trans_b ? j * p->b_stride : j), p->b_stride, depth, columns,
                        p->alpha};
  if (p->trans_b) {
    from.rows = columns, from.columns = depth;
    pack_transposed(&from, panel);
  } else {
    pack_across(&from, PANEL, panel);
  }
}

/* One block: columns panel by panel, each packed just before it is used. */
static SIMD_TARGET void product_block(const struct l4r_matmul *p, struct operand a, int64_t depth,
                                      int add) {
  _Alignas(64) l4r_real panel[DEPTH * PANEL];
  for (int64_t j = 0; j < p->n; j += PANEL) {
    int64_t columns = p->n - j < PANEL ? p->n - j : PANEL;
    pack_panel(p, j, depth, panel);
    for (int64_t i = 0; i < p->m; i += TILE_ROWS) {
      struct operand rows = {a.at + i * a.stride, a.stride, a.step};
      tile_product(
          rows, depth, panel,
          &(struct place){p->c + i * p->c_stride + j, p->c_stride, p->m - i, columns, add});
    }
  }
}

/* The same of a transposed A (a weight's gradient). Its elements of one k stand side by side and
 * those of one row far apart, where a multiple of 4 KB puts all of them into one set of the
 * first-level cache. So some rows are packed, a few lines of memory at a time, once for PANELS
 * panels, which pass by from the second level. */
enum { PANELS = 6, TILES = 64 / TILE_ROWS };

struct stripe {
  l4r_real tile[TILES][DEPTH][TILE_ROWS];
};

/* Rows i .. of a block of k; those that there are not are left alone, and nobody stores them. */
static SIMD_TARGET void pack_stripe(const struct l4r_matmul *p, int64_t i, int64_t depth,
                                    struct stripe *out) {
  const l4r_real *from = p->a + i;
  int64_t rows = p->m - i, whole = rows / TILE_ROWS < TILES ? rows / TILE_ROWS : TILES;
  int64_t rest = whole < TILES ? rows % TILE_ROWS : 0;
  for (int64_t k = 0; k < depth; k++, from += p->a_stride) {
    for (int64_t t = 0; t < whole; t++)
      memcpy(out->tile[t][k], from + t * TILE_ROWS, TILE_ROWS * sizeof *from);
    if (rest) memcpy(out->tile[whole][k], from + whole * TILE_ROWS, (size_t)rest * sizeof *from);
  }
}

static SIMD_TARGET void transposed_block(const struct l4r_matmul *p, int64_t depth, int add) {
  _Alignas(64) l4r_real panel[PANELS][DEPTH * PANEL];
  _Alignas(64) struct stripe stripe;
  for (int64_t first = 0; first < p->n; first += PANELS * PANEL) {
    int64_t panels = (p->n - first + PANEL - 1) / PANEL;
    if (panels > PANELS) panels = PANELS;
    for (int64_t q = 0; q < panels; q++) pack_panel(p, first + q * PANEL, depth, panel[q]);
    for (int64_t i = 0; i < p->m; i += TILES * TILE_ROWS) {
      pack_stripe(p, i, depth, &stripe);
      for (int64_t q = 0; q < panels; q++) {
        int64_t j = first + q * PANEL, columns = p->n - j < PANEL ? p->n - j : PANEL;
        for (int64_t t = 0, at = i; t < TILES && at < p->m; t++, at += TILE_ROWS)
          tile_product(
              (struct operand){stripe.tile[t][0], 1, TILE_ROWS}, depth, panel[q],
              &(struct place){p->c + at * p->c_stride + j, p->c_stride, p->m - at, columns, add});
      }
    }
  }
}

static SIMD_TARGET void product(const struct l4r_matmul *p) {
  l4r_matmul_scale(p);
  for (int64_t k = 0; k < p->k; k += DEPTH) {
    struct l4r_matmul block = *p;
    block.a += p->trans_a ? k * p->a_stride : k;
    block.b += p->trans_b ? k : k * p->b_stride;
    int64_t depth = p->k - k < DEPTH ? p->k - k : DEPTH;
    int add = k > 0 || p->beta != 0;
    if (p->trans_a)
      transposed_block(&block, depth, add);
    else
      product_block(&block, (struct operand){block.a, p->a_stride, 1}, depth, add);
  }
}
