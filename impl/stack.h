/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner contract: the few tensor-level operations that models are composed of. Two
 * implementations stand behind it, l4r_stack_reference (plain loops, an oracle) and l4r_stack_blis
 * (optimised); one suite of parity tests runs on both.
 *
 * Objects belong to the thread that made them; work inside is spread over the stack's team. All
 * memory is taken by the *_open functions; the others allocate nothing. Sizes given at open are
 * upper bounds; exceeding them is L4R_USAGE. */
#ifndef L4R_STACK_H
#define L4R_STACK_H

#include "impl/base/cpu.h"
#include "impl/engine.h"
#include "impl/model/config.h"
#include "impl/model/weights.h"
#include "impl/products.h"

#include <stdint.h>

struct l4r_spent;
struct l4r_stack;
struct l4r_encoder;
struct l4r_decoder;
struct l4r_head;

/* A ragged batch: sequence s occupies positions start[s] .. start[s+1]-1; start[0] is 0. Exactly
 * one of token and vector is set. An empty sequence yields zeros for LAST and MEAN. */
struct l4r_ragged {
  int64_t count;        /* sequences */
  const int64_t *start; /* [count + 1] */
  const int32_t *token; /* [positions], < vocabulary */
  const float *vector;  /* [positions][D] */
};

enum l4r_output_kind {
  L4R_OUT_ALL,  /* out[positions][D], after the final norm */
  L4R_OUT_LAST, /* out[count][D]: each sequence's last position */
  L4R_OUT_MEAN, /* out[count][D]: mean over each sequence's positions */
};

struct l4r_encoder_spec {
  const struct l4r_t5_shape *shape;  /* encoder_blocks, causal and the rest */
  const struct l4r_weights *weights; /* read during open only */
  const char *prefix;                /* "rec_llm.": names prefix + "encoder.block..." and, when
                                        shape->vocabulary > 0, prefix + "shared.weight" */
  int64_t max_positions, max_count;
  int64_t max_length; /* longest sequence */
};

struct l4r_decoder_spec {
  const struct l4r_t5_shape *shape;
  const struct l4r_weights *weights;
  const char *prefix; /* names prefix + "decoder.block...", "shared.weight" or "lm_head.weight" */
  int64_t max_users, max_memory; /* encoded sequences of a batch, their positions in all */
  int64_t max_rows;              /* beams in all: users x S */
  int64_t max_steps;             /* tokens of the longest answer with its start token */
  int cached; /* 1: self K/V kept, cross K/V once per user and shared by its beams; 0: prefix and
                 both K/V of every beam recomputed at every step (use_cache=False) */
  int restricted; /* 1: logits of chosen tokens alone (l4r_decode_rows), 0: of the vocabulary.
                     Restricted, the output layer is kept row by row in fp32 at any precision,
                     because single rows of it are read, which packing would scatter. */
  int rewinds;    /* 1: decode_rewind serves, for which the lists of every step are kept (the
                     reference keeps their keys and values once more too) */
};

struct l4r_decode_rows { /* one step: a row is a beam */
  int64_t rows;
  const int64_t *user;   /* [rows] index of the encoded sequence; rows of a user are adjacent */
  const int64_t *parent; /* [rows] row of the previous step it extends; NULL at the first step */
  const int32_t *token;  /* [rows] its newest token (the start token, 0, at the first step) */
  /* restricted: row r may go on with choice[choice_start[r]] .. choice[choice_start[r + 1] - 1],
   * each < V; choice_start[0] is 0. Else not read. */
  const int64_t *choice_start; /* [rows + 1] */
  const int32_t *choice;
};

struct l4r_head_spec {
  int64_t items, width;
  const float *weight; /* [items][width], read during open only */
  const float *bias;   /* [items] or NULL */
  float scale;         /* of u: 1, or D^-0.5 when tied */
  int cosine;          /* 1: u and the rows of weight are divided by their lengths first; zeros stay
                          zeros */
};

/* How a stack computes; read during open only. Zeroed: fp32, by the widest set of instructions. */
struct l4r_stack_options {
  const char *precision; /* of weights and of the activations they meet: "fp32" (as NULL); on the
                            blis stack also "bf16" and "int8" (a scale for each row of weights and
                            each row of activations), and "bf16x3", which splits each value into
                            three of bf16 and is as exact as fp32. Sums and norms stay fp32, and
                            attention, but for bf16 and int8 by AMX, where its operands are bf16 */
  int fallback; /* 1: where no instructions make the precision faster than fp32, others compute to
                   the same rounding */
  const char *isa;    /* a set of instructions (l4r_isa_find); NULL or "auto": any, by what is
                         measured */
  const char *kernel; /* that multiplies, as about() names it; NULL: the fastest of the set */
  /* What the fastest is measured by; NULL: nothing is measured, the widest set is taken. */
  const struct l4r_products *products;
  struct l4r_spent *spent; /* told where time goes by the stack blis, as long as that is open; NULL:
                              nobody asks (impl/spent.h) */
};

struct l4r_stack_ops {
  const char *name; /* "reference", "blis" */
  /* L4R_USAGE for a precision or a set that is none, naming what there is; L4R_ENVIRONMENT where
   * the processor has no such set, or that set no instructions for the precision. */
  int (*open)(struct l4r_team *team, const struct l4r_stack_options *options,
              struct l4r_stack **stack);
  void (*close)(struct l4r_stack *stack);
  /* Fills kernels, isa, precision, kernel, chosen, measured; adds weights_bytes and scratch_bytes
   * of all open objects. */
  void (*about)(const struct l4r_stack *stack, struct l4r_about *about);
  /* The set of instructions by which the stack computes what is no product; NULL: it computes by
   * plain loops and chose none. */
  enum l4r_isa (*isa)(const struct l4r_stack *stack);
  /* Bytes that a weight of a product takes as the stack packs it. */
  double (*weight_bytes)(const struct l4r_stack *stack);

  int (*encoder_open)(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                      struct l4r_encoder **encoder);
  void (*encoder_close)(struct l4r_encoder *encoder);
  int (*encode)(struct l4r_encoder *encoder, const struct l4r_ragged *batch,
                enum l4r_output_kind kind, float *out);

  int (*decoder_open)(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                      struct l4r_decoder **decoder);
  void (*decoder_close)(struct l4r_decoder *decoder);
  /* Starts answers for `users` encoded sequences, memory[start[users]][D]. The memory must stay
   * valid until the last step of this batch. */
  int (*decode_begin)(struct l4r_decoder *decoder, int64_t users, const int64_t *start,
                      const float *memory);
  /* One step. hidden[rows][D]: state after the final norm (NULL: not wanted); logits[rows][V],
   * restricted: [choices], in their order (NULL: not wanted), raw. */
  int (*decode_step)(struct l4r_decoder *decoder, const struct l4r_decode_rows *rows, float *hidden,
                     float *logits);
  /* Takes steps back: the next step is number `step` (from 0, at most the steps taken), and its
   * rows extend those that step `step` - 1 had last. So a tree of answers is decoded in parts: each
   * part of a level is followed down to its leaves before the next one takes its place. L4R_USAGE
   * unless the decoder was opened with `rewinds`, or for a step that was not reached. */
  int (*decode_rewind)(struct l4r_decoder *decoder, int64_t step);

  int (*head_open)(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                   struct l4r_head **head);
  void (*head_close)(struct l4r_head *head);
  /* scores[n][items] = scale * u . weight + bias, or scale times the cosine */
  int (*project)(struct l4r_head *head, const float *u, int64_t n, float *scores);
  /* Exact top k of the same scores; popularity [items + 1] breaks ties (l4r_top_k's order). */
  int (*project_top_k)(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                       const int64_t *popularity, struct l4r_ranking *ranking);
};

/* Declared here, for what stands below cannot know them and each stack gives the types above
 * another body. impl/lite/stacks.h finds them by name. */
extern const struct l4r_stack_ops l4r_stack_reference;
extern const struct l4r_stack_ops l4r_stack_blis;

#endif
