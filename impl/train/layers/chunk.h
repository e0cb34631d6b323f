/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to impl/train/layers: a batch in chunks of whole sequences, for SASRec's and BERT's
 * blocks. */
#ifndef L4R_TRAIN_LAYERS_CHUNK_H
#define L4R_TRAIN_LAYERS_CHUNK_H

#include "impl/train/layers/inner.h"

struct l4r_sequence_chunk { /* sequences and their rows, from the first up to the second */
  int64_t sequence[2], row[2];
};

static inline int64_t l4r_chunk_rows(const struct l4r_sequence_chunk *chunk) {
  return chunk->row[1] - chunk->row[0];
}

/* Finds the chunk behind this one ({0} at the begin): whole sequences until their rows reach
 * L4R_CHUNK_ROWS. Returns 0 at the end. Pure. */
int l4r_chunk_next(const struct l4r_batch *batch, struct l4r_sequence_chunk *chunk);

/* L4R_INPUT where a batch exceeds what layers were opened for, in sequences, positions of all, or
 * positions of one. */
int l4r_chunk_check(const struct l4r_batch *batch, int64_t max_count, int64_t max_positions,
                    int64_t max_length);
/* L4R_USAGE where dropout or the limits of a batch are none that layers with a table of positions
 * can be opened for. */
int l4r_chunk_check_spec(const struct l4r_train_spec *spec);

#endif
