/* SPDX-License-Identifier: BSD-3-Clause */
/* Softmax cross-entropy fused with its three products; included by body.h. Rows of hidden are
 * columns here: PANEL of them are transposed and packed, so that logits lie as [class][PANEL rows]
 * and the softmax runs down vectors without a sum across lanes, and the same layout serves both
 * gradient products where it lies:
 *
 *   logits[class][row]   = W[class][d] . transposed[d][row]  W in place, transposed packed
 *   d_transposed[d][row] = W^T[d][class] . E[class][row]     W in place, E serves as the panel
 *   dW[class][d]        += E[class][row] . scaled[row][d]    E in place, scaled packed
 *
 * E = exp(logit - top), less the row's sum at its target, so that E / sum is the softmax's
 * gradient; 1 / sum is carried by `scaled` and by d_transposed's way out. Classes are taken CHUNK
 * at a time.
 *
 * While a panel's logits of all classes fit in the caches they are kept (`slots` = chunks) from the
 * pass that finds the top to the one that uses them. For larger catalogues they are made twice
 * (slots 1): a third more arithmetic, but the weights pass by once per 32 panels. */

enum {
  CHUNK = 120,           /* classes: a multiple of every tile's rows; 15 KB of a panel's logits */
  BLOCK_VALUES = 160000, /* logits of the rows at work: 640 KB of a second-level cache of 1 MB */
  KEPT_VALUES = 1 << 20, /* of one panel, beyond which logits are made twice: 4 MB */
  WIDTH_PER_PANEL = 64,  /* weights and their gradients pass by once a block: the wider, the larger
                            the blocks, even beyond that cache */
  MOST_PANELS = 32
};

struct head { /* a call of the softmax head at work; arrays lie in the caller's scratch */
  const struct l4r_softmax_spec *spec;
  int64_t chunks, panels; /* of classes; of rows in a block */
  int64_t slots;          /* chunks of logits that are held */
  int kept;
  int64_t rows, *row;                                      /* of the block that have a target */
  l4r_real *top, *sum, *aim, *factor;                      /* [rows] */
  l4r_real *gathered, *transposed, *scaled, *d_transposed; /* rows x width */
  l4r_real *e;                                             /* [panels][slots][CHUNK][panel] */
};

enum { CHUNK_VALUES = CHUNK * PANEL }; /* of E that a chunk takes */

INLINE l4r_real *slot(const struct head *h, int64_t panel, int64_t chunk) {
  return h->e + (panel * h->slots + (h->kept ? chunk : 0)) * CHUNK_VALUES;
}

static size_t head_plan(struct head *h, int64_t width, int64_t classes, void *base) {
  struct l4r_block_plan plan = {base, 0};
  h->chunks = (classes + CHUNK - 1) / CHUNK;
  h->kept = h->chunks * CHUNK_VALUES <= KEPT_VALUES;
  h->slots = h->kept ? h->chunks : 1;
  h->panels = h->kept ? BLOCK_VALUES / (h->chunks * CHUNK_VALUES) : MOST_PANELS;
  if (h->panels < width / WIDTH_PER_PANEL) h->panels = width / WIDTH_PER_PANEL;
  if (h->panels < 1) h->panels = 1;
  if (h->panels > MOST_PANELS) h->panels = MOST_PANELS;
  int64_t rows = h->panels * PANEL;
  h->row = place(&plan, rows, sizeof *h->row);
  h->top = place_reals(&plan, rows);
  h->sum = place_reals(&plan, rows);
  h->aim = place_reals(&plan, rows);
  h->factor = place_reals(&plan, rows);
  h->gathered = place_reals(&plan, rows * width);
  h->transposed = place_reals(&plan, rows * width);
  h->scaled = place_reals(&plan, rows * ((width + PANEL - 1) / PANEL * PANEL));
  h->d_transposed = place_reals(&plan, rows * width);
  h->e = place_reals(&plan, h->panels * h->slots * CHUNK_VALUES);
  return plan.used;
}

static int64_t softmax_scratch(int64_t width, int64_t classes) {
  struct head h;
  return (int64_t)(head_plan(&h, width, classes, NULL) / sizeof(l4r_real)) + 16;
}

/* --- operands: a chunk of W, along d and across it --- */

INLINE struct operand w_along(const struct head *h, int64_t begin) {
  return (struct operand){h->spec->weight + begin * h->spec->width, h->spec->width, 1};
}

INLINE struct operand w_across(const struct head *h, int64_t begin) {
  return (struct operand){h->spec->weight + begin * h->spec->width, 1, h->spec->width};
}

/* --- softmax --- */

/* Logits of a chunk for a panel, and the greatest so far of each row. */
static SIMD_TARGET void logits(const struct head *h, int64_t panel, int64_t begin, int64_t count,
                               l4r_real *e) {
  const struct operand w = w_along(h, begin);
  const l4r_real *bias = h->spec->bias ? h->spec->bias + begin : NULL;
  const l4r_real *transposed = h->transposed + panel * PANEL * h->spec->width;
  l4r_real *top = h->top + panel * PANEL;
  vec top0 = load(top), top1 = load(top + LANES);
  for (int64_t c = 0; c < count; c += TILE_ROWS) {
    struct tile tile;
    struct operand rows = {w.at + c * w.stride, w.stride, w.step};
    clear(&tile);
    multiply(&tile, rows, count - c, h->spec->width, transposed);
    UNROLL for (int i = 0; i < TILE_ROWS; i++) {
      if (i >= count - c) continue;
      l4r_real b = bias ? bias[c + i] : 0;
      vec v0 = tile.sum[i][0] + b, v1 = tile.sum[i][1] + b;
      store(e + (c + i) * PANEL, v0);
      store(e + (c + i) * PANEL + LANES, v1);
      top0 = larger(top0, v0);
      top1 = larger(top1, v1);
    }
  }
  store(top, top0);
  store(top + LANES, top1);
}

/* e becomes e^(e - top) and is added to sum, as one sum of the chunk: a single chain over a large
 * catalogue would lose digits. */
static SIMD_TARGET void exponentials(int64_t count, const l4r_real *top, l4r_real *e,
                                     l4r_real *sum) {
  vec top0 = load(top), top1 = load(top + LANES);
  vec sum0 = {0}, sum1 = {0};
  for (int64_t c = 0; c < count; c++, e += PANEL) {
    vec e0 = exponential(load(e) - top0);
    vec e1 = exponential(load(e + LANES) - top1);
    store(e, e0);
    store(e + LANES, e1);
    sum0 += e0;
    sum1 += e1;
  }
  store(sum, load(sum) + sum0);
  store(sum + LANES, load(sum + LANES) + sum1);
}

/* Of the panel's targets among classes begin .. end-1: the logit is noted, or the sum taken away.
 */
static SIMD_TARGET void at_targets(const struct head *h, int64_t panel, int64_t begin, int64_t end,
                                   int note) {
  for (int64_t r = panel * PANEL; r < (panel + 1) * PANEL && r < h->rows; r++) {
    int64_t target = h->spec->target[h->row[r]];
    if (target < begin || target >= end) continue;
    l4r_real *e = slot(h, panel, target / CHUNK) + target % CHUNK * PANEL + r % PANEL;
    if (note)
      h->aim[r] = *e;
    else
      *e -= h->sum[r];
  }
}

/* --- gradients --- */

static SIMD_TARGET void bias_back(const struct head *h, int64_t panels, int64_t chunk,
                                  int64_t count) {
  l4r_real *d_bias = h->spec->d_bias + chunk * CHUNK;
  for (int64_t c = 0; c < count; c++) {
    vec sum = {0};
    for (int64_t panel = 0; panel < panels; panel++) {
      const l4r_real *factor = h->factor + panel * PANEL;
      const l4r_real *e = slot(h, panel, chunk) + c * PANEL;
      sum += load(e) * load(factor) + load(e + LANES) * load(factor + LANES);
    }
    d_bias[c] += sum_of(sum);
  }
}

/* A chunk's part of d_transposed and its rows of dW. */
static SIMD_TARGET void chunk_back(const struct head *h, int64_t panels, int64_t chunk,
                                   int64_t count) {
  int64_t width = h->spec->width, begin = chunk * CHUNK;
  if (h->spec->d_bias) bias_back(h, panels, chunk, count);
  const struct operand w = w_across(h, begin);
  for (int64_t panel = 0; panel < panels; panel++) {
    l4r_real *to = h->d_transposed + panel * PANEL * width;
    for (int64_t d = 0; d < width; d += TILE_ROWS)
      tile_product((struct operand){w.at + d, w.stride, w.step}, count, slot(h, panel, chunk),
                   &(struct place){to + d * PANEL, PANEL, width - d, PANEL, chunk > 0});
  }
  for (int64_t d = 0; d < width; d += PANEL) {
    const l4r_real *scaled = h->scaled + d * panels * PANEL;
    for (int64_t c = 0; c < count; c += TILE_ROWS) {
      struct tile tile;
      struct place to = {h->spec->d_weight + (begin + c) * width + d, width, count - c, width - d,
                         1};
      clear(&tile);
      expect(&to);
      for (int64_t panel = 0; panel < panels; panel++) {
        struct operand e = {slot(h, panel, chunk), PANEL, 1};
        e.at += c * e.stride;
        multiply(&tile, e, count - c, PANEL, scaled + panel * PANEL * PANEL);
      }
      finish(&tile, &to);
    }
  }
}

/* --- a block of rows --- */

static SIMD_TARGET void ready_rows(struct head *h, int64_t panels) {
  int64_t width = h->spec->width;
  for (int64_t r = 0; r < panels * PANEL; r++) {
    if (r < h->rows)
      memcpy(h->gathered + r * width, h->spec->hidden + h->row[r] * width,
             (size_t)width * sizeof *h->gathered);
    else
      memset(h->gathered + r * width, 0, (size_t)width * sizeof *h->gathered);
    h->top[r] = (l4r_real)-1e30;
    h->sum[r] = h->aim[r] = 0;
  }
  for (int64_t panel = 0; panel < panels; panel++) {
    struct source from = {h->gathered + panel * PANEL * width, width, PANEL, width, h->spec->scale};
    pack_transposed(&from, h->transposed + panel * PANEL * width);
  }
}

/* Sums and tops are known: the loss, each row's factor, and the rows times it as panels. */
static SIMD_TARGET double sums_known(struct head *h, int64_t panels) {
  int64_t width = h->spec->width, rows = panels * PANEL;
  double loss = 0;
  for (int64_t r = 0; r < rows; r++) {
    h->factor[r] = r < h->rows ? h->spec->loss_scale / h->sum[r] : 0;
    if (r < h->rows) loss += log((double)h->sum[r]) + (double)h->top[r] - (double)h->aim[r];
    l4r_real factor = h->factor[r] * h->spec->scale;
    for (int64_t d = 0; d < width; d++) h->gathered[r * width + d] *= factor;
  }
  for (int64_t d = 0; d < width; d += PANEL) {
    int64_t columns = width - d < PANEL ? width - d : PANEL;
    struct source from = {h->gathered + d, width, rows, columns, 1};
    pack_across(&from, PANEL, h->scaled + d * rows);
  }
  return loss;
}

INLINE int64_t count_of(const struct head *h, int64_t chunk) {
  int64_t left = h->spec->classes - chunk * CHUNK;
  return left < CHUNK ? left : CHUNK;
}

static SIMD_TARGET double kept_block(struct head *h, int64_t panels) {
  for (int64_t panel = 0; panel < panels; panel++) {
    l4r_real *top = h->top + panel * PANEL, *sum = h->sum + panel * PANEL;
    for (int64_t c = 0; c < h->chunks; c++)
      logits(h, panel, c * CHUNK, count_of(h, c), slot(h, panel, c));
    at_targets(h, panel, 0, h->spec->classes, 1);
    for (int64_t c = 0; c < h->chunks; c++)
      exponentials(count_of(h, c), top, slot(h, panel, c), sum);
    at_targets(h, panel, 0, h->spec->classes, 0);
  }
  double loss = sums_known(h, panels);
  for (int64_t c = 0; c < h->chunks; c++) chunk_back(h, panels, c, count_of(h, c));
  return loss;
}

/* sum times e^(before - top), for sums made against an earlier top. */
static SIMD_TARGET void renew_sum(const l4r_real *before, const l4r_real *top, l4r_real *sum) {
  for (int64_t r = 0; r < PANEL; r += LANES)
    store(sum + r, load(sum + r) * exponential(load(before + r) - load(top + r)));
}

static SIMD_TARGET double remade_block(struct head *h, int64_t panels) {
  l4r_real before[PANEL];
  for (int64_t c = 0; c < h->chunks; c++) {
    int64_t begin = c * CHUNK, count = count_of(h, c);
    for (int64_t panel = 0; panel < panels; panel++) {
      l4r_real *top = h->top + panel * PANEL, *sum = h->sum + panel * PANEL;
      memcpy(before, top, sizeof before);
      logits(h, panel, begin, count, slot(h, panel, c));
      at_targets(h, panel, begin, begin + count, 1);
      renew_sum(before, top, sum);
      exponentials(count, top, slot(h, panel, c), sum);
    }
  }
  double loss = sums_known(h, panels);
  for (int64_t c = 0; c < h->chunks; c++) {
    int64_t begin = c * CHUNK, count = count_of(h, c);
    for (int64_t panel = 0; panel < panels; panel++) {
      l4r_real unused[PANEL] = {0};
      logits(h, panel, begin, count, slot(h, panel, c));
      exponentials(count, h->top + panel * PANEL, slot(h, panel, c), unused);
      at_targets(h, panel, begin, begin + count, 0);
    }
    chunk_back(h, panels, c, count);
  }
  return loss;
}

static SIMD_TARGET void rows_back(const struct head *h) {
  int64_t width = h->spec->width;
  for (int64_t r = 0; r < h->rows; r++) {
    const l4r_real *from = h->d_transposed + r / PANEL * PANEL * width + r % PANEL;
    l4r_real *to = h->spec->d_hidden + h->row[r] * width;
    l4r_real factor = h->factor[r] * h->spec->scale;
    for (int64_t d = 0; d < width; d++) to[d] = from[d * PANEL] * factor;
  }
}

static SIMD_TARGET double softmax(const struct l4r_softmax_spec *spec) {
  struct head h = {.spec = spec};
  head_plan(&h, spec->width, spec->classes,
            (void *)(((uintptr_t)spec->scratch + 63) & ~(uintptr_t)63));
  double loss = 0;
  for (int64_t row = 0; row < spec->rows;) {
    for (h.rows = 0; row < spec->rows && h.rows < h.panels * PANEL; row++) {
      if (spec->target[row] >= 0)
        h.row[h.rows++] = row;
      else
        memset(spec->d_hidden + row * spec->width, 0, (size_t)spec->width * sizeof *spec->d_hidden);
    }
    int64_t panels = (h.rows + PANEL - 1) / PANEL;
    if (panels == 0) continue;
    ready_rows(&h, panels);
    loss += h.kept ? kept_block(&h, panels) : remade_block(&h, panels);
    rows_back(&h);
  }
  return loss;
}
