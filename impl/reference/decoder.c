/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder of the reference stack: plain loops, never optimised.
 *
 * A row (a beam) is computed by one worker, independently of the others. `advance` runs positions
 * first .. count-1 of a row through all blocks, on top of keys and values of the positions before
 * them. Cached, first is the newest position and its keys and values stay in the row's cache;
 * plain, first is 0 and everything, the keys and values of the memory too, is computed again in the
 * worker's scratch. Both do the same operations in the same order, so their bits agree.
 *
 * The cache exists in sets: a row copies its parent's part from the set of the previous step. Two
 * take turns; a decoder that rewinds has one for each step. */
#include "impl/decode_choices.h"
#include "impl/model/config_sizes.h"
#include "impl/reference/reference.h"

#include "impl/base/error.h"

#include <math.h>
#include <string.h>

struct worker_scratch {
  struct l4r_reference_scratch position;
  float *x;        /* [max_steps][D] */
  float *q;        /* [H*K] */
  float *self[2];  /* plain: keys, values [max_steps][H*K] of the block at hand */
  float *cross[2]; /* plain: likewise [max_memory][H*K] */
  float *state;    /* [D] */
};

struct l4r_decoder {
  struct l4r_stack *stack;
  struct l4r_reference_half half;
  struct l4r_arena arena;
  int64_t max_users, max_memory, max_rows, max_steps;
  int cached, restricted, rewinds;
  int64_t users, step; /* of the batch */
  int64_t *rows;       /* [max_steps] of each step */
  int64_t *start;      /* [max_users + 1] */
  const float *memory; /* borrowed until the last step */
  int64_t sets;        /* step t has set t % sets of those below */
  int32_t *prefix;     /* [sets][max_rows][max_steps] tokens so far */
  float *self[2];      /* cached: keys, values [sets][max_rows][blocks][max_steps][H*K] */
  float *cross[2];     /* cached: keys, values [blocks][max_memory][H*K] */
  float *hidden;       /* [max_rows][D] */
  struct worker_scratch *worker;
};

static size_t rounded(size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

static int64_t most_keys(const struct l4r_decoder *d) {
  return d->max_memory > d->max_steps ? d->max_memory : d->max_steps;
}

static size_t self_floats(const struct l4r_decoder *d) {
  return (size_t)(d->sets * d->max_rows * d->half.blocks * d->max_steps * d->half.inner);
}

static size_t cross_floats(const struct l4r_decoder *d) {
  return (size_t)(d->half.blocks * d->max_memory * d->half.inner);
}

static size_t scratch_bytes(const struct l4r_decoder *d, int workers) {
  const size_t width = (size_t)d->half.shape.d_model, inner = (size_t)d->half.inner;
  size_t worker = l4r_reference_scratch_bytes(&d->half, most_keys(d)) + sizeof *d->worker +
                  rounded((size_t)d->max_steps * width * sizeof(float)) +
                  rounded(inner * sizeof(float)) + rounded(width * sizeof(float));
  if (!d->cached)
    worker += 2 * rounded((size_t)d->max_steps * inner * sizeof(float)) +
              2 * rounded((size_t)d->max_memory * inner * sizeof(float));
  size_t bytes = (size_t)workers * worker + 64;
  bytes += rounded((size_t)(d->max_users + 1) * sizeof *d->start);
  bytes += rounded((size_t)(d->sets * d->max_rows * d->max_steps) * sizeof(int32_t));
  bytes += rounded((size_t)d->max_steps * sizeof *d->rows);
  bytes += rounded((size_t)d->max_rows * width * sizeof(float));
  if (d->cached)
    bytes += 2 * rounded(self_floats(d) * sizeof(float)) +
             2 * rounded(cross_floats(d) * sizeof(float));
  return bytes;
}

static int take_worker(struct l4r_decoder *d, struct worker_scratch *worker) {
  const size_t width = (size_t)d->half.shape.d_model, inner = (size_t)d->half.inner;
  struct l4r_arena *arena = &d->arena;
  int status = l4r_reference_scratch_take(&d->half, most_keys(d), arena, &worker->position);
  if (status) return status;
  worker->x = l4r_arena_take(arena, (size_t)d->max_steps * width, sizeof(float));
  worker->q = l4r_arena_take(arena, inner, sizeof(float));
  worker->state = l4r_arena_take(arena, width, sizeof(float));
  for (int i = 0; i < 2 && !d->cached; i++) {
    worker->self[i] = l4r_arena_take(arena, (size_t)d->max_steps * inner, sizeof(float));
    worker->cross[i] = l4r_arena_take(arena, (size_t)d->max_memory * inner, sizeof(float));
    if (!worker->self[i] || !worker->cross[i]) return L4R_ENVIRONMENT;
  }
  return worker->x && worker->q && worker->state ? L4R_OK : L4R_ENVIRONMENT;
}

static int take_scratch(struct l4r_decoder *d, int workers) {
  struct l4r_arena *arena = &d->arena;
  d->worker = l4r_arena_take(arena, (size_t)workers, sizeof *d->worker);
  d->start = l4r_arena_take(arena, (size_t)d->max_users + 1, sizeof *d->start);
  d->hidden = l4r_arena_take(arena, (size_t)(d->max_rows * d->half.shape.d_model), sizeof(float));
  d->rows = l4r_arena_take(arena, (size_t)d->max_steps, sizeof *d->rows);
  d->prefix = l4r_arena_take(arena, (size_t)(d->sets * d->max_rows * d->max_steps),
                             sizeof *d->prefix);
  if (!d->worker || !d->start || !d->hidden || !d->rows || !d->prefix) return L4R_ENVIRONMENT;
  for (int i = 0; i < 2 && d->cached; i++) {
    d->self[i] = l4r_arena_take(arena, self_floats(d), sizeof(float));
    d->cross[i] = l4r_arena_take(arena, cross_floats(d), sizeof(float));
    if (!d->self[i] || !d->cross[i]) return L4R_ENVIRONMENT;
  }
  for (int w = 0; w < workers; w++) {
    int status = take_worker(d, &d->worker[w]);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_reference_decoder_open(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                               struct l4r_decoder **decoder) {
  struct l4r_decoder *d = l4r_alloc(1, sizeof *d, "a decoder");
  if (!d) return L4R_ENVIRONMENT;
  d->stack = stack;
  d->max_users = spec->max_users;
  d->max_memory = spec->max_memory;
  d->max_rows = spec->max_rows;
  d->max_steps = spec->max_steps;
  d->cached = spec->cached;
  d->restricted = spec->restricted;
  d->rewinds = spec->rewinds;
  d->sets = d->rewinds ? d->max_steps : 2;
  const int workers = l4r_team_size(stack->team);
  int status = l4r_reference_half_open(spec->shape, spec->weights, spec->prefix, 1, spec->max_steps,
                                       &d->half);
  if (!status) status = l4r_arena_init(&d->arena, scratch_bytes(d, workers), "a decoder's scratch");
  if (!status) status = take_scratch(d, workers);
  if (status) {
    l4r_arena_free(&d->arena);
    l4r_reference_half_close(&d->half);
    l4r_free(d);
    return status;
  }
  stack->weights_bytes += (int64_t)d->half.arena.size;
  stack->scratch_bytes += (int64_t)d->arena.size;
  *decoder = d;
  return L4R_OK;
}

void l4r_reference_decoder_close(struct l4r_decoder *decoder) {
  if (!decoder) return;
  decoder->stack->weights_bytes -= (int64_t)decoder->half.arena.size;
  decoder->stack->scratch_bytes -= (int64_t)decoder->arena.size;
  l4r_arena_free(&decoder->arena);
  l4r_reference_half_close(&decoder->half);
  l4r_free(decoder);
}

/* Keys and values of memory positions begin..end-1 for block b, written from k and v on. */
static void project_memory(const struct l4r_decoder *d, int64_t b, int64_t begin, int64_t end,
                           double *sum, float *k, float *v) {
  const int64_t width = d->half.shape.d_model, inner = d->half.inner;
  const struct l4r_reference_projections *cross = &d->half.block[b].cross;
  for (int64_t p = begin; p < end; p++) {
    const float *m = d->memory + p * width;
    l4r_reference_linear(k + (p - begin) * inner, m, cross->k, width, inner, sum);
    l4r_reference_linear(v + (p - begin) * inner, m, cross->v, width, inner, sum);
  }
}

static int begin_part(void *argument, int worker, int workers) {
  struct l4r_decoder *d = argument;
  int64_t begin, end;
  l4r_split(d->start[d->users], 1, worker, workers, &begin, &end);
  for (int64_t b = 0; b < d->half.blocks; b++) {
    const int64_t offset = (b * d->max_memory + begin) * d->half.inner;
    project_memory(d, b, begin, end, d->worker[worker].position.sum, d->cross[0] + offset,
                   d->cross[1] + offset);
  }
  return L4R_OK;
}

int l4r_reference_decode_begin(struct l4r_decoder *decoder, int64_t users, const int64_t *start,
                               const float *memory) {
  if (users < 0 || users > decoder->max_users)
    return l4r_fail(L4R_USAGE, "decode: %lld users, opened for at most %lld", (long long)users,
                    (long long)decoder->max_users);
  if (start[users] > decoder->max_memory)
    return l4r_fail(L4R_USAGE, "decode: %lld encoded positions, opened for at most %lld",
                    (long long)start[users], (long long)decoder->max_memory);
  memcpy(decoder->start, start, (size_t)(users + 1) * sizeof *start);
  decoder->users = users;
  decoder->memory = memory;
  decoder->step = 0;
  return decoder->cached ? l4r_team_run(decoder->stack->team, begin_part, decoder) : L4R_OK;
}

struct step { /* what the workers of one step share */
  struct l4r_decoder *decoder;
  const struct l4r_decode_rows *rows;
  int64_t count; /* positions of every row now, its newest included */
  float *logits;
};

static float *row_cache(const struct l4r_decoder *d, int64_t step, int which, int64_t row,
                        int64_t block) {
  const int64_t at = step % d->sets * d->max_rows + row;
  return d->self[which] + (at * d->half.blocks + block) * d->max_steps * d->half.inner;
}

static int32_t *row_prefix(const struct l4r_decoder *d, int64_t step, int64_t row) {
  return d->prefix + (step % d->sets * d->max_rows + row) * d->max_steps;
}

/* Brings the row's tokens, and its keys and values where they are cached, from its parent. */
static void inherit(const struct step *step, int64_t row) {
  struct l4r_decoder *d = step->decoder;
  const int64_t before = step->count - 1, from = before - 1, to = before;
  if (before > 0) {
    const int64_t parent = step->rows->parent[row];
    memcpy(row_prefix(d, to, row), row_prefix(d, from, parent), (size_t)before * sizeof(int32_t));
    const size_t bytes = (size_t)(before * d->half.inner) * sizeof(float);
    for (int64_t b = 0; b < d->half.blocks && d->cached; b++)
      for (int which = 0; which < 2; which++)
        memcpy(row_cache(d, to, which, row, b), row_cache(d, from, which, parent, b), bytes);
  }
  row_prefix(d, to, row)[before] = step->rows->token[row];
}

static void self_attention(const struct l4r_decoder *d, int64_t b, int64_t p, float *k, float *v,
                           struct worker_scratch *w) {
  const struct l4r_reference_half *half = &d->half;
  const struct l4r_reference_projections *self = &half->block[b].self;
  const int64_t width = half->shape.d_model, inner = half->inner;
  struct l4r_reference_scratch *scratch = &w->position;
  float *x = w->x + p * width;
  l4r_reference_norm(scratch->normed, x, self->norm_weight, width, half->shape.epsilon);
  l4r_reference_linear(w->q, scratch->normed, self->q, width, inner, scratch->sum);
  l4r_reference_linear(k + p * inner, scratch->normed, self->k, width, inner, scratch->sum);
  l4r_reference_linear(v + p * inner, scratch->normed, self->v, width, inner, scratch->sum);
  const struct l4r_reference_attention attention = {
      .q = w->q,
      .k = k,
      .v = v,
      .keys = p + 1,
      .heads = half->shape.heads,
      .key = half->shape.d_kv,
      .bias = half->bias + half->origin - p,
      .bias_stride = half->span,
      .weight = scratch->weight,
  };
  l4r_reference_add_attention(half, self->o, NULL, &attention, scratch, x);
}

static void cross_attention(const struct l4r_decoder *d, int64_t b, int64_t p, int64_t keys,
                            float *const kv[2], struct worker_scratch *w) {
  const struct l4r_reference_half *half = &d->half;
  const struct l4r_reference_projections *cross = &half->block[b].cross;
  const int64_t width = half->shape.d_model;
  struct l4r_reference_scratch *scratch = &w->position;
  float *x = w->x + p * width;
  l4r_reference_norm(scratch->normed, x, cross->norm_weight, width, half->shape.epsilon);
  l4r_reference_linear(w->q, scratch->normed, cross->q, width, half->inner, scratch->sum);
  const struct l4r_reference_attention attention = {
      .q = w->q,
      .k = kv[0],
      .v = kv[1],
      .keys = keys,
      .heads = half->shape.heads,
      .key = half->shape.d_kv,
      .weight = scratch->weight,
  };
  l4r_reference_add_attention(half, cross->o, NULL, &attention, scratch, x);
}

/* Positions first .. count-1 of a row through all blocks; d->hidden[row] is the newest's state. */
static void advance(const struct step *step, int64_t row, int64_t first, struct worker_scratch *w) {
  struct l4r_decoder *d = step->decoder;
  const struct l4r_reference_half *half = &d->half;
  const int64_t width = half->shape.d_model, user = step->rows->user[row];
  const int64_t memory = d->start[user], keys = d->start[user + 1] - memory;
  const int32_t *prefix = row_prefix(d, step->count - 1, row);
  for (int64_t p = first; p < step->count; p++)
    memcpy(w->x + p * width, half->embedding + prefix[p] * width, (size_t)width * sizeof(float));
  for (int64_t b = 0; b < half->blocks; b++) {
    float *self[2] = {w->self[0], w->self[1]}, *cross[2] = {w->cross[0], w->cross[1]};
    if (d->cached) {
      for (int i = 0; i < 2; i++) {
        self[i] = row_cache(d, step->count - 1, i, row, b);
        cross[i] = d->cross[i] + (b * d->max_memory + memory) * half->inner;
      }
    } else {
      project_memory(d, b, memory, memory + keys, w->position.sum, cross[0], cross[1]);
    }
    for (int64_t p = first; p < step->count; p++) {
      self_attention(d, b, p, self[0], self[1], w);
      cross_attention(d, b, p, keys, cross, w);
      l4r_reference_add_feed_forward(half, &half->block[b], &w->position, w->x + p * width);
    }
  }
  l4r_reference_norm(d->hidden + row * width, w->x + (step->count - 1) * width, half->norm_weight,
                     width, half->shape.epsilon);
}

/* Logits begin..end-1 of the rows' logits laid end to end: a row has the vocabulary's, or those of
 * its choices. */
static void output(const struct step *step, int64_t begin, int64_t end, float *state) {
  const struct l4r_reference_half *half = &step->decoder->half;
  const int64_t width = half->shape.d_model, vocabulary = half->shape.vocabulary;
  const int64_t *start = step->decoder->restricted ? step->rows->choice_start : NULL;
  const float scale = l4r_output_scale_of(&half->shape);
  int64_t row = -1, row_end = 0;
  for (int64_t i = begin; i < end; i++) {
    const int64_t before = row;
    while (row < 0 || i >= row_end) {
      row++;
      row_end = start ? start[row + 1] : (row + 1) * vocabulary;
    }
    if (row != before)
      for (int64_t c = 0; c < width; c++) state[c] = step->decoder->hidden[row * width + c] * scale;
    const int64_t token = start ? step->rows->choice[i] : i % vocabulary;
    step->logits[i] = (float)l4r_reference_dot(state, half->output + token * width, width);
  }
}

static int step_part(void *argument, int worker, int workers) {
  const struct step *step = argument;
  struct l4r_decoder *d = step->decoder;
  int64_t begin, end;
  l4r_split(step->rows->rows, 1, worker, workers, &begin, &end);
  for (int64_t row = begin; row < end; row++) {
    inherit(step, row);
    advance(step, row, d->cached ? step->count - 1 : 0, &d->worker[worker]);
  }
  if (!step->logits) return L4R_OK;
  if (workers > 1) l4r_team_barrier(d->stack->team);
  const int64_t rows = step->rows->rows;
  l4r_split(d->restricted ? step->rows->choice_start[rows] : rows * d->half.shape.vocabulary, 1,
            worker, workers, &begin, &end);
  output(step, begin, end, d->worker[worker].state);
  return L4R_OK;
}

static int check(const struct l4r_decoder *d, const struct l4r_decode_rows *rows) {
  if (rows->rows < 0 || rows->rows > d->max_rows)
    return l4r_fail(L4R_USAGE, "decode: %lld rows, opened for at most %lld", (long long)rows->rows,
                    (long long)d->max_rows);
  if (d->step >= d->max_steps)
    return l4r_fail(L4R_USAGE, "decode: step %lld, opened for at most %lld", (long long)d->step + 1,
                    (long long)d->max_steps);
  if (d->step > 0 && !rows->parent)
    return l4r_fail(L4R_USAGE, "decode: rows without parents after the first step");
  for (int64_t r = 0; r < rows->rows; r++) {
    if (rows->user[r] < 0 || rows->user[r] >= d->users)
      return l4r_fail(L4R_USAGE, "decode: row %lld is of user %lld of %lld", (long long)r,
                      (long long)rows->user[r], (long long)d->users);
    if (rows->token[r] < 0 || rows->token[r] >= d->half.shape.vocabulary)
      return l4r_fail(L4R_USAGE, "decode: row %lld has token %lld, the vocabulary has %lld",
                      (long long)r, (long long)rows->token[r], (long long)d->half.shape.vocabulary);
    if (d->step > 0 && (rows->parent[r] < 0 || rows->parent[r] >= d->rows[d->step - 1]))
      return l4r_fail(L4R_USAGE, "decode: row %lld extends row %lld, the previous step had %lld",
                      (long long)r, (long long)rows->parent[r], (long long)d->rows[d->step - 1]);
  }
  return L4R_OK;
}

int l4r_reference_decode_step(struct l4r_decoder *decoder, const struct l4r_decode_rows *rows,
                              float *hidden, float *logits) {
  int status = check(decoder, rows);
  if (!status && logits && decoder->restricted)
    status = l4r_decode_choices_check(rows, decoder->half.shape.vocabulary);
  if (status) return status;
  struct step step = {
      .decoder = decoder, .rows = rows, .count = decoder->step + 1, .logits = logits};
  status = l4r_team_run(decoder->stack->team, step_part, &step);
  if (status) return status;
  if (hidden)
    memcpy(hidden, decoder->hidden,
           (size_t)(rows->rows * decoder->half.shape.d_model) * sizeof *hidden);
  decoder->rows[decoder->step++] = rows->rows;
  return L4R_OK;
}

int l4r_reference_decode_rewind(struct l4r_decoder *decoder, int64_t step) {
  if (!decoder->rewinds)
    return l4r_fail(L4R_USAGE, "decode: the decoder was not opened to take steps back");
  if (step < 0 || step > decoder->step)
    return l4r_fail(L4R_USAGE, "decode: step %lld is not among the %lld that were taken",
                    (long long)step, (long long)decoder->step);
  decoder->step = step;
  return L4R_OK;
}
