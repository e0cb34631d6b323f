/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies a folder's shape and values to a model. */
#ifndef L4R_MODEL_PRETRAINED_COPY_H
#define L4R_MODEL_PRETRAINED_COPY_H

#include "impl/model/pretrained.h"

/* Gives the configuration the folder's shape (widths, blocks, gates, buckets, tied output) and the
 * matching size name, "custom" if there is none. With `keep_size`, widths and blocks stay those of
 * config->size; L4R_INPUT names the first tensor that differs, with its shape and the needed one.
 * Also L4R_INPUT for an encoder where a decoder is needed. */
int l4r_pretrained_shape(const struct l4r_pretrained *pretrained, int keep_size,
                         struct l4r_model_config *config);

/* Makes the folder's encoder the Item LLM of a configuration with an adapter: its shape, how its
 * states are pooled unless `pooled` says that the configuration knows, and where it came from.
 * Sizes of the Recommendation LLM stay. L4R_INPUT as l4r_pretrained_provenance. */
int l4r_pretrained_item(const struct l4r_pretrained *pretrained, int pooled,
                        struct l4r_model_config *config);

/* Sets *rows to the rows of the embedding for a tokenizer of that many pieces: the pieces, or,
 * where `pretrained` is not NULL, the folder's rows. L4R_INPUT when there are more pieces than
 * rows. */
int l4r_pretrained_rows(const struct l4r_pretrained *pretrained, int64_t pieces, int64_t *rows);

/* Overwrites the values of the model that the folder has; config comes from l4r_pretrained_shape.
 * L4R_INPUT when a tensor does not fit. */
int l4r_pretrained_copy(const struct l4r_pretrained *pretrained,
                        const struct l4r_model_config *config, const struct l4r_tensors *tensors,
                        float *values);
/* The same for the values that are not trained alone (struct l4r_tensors). */
int l4r_pretrained_copy_fixed(const struct l4r_pretrained *pretrained,
                              const struct l4r_model_config *config,
                              const struct l4r_tensors *tensors, float *values);

#endif
