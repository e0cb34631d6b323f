/* SPDX-License-Identifier: BSD-3-Clause */
/* Private to impl/reference: what its files share and, file by file, what each defines. One header
 * serves them, so that the oracle's arithmetic can be read through in one place. See stack.c for
 * what this stack is and refuses to become.
 *
 * Numbers are stored as fp32 and summed in double, always in the same order: input coordinate,
 * key or position ascending. Each output is computed by one worker from its own sequence alone, so
 * neither the number of workers nor the other sequences of a batch can move a bit. */
#ifndef L4R_REFERENCE_REFERENCE_H
#define L4R_REFERENCE_REFERENCE_H

#include "impl/base/memory.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <stdint.h>

struct l4r_stack {
  struct l4r_team *team;
  int64_t weights_bytes, scratch_bytes; /* of all open objects */
};

/* --- arithmetic (math.c) --- */

/* out[width] = x * rsqrt(mean(x^2) + epsilon) * norm_weight. out may be x. */
void l4r_reference_norm(float *out, const float *x, const float *norm_weight, int64_t width,
                        double epsilon);
/* out[n] = x[in] . weight[in][n]; sum is scratch of n doubles. `weight` is the transpose of what a
 * checkpoint holds, which makes the sums of neighbouring outputs independent of each other: the
 * only concession to speed here. */
void l4r_reference_linear(float *out, const float *x, const float *weight, int64_t in, int64_t n,
                          double *sum);
double l4r_reference_dot(const float *a, const float *b, int64_t count);

struct l4r_reference_attention { /* one query position, all heads */
  const float *q;                /* [heads * key] */
  const float *k, *v;            /* [keys][heads * key] */
  int64_t keys, heads, key;
  const float *bias; /* of head 0 and key 0, NULL: none; key j of head h at [h * bias_stride + j] */
  int64_t bias_stride;
  double *weight; /* scratch [keys] */
};
/* out[heads * key] = softmax(q . k + bias) . v per head, unscaled as T5 has it; zeros where there
 * are no keys. */
void l4r_reference_attend(float *out, const struct l4r_reference_attention *attention);

/* --- weights (weights.c) --- */

struct l4r_reference_projections { /* all transposed to [in][out] */
  const float *norm_weight, *q, *k, *v, *o;
};
struct l4r_biased { /* a matrix transposed to [in][out], as l4r_reference_linear wants it, or the
                       weight of a LayerNorm; with its bias */
  const float *weight, *bias;
};
struct l4r_reference_block {
  struct l4r_reference_projections self, cross;   /* cross: decoder only */
  struct l4r_biased self_gate, ff_gate;           /* encoder only: LiGR's; weight NULL: none */
  const float *ff_norm_weight, *wi_0, *wi_1, *wo; /* wi_1 NULL unless gated */
};

/* One half (encoder or decoder) of a T5. */
struct l4r_reference_half {
  struct l4r_t5_shape shape;
  int64_t inner; /* H * K */
  int64_t blocks;
  struct l4r_reference_block *block;
  const float *norm_weight;         /* of the final norm */
  const float *embedding;           /* [V][D], NULL without a vocabulary */
  const float *output;              /* decoder: [V][D], the embedding when tied */
  const float *bias;                /* [H][span]; distance d at [origin + d] */
  int64_t span, origin, max_length; /* distances -(max_length-1) .. max_length-1 */
  struct l4r_arena arena;
};
/* Copies what half `decoder` (0 or 1) of a T5 needs. L4R_INPUT from l4r_weights_get. */
int l4r_reference_half_open(const struct l4r_t5_shape *shape, const struct l4r_weights *weights,
                            const char *prefix, int decoder, int64_t max_length,
                            struct l4r_reference_half *half);
void l4r_reference_half_close(struct l4r_reference_half *half);

/* Per worker: room for one position on its way through a block. */
struct l4r_reference_scratch {
  double *sum;        /* [max(D, H*K, F)] */
  double *weight;     /* [keys] */
  float *normed;      /* [D] */
  float *inner;       /* [H*K] */
  float *ff_0, *ff_1; /* [F] */
  float *out, *gate;  /* [D] */
};
/* Bytes that l4r_reference_scratch_take takes from an arena. */
size_t l4r_reference_scratch_bytes(const struct l4r_reference_half *half, int64_t keys);
int l4r_reference_scratch_take(const struct l4r_reference_half *half, int64_t keys,
                               struct l4r_arena *arena, struct l4r_reference_scratch *scratch);

/* x[D] += gate(x) * add, for one position; `add` may not be x. Without a gate, x += add. */
void l4r_reference_add_gated(const struct l4r_biased *gate, int64_t width, const float *add,
                             double *sum, float *scratch, float *x);
/* SiLU. */
double l4r_reference_silu(double x);
/* x[D] += o . attend(...), for one position; gate NULL: none. */
void l4r_reference_add_attention(const struct l4r_reference_half *half, const float *o,
                                 const struct l4r_biased *gate,
                                 const struct l4r_reference_attention *attention,
                                 struct l4r_reference_scratch *scratch, float *x);
/* x[D] += the block's feed-forward layer of x, for one position. */
void l4r_reference_add_feed_forward(const struct l4r_reference_half *half,
                                    const struct l4r_reference_block *block,
                                    struct l4r_reference_scratch *scratch, float *x);

/* --- the rest of the table (encoder.c, decoder.c, head.c) --- */

int l4r_reference_encoder_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                               struct l4r_encoder **encoder);
void l4r_reference_encoder_close(struct l4r_encoder *encoder);
int l4r_reference_encode(struct l4r_encoder *encoder, const struct l4r_ragged *batch,
                         enum l4r_output_kind kind, float *out);

int l4r_reference_decoder_open(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                               struct l4r_decoder **decoder);
void l4r_reference_decoder_close(struct l4r_decoder *decoder);
int l4r_reference_decode_begin(struct l4r_decoder *decoder, int64_t users, const int64_t *start,
                               const float *memory);
int l4r_reference_decode_step(struct l4r_decoder *decoder, const struct l4r_decode_rows *rows,
                              float *hidden, float *logits);
int l4r_reference_decode_rewind(struct l4r_decoder *decoder, int64_t step);

int l4r_reference_head_open(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                            struct l4r_head **head);
void l4r_reference_head_close(struct l4r_head *head);
int l4r_reference_project(struct l4r_head *head, const float *u, int64_t n, float *scores);
int l4r_reference_project_top_k(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                                const int64_t *popularity, struct l4r_ranking *ranking);

#endif
