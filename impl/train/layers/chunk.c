/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/chunk.h"

#include "impl/base/error.h"

int l4r_chunk_next(const struct l4r_batch *batch, struct l4r_sequence_chunk *chunk) {
  int64_t begin = chunk->sequence[1], end = begin;
  if (begin >= batch->count) return 0;
  do end++;
  while (end < batch->count && batch->start[end] - batch->start[begin] < L4R_CHUNK_ROWS);
  *chunk = (struct l4r_sequence_chunk){{begin, end}, {batch->start[begin], batch->start[end]}};
  return 1;
}

int l4r_chunk_check(const struct l4r_batch *batch, int64_t max_count, int64_t max_positions,
                    int64_t max_length) {
  if (batch->count < 0 || batch->count > max_count || batch->start[0] != 0 ||
      batch->start[batch->count] > max_positions)
    return l4r_fail(L4R_INPUT,
                    "batch of %lld sequences; the training layers were opened for %lld sequences"
                    " and %lld positions, beginning at 0",
                    (long long)batch->count, (long long)max_count, (long long)max_positions);
  for (int64_t i = 0; i < batch->count; i++) {
    int64_t length = batch->start[i + 1] - batch->start[i];
    if (length < 0 || length > max_length)
      return l4r_fail(L4R_INPUT, "sequence %lld of a batch has length %lld; 0 to %lld are possible",
                      (long long)i, (long long)length, (long long)max_length);
  }
  return L4R_OK;
}

int l4r_chunk_check_spec(const struct l4r_train_spec *spec) {
  if (!(spec->dropout >= 0 && spec->dropout < 1))
    return l4r_fail(L4R_USAGE, "dropout is %g; it must be at least 0 and below 1", spec->dropout);
  if (spec->max_positions < 1 || spec->max_count < 1 || spec->max_length < 1 ||
      spec->max_length > spec->shape->positions)
    return l4r_fail(L4R_USAGE,
                    "training layers need limits of at least 1 for positions, sequences and "
                    "lengths of a batch, and lengths within the model's %lld positions",
                    (long long)spec->shape->positions);
  return L4R_OK;
}
