/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to tensors.c: adding to a list, the parts of it that are blocks with biases, and what
 * stands behind a pretrained Item LLM. */
#ifndef L4R_MODEL_TENSORS_BLOCKS_H
#define L4R_MODEL_TENSORS_BLOCKS_H

#include "impl/model/tensors_list.h"

/* Adds a tensor of that name (printf format) behind the list's prefix, unless an earlier call
 * failed; list->status says so. */
void l4r_tensors_add(struct l4r_tensors_list *list, struct l4r_tensor_row row, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

/* Add the tensors of an encoder of such blocks. */
void l4r_tensors_bert(struct l4r_tensors_list *list, const struct l4r_t5_shape *shape,
                      const char *prefix);

/* Add what stands behind a pretrained Item LLM: what is trained, and what is not. */
void l4r_tensors_adapter(struct l4r_tensors_list *list, const struct l4r_model_config *config);
void l4r_tensors_whiten(struct l4r_tensors_list *list, const struct l4r_model_config *config);

#endif
