/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder: opening, and how a batch is divided. A small batch is worked on by the whole team,
 * phase by phase; a large one is cut into parts of whole sequences, which the workers take one
 * after another and run alone, with no barrier and their activations in their own cache. Either way
 * it is one fork and join, and the bits are the same: no row's arithmetic depends on its
 * neighbours. */
#include "impl/blis/encoder.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/bert.h"
#include "impl/blis/encoder_part.h"
#include "impl/blis/sasrec.h"

#include <stdatomic.h>
#include <string.h>

/* Rows of a part: enough that the weights read from L3 are amortised (256 rows use each weight 512
 * times), few enough that the activations of t5-small stay within a few MiB. */
enum { PART_ROWS = 256, ROWS_ALONE = 96, PARTS_PER_WORKER = 4 };

static int check_spec(const struct l4r_encoder_spec *spec) {
  const struct l4r_t5_shape *s = spec->shape;
  if (s->d_model < 1 || s->d_kv < 1 || s->heads < 1 || s->d_ff < 1 || s->encoder_blocks < 1)
    return l4r_fail(L4R_INPUT,
                    "encoder %s: a size is 0 (width %lld, key %lld, heads %lld, feed "
                    "%lld, blocks %lld); mend config.json",
                    spec->prefix, (long long)s->d_model, (long long)s->d_kv, (long long)s->heads,
                    (long long)s->d_ff, (long long)s->encoder_blocks);
  if (spec->max_positions < 1 || spec->max_count < 1 || spec->max_length < 1)
    return l4r_fail(L4R_USAGE,
                    "encoder %s: bounds must be at least 1 (positions %lld, sequences "
                    "%lld, length %lld)",
                    spec->prefix, (long long)spec->max_positions, (long long)spec->max_count,
                    (long long)spec->max_length);
  return L4R_OK;
}

static int open_weights(struct l4r_encoder *e, const struct l4r_encoder_spec *spec) {
  const struct l4r_t5_shape *shape = &e->shape;
  if (shape->block == L4R_BLOCK_SASREC)
    return l4r_blis_sasrec_open(e->stack, spec, &e->sasrec, &e->weights_bytes);
  if (shape->block == L4R_BLOCK_BERT)
    return l4r_blis_bert_open(e->stack, spec, &e->bert, &e->weights_bytes);
  e->block = l4r_alloc((size_t)shape->encoder_blocks, sizeof *e->block, "encoder blocks");
  if (!e->block) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  for (int64_t b = 0; !status && b < shape->encoder_blocks; b++) {
    status = l4r_block_open(&e->block[b], shape, spec->weights, spec->prefix, 0, b, e->stack->gemm);
    e->weights_bytes += l4r_block_bytes(&e->block[b], shape->d_model);
  }
  if (!status)
    status = l4r_norm_weight_open(&e->final_norm, spec->weights, spec->prefix,
                                  "encoder.final_layer_norm.weight", shape->d_model);
  if (!status)
    status = l4r_bias_open(&e->bias, shape, spec->weights, spec->prefix,
                           "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                           !shape->causal, spec->max_length);
  e->weights_bytes += shape->d_model * (int64_t)sizeof(float) +
                      l4r_bias_bytes(&e->bias, shape->heads);
  if (status || !shape->vocabulary) return status;
  const float *values;
  size_t row = (size_t)shape->d_model * sizeof(float);
  status = l4r_weights_get(spec->weights, spec->prefix, "shared.weight", shape->vocabulary,
                           shape->d_model, &values);
  if (status) return status;
  e->embedding = l4r_alloc((size_t)shape->vocabulary, row, "shared.weight");
  if (!e->embedding) return L4R_ENVIRONMENT;
  memcpy(e->embedding, values, (size_t)shape->vocabulary * row);
  e->weights_bytes += shape->vocabulary * (int64_t)row;
  return L4R_OK;
}

/* A worker's, in floats. */
static int64_t attention_scratch(const struct l4r_encoder *e) {
  const struct l4r_gemm_kernel *gemm = e->stack->gemm;
  const int64_t plain = l4r_attention_scratch(e->max_length, e->shape.d_kv);
  const int64_t own = gemm->attend ? gemm->attend_scratch(e->max_length, e->shape.d_kv) : 0;
  return own > plain ? own : plain;
}

static int open_scratch(struct l4r_encoder *e) {
  int64_t d = e->shape.d_model, inner = e->shape.heads * e->shape.d_kv;
  int64_t f = l4r_inner_ld(&e->shape);
  if (f < inner) f = inner; /* the read-out rows' q lies there too */
  int64_t gate = e->shape.gates ? d : 0;
  int64_t column[] = {d, d, 3 * inner, inner, f, d, d, gate}, total = 0;
  int64_t score = attention_scratch(e);
  for (size_t i = 0; i < sizeof column / sizeof *column; i++) total += column[i];
  e->scratch = l4r_alloc((size_t)e->stack->workers, sizeof *e->scratch, "encoder scratch");
  e->attention = l4r_alloc((size_t)e->stack->workers, sizeof *e->attention, "encoder scratch");
  if (!e->scratch || !e->attention) return L4R_ENVIRONMENT;
  for (int w = 0; w < e->stack->workers; w++) {
    struct l4r_encoder_scratch *s = &e->scratch[w];
    s->memory = l4r_alloc((size_t)e->part, (size_t)total * sizeof(float), "encoder scratch");
    e->attention[w] = l4r_alloc((size_t)score, sizeof(float), "encoder scratch");
    if (!s->memory || !e->attention[w]) return L4R_ENVIRONMENT;
    float **pointer[] = {&s->x,     &s->normed, &s->qkv,       &s->context,
                         &s->inner, &s->tail_x, &s->tail_norm, &s->gate};
    float *next = s->memory;
    for (size_t i = 0; i < sizeof column / sizeof *column; i++) {
      *pointer[i] = next;
      next += e->part * column[i];
    }
    e->scratch_bytes += (e->part * total + score) * (int64_t)sizeof(float);
  }
  return L4R_OK;
}

int l4r_blis_encoder_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                          struct l4r_encoder **out) {
  int status = check_spec(spec);
  if (status) return status;
  struct l4r_encoder *e = l4r_alloc(1, sizeof *e, "an encoder");
  if (!e) return L4R_ENVIRONMENT;
  e->stack = stack;
  e->shape = *spec->shape;
  e->max_positions = spec->max_positions;
  e->max_count = spec->max_count;
  e->max_length = spec->max_length;
  int64_t longest = spec->max_length < spec->max_positions ? spec->max_length : spec->max_positions;
  int64_t most = spec->max_positions > spec->max_count ? spec->max_positions : spec->max_count;
  e->part = longest > PART_ROWS ? longest : PART_ROWS;
  if (e->part > most) e->part = most;
  e->part = (e->part + 15) / 16 * 16; /* so that every array begins at a cache line */
  status = open_weights(e, spec);
  if (!status) status = open_scratch(e);
  stack->weights_bytes += e->weights_bytes;
  stack->scratch_bytes += e->scratch_bytes;
  if (status) {
    l4r_blis_encoder_close(e);
    return status;
  }
  *out = e;
  return L4R_OK;
}

void l4r_blis_encoder_close(struct l4r_encoder *e) {
  if (!e) return;
  e->stack->weights_bytes -= e->weights_bytes;
  e->stack->scratch_bytes -= e->scratch_bytes;
  for (int64_t b = 0; e->block && b < e->shape.encoder_blocks; b++) l4r_block_close(&e->block[b]);
  for (int w = 0; w < e->stack->workers; w++) {
    if (e->scratch) l4r_free(e->scratch[w].memory);
    if (e->attention) l4r_free(e->attention[w]);
  }
  l4r_blis_sasrec_close(e->sasrec);
  l4r_blis_bert_close(e->bert);
  l4r_bias_close(&e->bias);
  l4r_free(e->block);
  l4r_free(e->final_norm);
  l4r_free(e->embedding);
  l4r_free(e->scratch);
  l4r_free(e->attention);
  l4r_free(e);
}

struct job { /* one call of encode */
  struct l4r_encode_part whole;
  int alone;         /* workers take parts by themselves */
  int64_t rows;      /* wanted of a part */
  atomic_llong next; /* alone: the first sequence nobody has taken */
};

/* How many sequences from `first` on make a part of about `rows` rows (at least one). */
static int64_t part_length(const struct job *job, int64_t first) {
  const struct l4r_ragged *batch = job->whole.batch;
  int64_t count = 1, capacity = job->whole.encoder->part;
  while (first + count < batch->count && count < capacity &&
         batch->start[first + count + 1] - batch->start[first] <= job->rows)
    count++;
  return count;
}

static int work(void *argument, int worker, int workers) {
  struct job *job = argument;
  struct l4r_encoder *e = job->whole.encoder;
  struct l4r_encode_part part = job->whole;
  struct l4r_work_group group = {.kernels = e->stack->kernels,
                                 .team = e->stack->team,
                                 .worker = job->alone ? 0 : worker,
                                 .workers = job->alone ? 1 : workers,
                                 .converted = l4r_stack_converted(e->stack, worker),
                                 .spent = worker ? NULL : e->stack->spent};
  l4r_spend(group.spent, L4R_SPENT_STARTING);
  part.scratch = &e->scratch[job->alone ? worker : 0];
  part.attention = e->attention[worker];
  long long first = job->alone ? atomic_load(&job->next) : 0;
  while (first < part.batch->count) {
    part.first = first;
    part.count = part_length(job, first);
    if (!job->alone)
      first += part.count;
    else if (!atomic_compare_exchange_weak(&job->next, &first, first + part.count))
      continue; /* another worker took it; `first` is where to try next */
    if (e->sasrec)
      l4r_blis_sasrec_part(&group, &part);
    else if (e->bert)
      l4r_blis_bert_part(&group, &part);
    else
      l4r_encode_part(&group, &part);
    if (job->alone) first = atomic_load(&job->next);
  }
  return L4R_OK;
}

static int check_batch(const struct l4r_encoder *e, const struct l4r_ragged *batch) {
  if (batch->count < 0 || batch->count > e->max_count)
    return l4r_fail(L4R_USAGE, "encode: %lld sequences, opened for %lld", (long long)batch->count,
                    (long long)e->max_count);
  if (batch->count && batch->start[0])
    return l4r_fail(L4R_USAGE, "encode: start[0] is %lld, not 0", (long long)batch->start[0]);
  for (int64_t s = 0; s < batch->count; s++) {
    int64_t length = batch->start[s + 1] - batch->start[s];
    if (length < 0 || length > e->max_length)
      return l4r_fail(L4R_USAGE, "encode: sequence %lld has length %lld, opened for 0 to %lld",
                      (long long)s, (long long)length, (long long)e->max_length);
  }
  int64_t rows = batch->count ? batch->start[batch->count] : 0;
  if (rows > e->max_positions)
    return l4r_fail(L4R_USAGE, "encode: %lld positions, opened for %lld", (long long)rows,
                    (long long)e->max_positions);
  if (!batch->token == !batch->vector || (batch->token && !e->embedding && !e->bert) ||
      (batch->vector && e->bert))
    return l4r_fail(L4R_USAGE, "encode: give either vectors or, to an encoder with a vocabulary, "
                               "tokens");
  for (int64_t i = 0; batch->token && i < rows; i++)
    if (batch->token[i] < 0 || batch->token[i] >= e->shape.vocabulary)
      return l4r_fail(L4R_USAGE, "encode: token %lld at position %lld, vocabulary %lld",
                      (long long)batch->token[i], (long long)i, (long long)e->shape.vocabulary);
  return L4R_OK;
}

int l4r_blis_encode(struct l4r_encoder *e, const struct l4r_ragged *batch,
                    enum l4r_output_kind kind, float *out) {
  int status = check_batch(e, batch);
  if (status || !batch->count) return status;
  int64_t rows = batch->start[batch->count], workers = e->stack->workers;
  struct job job = {
      .whole = {.encoder = e, .batch = batch, .kind = kind, .out = out},
      .alone = workers > 1 && rows >= ROWS_ALONE * workers && batch->count >= 2 * workers,
      .rows = PART_ROWS,
  };
  if (job.alone && rows < PART_ROWS * PARTS_PER_WORKER * workers)
    job.rows = (rows + PARTS_PER_WORKER * workers - 1) / (PARTS_PER_WORKER * workers);
  status = l4r_team_run(e->stack->team, work, &job);
  l4r_spend(e->stack->spent, L4R_SPENT_ENDING);
  return status;
}
