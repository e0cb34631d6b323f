/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/lite: train.c opens a training, sequences.c draws what an epoch and a step
 * consist of, items.c runs the Item LLM, step.c computes loss and gradients, sampled.c the sampled
 * losses, memory.c says what all of it takes, validate.c ranks for the choice of an epoch.
 *
 * Letters: D width, I items, B windows of a step, T positions of a window. A *slot* is the place of
 * an item among the distinct items of a step; with a tied head and the full cross-entropy every
 * item has one, slot item-1. */
#ifndef L4R_TRAIN_LITE_INTERNAL_H
#define L4R_TRAIN_LITE_INTERNAL_H

#include "impl/model/tokenizer.h"
#include "impl/train/layers/layers.h"
#include "impl/train/lite/train.h"

struct l4r_lite_window { /* inputs train_item[first] .. [first + length - 1]; the target of a
                            position is the item after it (bidirectional: of the last one only) */
  int64_t first, length;
};

struct l4r_lite_chunk { /* some items on their way through the Item LLM; kept until backward */
  struct l4r_encoder_layers *layers;
  struct l4r_batch batch;
  int64_t *start;
  int32_t *token;
  int64_t place; /* in the order, of its first item */
};

struct l4r_lite_worker {
  struct l4r_lite_chunk *chunk;
  size_t chunk_capacity;
  int64_t chunks, chunks_used;
  float *item_hidden; /* [chunk positions][D]; also its gradient on the way back */
  struct l4r_encoder_layers *rec;
  int64_t *rec_start;
  float *rec_vector, *rec_hidden, *rec_d_hidden; /* [rec positions][D] */
  float *state, *d_state; /* [rec positions][D]: read-outs when not every position is one */
  int32_t *target;        /* [rec positions] */
  float *d_vector;        /* [step_slots][D]: gradient of the step's item vectors, this worker's */
  float *gradients;       /* flat; NULL for worker 0, which has the step's */
  float *logits;          /* [block_rows][I] in validation; scratch of the softmax in training */
  float *sampled;         /* scratch of the sampled losses */
  int32_t *sample_row;    /* [N] */
  unsigned char *mark;    /* [I + 1], for ranks */
  double loss, hr10, ndcg10;
  int64_t users;
};

struct l4r_lite_sampled { /* lite_sampled.c; all 0 with cross-entropy */
  enum l4r_lite_loss loss;
  double calibration;
  int update_rows;
  int64_t negatives, max_pieces, max_rows;
  l4r_item *item;  /* [max_pieces][N] what the step's pieces draw */
  int64_t *piece;  /* [workers + 1] a worker's first piece */
  int32_t *drawn;  /* [I + 1] number of the draw that last held an item */
  int32_t *named;  /* [I + 1] number of the list that last held an item */
  int32_t *id_row; /* [max_rows] the step's rows of the id table, of the head's weight */
  int32_t *head_row;
  int32_t draws, names;
  struct l4r_train_rows rows; /* of the step; count 0: dense */
};

struct l4r_lite {
  const struct l4r_dataset *dataset;
  const struct l4r_model_config *config;
  const struct l4r_tensors *tensors;
  const struct l4r_pretrained *init; /* NULL: random */
  int64_t batch, prefixes, width, items, history, max_slots, chunk_positions, rec_positions,
      block_rows;
  int64_t step_slots; /* that a training step can have; 0: max_slots */
  int workers, bf16;
  int32_t *token; /* of all items; NULL when items come as ids alone */
  int64_t *token_start;
  int64_t head_weight, head_bias, projection, id; /* offsets in the flat buffer; -1: none */
  struct l4r_lite_sampled sampled;
  int64_t *validation_user, validation_users;
  /* epoch */
  uint64_t seed;
  int64_t epoch;
  struct l4r_lite_window *window;
  int64_t windows;
  size_t window_capacity;
  /* step */
  int32_t *slot_of; /* [I + 1], -1: not in this step */
  int32_t *item_of; /* [max_slots] */
  int64_t *order;   /* [max_slots] slots: first those encoded now, then those taken from before */
  int64_t slots, encoded, targets;
  int64_t *order_bound, *window_bound; /* [workers + 1]: whose they are; order: encoded part */
  struct l4r_lite_window *step_window; /* [B], in the workers' order */
  float *vector;                       /* [max_slots][D]: what the Recommendation LLM reads */
  float *pooled, *text; /* [encoded][D], in `order`: before and after the projection; the same
                           buffer when there is none */
  double item_share;
  int64_t *stamp;     /* [I + 1] when an item was last encoded: 1 + (epoch << 32 | step), 0 never */
  int64_t kept_bytes; /* of the block that begins at stamp and holds both */
  float *kept;        /* [I][D] what came out then; both NULL when item_share is 1 */
  struct l4r_lite_worker *worker;
  /* of the call under way, for the workers */
  const struct l4r_train_step *step;
  const float *values;
};

/* All of l4r_lite_train but the loop: a task, ready to run. `run` must not be moved; close it. */
struct l4r_lite_run {
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_lite lite;
  struct l4r_train_task task;
  char settings[256];
};
int l4r_lite_open(const struct l4r_lite_train_options *options, struct l4r_lite_run *run);
void l4r_lite_close(struct l4r_lite_run *run);

/* Draws the epoch's windows from (seed, epoch). L4R_INPUT when there are none. */
int l4r_lite_draw_epoch(struct l4r_lite *lite, uint64_t seed, int64_t epoch);
int64_t l4r_lite_steps(const struct l4r_lite *lite);
/* Fills the step's fields: distinct items, which of them are encoded and by whom, windows dealt to
 * workers. Changes nothing else but the order of the step's windows. */
void l4r_lite_prepare_step(struct l4r_lite *lite, int64_t step);

/* The Item LLM's part, which serves every kind that reads item vectors. Opened in two goes, because
 * a step's needs are told in between. Reads of lite: config, tensors, items, width, workers, token,
 * token_start, item_share; the texts are freed by close. */
int l4r_lite_slots_open(struct l4r_lite *lite);
int l4r_lite_vectors_open(struct l4r_lite *lite);
void l4r_lite_slots_close(struct l4r_lite *lite);
/* The items of a step: clear, add each (again and again if need be), choose which are encoded
 * (`all`: all) and by whom. */
void l4r_lite_slots_clear(struct l4r_lite *lite);
void l4r_lite_slots_add(struct l4r_lite *lite, l4r_item item);
void l4r_lite_slots_choose(struct l4r_lite *lite, int all);
/* Makes sure that every worker has the chunks its items need (not `training`: one, used again and
 * again) and stamps the items. Main thread. */
int l4r_lite_slots_ready(struct l4r_lite *lite, int training);
/* Tokens of the items encoded in places begin .. end-1 of the order. */
int64_t l4r_lite_tokens(const struct l4r_lite *lite, int64_t begin, int64_t end);
/* Tokens that the step's items brought to the Item LLM; 0 where items have no texts. */
int64_t l4r_lite_text_tokens(const struct l4r_lite *lite);

/* Worker's part of vector[slots]: forward; `training`: with dropout, chunks and vectors kept. */
int l4r_lite_items_forward(struct l4r_lite *lite, int worker, int training);
/* Worker's part of the sum of all workers' d_vector, left in worker 0's. */
void l4r_lite_sum_d_vector(struct l4r_lite *lite, int worker);
/* From that sum to gradients (flat). */
int l4r_lite_items_backward(struct l4r_lite *lite, int worker, float *gradients);

/* Windows from `window` on that one piece takes: returns the first left, and its positions. */
int64_t l4r_lite_piece_end(const struct l4r_lite *lite, int64_t window, int64_t end,
                           int64_t *positions);

/* The sampled losses. size: from the options and lite's sizes; bytes: what open will take. */
void l4r_lite_sampled_size(struct l4r_lite *lite, const struct l4r_lite_train_options *options);
double l4r_lite_sampled_bytes(const struct l4r_lite *lite);
int l4r_lite_sampled_open(struct l4r_lite *lite);
void l4r_lite_sampled_close(struct l4r_lite *lite);
/* Draws the step's samples, after its windows were shared out; then lists targets and samples: into
 * slots with a tied head, and as rows to be updated. */
void l4r_lite_sampled_draw(struct l4r_lite *lite, int64_t step);
void l4r_lite_sampled_list(struct l4r_lite *lite);
/* The loss of a piece's rows and its gradients; l4r_softmax_cross_entropy's part. */
int l4r_lite_sampled_head(struct l4r_lite *lite, int worker, int64_t piece, int64_t rows,
                          float *gradients);

/* Floats of a worker's scratch for logits, in training and in validation. */
int64_t l4r_lite_logits(const struct l4r_lite *lite);
/* What the workers' layers are opened with. */
struct l4r_train_spec l4r_lite_rec_spec(const struct l4r_lite *lite);
struct l4r_train_spec l4r_lite_item_spec(const struct l4r_lite *lite);
/* Memory: told, and held against what there is, before any of it is taken. `step_tokens`: the most
 * that a step sends through the Item LLM; -1: not known yet, say nothing. */
int l4r_lite_memory_check(const struct l4r_lite *lite, int64_t step_tokens);

/* state[count][D] of the worker's sequences in rec_hidden, as the configuration reads them out. */
void l4r_lite_read_out(const struct l4r_lite *lite, struct l4r_lite_worker *own, int64_t count);

int l4r_lite_forward_backward(void *state, struct l4r_team *team, struct l4r_train_step *step);
int l4r_lite_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation);

/* Analytic multiply-adds times two of an encoder's forward pass: `positions` in all, the sum of
 * squared lengths for attention. Backward costs twice as much. */
double l4r_encoder_flops(const struct l4r_t5_shape *shape, double positions, double squares);

/* A random generator for one piece of a step's work; purposes: LITE_RANDOM_*. */
enum {
  L4R_LITE_RANDOM_EPOCH,
  L4R_LITE_RANDOM_ITEMS,
  L4R_LITE_RANDOM_SEQUENCES,
  L4R_LITE_RANDOM_NEGATIVES
};
void l4r_lite_random(struct l4r_random *random, const struct l4r_train_step *step, int purpose,
                     int worker, int64_t piece);

#endif
