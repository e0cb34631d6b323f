/* Included once for each set of instructions (see layers_gemm.c): the register tile, packing and
 * the general product.
 *
 * A tile is TILE_ROWS x PANEL sums, PANEL two vectors wide. Each step of k loads two vectors of a
 * packed panel and spreads TILE_ROWS single values of the other operand, which are read in place,
 * whichever way it is stored: `row[i] + p * step` is element (i, p).
 *
 * A *word* is what a step multiplies: a number, or (L4R_ROUNDED) two neighbours along k rounded to
 * bfloat16, whose products the instruction adds to the sum in fp32. Words are stored as l4r_real
 * and never computed with, so everything but packing and the step itself is the same for both. */

#undef PANEL
#define PANEL (2 * LANES)
#undef TILE_ROWS
#define TILE_ROWS L4R_TILE_ROWS
#undef WORDS
#define WORDS(k) (((k) + L4R_WORD - 1) / L4R_WORD) /* along k */

INLINE vec FN(spread_word)(const l4r_real *p) {
  int32_t bits;
  memcpy(&bits, p, sizeof bits);
  return (vec)((ivec){0} + bits);
}

INLINE vec FN(step)(vec sum, vec a, vec b) {
#if L4R_WORD == 2
  return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
  return sum + a * b;
#endif
}

struct FN(tile) {
  vec sum[TILE_ROWS][2];
};

/* An operand read in place: element (i, p) at `at[i * stride + p * step]`. */
struct FN(operand) {
  const l4r_real *at;
  int64_t stride, step;
};

INLINE void FN(clear)(struct FN(tile) * tile) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) tile->sum[i][0] = tile->sum[i][1] = (vec){0};
}

/* Adds A . panel. Rows beyond `rows` repeat the last one; nobody stores them. */
INLINE void FN(multiply)(struct FN(tile) * tile, struct FN(operand) a, int64_t rows, int64_t k,
                         const l4r_real *b) {
  const l4r_real *row[TILE_ROWS];
  UNROLL for (int i = 0; i < TILE_ROWS; i++) row[i] = a.at + (i < rows ? i : rows - 1) * a.stride;
  int64_t at = 0;
  for (int64_t p = 0; p < k; p++, b += PANEL, at += a.step) {
    vec b0 = FN(load)(b), b1 = FN(load)(b + LANES);
    UNROLL for (int i = 0; i < TILE_ROWS; i++) {
      vec x = FN(spread_word)(row[i] + at);
      tile->sum[i][0] = FN(step)(tile->sum[i][0], x, b0);
      tile->sum[i][1] = FN(step)(tile->sum[i][1], x, b1);
    }
  }
}

struct FN(place) { /* where a tile goes */
  l4r_real *at;
  int64_t stride, rows, columns;
  int add; /* 0: replace what is there */
};

INLINE void FN(put)(l4r_real *c, vec v, int64_t left, int add) {
  if (left >= LANES)
    FN(store)(c, add ? FN(load)(c) + v : v);
  else if (left > 0)
    FN(store_part)(c, add ? FN(load_part)(c, left) + v : v, left);
}

/* The tile's lines will be wanted when the sums are ready. */
INLINE void FN(expect)(const struct FN(place) * c) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    const l4r_real *row = c->at + (i < c->rows ? i : 0) * c->stride;
    __builtin_prefetch(row, 1);
    if (c->columns > LANES) __builtin_prefetch(row + LANES, 1);
  }
}

INLINE void FN(finish)(const struct FN(tile) * tile, const struct FN(place) * c) {
  UNROLL for (int i = 0; i < TILE_ROWS; i++) {
    if (i >= c->rows) continue;
    FN(put)(c->at + i * c->stride, tile->sum[i][0], c->columns, c->add);
    FN(put)(c->at + i * c->stride + LANES, tile->sum[i][1], c->columns - LANES, c->add);
  }
}

static L4R_TARGET void FN(tile_product)(struct FN(operand) a, int64_t k, const l4r_real *b,
                                        const struct FN(place) * c) {
  struct FN(tile) tile;
  FN(clear)(&tile);
  if (c->add) FN(expect)(c);
  FN(multiply)(&tile, a, c->rows, k, b);
  FN(finish)(&tile, c);
}

/* --- packing --- */

INLINE vec FN(load_left)(const l4r_real *p, int64_t left) {
  return left > 0 ? FN(load_some)(p, left, 0) : (vec){0};
}

#if L4R_WORD == 2
/* 16 numbers rounded, each in the lower half of a word. */
INLINE ivec FN(half_words)(vec v) {
  return (ivec)_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)v));
}
#endif

struct FN(source) { /* of packing: `rows` x `columns` numbers, to be multiplied by alpha */
  const l4r_real *at;
  int64_t stride, rows, columns;
  l4r_real alpha;
};

/* out[words of rows][width], width whole vectors, zeros beyond the columns: words lie across rows,
 * which are k. */
static L4R_TARGET void FN(pack_across)(const struct FN(source) * from, int64_t width,
                                       l4r_real *out) {
  const l4r_real *row = from->at;
  for (int64_t p = 0; p < from->rows; p += L4R_WORD, row += L4R_WORD * from->stride, out += width)
    for (int64_t j = 0; j < width; j += LANES) {
      vec v = FN(load_left)(row + j, from->columns - j) * from->alpha;
#if L4R_WORD == 2
      ivec word = FN(half_words)(v);
      if (p + 1 < from->rows) {
        v = FN(load_left)(row + from->stride + j, from->columns - j) * from->alpha;
        word |= FN(half_words)(v) << 16;
      }
      v = (vec)word;
#endif
      FN(store)(out + j, v);
    }
}

/* out[rows][width], width at least the words of the columns: words lie along columns, which are k.
 * Values beyond them are left alone. */
static L4R_TARGET void FN(pack_along)(const struct FN(source) * from, int64_t width,
                                      l4r_real *out) {
  for (int64_t i = 0; i < from->rows; i++, out += width)
    for (int64_t p = 0; p < from->columns; p += LANES) {
      int64_t left = from->columns - p;
      vec v = FN(load_some)(from->at + i * from->stride + p, left, 0) * from->alpha;
#if L4R_WORD == 2
      __m256bh half = _mm512_cvtneps_pbh((__m512)v);
      memcpy(out + p / 2, &half, left < LANES ? (size_t)WORDS(left) * sizeof *out : sizeof half);
#else
      FN(store_some)(out + p, v, left, 0);
#endif
    }
}

/* out[words of columns][PANEL] from at most PANEL rows, zeros where rows lack: pack_along, turned.
 * Piece by piece through a compact copy, because rows a multiple of 4 KB apart share their lines of
 * the first-level cache. */
static L4R_TARGET void FN(pack_turned)(const struct FN(source) * from, l4r_real *out) {
  enum { PIECE = 64 }; /* words */
  l4r_real copy[PANEL * PIECE];
  memset(copy + from->rows * PIECE, 0, (size_t)((PANEL - from->rows) * PIECE) * sizeof *copy);
  for (int64_t begin = 0; begin < from->columns; begin += PIECE * L4R_WORD) {
    struct FN(source) piece = *from;
    piece.at += begin;
    if ((piece.columns -= begin) > PIECE * L4R_WORD) piece.columns = PIECE * L4R_WORD;
    FN(pack_along)(&piece, PIECE, copy);
    for (int64_t p = 0; p < WORDS(piece.columns); p++, out += PANEL)
      for (int64_t j = 0; j < PANEL; j++) memcpy(out + j, copy + j * PIECE + p, sizeof *out);
  }
}

/* --- the product --- */

/* Rows of A and steps of k that are worked on at once. */
enum { FN(DEPTH) = 192 * L4R_WORD, FN(HEIGHT) = L4R_WORD == 2 ? 240 : 1 << 30 };

/* One block: columns panel by panel, each packed just before it is used. */
static L4R_TARGET void FN(product_block)(const struct l4r_product *p, struct FN(operand) a,
                                         int64_t depth, int add) {
  _Alignas(64) l4r_real panel[FN(DEPTH) / L4R_WORD * PANEL];
  for (int64_t j = 0; j < p->n; j += PANEL) {
    int64_t columns = p->n - j < PANEL ? p->n - j : PANEL;
    struct FN(source)
        from = {p->b + (p->turn_b ? j * p->b_stride : j), p->b_stride, depth, columns, p->alpha};
    if (p->turn_b) {
      from.rows = columns, from.columns = depth;
      FN(pack_turned)(&from, panel);
    } else {
      FN(pack_across)(&from, PANEL, panel);
    }
    for (int64_t i = 0; i < p->m; i += TILE_ROWS) {
      struct FN(operand) rows = {a.at + i * a.stride, a.stride, a.step};
      FN(tile_product)
      (rows, WORDS(depth), panel,
       &(struct FN(place)){p->c + i * p->c_stride + j, p->c_stride, p->m - i, columns, add});
    }
  }
}

/* A block of A as words: in place, or rounded into `room`. */
INLINE struct FN(operand) FN(block_of)(const struct l4r_product *p, int64_t depth, l4r_real *room) {
#if L4R_WORD == 2
  struct FN(source) from = {p->a, p->a_stride, p->m, depth, 1};
  if (!p->turn_a) {
    FN(pack_along)(&from, FN(DEPTH) / 2, room);
    return (struct FN(operand)){room, FN(DEPTH) / 2, 1};
  }
  from.rows = depth, from.columns = p->m;
  int64_t width = (p->m + LANES - 1) / LANES * LANES;
  FN(pack_across)(&from, width, room);
  return (struct FN(operand)){room, 1, width};
#else
  (void)depth, (void)room;
  return (struct FN(operand)){p->a, p->turn_a ? 1 : p->a_stride, p->turn_a ? p->a_stride : 1};
#endif
}

static L4R_TARGET void FN(scale)(const struct l4r_product *p) {
  for (int64_t i = 0; i < p->m; i++)
    for (int64_t j = 0; j < p->n; j++) p->c[i * p->c_stride + j] *= p->beta;
}

static L4R_TARGET void FN(product)(const struct l4r_product *p) {
#if L4R_WORD == 2
  _Alignas(64) l4r_real room[FN(HEIGHT) * FN(DEPTH) / 2];
#else
  l4r_real *room = NULL;
#endif
  if (p->beta != 0 && p->beta != 1) FN(scale)(p);
  for (int64_t i = 0; i < p->m; i += FN(HEIGHT))
    for (int64_t k = 0; k < p->k; k += FN(DEPTH)) {
      struct l4r_product block = *p;
      block.a += p->turn_a ? k * p->a_stride + i : i * p->a_stride + k;
      block.b += p->turn_b ? k : k * p->b_stride;
      block.c += i * p->c_stride;
      if ((block.m -= i) > FN(HEIGHT)) block.m = FN(HEIGHT);
      int64_t depth = p->k - k < FN(DEPTH) ? p->k - k : FN(DEPTH);
      FN(product_block)(&block, FN(block_of)(&block, depth, room), depth, k > 0 || p->beta != 0);
    }
}
