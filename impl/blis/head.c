/* SPDX-License-Identifier: BSD-3-Clause */
/* The projection over items, and its top k without ever holding all scores: a worker takes blocks
 * of items, 512 for many users and more for few, computes up to 64 users' scores for them in a
 * buffer that stays in its cache, and offers to the users' heaps what is not below their worst kept
 * score. At the end the workers' heaps are merged. Since l4r_before is a total order, the result
 * does not depend on who saw what.
 */
#include "impl/blis/head.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/matrix.h"
#include "impl/blis/stack.h"
#include "impl/rank.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
  ITEMS = 512, /* of the smallest block: a task; whole panels */
  LONGEST = 16 * ITEMS,
  ROWS = 64,   /* users whose scores of one block are held at once */
  KEPT = 8192, /* entries of a worker's heaps in all; a longer ranking is made by one worker */
};

struct head_scratch { /* of one worker */
  float *score;       /* [ROWS][ld of a block] */
  l4r_item *item;     /* [KEPT] */
  float *kept;        /* [KEPT] */
  int64_t count[ROWS];
};

struct l4r_head {
  struct l4r_stack *stack;
  struct l4r_matrix table; /* [D][items] */
  float *bias;             /* [items] or NULL */
  float scale;
  int cosine;                   /* rows of the table are of length 1 */
  struct head_scratch *scratch; /* [workers] */
  int64_t weights_bytes, scratch_bytes;
};

static int open_scratch(struct l4r_head *head) {
  int workers = head->stack->workers;
  size_t ld = (size_t)l4r_padded(ITEMS);
  head->scratch = l4r_alloc((size_t)workers, sizeof *head->scratch, "head scratch");
  if (!head->scratch) return L4R_ENVIRONMENT;
  for (int w = 0; w < workers; w++) {
    struct head_scratch *s = &head->scratch[w];
    s->score = l4r_alloc(ROWS, ld * sizeof(float), "head scratch");
    s->item = l4r_alloc(KEPT, sizeof *s->item, "head scratch");
    s->kept = l4r_alloc(KEPT, sizeof *s->kept, "head scratch");
    if (!s->score || !s->item || !s->kept) return L4R_ENVIRONMENT;
  }
  head->scratch_bytes = workers * (int64_t)(ROWS * ld * sizeof(float) +
                                            KEPT * (sizeof(l4r_item) + sizeof(float)));
  return L4R_OK;
}

/* 1 / |x|, of zeros 0. */
static float inverse_length(const struct l4r_kernels *kernels, int64_t width, const float *x) {
  const float squares = kernels->dot(width, x, x);
  return squares > 0 ? 1 / sqrtf(squares) : 0;
}

static int put_unit_rows(struct l4r_head *head, const struct l4r_head_spec *spec) {
  const int64_t width = spec->width;
  float *unit = l4r_alloc((size_t)(spec->items * width), sizeof *unit, "unit vectors of items");
  if (!unit) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < spec->items; i++) {
    const float *row = spec->weight + i * width;
    const float factor = inverse_length(head->stack->kernels, width, row);
    for (int64_t j = 0; j < width; j++) unit[i * width + j] = factor * row[j];
  }
  l4r_matrix_put(&head->table, 0, spec->items, unit);
  l4r_free(unit);
  return L4R_OK;
}

int l4r_blis_head_open(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                       struct l4r_head **out) {
  if (spec->items < 1 || spec->width < 1)
    return l4r_fail(L4R_INPUT, "head: %lld items of width %lld; mend config.json",
                    (long long)spec->items, (long long)spec->width);
  struct l4r_head *head = l4r_alloc(1, sizeof *head, "a head");
  if (!head) return L4R_ENVIRONMENT;
  head->stack = stack;
  head->scale = spec->scale;
  int status = l4r_matrix_open(&head->table, stack->gemm, spec->width, spec->items,
                               "the item head");
  head->cosine = spec->cosine;
  if (!status && spec->cosine)
    status = put_unit_rows(head, spec);
  else if (!status)
    l4r_matrix_put(&head->table, 0, spec->items, spec->weight);
  if (!status) status = open_scratch(head);
  if (!status && spec->bias) {
    head->bias = l4r_alloc((size_t)spec->items, sizeof(float), "the item head's bias");
    if (head->bias)
      memcpy(head->bias, spec->bias, (size_t)spec->items * sizeof(float));
    else
      status = L4R_ENVIRONMENT;
  }
  head->weights_bytes = l4r_matrix_bytes(&head->table) +
                        (head->bias ? spec->items * (int64_t)sizeof(float) : 0);
  stack->weights_bytes += head->weights_bytes;
  stack->scratch_bytes += head->scratch_bytes;
  if (status) {
    l4r_blis_head_close(head);
    return status;
  }
  *out = head;
  return L4R_OK;
}

void l4r_blis_head_close(struct l4r_head *head) {
  if (!head) return;
  head->stack->weights_bytes -= head->weights_bytes;
  head->stack->scratch_bytes -= head->scratch_bytes;
  for (int w = 0; head->scratch && w < head->stack->workers; w++) {
    l4r_free(head->scratch[w].score);
    l4r_free(head->scratch[w].item);
    l4r_free(head->scratch[w].kept);
  }
  l4r_free(head->scratch);
  l4r_free(head->bias);
  l4r_matrix_close(&head->table);
  l4r_free(head);
}

struct job {
  struct l4r_head *head;
  const float *u; /* of row 0 of this call */
  int64_t n;
  int64_t items, blocks; /* of a block; of the catalogue */
  float *scores;         /* project: [n][items] */
  int64_t k;             /* top k: */
  const int64_t *popularity;
  struct l4r_ranking *ranking;
};

/* Divides the catalogue. Between two blocks memory rests while scores are compared, so few users,
 * whose scores take little room, get long ones; but every worker several, or one would wait. */
static void divide(struct job *job) {
  int64_t rows = job->n < ROWS ? job->n : ROWS, items = job->head->table.n;
  job->items = ITEMS;
  while (job->items < LONGEST && rows * job->items * 2 <= ROWS * (int64_t)ITEMS &&
         items >= job->items * 2 * 8 * job->head->stack->workers)
    job->items *= 2;
  job->blocks = (items + job->items - 1) / job->items;
}

/* Items of block b. */
static int64_t block_items(const struct job *job, int64_t b) {
  int64_t left = job->head->table.n - b * job->items;
  return left < job->items ? left : job->items;
}

/* score[rows][ld] = the block's scores for users first .. first+rows-1. */
static void score_block(const struct job *job, int worker, int64_t b, int64_t first, int64_t rows,
                        float *score, int64_t ld) {
  const struct l4r_head *head = job->head;
  int64_t width = head->table.k, items = block_items(job, b);
  struct l4r_work_group group = {.kernels = head->stack->kernels,
                                 .workers = 1,
                                 .converted = l4r_stack_converted(head->stack, worker)};
  l4r_multiply(&group, &head->table,
               &(struct l4r_product){.m = rows,
                                     .a = job->u + first * width,
                                     .lda = width,
                                     .begin = b * job->items,
                                     .columns = items,
                                     .c = score,
                                     .ldc = ld});
  const float *bias = head->bias ? head->bias + b * job->items : NULL;
  if (head->scale == 1 && !bias && !head->cosine) return;
  for (int64_t r = 0; r < rows; r++) {
    float *row = score + r * ld, scale = head->scale;
    if (head->cosine)
      scale *= inverse_length(head->stack->kernels, width, job->u + (first + r) * width);
    for (int64_t i = 0; i < items; i++) row[i] = scale * row[i] + (bias ? bias[i] : 0);
  }
}

static int project_work(void *argument, int worker, int workers) {
  const struct job *job = argument;
  int64_t items = job->head->table.n;
  for (int64_t b = worker; b < job->blocks; b += workers)
    for (int64_t first = 0; first < job->n; first += ROWS) {
      int64_t rows = job->n - first < ROWS ? job->n - first : ROWS;
      score_block(job, worker, b, first, rows, job->scores + first * items + b * job->items, items);
    }
  return L4R_OK;
}

int l4r_blis_project(struct l4r_head *head, const float *u, int64_t n, float *scores) {
  struct job job = {.head = head, .u = u, .n = n, .scores = scores};
  divide(&job);
  return l4r_team_run(head->stack->team, project_work, &job);
}

/* Worker 0's heaps are the caller's rankings themselves; the others' lie in their scratch. */
static struct l4r_heap heap_of(const struct job *job, int worker, int64_t first, int64_t row) {
  const struct head_scratch *s = &job->head->scratch[worker];
  struct l4r_heap heap = {
      .count = s->count[row], .capacity = job->k, .popularity = job->popularity};
  heap.item = worker ? s->item + row * job->k : job->ranking[first + row].item;
  heap.score = worker ? s->kept + row * job->k : job->ranking[first + row].score;
  return heap;
}

static void offer_block(const struct job *job, int64_t b, struct l4r_heap *heap,
                        const float *score) {
  int64_t n = block_items(job, b);
  l4r_item before = (l4r_item)(b * job->items + 1); /* item of the block's first score */
  int64_t i = 0;
  for (; i < n && heap->count < heap->capacity; i++)
    l4r_heap_offer(heap, before + (l4r_item)i, score[i]);
  if (!heap->capacity) return;
  while ((i = job->head->stack->kernels->next_not_below(score, i, n, heap->score[0])) < n) {
    l4r_heap_offer(heap, before + (l4r_item)i, score[i]);
    i++;
  }
}

static void merge(const struct job *job, int64_t first, int64_t row, int workers) {
  struct l4r_heap best = heap_of(job, 0, first, row);
  for (int w = 1; w < workers; w++) {
    struct l4r_heap other = heap_of(job, w, first, row);
    for (int64_t i = 0; i < other.count; i++) l4r_heap_offer(&best, other.item[i], other.score[i]);
  }
  l4r_heap_sort(&best);
  job->ranking[first + row].count = best.count;
}

static int top_k_work(void *argument, int worker, int workers) {
  const struct job *job = argument;
  struct l4r_stack *stack = job->head->stack;
  struct head_scratch *s = &job->head->scratch[worker];
  int64_t ld = l4r_padded(job->items), fit = job->k ? KEPT / job->k : ROWS;
  int sharing = fit ? workers : 1;
  struct l4r_spent *spent = worker ? NULL : stack->spent;
  l4r_spend(spent, L4R_SPENT_STARTING);
  int64_t most = fit < 1 ? 1 : fit < ROWS ? fit : ROWS;
  for (int64_t first = 0; first < job->n; first += most) {
    int64_t rows = job->n - first < most ? job->n - first : most, begin, end;
    assert(rows <= ROWS && (sharing == 1 || rows * job->k <= KEPT));
    memset(s->count, 0, sizeof s->count);
    for (int64_t b = worker; worker < sharing && b < job->blocks; b += sharing) {
      score_block(job, worker, b, first, rows, s->score, ld);
      l4r_spend(spent, L4R_SPENT_HEAD_PRODUCT);
      for (int64_t r = 0; r < rows; r++) {
        struct l4r_heap heap = heap_of(job, worker, first, r);
        offer_block(job, b, &heap, s->score + r * ld);
        s->count[r] = heap.count;
      }
      l4r_spend(spent, L4R_SPENT_BEST_K);
    }
    if (workers > 1) l4r_team_barrier(stack->team);
    l4r_spend(spent, L4R_SPENT_WAITING);
    l4r_split(rows, 1, worker, workers, &begin, &end);
    for (int64_t r = begin; r < end; r++) merge(job, first, r, sharing);
    l4r_spend(spent, L4R_SPENT_BEST_K);
    if (workers > 1) l4r_team_barrier(stack->team);
    l4r_spend(spent, L4R_SPENT_WAITING);
  }
  return L4R_OK;
}

int l4r_blis_project_top_k(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                           const int64_t *popularity, struct l4r_ranking *ranking) {
  struct job job = {.head = head,
                    .u = u,
                    .n = n,
                    .k = k < head->table.n ? k : head->table.n,
                    .popularity = popularity,
                    .ranking = ranking};
  if (k < 0) return l4r_fail(L4R_USAGE, "top k: k is %lld", (long long)k);
  divide(&job);
  const int status = l4r_team_run(head->stack->team, top_k_work, &job);
  l4r_spend(head->stack->spent, L4R_SPENT_ENDING);
  return status;
}
