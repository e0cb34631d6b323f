/* SPDX-License-Identifier: BSD-3-Clause */
/* Places of a rank are contiguous in the order, and ranks follow each other there, so what all have
 * made is brought together where it belongs. */
#include "impl/train/items/share.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

enum { ENCODED, OTHERS };

int l4r_train_items_shares(const struct l4r_train_items *items) {
  if (!items->spec.ranks.comm) return 0;
  return items->encoded > 0 || (items->spec.config->adapter && items->slots > 0);
}

/* Sets the places of a rank's workers together: first[part] .. end[part]-1. */
static void places_of_rank(const struct l4r_train_items *items, int rank, int part, int64_t *first,
                           int64_t *end) {
  const int workers = items->spec.workers;
  int64_t begin[2], stop[2];
  l4r_train_items_places(items, rank * workers, begin, stop);
  *first = begin[part];
  l4r_train_items_places(items, rank * workers + workers - 1, begin, stop);
  *end = stop[part];
}

/* Brings together rows[places][width] of one part. */
static int share_rows(struct l4r_train_items *items, int part, float *rows, int64_t width) {
  const struct l4r_train_ranks *ranks = &items->spec.ranks;
  int64_t *bytes = l4r_alloc((size_t)ranks->size, sizeof *bytes, "shares of ranks");
  int64_t first, end;
  if (!bytes) return L4R_ENVIRONMENT;
  for (int r = 0; r < ranks->size; r++) {
    places_of_rank(items, r, part, &first, &end);
    bytes[r] = (end - first) * width * (int64_t)sizeof *rows;
  }
  places_of_rank(items, ranks->rank, part, &first, &end);
  int status = l4r_grow(&items->sent, &items->sent_capacity, (size_t)((end - first) * width),
                        sizeof *items->sent, "vectors for other ranks");
  if (!status) {
    memcpy(items->sent, rows + first * width, (size_t)bytes[ranks->rank]);
    float *all = rows + (part == ENCODED ? 0 : items->encoded) * width;
    status = l4r_comm_share(ranks->comm, items->sent, bytes, all);
  }
  l4r_free(bytes);
  return status;
}

/* With an adapter, the encoder's vectors (after whitening) stay until an item is encoded again. */
static int share_kept(struct l4r_train_items *items) {
  const size_t bytes = (size_t)items->wide * sizeof(float);
  const int status = share_rows(items, ENCODED, items->pooled, items->wide);
  for (int64_t e = 0; !status && e < items->encoded; e++)
    memcpy(items->kept + (items->item_of[items->order[e]] - 1) * items->wide,
           items->pooled + e * items->wide, bytes);
  return status;
}

int l4r_train_items_share_texts(struct l4r_train_items *items, int training) {
  const int adapter = items->spec.config->adapter != 0;
  int status = L4R_OK;
  if (items->encoded > 0) status = share_rows(items, ENCODED, items->text, items->width);
  if (!status && adapter) status = share_rows(items, OTHERS, items->text, items->width);
  if (!status && adapter && training && items->encoded > 0) status = share_kept(items);
  return status;
}

int l4r_train_items_share_rows(struct l4r_train_items *items, const float *values) {
  const struct l4r_train_ranks *ranks = &items->spec.ranks;
  const int64_t width = items->width;
  const size_t row_bytes = (size_t)width * sizeof(float), rows = (size_t)(items->slots * width);
  int64_t *bytes = l4r_alloc((size_t)ranks->size, sizeof *bytes, "rows of ranks");
  int64_t *at = l4r_alloc((size_t)ranks->size, sizeof *at, "rows of ranks");
  int status = bytes && at ? L4R_OK : L4R_ENVIRONMENT;
  if (!status)
    status = l4r_grow(&items->sent, &items->sent_capacity, rows, sizeof(float), "rows of a step");
  if (!status)
    status = l4r_grow(&items->received, &items->received_capacity, rows, sizeof(float),
                      "rows of a step");
  float *to = items->sent;
  for (int64_t slot = 0; slot < items->slots && !status; slot++) {
    const int64_t row = l4r_train_items_row(items, items->item_of[slot]);
    bytes[(items->item_of[slot] - 1) / items->each] += (int64_t)row_bytes;
    if (row < 0) continue;
    memcpy(to, values + items->id + row * width, row_bytes);
    to += width;
  }
  if (!status) status = l4r_comm_share(ranks->comm, items->sent, bytes, items->received);
  for (int r = 1; r < ranks->size && !status; r++)
    at[r] = at[r - 1] + bytes[r - 1] / (int64_t)sizeof(float);
  for (int64_t slot = 0; slot < items->slots && !status; slot++) {
    int64_t *from = &at[(items->item_of[slot] - 1) / items->each];
    memcpy(items->vector + slot * width, items->received + *from, row_bytes);
    *from += width;
  }
  l4r_free(bytes);
  l4r_free(at);
  return status;
}

int l4r_train_items_share_gradients(struct l4r_train_items *items) {
  return l4r_ranks_sum(&items->spec.ranks, items->worker[0].d_vector, items->slots * items->width);
}
