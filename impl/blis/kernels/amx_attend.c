/* SPDX-License-Identifier: BSD-3-Clause */
/* Attention of one head by tiles of bf16:
 *
 *   K^T [pairs of the width][keys]    keys rounded and transposed once, word by word
 *   V   [pairs of keys][width]        values rounded, two neighbouring keys to a word
 *   per 32 queries: S = Q K^T         two tiles of queries by two of keys
 *                   P = softmax(S + bias row) in fp32, rounded
 *                   out = P V
 *
 * All is filled up with zeros to whole tiles, so that nothing asks for sizes within them. A query's
 * sums run over the same words in the same order whoever stands beside it, and zeros that a longer
 * neighbour adds change no sum: its bits are its own. Of 50 queries and keys of width 64, products
 * take some 1,000 cycles where multiply-adds of fp32 take 11,000; most of what is left is the
 * softmax. */
#include "impl/blis/kernels/attend.h"

#if defined(__x86_64__)
#include "impl/simd/amx_tile.h"

#if defined(L4R_EMULATE_TILES)
#define SIMD_MORE ",avx512bf16"
#else
#define SIMD_MORE ",avx512bf16,amx-tile,amx-bf16"
#endif
#include "impl/simd/avx512.h"

enum {
  TILE = 16,       /* rows of a tile, and words of one */
  PAIR = 2 * TILE, /* queries, keys and columns are taken so many at a time */
  WORD = 4         /* bytes */
};

static int64_t whole_pairs(int64_t n) {
  return (n + PAIR - 1) / PAIR * PAIR;
}

struct head {
  const struct l4r_attention *a;
  int64_t keys, width, words; /* whole pairs of tiles; words: of a row of Q or K */
  uint32_t *q, *k, *v, *p;    /* [32][words], [words][keys], [keys / 2][width], [32][keys / 2] */
  float *score, *out;         /* [32][keys], [32][width] */
};

int64_t l4r_amx_attend_scratch(int64_t keys, int64_t width) {
  const int64_t k = whole_pairs(keys), d = whole_pairs(width), words = d / 2;
  return PAIR * words + words * k + k / 2 * d + PAIR * (k / 2) + PAIR * k + PAIR * d;
}

static void place(struct head *head, const struct l4r_attention *a) {
  const int64_t k = whole_pairs(a->keys), d = whole_pairs(a->width), words = d / 2;
  *head = (struct head){.a = a, .keys = k, .width = d, .words = words};
  head->score = a->scratch;
  head->out = head->score + PAIR * k;
  head->q = (uint32_t *)(head->out + PAIR * d);
  head->k = head->q + PAIR * words;
  head->v = head->k + words * k;
  head->p = head->v + k / 2 * d;
}

/* x[0 .. 31] in 16 words, of which x[n] and what follows count as zeros. */
INLINE __m512i pairs_of(const float *x, int64_t n) {
  return (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(mask_of(n - LANES), x + LANES),
                                      _mm512_maskz_loadu_ps(mask_of(n), x));
}

/* out[i][0 .. 15] = word i of each of 16 rows. */
INLINE void put_transposed(__m512i row[TILE], uint32_t *out, int64_t ld) {
  __m512i two[TILE], four[TILE]; /* two, then four rows side by side in each quarter */
  UNROLL for (int i = 0; i < TILE; i += 2) {
    two[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    two[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
  UNROLL for (int i = 0; i < TILE; i += 4) {
    four[i] = _mm512_unpacklo_epi64(two[i], two[i + 2]);
    four[i + 1] = _mm512_unpackhi_epi64(two[i], two[i + 2]);
    four[i + 2] = _mm512_unpacklo_epi64(two[i + 1], two[i + 3]);
    four[i + 3] = _mm512_unpackhi_epi64(two[i + 1], two[i + 3]);
  }
  UNROLL for (int i = 0; i < TILE / 4; i++) { /* quarter n of four[i] is word 4 n + i */
    const __m512i even = _mm512_shuffle_i32x4(four[i], four[4 + i], 0x88);
    const __m512i odd = _mm512_shuffle_i32x4(four[i], four[4 + i], 0xdd);
    const __m512i even_below = _mm512_shuffle_i32x4(four[8 + i], four[12 + i], 0x88);
    const __m512i odd_below = _mm512_shuffle_i32x4(four[8 + i], four[12 + i], 0xdd);
    _mm512_storeu_si512(out + i * ld, _mm512_shuffle_i32x4(even, even_below, 0x88));
    _mm512_storeu_si512(out + (4 + i) * ld, _mm512_shuffle_i32x4(odd, odd_below, 0x88));
    _mm512_storeu_si512(out + (8 + i) * ld, _mm512_shuffle_i32x4(even, even_below, 0xdd));
    _mm512_storeu_si512(out + (12 + i) * ld, _mm512_shuffle_i32x4(odd, odd_below, 0xdd));
  }
}

/* Key or value `j` of head `from`, or any where there is none. */
INLINE const float *row_at(const struct l4r_attention *a, const float *from, int64_t j) {
  return from + (j < a->keys ? j : 0) * a->ldkv;
}

static SIMD_TARGET void pack_keys(const struct head *head) {
  const struct l4r_attention *a = head->a;
  for (int64_t j = 0; j < head->keys; j += TILE)
    for (int64_t w = 0; w < head->words; w += TILE) {
      __m512i row[TILE];
      UNROLL for (int i = 0; i < TILE; i++) {
        const int64_t there = j + i < a->keys ? a->width - 2 * w : 0;
        row[i] = pairs_of(row_at(a, a->k, j + i) + 2 * w, there);
      }
      put_transposed(row, head->k + w * head->keys + j, head->keys);
    }
}

static SIMD_TARGET void pack_values(const struct head *head) {
  const struct l4r_attention *a = head->a;
  const __m512i side_by_side = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25,
                                                9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2,
                                                17, 1, 16, 0);
  for (int64_t j = 0; j < head->keys; j += 2) {
    const float *even = row_at(a, a->v, j), *odd = row_at(a, a->v, j + 1);
    uint32_t *out = head->v + j / 2 * head->width;
    for (int64_t d = 0; d < head->width; d += LANES) {
      const __mmask16 columns = mask_of(a->width - d);
      const __m512 low = _mm512_maskz_loadu_ps(j < a->keys ? columns : 0, even + d);
      const __m512 high = _mm512_maskz_loadu_ps(j + 1 < a->keys ? columns : 0, odd + d);
      const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(high, low);
      _mm512_storeu_si512(out + d, _mm512_permutexvar_epi16(side_by_side, both));
    }
  }
}

static SIMD_TARGET void round_row(const float *x, int64_t n, uint32_t *out, int64_t words) {
  for (int64_t w = 0; w < words; w += TILE)
    _mm512_storeu_si512(out + w, pairs_of(n > 2 * w ? x + 2 * w : x, n - 2 * w));
}

/* c[32][columns] = a[32][words] b[words][columns], of whole tiles; the lower 16 rows only if tall.
 */
struct product {
  const uint32_t *a, *b;
  float *c;
  int64_t words, columns, lda, ldb, ldc;
  int tall;
};

static SIMD_TARGET void multiply(const struct product *p) {
  const int64_t lda = p->lda * WORD, ldb = p->ldb * WORD, ldc = p->ldc * WORD;
  for (int64_t column = 0; column < p->columns; column += PAIR) {
    float *c = p->c + column, *below = c + TILE * p->ldc;
    TILE_ZERO(0);
    TILE_ZERO(1);
    TILE_ZERO(2);
    TILE_ZERO(3);
    for (int64_t w = 0; w < p->words; w += TILE) {
      const uint32_t *b = p->b + w * p->ldb + column;
      TILE_LOAD(6, b, ldb);
      TILE_LOAD(4, p->a + w, lda);
      TILE_LOAD(7, b + TILE, ldb);
      TILE_BF16(0, 4, 6);
      TILE_BF16(1, 4, 7);
      if (!p->tall) continue;
      TILE_LOAD(5, p->a + TILE * p->lda + w, lda);
      TILE_BF16(2, 5, 6);
      TILE_BF16(3, 5, 7);
    }
    TILE_STORE(0, c, ldc);
    TILE_STORE(1, c + TILE, ldc);
    if (!p->tall) continue;
    TILE_STORE(2, below, ldc);
    TILE_STORE(3, below + TILE, ldc);
  }
}

/* Scores of a query become its weights, rounded. */
static void weigh(const struct l4r_kernels *kernels, const struct head *head, int64_t query,
                  int64_t seen, float *score, uint32_t *out, int64_t columns) {
  const float *bias = head->a->bias;
  kernels->softmax(seen, score, bias ? bias - query : NULL);
  round_row(score, seen, out, columns / 2);
}

static void attend(const struct l4r_kernels *kernels, const struct head *head, int64_t begin,
                   int64_t queries) {
  const struct l4r_attention *a = head->a;
  const int64_t last = a->first + begin + queries; /* keys that the last query sees, if causal */
  const int64_t most = a->causal && last < a->keys ? last : a->keys, columns = whole_pairs(most);
  const int tall = queries > TILE;
  for (int64_t i = 0; i < queries; i++)
    round_row(a->q + (begin + i) * a->ldq, a->width, head->q + i * head->words, head->words);
  multiply(&(struct product){.a = head->q,
                             .b = head->k,
                             .c = head->score,
                             .words = head->words,
                             .columns = columns,
                             .lda = head->words,
                             .ldb = head->keys,
                             .ldc = head->keys,
                             .tall = tall});
  for (int64_t i = 0; i < queries; i++) {
    const int64_t query = a->first + begin + i;
    const int64_t seen = a->causal && query + 1 < most ? query + 1 : most;
    weigh(kernels, head, query, seen, head->score + i * head->keys, head->p + i * head->keys / 2,
          columns);
  }
  multiply(&(struct product){.a = head->p,
                             .b = head->v,
                             .c = head->out,
                             .words = columns / 2,
                             .columns = head->width,
                             .lda = head->keys / 2,
                             .ldb = head->width,
                             .ldc = head->width,
                             .tall = tall});
  for (int64_t i = 0; i < queries; i++)
    memcpy(a->out + (begin + i) * a->ldo, head->out + i * head->width,
           (size_t)a->width * sizeof(float));
}

/* All tiles whole. */
static SIMD_TARGET void configure(void) {
  struct tile_palette palette = {.palette = 1};
  for (int t = 0; t < 8; t++) {
    palette.rows[t] = TILE;
    palette.row_bytes[t] = TILE * WORD;
  }
  TILE_CONFIGURE(&palette);
}

static SIMD_TARGET void release(void) {
  TILE_RELEASE();
}

void l4r_amx_attend(const struct l4r_kernels *kernels, const struct l4r_attention *a) {
  struct head head;
  place(&head, a);
  configure();
  pack_keys(&head);
  pack_values(&head);
  for (int64_t begin = 0; begin < a->queries; begin += PAIR)
    attend(kernels, &head, begin, a->queries - begin < PAIR ? a->queries - begin : PAIR);
  release();
}
#endif
