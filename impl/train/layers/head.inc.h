/* SPDX-License-Identifier: BSD-3-Clause */
/* Included once for each set of instructions after layers_gemm.inc.h: softmax cross-entropy fused
 * with its three products. Rows of hidden are columns here: PANEL of them are transposed and
 * packed, so that logits lie as [class][PANEL rows] and the softmax runs down vectors without a sum
 * across lanes, and the same layout serves both gradient products where it lies:
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

/* Values of E that a chunk takes. */
#undef CHUNK_VALUES
#define CHUNK_VALUES (CHUNK * PANEL)

INLINE l4r_real *FN(slot)(const struct head *h, int64_t panel, int64_t chunk) {
  return h->e + (panel * h->slots + (h->kept ? chunk : 0)) * CHUNK_VALUES;
}

static size_t FN(head_plan)(struct head *h, int64_t width, int64_t classes, void *base) {
  struct plan plan = {base, 0};
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

static int64_t FN(softmax_scratch)(int64_t width, int64_t classes) {
  struct head h;
  return (int64_t)(FN(head_plan)(&h, width, classes, NULL) / sizeof(l4r_real)) + 16;
}

/* --- operands: a chunk of W, along d and across it --- */

INLINE struct FN(operand) FN(w_along)(const struct head *h, int64_t begin) {
  return (struct FN(operand)){h->spec->weight + begin * h->spec->width, h->spec->width, 1};
}

INLINE struct FN(operand) FN(w_across)(const struct head *h, int64_t begin) {
  return (struct FN(operand)){h->spec->weight + begin * h->spec->width, 1, h->spec->width};
}

/* --- softmax --- */

/* Logits of a chunk for a panel, and the greatest so far of each row. */
static L4R_TARGET void FN(logits)(const struct head *h, int64_t panel, int64_t begin, int64_t count,
                                  l4r_real *e) {
  const struct FN(operand) w = FN(w_along)(h, begin);
  const l4r_real *bias = h->spec->bias ? h->spec->bias + begin : NULL;
  const l4r_real *transposed = h->transposed + panel * PANEL * h->spec->width;
  l4r_real *top = h->top + panel * PANEL;
  vec top0 = FN(load)(top), top1 = FN(load)(top + LANES);
  for (int64_t c = 0; c < count; c += TILE_ROWS) {
    struct FN(tile) tile;
    struct FN(operand) rows = {w.at + c * w.stride, w.stride, w.step};
    FN(clear)(&tile);
    FN(multiply)(&tile, rows, count - c, h->spec->width, transposed);
    UNROLL for (int i = 0; i < TILE_ROWS; i++) {
      if (i >= count - c) continue;
      l4r_real b = bias ? bias[c + i] : 0;
      vec v0 = tile.sum[i][0] + b, v1 = tile.sum[i][1] + b;
      FN(store)(e + (c + i) * PANEL, v0);
      FN(store)(e + (c + i) * PANEL + LANES, v1);
      top0 = FN(larger)(top0, v0);
      top1 = FN(larger)(top1, v1);
    }
  }
  FN(store)(top, top0);
  FN(store)(top + LANES, top1);
}

/* e becomes e^(e - top) and is added to sum, as one sum of the chunk: a single chain over a large
 * catalogue would lose digits. */
static L4R_TARGET void FN(exponentials)(int64_t count, const l4r_real *top, l4r_real *e,
                                        l4r_real *sum) {
  vec top0 = FN(load)(top), top1 = FN(load)(top + LANES);
  vec sum0 = {0}, sum1 = {0};
  for (int64_t c = 0; c < count; c++, e += PANEL) {
    vec e0 = FN(exponential)(FN(load)(e) - top0);
    vec e1 = FN(exponential)(FN(load)(e + LANES) - top1);
    FN(store)(e, e0);
    FN(store)(e + LANES, e1);
    sum0 += e0;
    sum1 += e1;
  }
  FN(store)(sum, FN(load)(sum) + sum0);
  FN(store)(sum + LANES, FN(load)(sum + LANES) + sum1);
}

/* Of the panel's targets among classes begin .. end-1: the logit is noted, or the sum taken away.
 */
static L4R_TARGET void FN(at_targets)(const struct head *h, int64_t panel, int64_t begin,
                                      int64_t end, int note) {
  for (int64_t r = panel * PANEL; r < (panel + 1) * PANEL && r < h->rows; r++) {
    int64_t target = h->spec->target[h->row[r]];
    if (target < begin || target >= end) continue;
    l4r_real *e = FN(slot)(h, panel, target / CHUNK) + target % CHUNK * PANEL + r % PANEL;
    if (note)
      h->aim[r] = *e;
    else
      *e -= h->sum[r];
  }
}

/* --- gradients --- */

static L4R_TARGET void FN(bias_back)(const struct head *h, int64_t panels, int64_t chunk,
                                     int64_t count) {
  l4r_real *d_bias = h->spec->d_bias + chunk * CHUNK;
  for (int64_t c = 0; c < count; c++) {
    vec sum = {0};
    for (int64_t panel = 0; panel < panels; panel++) {
      const l4r_real *factor = h->factor + panel * PANEL;
      const l4r_real *e = FN(slot)(h, panel, chunk) + c * PANEL;
      sum += FN(load)(e) * FN(load)(factor) + FN(load)(e + LANES) * FN(load)(factor + LANES);
    }
    d_bias[c] += FN(sum)(sum);
  }
}

/* A chunk's part of d_transposed and its rows of dW. */
static L4R_TARGET void FN(chunk_back)(const struct head *h, int64_t panels, int64_t chunk,
                                      int64_t count) {
  int64_t width = h->spec->width, begin = chunk * CHUNK;
  if (h->spec->d_bias) FN(bias_back)(h, panels, chunk, count);
  const struct FN(operand) w = FN(w_across)(h, begin);
  for (int64_t panel = 0; panel < panels; panel++) {
    l4r_real *to = h->d_transposed + panel * PANEL * width;
    for (int64_t d = 0; d < width; d += TILE_ROWS) FN(tile_product)
    ((struct FN(operand)){w.at + d, w.stride, w.step}, count, FN(slot)(h, panel, chunk),
     &(struct FN(place)){to + d * PANEL, PANEL, width - d, PANEL, chunk > 0});
  }
  for (int64_t d = 0; d < width; d += PANEL) {
    const l4r_real *scaled = h->scaled + d * panels * PANEL;
    for (int64_t c = 0; c < count; c += TILE_ROWS) {
      struct FN(tile) tile;
      struct FN(place)
          to = {h->spec->d_weight + (begin + c) * width + d, width, count - c, width - d, 1};
      FN(clear)(&tile);
      FN(expect)(&to);
      for (int64_t panel = 0; panel < panels; panel++) {
        struct FN(operand) e = {FN(slot)(h, panel, chunk), PANEL, 1};
        e.at += c * e.stride;
        FN(multiply)(&tile, e, count - c, PANEL, scaled + panel * PANEL * PANEL);
      }
      FN(finish)(&tile, &to);
    }
  }
}

/* --- a block of rows --- */

static L4R_TARGET void FN(ready_rows)(struct head *h, int64_t panels) {
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
    struct FN(source)
        from = {h->gathered + panel * PANEL * width, width, PANEL, width, h->spec->scale};
    FN(pack_transposed)(&from, h->transposed + panel * PANEL * width);
  }
}

/* Sums and tops are known: the loss, each row's factor, and the rows times it as panels. */
static L4R_TARGET double FN(sums_known)(struct head *h, int64_t panels) {
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
    struct FN(source) from = {h->gathered + d, width, rows, columns, 1};
    FN(pack_across)(&from, PANEL, h->scaled + d * rows);
  }
  return loss;
}

INLINE int64_t FN(count_of)(const struct head *h, int64_t chunk) {
  int64_t left = h->spec->classes - chunk * CHUNK;
  return left < CHUNK ? left : CHUNK;
}

static L4R_TARGET double FN(kept_block)(struct head *h, int64_t panels) {
  for (int64_t panel = 0; panel < panels; panel++) {
    l4r_real *top = h->top + panel * PANEL, *sum = h->sum + panel * PANEL;
    for (int64_t c = 0; c < h->chunks; c++)
      FN(logits)(h, panel, c * CHUNK, FN(count_of)(h, c), FN(slot)(h, panel, c));
    FN(at_targets)(h, panel, 0, h->spec->classes, 1);
    for (int64_t c = 0; c < h->chunks; c++)
      FN(exponentials)(FN(count_of)(h, c), top, FN(slot)(h, panel, c), sum);
    FN(at_targets)(h, panel, 0, h->spec->classes, 0);
  }
  double loss = FN(sums_known)(h, panels);
  for (int64_t c = 0; c < h->chunks; c++) FN(chunk_back)(h, panels, c, FN(count_of)(h, c));
  return loss;
}

/* sum times e^(before - top), for sums made against an earlier top. */
static L4R_TARGET void FN(renew_sum)(const l4r_real *before, const l4r_real *top, l4r_real *sum) {
  for (int64_t r = 0; r < PANEL; r += LANES) FN(store)
  (sum + r, FN(load)(sum + r) * FN(exponential)(FN(load)(before + r) - FN(load)(top + r)));
}

static L4R_TARGET double FN(remade_block)(struct head *h, int64_t panels) {
  l4r_real before[PANEL];
  for (int64_t c = 0; c < h->chunks; c++) {
    int64_t begin = c * CHUNK, count = FN(count_of)(h, c);
    for (int64_t panel = 0; panel < panels; panel++) {
      l4r_real *top = h->top + panel * PANEL, *sum = h->sum + panel * PANEL;
      memcpy(before, top, sizeof before);
      FN(logits)(h, panel, begin, count, FN(slot)(h, panel, c));
      FN(at_targets)(h, panel, begin, begin + count, 1);
      FN(renew_sum)(before, top, sum);
      FN(exponentials)(count, top, FN(slot)(h, panel, c), sum);
    }
  }
  double loss = FN(sums_known)(h, panels);
  for (int64_t c = 0; c < h->chunks; c++) {
    int64_t begin = c * CHUNK, count = FN(count_of)(h, c);
    for (int64_t panel = 0; panel < panels; panel++) {
      l4r_real unused[PANEL] = {0};
      FN(logits)(h, panel, begin, count, FN(slot)(h, panel, c));
      FN(exponentials)(count, h->top + panel * PANEL, FN(slot)(h, panel, c), unused);
      FN(at_targets)(h, panel, begin, begin + count, 0);
    }
    FN(chunk_back)(h, panels, c, count);
  }
  return loss;
}

static L4R_TARGET void FN(rows_back)(const struct head *h) {
  int64_t width = h->spec->width;
  for (int64_t r = 0; r < h->rows; r++) {
    const l4r_real *from = h->d_transposed + r / PANEL * PANEL * width + r % PANEL;
    l4r_real *to = h->spec->d_hidden + h->row[r] * width;
    l4r_real factor = h->factor[r] * h->spec->scale;
    for (int64_t d = 0; d < width; d++) to[d] = from[d * PANEL] * factor;
  }
}

static L4R_TARGET double FN(softmax)(const struct l4r_softmax_spec *spec) {
  struct head h = {.spec = spec};
  FN(head_plan)
  (&h, spec->width, spec->classes, (void *)(((uintptr_t)spec->scratch + 63) & ~(uintptr_t)63));
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
    FN(ready_rows)(&h, panels);
    loss += h.kept ? FN(kept_block)(&h, panels) : FN(remade_block)(&h, panels);
    FN(rows_back)(&h);
  }
  return loss;
}

static const struct l4r_gemm_kernels FN(gemm_kernels) = {
    .isa = L4R_ISA_NAME,
    .product = FN(product),
    .softmax_scratch = FN(softmax_scratch),
    .softmax = FN(softmax),
};
