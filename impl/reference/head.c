/* SPDX-License-Identifier: BSD-3-Clause */
/* The projection over items of the reference stack: plain loops, never optimised. Scores of one
 * row at a time, the items shared out; the top k is taken from the finished scores. */
#include "impl/reference/reference.h"

#include "impl/base/error.h"

#include <math.h>
#include <string.h>

struct l4r_head {
  struct l4r_stack *stack;
  int64_t items, width;
  float scale;
  int cosine;
  float *weight; /* [items][width] */
  float *bias;   /* [items], zeros when the model has none */
  float *scores; /* [items], of the row at hand */
};

static int64_t weights_bytes(const struct l4r_head *head) {
  return head->items * (head->width + 1) * (int64_t)sizeof(float);
}

int l4r_reference_head_open(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                            struct l4r_head **head) {
  struct l4r_head *h = l4r_alloc(1, sizeof *h, "a head");
  if (!h) return L4R_ENVIRONMENT;
  const size_t items = (size_t)spec->items, width = (size_t)spec->width;
  *h = (struct l4r_head){
      .stack = stack, .items = spec->items, .width = spec->width, .scale = spec->scale};
  h->cosine = spec->cosine;
  h->weight = l4r_alloc(items, width * sizeof *h->weight, "a head's weights");
  h->bias = l4r_alloc(items, sizeof *h->bias, "a head's bias");
  h->scores = l4r_alloc(items, sizeof *h->scores, "a head's scores");
  stack->weights_bytes += weights_bytes(h);
  stack->scratch_bytes += spec->items * (int64_t)sizeof(float);
  if (!h->weight || !h->bias || !h->scores) {
    l4r_reference_head_close(h);
    return L4R_ENVIRONMENT;
  }
  memcpy(h->weight, spec->weight, items * width * sizeof *h->weight);
  if (spec->bias) memcpy(h->bias, spec->bias, items * sizeof *h->bias);
  *head = h;
  return L4R_OK;
}

void l4r_reference_head_close(struct l4r_head *head) {
  if (!head) return;
  head->stack->weights_bytes -= weights_bytes(head);
  head->stack->scratch_bytes -= head->items * (int64_t)sizeof(float);
  l4r_free(head->weight);
  l4r_free(head->bias);
  l4r_free(head->scores);
  l4r_free(head);
}

struct projection {
  const struct l4r_head *head;
  const float *u; /* [D] */
  float *scores;  /* [items] */
};

/* 1 / |x|, of zeros 0. */
static double inverse_length(const float *x, int64_t width) {
  const double length = sqrt(l4r_reference_dot(x, x, width));
  return length > 0 ? 1 / length : 0;
}

static int project_part(void *argument, int worker, int workers) {
  const struct projection *job = argument;
  const struct l4r_head *head = job->head;
  int64_t begin, end;
  l4r_split(head->items, 1, worker, workers, &begin, &end);
  const double state = head->cosine ? inverse_length(job->u, head->width) : 1;
  for (int64_t i = begin; i < end; i++) {
    const float *weight = head->weight + i * head->width;
    const double item = head->cosine ? inverse_length(weight, head->width) : 1;
    job->scores[i] = (float)(head->scale * state * item *
                                 l4r_reference_dot(job->u, weight, head->width) +
                             head->bias[i]);
  }
  return L4R_OK;
}

int l4r_reference_project(struct l4r_head *head, const float *u, int64_t n, float *scores) {
  for (int64_t r = 0; r < n; r++) {
    struct projection job = {
        .head = head, .u = u + r * head->width, .scores = scores + r * head->items};
    int status = l4r_team_run(head->stack->team, project_part, &job);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_reference_project_top_k(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                                const int64_t *popularity, struct l4r_ranking *ranking) {
  for (int64_t r = 0; r < n; r++) {
    int status = l4r_reference_project(head, u + r * head->width, 1, head->scores);
    if (status) return status;
    l4r_top_k(head->scores, head->items, popularity, k, &ranking[r]);
  }
  return L4R_OK;
}
