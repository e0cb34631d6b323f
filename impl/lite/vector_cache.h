/* SPDX-License-Identifier: BSD-3-Clause */
/* Item vectors kept in the model folder, so that the next open need not compute them. */
#ifndef L4R_LITE_VECTOR_CACHE_H
#define L4R_LITE_VECTOR_CACHE_H

#include "impl/model/model.h"

#include <stdint.h>

struct l4r_vector_cache {
  char key[65];    /* SHA-256 over everything that the vectors depend on */
  char path[4096]; /* MODEL/item_vectors-<key's beginning>.bin */
};

/* Names the cache of a model's item vectors: its weights, configuration, tokenizer, the items'
 * texts (SHA-256 of items.tsv), the precision, the engine and its kernels. L4R_INPUT when a file
 * cannot be read. */
int l4r_vector_cache_name(const struct l4r_model *model, const char *items_sha256,
                          const char *precision, const char *engine, const char *kernels,
                          struct l4r_vector_cache *cache);
/* 1 and vectors[items][width] filled when the file is there, whole and of this key; else 0: a
 * damaged file is a warning. */
int l4r_vector_cache_read(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                          float *vectors);
/* Atomic. A folder that cannot be written is a warning only: the vectors are computed again next
 * time. */
void l4r_vector_cache_write(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                            const float *vectors);

#endif
