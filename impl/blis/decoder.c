/* SPDX-License-Identifier: BSD-3-Clause */
/* Decoding: one fork and join a step. Cached, the whole team works on all beams of all users at
 * once, so that every weight is read once a step. Plain, parts of beams with their whole prefixes
 * go through the blocks, a worker alone on each, or the team together when there are few beams. */
#include "impl/blis/decoder.h"

#include "impl/base/error.h"
#include "impl/blis/decoder_attention.h"
#include "impl/blis/decoder_state.h"
#include "impl/decode_choices.h"
#include "impl/model/config_sizes.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { PART_FEWEST = 24 }; /* positions below which a product no longer runs at full speed */

static void load_positions(const struct l4r_work_group *group, const struct l4r_decode_part *part) {
  const struct l4r_decoder *d = part->decoder;
  int64_t begin, end, width = d->shape.d_model, n = part->prefix;
  const int32_t *prefix = l4r_decode_list(d, d->steps);
  l4r_split(part->count * n, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    int64_t beam = part->first + i / n;
    int32_t token = d->cached ? part->rows->token[beam] : prefix[beam * d->max_steps + i % n];
    float *x = part->scratch->x + i * width;
    if (d->embedding)
      memcpy(x, d->embedding + token * width, (size_t)width * sizeof(float));
    else
      l4r_matrix_column(&d->output, token, x);
  }
}

/* to[positions] (+)= from times columns of a matrix. */
static void apply(const struct l4r_work_group *group, const struct l4r_matrix *matrix,
                  int64_t positions, const float *from, float *to, int accumulate) {
  l4r_multiply(group, matrix,
               &(struct l4r_product){.m = positions,
                                     .a = from,
                                     .lda = matrix->k,
                                     .columns = matrix->n,
                                     .c = to,
                                     .ldc = matrix->n,
                                     .accumulate = accumulate});
  l4r_work_group_meet(group);
}

static void one_block(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                      int64_t b) {
  const struct l4r_decoder *d = part->decoder;
  const struct l4r_decoder_scratch *s = part->scratch;
  const struct l4r_block *block = &d->block[b];
  int64_t positions = part->count * part->prefix;
  l4r_norm_rows(group, &d->shape, positions, s->x, block->self_norm, s->normed);
  l4r_work_group_meet(group);
  apply(group, &block->qkv, positions, s->normed, s->qkv, 0);
  if (d->cached)
    l4r_decode_self_cached(group, part, b);
  else
    l4r_decode_self_plain(group, part);
  l4r_work_group_meet(group);
  apply(group, &block->self_o, positions, s->context, s->x, 1);
  l4r_norm_rows(group, &d->shape, positions, s->x, block->cross_norm, s->normed);
  l4r_work_group_meet(group);
  apply(group, &block->cross_q, positions, s->normed, s->query, 0);
  if (d->cached)
    l4r_decode_cross_cached(group, part, b);
  else
    l4r_decode_cross_plain(group, part, b);
  l4r_work_group_meet(group);
  apply(group, &block->cross_o, positions, s->context, s->x, 1);
  l4r_feed_forward(group, &(struct l4r_feed_forward){.block = block,
                                                     .shape = &d->shape,
                                                     .rows = positions,
                                                     .x = s->x,
                                                     .normed = s->normed,
                                                     .inner = s->inner});
  l4r_work_group_meet(group);
}

/* Runs all blocks over a part and leaves the newest positions in decoder->state; every worker of
 * the group calls it with the same part (attention apart, which is its own). */
static void run_part(const struct l4r_work_group *group, const struct l4r_decode_part *part) {
  const struct l4r_decoder *d = part->decoder;
  int64_t begin, end, width = d->shape.d_model, n = part->prefix;
  load_positions(group, part); /* a worker's norm reads only what it loaded itself */
  for (int64_t b = 0; b < d->shape.decoder_blocks; b++) one_block(group, part, b);
  float scale = l4r_output_scale_of(&d->shape);
  l4r_split(part->count, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    float *state = d->state + (part->first + i) * width;
    float *scaled = d->scaled + (part->first + i) * width;
    group->kernels->rms_norm(width, part->scratch->x + (i * n + n - 1) * width, d->final_norm,
                             (float)d->shape.epsilon, state);
    for (int64_t j = 0; j < width; j++) scaled[j] = state[j] * scale;
  }
  l4r_work_group_meet(group); /* the next part overwrites the scratch */
}

struct job { /* one step */
  struct l4r_decode_part whole;
  int alone;
  int64_t beams; /* of a part */
  atomic_llong next;
  float *logits;
};

static void run_parts(struct job *job, int worker, int workers) {
  struct l4r_decoder *d = job->whole.decoder;
  struct l4r_decode_part part = job->whole;
  struct l4r_work_group group = {.kernels = d->stack->kernels,
                                 .team = d->stack->team,
                                 .worker = job->alone ? 0 : worker,
                                 .workers = job->alone ? 1 : workers,
                                 .converted = l4r_stack_converted(d->stack, worker)};
  part.scratch = &d->scratch[job->alone ? worker : 0];
  part.memory_kv = d->memory_kv[job->alone ? worker : 0];
  part.attention = d->attention[worker];
  int64_t own = 0; /* together: where this part begins, known to all without asking */
  for (;;) {
    part.first = job->alone ? atomic_fetch_add(&job->next, job->beams) : own;
    own += job->beams;
    if (part.first >= job->whole.count) return;
    int64_t left = job->whole.count - part.first;
    part.count = left < job->beams ? left : job->beams;
    run_part(&group, &part);
  }
}

/* The logits of a worker's share of all choices: a row of the output layer each. Beams that stand
 * at different nodes of a tree of ids share hardly a row, so there is no product to make of them.
 */
static void choose(const struct job *job, int worker, int workers) {
  const struct l4r_decoder *d = job->whole.decoder;
  const struct l4r_decode_rows *rows = job->whole.rows;
  const float *weight = d->choice ? d->choice : d->embedding;
  int64_t begin, end, width = d->shape.d_model, row = 0;
  l4r_split(rows->choice_start[rows->rows], 1, worker, workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    while (i >= rows->choice_start[row + 1]) row++;
    job->logits[i] = d->stack->kernels->dot(width, d->scaled + row * width,
                                            weight + rows->choice[i] * width);
  }
}

static int step_work(void *argument, int worker, int workers) {
  struct job *job = argument;
  struct l4r_decoder *d = job->whole.decoder;
  run_parts(job, worker, workers);
  if (!job->logits) return L4R_OK;
  if (job->alone) l4r_team_barrier(d->stack->team); /* together, the part ended with one */
  if (d->restricted) {
    choose(job, worker, workers);
    return L4R_OK;
  }
  struct l4r_work_group group = {.kernels = d->stack->kernels,
                                 .team = d->stack->team,
                                 .worker = worker,
                                 .workers = workers,
                                 .converted = l4r_stack_converted(d->stack, worker)};
  l4r_multiply(&group, &d->output,
               &(struct l4r_product){.m = job->whole.count,
                                     .a = d->scaled,
                                     .lda = d->shape.d_model,
                                     .columns = d->shape.vocabulary,
                                     .c = job->logits,
                                     .ldc = d->shape.vocabulary});
  return L4R_OK;
}

static int check_rows(const struct l4r_decoder *d, const struct l4r_decode_rows *rows) {
  if (d->steps >= d->max_steps)
    return l4r_fail(L4R_USAGE, "decode: step %lld, opened for %lld", (long long)d->steps + 1,
                    (long long)d->max_steps);
  if (rows->rows < 0 || rows->rows > d->max_rows)
    return l4r_fail(L4R_USAGE, "decode: %lld rows, opened for %lld", (long long)rows->rows,
                    (long long)d->max_rows);
  if (!rows->parent != !d->steps)
    return l4r_fail(L4R_USAGE, "decode: the first step has no parents, every later one has");
  for (int64_t r = 0; r < rows->rows; r++) {
    int64_t parent = rows->parent ? rows->parent[r] : 0;
    if (rows->user[r] < 0 || rows->user[r] >= d->users)
      return l4r_fail(L4R_USAGE, "decode: row %lld is of user %lld of %lld", (long long)r,
                      (long long)rows->user[r], (long long)d->users);
    if (rows->parent && (parent < 0 || parent >= d->rows[d->steps - 1]))
      return l4r_fail(L4R_USAGE, "decode: row %lld extends row %lld of %lld", (long long)r,
                      (long long)parent, (long long)d->rows[d->steps - 1]);
    if (rows->token[r] < 0 || rows->token[r] >= d->shape.vocabulary)
      return l4r_fail(L4R_USAGE, "decode: row %lld has token %lld, vocabulary %lld", (long long)r,
                      (long long)rows->token[r], (long long)d->shape.vocabulary);
  }
  return L4R_OK;
}

/* Every row takes over what its parent has: cached, the slots of its ancestors; plain, its tokens.
 */
static void inherit(struct l4r_decoder *d, const struct l4r_decode_rows *rows) {
  const int32_t *previous = d->steps ? l4r_decode_list(d, d->steps - 1) : NULL;
  for (int64_t r = 0; r < rows->rows; r++) {
    int32_t *mine = l4r_decode_list(d, d->steps) + r * d->max_steps;
    if (previous)
      memcpy(mine, previous + rows->parent[r] * d->max_steps, (size_t)d->steps * sizeof *mine);
    mine[d->steps] = d->cached ? (int32_t)r : rows->token[r];
  }
  d->runs = 0;
  for (int64_t r = 0; r < rows->rows; r++)
    if (!r || rows->user[r] != rows->user[r - 1]) d->run[d->runs++] = r;
  d->run[d->runs] = rows->rows;
}

int l4r_blis_decode_step(struct l4r_decoder *d, const struct l4r_decode_rows *rows, float *hidden,
                         float *logits) {
  int status = check_rows(d, rows);
  if (!status && logits && d->restricted)
    status = l4r_decode_choices_check(rows, d->shape.vocabulary);
  if (status) return status;
  inherit(d, rows);
  int64_t workers = d->stack->workers, prefix = d->cached ? 1 : d->steps + 1;
  struct job job = {.whole = {.decoder = d, .rows = rows, .count = rows->rows, .prefix = prefix},
                    .alone = !d->cached && workers > 1 && rows->rows >= 2 * workers,
                    .beams = d->part / prefix,
                    .logits = logits};
  if (job.alone) { /* four parts a worker, so that none waits long for the last */
    int64_t even = (rows->rows + 4 * workers - 1) / (4 * workers);
    int64_t fewest = (PART_FEWEST + prefix - 1) / prefix, fair = rows->rows / workers;
    if (even < fewest) even = fewest < fair ? fewest : fair;
    if (even < job.beams) job.beams = even;
  }
  status = l4r_team_run(d->stack->team, step_work, &job);
  if (status) return status;
  if (hidden) memcpy(hidden, d->state, (size_t)(rows->rows * d->shape.d_model) * sizeof(float));
  d->rows[d->steps++] = rows->rows;
  return L4R_OK;
}

int l4r_blis_decode_rewind(struct l4r_decoder *d, int64_t step) {
  if (!d->rewinds)
    return l4r_fail(L4R_USAGE, "decode: the decoder was not opened to take steps back");
  if (step < 0 || step > d->steps)
    return l4r_fail(L4R_USAGE, "decode: step %lld is not among the %lld that were taken",
                    (long long)step, (long long)d->steps);
  d->steps = step;
  return L4R_OK;
}

static int begin_work(void *argument, int worker, int workers) {
  struct l4r_decoder *d = argument;
  struct l4r_work_group group = {.kernels = d->stack->kernels,
                                 .team = d->stack->team,
                                 .worker = worker,
                                 .workers = workers,
                                 .converted = l4r_stack_converted(d->stack, worker)};
  l4r_decode_cross_cache(&group, d);
  return L4R_OK;
}

int l4r_blis_decode_begin(struct l4r_decoder *d, int64_t users, const int64_t *start,
                          const float *memory) {
  if (users < 0 || users > d->max_users)
    return l4r_fail(L4R_USAGE, "decode: %lld users, opened for %lld", (long long)users,
                    (long long)d->max_users);
  for (int64_t u = 0; u < users; u++)
    if (start[0] || start[u + 1] < start[u] || start[u + 1] > d->max_memory)
      return l4r_fail(L4R_USAGE,
                      "decode: user %lld has encoded positions %lld to %lld, opened for "
                      "%lld in all",
                      (long long)u, (long long)start[u], (long long)start[u + 1],
                      (long long)d->max_memory);
  d->users = users;
  d->encoded = memory;
  d->steps = 0;
  if (!users) return L4R_OK;
  memcpy(d->start, start, (size_t)(users + 1) * sizeof *start);
  if (!d->cached) return L4R_OK;
  for (int64_t u = 0; u < users; u++)
    d->cache.transposed_at[u + 1] = d->cache.transposed_at[u] +
                                    l4r_transposed_columns(start[u + 1] - start[u]);
  return l4r_team_run(d->stack->team, begin_work, d);
}
