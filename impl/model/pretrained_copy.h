/* SPDX-License-Identifier: BSD-3-Clause */
/* From a folder to a model's configuration and values. */
#ifndef L4R_MODEL_PRETRAINED_COPY_H
#define L4R_MODEL_PRETRAINED_COPY_H

#include "impl/model/pretrained.h"

/* Gives the configuration the folder's shape (widths, blocks, gates, buckets, tied output) and the
 * size name that belongs to it, "custom" if none. `keep_size`: widths and blocks stay those of
 * config->size; L4R_INPUT naming the first tensor that differs, its shape and the size's.
 * L4R_INPUT too for an encoder alone where a decoder is needed. */
int l4r_pretrained_shape(const struct l4r_pretrained *pretrained, int keep_size,
                         struct l4r_model_config *config);

/* Rows of the embedding for a tokenizer of so many pieces: the pieces, or, where `pretrained` is
 * not NULL, the folder's rows; L4R_INPUT when the pieces are more. */
int l4r_pretrained_rows(const struct l4r_pretrained *pretrained, int64_t pieces, int64_t *rows);

/* Overwrites those of the model's values that the folder has; config is l4r_pretrained_shape's.
 * L4R_INPUT when a tensor does not fit. */
int l4r_pretrained_copy(const struct l4r_pretrained *pretrained,
                        const struct l4r_model_config *config, const struct l4r_tensors *tensors,
                        float *values);

#endif
