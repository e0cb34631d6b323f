/* SPDX-License-Identifier: BSD-3-Clause */
/* What the objects of this stack share: the kernels chosen at open, the team, and the accounts that
 * about() adds up. */
#ifndef L4R_BLIS_STACK_H
#define L4R_BLIS_STACK_H

#include "impl/blis/group.h"
#include "impl/blis/matrix.h"
#include "impl/stack.h"

struct l4r_stack {
  struct l4r_team *team;
  int workers;
  struct l4r_kernels table;          /* the instruction set's, with what the precision adds */
  const struct l4r_kernels *kernels; /* that table, as the groups take it */
  struct l4r_layout layout;          /* of packed weights */
  uint32_t **converted;              /* [workers] group.h; NULL in fp32 */
  char blis[32];                     /* its architecture string */
  int64_t weights_bytes, scratch_bytes;
};

/* What a worker brings to a group. */
static inline uint32_t *l4r_stack_converted(const struct l4r_stack *stack, int worker) {
  return stack->converted ? stack->converted[worker] : NULL;
}

int l4r_blis_encoder_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                          struct l4r_encoder **encoder);
void l4r_blis_encoder_close(struct l4r_encoder *encoder);
int l4r_blis_encode(struct l4r_encoder *encoder, const struct l4r_ragged *batch,
                    enum l4r_output_kind kind, float *out);

int l4r_blis_decoder_open(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                          struct l4r_decoder **decoder);
void l4r_blis_decoder_close(struct l4r_decoder *decoder);
int l4r_blis_decode_begin(struct l4r_decoder *decoder, int64_t users, const int64_t *start,
                          const float *memory);
int l4r_blis_decode_step(struct l4r_decoder *decoder, const struct l4r_decode_rows *rows,
                         float *hidden, float *logits);

int l4r_blis_head_open(struct l4r_stack *stack, const struct l4r_head_spec *spec,
                       struct l4r_head **head);
void l4r_blis_head_close(struct l4r_head *head);
int l4r_blis_project(struct l4r_head *head, const float *u, int64_t n, float *scores);
int l4r_blis_project_top_k(struct l4r_head *head, const float *u, int64_t n, int64_t k,
                           const int64_t *popularity, struct l4r_ranking *ranking);

#endif
