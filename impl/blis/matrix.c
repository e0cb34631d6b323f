/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing and multiplying. The kernels of impl/blis/kernels/body.h do all products, at every number
 * of rows and with every instruction set: a result element is one chain of multiply-adds whatever
 * the shape, so its bits depend neither on how a product is divided nor on who is served beside a
 * user. On weights in this layout they are level with or ahead of BLIS 0.9 (Zen 5, one core, k =
 * 512, n = 1536, AVX-512: 1 row 51 against 9 GFLOP/s, 50 rows 236 against 170, 256 rows 249 against
 * 236; k = 512, n = 2048, the portable set against BLIS's "penryn", both SSE: 29 against 5, 43
 * against 42, 44 against 48). */
#include "impl/blis/matrix.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

int64_t l4r_padded(int64_t n) {
  int64_t padded = (n + 15) / 16 * 16;
  return padded % 256 ? padded : padded + 16;
}

static int64_t round_up(int64_t n, int64_t unit) {
  return (n + unit - 1) / unit * unit;
}

/* Values of k in a word. */
static int64_t values_of(enum l4r_precision precision) {
  static const int values[] = {1, 2, 4, 2};
  return values[precision];
}

/* Words of k that are multiplied, and lie together, at a time: where there are three planes a
 * stretch of k, so that as many rows of A stay in the second-level cache as of one plane. The next
 * stretch adds to C. */
static int64_t stretch_of(const struct l4r_matrix *matrix) {
  enum { STRETCH = 256 }; /* a multiple of every layout's depth and interleave */
  return matrix->kernel->layout.planes > 1 && matrix->words > STRETCH ? STRETCH : matrix->words;
}

/* The first word of the stretch with word p. */
static int64_t stretch_at(const struct l4r_matrix *matrix, int64_t p) {
  int64_t stretch = stretch_of(matrix);
  return p && p >= stretch ? p / stretch * stretch : 0; /* without any k there is none */
}

/* The words of the stretch that begins with word `first`. */
static int64_t words_from(const struct l4r_matrix *matrix, int64_t first) {
  int64_t stretch = stretch_of(matrix), left = matrix->words - first;
  return left < stretch ? left : stretch;
}

/* Words from row to row of A, rounded. */
static int64_t rounded_ld(const struct l4r_matrix *matrix) {
  const struct l4r_layout *layout = &matrix->kernel->layout;
  return l4r_padded(layout->planes * stretch_of(matrix) * layout->a_words);
}

/* Rows of A that a worker's memory holds rounded. */
static int64_t rows_that_fit(const struct l4r_matrix *matrix) {
  int64_t unit = matrix->kernel->layout.a_rows, most = L4R_CONVERTED / rounded_ld(matrix);
  if (most > L4R_CONVERTED_ROWS) most = L4R_CONVERTED_ROWS;
  return most / unit * unit;
}

int l4r_matrix_open(struct l4r_matrix *matrix, const struct l4r_gemm_kernel *kernel, int64_t k,
                    int64_t n, const char *what) {
  const struct l4r_layout *layout = &kernel->layout;
  int64_t values = values_of(layout->precision), words = (k + values - 1) / values;
  words = round_up(round_up(words, layout->interleave), layout->depth);
  *matrix = (struct l4r_matrix){.k = k, .n = n, .words = words, .kernel = kernel};
  if (layout->precision != L4R_FP32 && !rows_that_fit(matrix))
    return l4r_fail(L4R_INPUT, "%s: rows of %lld values are too long; use precision=fp32", what,
                    (long long)k);
  matrix->value = l4r_alloc((size_t)((n + layout->panel - 1) / layout->panel),
                            (size_t)(layout->planes * words * layout->panel) * sizeof(float), what);
  if (!matrix->value) return L4R_ENVIRONMENT;
  if (layout->precision != L4R_INT8) return L4R_OK;
  matrix->scale = l4r_alloc((size_t)n, sizeof *matrix->scale, what);
  matrix->offset = l4r_alloc((size_t)n, sizeof *matrix->offset, what);
  return matrix->scale && matrix->offset ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_matrix_close(struct l4r_matrix *matrix) {
  l4r_free(matrix->value);
  l4r_free(matrix->scale);
  l4r_free(matrix->offset);
  *matrix = (struct l4r_matrix){0};
}

int64_t l4r_matrix_bytes(const struct l4r_matrix *matrix) {
  if (!matrix->value) return 0;
  int64_t columns = matrix->scale ? matrix->n * (int64_t)(sizeof(float) + sizeof(int32_t)) : 0;
  return round_up(matrix->n, matrix->kernel->layout.panel) * matrix->kernel->layout.planes *
             matrix->words * (int64_t)sizeof(float) +
         columns;
}

double l4r_weight_bytes(const struct l4r_layout *layout) {
  return (double)sizeof(float) * (double)layout->planes / (double)values_of(layout->precision);
}

/* Words from plane to plane of a panel, in the stretch of word p. */
static int64_t plane_of(const struct l4r_matrix *matrix, int64_t p) {
  return words_from(matrix, stretch_at(matrix, p)) * matrix->kernel->layout.panel;
}

/* Where word p of a column lies, in the first plane: the one place that knows panels. */
static int64_t word_at(const struct l4r_matrix *matrix, int64_t column, int64_t p) {
  const struct l4r_layout *layout = &matrix->kernel->layout;
  int64_t panel = layout->panel, beside = layout->interleave, before = stretch_at(matrix, p);
  p -= before;
  return (column / panel * matrix->words + before) * layout->planes * panel +
         p / beside * beside * panel + column % panel * beside + p % beside;
}

static void put_pairs(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  int64_t planes = matrix->kernel->layout.planes, k = matrix->k;
  for (int64_t j = column; j < column + n; j++, source += k)
    for (int64_t first = 0; first < k; first += 2) {
      uint32_t *to = matrix->word + word_at(matrix, j, first / 2), part[3] = {0};
      int64_t plane = plane_of(matrix, first / 2);
      for (int64_t p = first; p < k && p < first + 2; p++) {
        if (planes > 1)
          l4r_bf16_parts(source[p], part);
        else
          part[0] = l4r_bf16(source[p]);
        for (int64_t i = 0; i < planes; i++) to[i * plane] |= part[i] << 16 * (p % 2);
      }
    }
}

static void put_quads(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  int64_t k = matrix->k;
  for (int64_t j = column; j < column + n; j++, source += k) {
    float most = 0;
    int32_t sum = 0;
    for (int64_t p = 0; p < k; p++) most = fabsf(source[p]) > most ? fabsf(source[p]) : most;
    matrix->scale[j] = most / 127;
    for (int64_t first = 0; first < k; first += 4) {
      uint32_t *to = matrix->word + word_at(matrix, j, first / 4);
      for (int64_t p = first; p < k && p < first + 4; p++) {
        int whole = most > 0 ? (int)rintf(source[p] / most * 127) : 0;
        sum += whole;
        *to |= (uint32_t)(whole & 255) << 8 * (p % 4);
      }
    }
    matrix->offset[j] = 128 * sum;
  }
}

void l4r_matrix_put(struct l4r_matrix *matrix, int64_t column, int64_t n, const float *source) {
  enum { BLOCK = 8 }; /* rows of the source read side by side; divides every panel's width */
  if (values_of(matrix->kernel->layout.precision) == 2) {
    put_pairs(matrix, column, n, source);
    return;
  }
  if (matrix->kernel->layout.precision == L4R_INT8) {
    put_quads(matrix, column, n, source);
    return;
  }
  for (int64_t j = 0, step; j < n; j += step) {
    float *to = matrix->value + word_at(matrix, column + j, 0);
    step = BLOCK - (column + j) % BLOCK;
    if (step > n - j) step = n - j;
    for (int64_t p = 0; p < matrix->k; p++, to += matrix->kernel->layout.panel)
      for (int64_t i = 0; i < step; i++) to[i] = source[(j + i) * matrix->k + p];
  }
}

/* Value p of a column in bf16, or the sum of its parts: exact when the smallest come first. */
static float pair_value(const struct l4r_matrix *matrix, int64_t column, int64_t p) {
  const uint32_t *word = matrix->word + word_at(matrix, column, p / 2);
  float sum = 0;
  for (int64_t i = matrix->kernel->layout.planes - 1; i >= 0; i--)
    sum += l4r_bf16_value(word[i * plane_of(matrix, p / 2)] >> 16 * (p % 2) & 0xffff);
  return sum;
}

void l4r_matrix_column(const struct l4r_matrix *matrix, int64_t column, float *out) {
  for (int64_t p = 0; p < matrix->k; p++)
    if (matrix->kernel->layout.precision == L4R_FP32) {
      out[p] = matrix->value[word_at(matrix, column, p)];
    } else if (matrix->kernel->layout.precision == L4R_INT8) {
      uint32_t byte = matrix->word[word_at(matrix, column, p / 4)] >> 8 * (p % 4) & 255;
      out[p] = matrix->scale[column] * (float)(int8_t)byte;
    } else {
      out[p] = pair_value(matrix, column, p);
    }
}

/* A whole number of every kernel set's tiles: 12 rows (of 12, 6 and 4) by 32 columns. */
enum { TILE_ROWS = 12, TILE_COLUMNS = 32 };

struct l4r_share l4r_work_group_share(const struct l4r_work_group *group, int64_t m, int64_t n) {
  struct l4r_share share = {.rows = m, .columns = n};
  if (group->workers == 1) return share;
  int64_t end;
  if (n >= 2 * (int64_t)TILE_COLUMNS * group->workers || m < TILE_ROWS * (int64_t)group->workers) {
    l4r_split(n, TILE_COLUMNS, group->worker, group->workers, &share.column, &end);
    share.columns = end - share.column;
  } else {
    l4r_split(m, TILE_ROWS, group->worker, group->workers, &share.row, &end);
    share.rows = end - share.row;
  }
  return share;
}

/* How many columns from `at` on lie in its panel, of those that are left. */
static int64_t columns_in_panel(const struct l4r_matrix *matrix, int64_t at, int64_t left) {
  int64_t n = matrix->kernel->layout.panel - at % matrix->kernel->layout.panel;
  return n < left ? n : left;
}

/* Rows that are multiplied by all columns before the next: enough to make weights from the third
 * level cheap, few enough that their A and C stay in the second. As even as they come. */
static int64_t block_rows(int64_t rows, int64_t most) {
  enum { BLOCK_ROWS = 256 };
  int64_t unit = most < BLOCK_ROWS ? most : BLOCK_ROWS, blocks = (rows + unit - 1) / unit;
  return (rows + blocks - 1) / blocks;
}

/* Results are complete up to a column: hands on those that were not, by some hundred columns, which
 * are still in the cache, and not by panels, since each costs a call a row. Returns up to where. */
static int64_t hand_on(const struct l4r_product *product, const struct l4r_share *share,
                       int64_t handed, int64_t complete) {
  enum { HUNDREDS = 256 };
  const int64_t end = share->column + share->columns;
  if (!product->after || (complete < end && complete - handed < HUNDREDS)) return handed;
  product->after(product->context,
                 &(struct l4r_share){share->row, share->rows, handed, complete - handed});
  return complete;
}

static void multiply_fp32(const struct l4r_matrix *matrix, const struct l4r_product *product,
                          const struct l4r_share *share) {
  struct l4r_gemm g = {.m = share->rows,
                       .k = matrix->k,
                       .a = product->a + share->row * product->lda,
                       .lda = product->lda,
                       .ldb = matrix->kernel->layout.panel,
                       .ldc = product->ldc,
                       .accumulate = product->accumulate};
  int64_t end = share->column + share->columns, handed = share->column;
  for (int64_t j = share->column; j < end; j += g.n) {
    int64_t at = product->begin + j;
    g.n = columns_in_panel(matrix, at, end - j);
    g.b = matrix->value + word_at(matrix, at, 0);
    g.c = product->c + share->row * product->ldc + j;
    g.next = j + g.n < end ? matrix->value + word_at(matrix, at + g.n, 0) : NULL;
    matrix->kernel->gemm(&g);
    handed = hand_on(product, share, handed, j + g.n);
  }
}

/* Which plane of A meets which of B. In bf16x3, of parts h > m > l, the products m m, l h, h l, m
 * h, h m, h h: those left out are below 2^-24 of the whole, as the last bit of fp32 is. */
static int list_terms(const struct l4r_layout *layout, int64_t words,
                      struct l4r_gemm_term term[6]) {
  static const int planes[6][2] = {{1, 1}, {2, 0}, {0, 2}, {1, 0}, {0, 1}, {0, 0}};
  int first = layout->planes > 1 ? 0 : 5;
  for (int i = first; i < 6; i++)
    term[i - first] = (struct l4r_gemm_term){planes[i][0] * words * layout->a_words,
                                             planes[i][1] * words * layout->panel};
  return 6 - first;
}

/* Where a rounded row of A begins: interleaved, rows of a group beside each other. */
static int64_t row_at(const struct l4r_layout *layout, int64_t row, int64_t lda) {
  int64_t beside = layout->interleave;
  return row / beside * beside * lda + row % beside * beside;
}

/* Rows row .. row+rows-1 of the product, and its words first .. first+words-1 of k; that part of A
 * is rounded into the worker's memory. */
static void multiply_stretch(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                             const struct l4r_product *product, const struct l4r_share *share,
                             int64_t first, int64_t words) {
  const struct l4r_gemm_kernel *kernel = matrix->kernel;
  const struct l4r_layout *layout = &kernel->layout;
  int64_t lda = rounded_ld(matrix), end = share->column + share->columns;
  int64_t value = first * values_of(layout->precision), k = words * values_of(layout->precision);
  if (k > matrix->k - value) k = matrix->k - value;
  float *scale = (float *)(void *)(group->converted + L4R_CONVERTED);
  for (int64_t r = 0; r < share->rows; r++)
    scale[r] = kernel->round(k, product->a + (share->row + r) * product->lda + value,
                             group->converted + row_at(layout, r, lda), words * layout->a_words);
  struct l4r_gemm_term term[6];
  struct l4r_gemm_rounded g = {.m = share->rows,
                               .k = words,
                               .a = group->converted,
                               .lda = lda,
                               .ldb = layout->panel * layout->interleave,
                               .term = term,
                               .terms = list_terms(layout, words, term),
                               .row = scale,
                               .ldc = product->ldc,
                               .accumulate = product->accumulate || first > 0};
  int64_t handed = share->column;
  if (kernel->begin) kernel->begin(g.m);
  for (int64_t j = share->column; j < end; j += g.n) {
    int64_t at = product->begin + j;
    g.n = columns_in_panel(matrix, at, end - j);
    g.before = at % layout->panel;
    g.b = matrix->word + word_at(matrix, at, first);
    g.c = product->c + share->row * product->ldc + j;
    if (layout->precision == L4R_INT8) g.column = matrix->scale + at;
    if (layout->precision == L4R_INT8) g.offset = matrix->offset + at;
    g.next = j + g.n < end ? matrix->word + word_at(matrix, at + g.n, first) : NULL;
    kernel->multiply(&g);
    if (first + words == matrix->words) handed = hand_on(product, share, handed, j + g.n);
  }
  if (kernel->end) kernel->end();
}

static void multiply_rounded(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                             const struct l4r_product *product, const struct l4r_share *share) {
  int64_t first = 0, words;
  do { /* without any k, C becomes zeros */
    words = words_from(matrix, first);
    multiply_stretch(group, matrix, product, share, first, words);
    first += words;
  } while (first < matrix->words);
}

struct l4r_share l4r_multiply(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                              const struct l4r_product *product) {
  const struct l4r_share share = l4r_work_group_share(group, product->m, product->columns);
  if (share.rows < 1) return share;
  int rounded = matrix->kernel->layout.precision != L4R_FP32;
  struct l4r_share part = share;
  int64_t rows = block_rows(share.rows, rounded ? rows_that_fit(matrix) : share.rows);
  for (int64_t row = share.row; row < share.row + share.rows; row += rows) {
    part.row = row;
    part.rows = share.row + share.rows - row < rows ? share.row + share.rows - row : rows;
    if (rounded)
      multiply_rounded(group, matrix, product, &part);
    else
      multiply_fp32(matrix, product, &part);
  }
  return share;
}
