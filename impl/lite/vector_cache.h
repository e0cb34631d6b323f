/* SPDX-License-Identifier: BSD-3-Clause */
/* Stores item vectors in the model folder, so that the next open need not compute them. */
#ifndef L4R_LITE_VECTOR_CACHE_H
#define L4R_LITE_VECTOR_CACHE_H

#include "impl/model/model.h"

#include <stdint.h>

struct l4r_vector_cache {
  char key[65];    /* SHA-256 of everything that the vectors depend on */
  char path[4096]; /* MODEL/item_vectors-<first digits of the key>.bin */
};

/* Names the cache of a model's item vectors by its weights, configuration, tokenizer, the items'
 * texts (SHA-256 of items.tsv), the precision, the engine and its kernels. L4R_INPUT when a file
 * cannot be read. */
int l4r_vector_cache_name(const struct l4r_model *model, const char *items_sha256,
                          const char *precision, const char *engine, const char *kernels,
                          struct l4r_vector_cache *cache);
/* Names, in this user's cache folder, what a pretrained folder's encoder makes of a data set's
 * texts: `made_of` says everything that the vectors depend on. L4R_ENVIRONMENT where there is no
 * such folder. */
int l4r_vector_cache_pretrained(const char *made_of, struct l4r_vector_cache *cache);
/* Names the cache of the items begin + 1 .. end alone, beside that of the whole catalogue. */
void l4r_vector_cache_part(const struct l4r_vector_cache *whole, int64_t begin, int64_t end,
                           struct l4r_vector_cache *part);
/* Returns 1 and fills vectors[end - begin][width] with the file's rows begin .. end - 1 when it
 * exists, is complete and has this key and `items` rows, else 0; `vectors` is undefined then. The
 * file is read in parts, and may be larger than memory. A damaged file gives a warning. */
int l4r_vector_cache_read(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                          int64_t begin, int64_t end, float *vectors);
/* Writes the file atomically. A folder that cannot be written gives only a warning; the vectors are
 * computed again next time. */
void l4r_vector_cache_write(const struct l4r_vector_cache *cache, int64_t items, int64_t width,
                            const float *vectors);

#endif
