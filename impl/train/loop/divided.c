/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/loop/divided.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/loop/tensors_divided.h"
#include "impl/model/tensors_list.h"

#include <string.h>
#include <zlib.h>

enum { PART = 1 << 20 }; /* floats that travel or are read at once */

int l4r_divided_gap(const struct l4r_tensors *tensors, int64_t floats, int gap, int64_t *begin,
                    int64_t *end) {
  const struct l4r_tensor *table = l4r_tensors_divided(tensors);
  if (gap > (table != NULL)) return 0;
  *begin = gap ? table->offset + l4r_tensor_padded(table->count) : 0;
  *end = table && !gap ? table->offset : floats;
  return 1;
}

/* --- out --- */

/* The rows of one other rank, which rank 0 takes in `part`. */
static int put_others(const struct l4r_train_ranks *ranks, int from, const float *rows,
                      int64_t floats, float *part, const struct l4r_divided_sink *sink) {
  int64_t *bytes = l4r_alloc((size_t)ranks->size, sizeof *bytes, "rows of ranks");
  int status = bytes ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t at = 0; at < floats && !status; at += PART) {
    const int64_t count = floats - at < PART ? floats - at : PART;
    bytes[from] = count * (int64_t)sizeof *rows;
    status = l4r_comm_gather(ranks->comm, 0, ranks->rank == from ? rows + at : NULL, bytes, part);
    if (!status && ranks->rank == 0) sink->put(sink->context, part, count);
  }
  l4r_free(bytes);
  return status;
}

int l4r_divided_put_rows(const struct l4r_train_ranks *ranks, const struct l4r_tensor *table,
                         const float *rows, const struct l4r_divided_sink *sink) {
  float *part = l4r_alloc(PART, sizeof *part, "rows of ranks");
  int status = part ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && ranks->rank == 0)
    sink->put(sink->context, rows, l4r_tensor_held(table) * table->columns);
  for (int r = 1; r < ranks->size && !status; r++) {
    struct l4r_tensor other = *table;
    other.first = table->rows * r;
    status = put_others(ranks, r, rows, l4r_tensor_held(&other) * table->columns, part, sink);
  }
  l4r_free(part);
  return status;
}

int l4r_divided_put(const struct l4r_train_ranks *ranks, const struct l4r_tensors *tensors,
                    const float *array, const struct l4r_divided_sink *sink) {
  static const float zeros[L4R_TENSOR_FLOATS];
  const struct l4r_tensor *table = l4r_tensors_divided(tensors);
  int status = L4R_OK;
  int64_t begin, end;
  for (int gap = 0; l4r_divided_gap(tensors, tensors->trained, gap, &begin, &end); gap++) {
    if (gap) status = l4r_divided_put_rows(ranks, table, array + table->offset, sink);
    if (status) return status;
    if (ranks->rank > 0) continue;
    const int64_t rows = gap ? table->whole * table->columns : 0;
    sink->put(sink->context, zeros, l4r_tensor_padded(rows) - rows);
    sink->put(sink->context, array + begin, end - begin);
  }
  return L4R_OK;
}

/* --- in --- */

/* Reads floats into `to`, or past them where it is NULL. */
static int take(FILE *stream, float *to, int64_t floats, float *part, uint64_t *crc) {
  for (int64_t at = 0; at < floats; at += PART) {
    const size_t count = (size_t)(floats - at < PART ? floats - at : PART);
    float *into = to ? to + at : part;
    if (fread(into, sizeof *into, count, stream) != count) return 0;
    *crc = crc32((uLong)*crc, (const void *)into, (uInt)(count * sizeof *into));
  }
  return 1;
}

static int take_parts(const struct l4r_tensors *tensors, float *array, FILE *stream, float *part,
                      uint64_t *crc) {
  const struct l4r_tensor *table = l4r_tensors_divided(tensors);
  int64_t begin, end;
  for (int gap = 0; l4r_divided_gap(tensors, tensors->trained, gap, &begin, &end); gap++) {
    if (gap) {
      const int64_t all = l4r_tensor_padded(table->whole * table->columns);
      const int64_t held = l4r_tensor_held(table) * table->columns;
      const int64_t before = held ? table->first * table->columns : 0;
      if (!take(stream, NULL, before, part, crc) ||
          !take(stream, array + table->offset, held, part, crc) ||
          !take(stream, NULL, all - before - held, part, crc))
        return 0;
    }
    if (!take(stream, array + begin, end - begin, part, crc)) return 0;
  }
  return 1;
}

int l4r_divided_take(const struct l4r_tensors *tensors, float *array, FILE *stream, uint64_t *crc) {
  float *part = l4r_alloc(PART, sizeof *part, "a part of a table");
  const int whole = part && take_parts(tensors, array, stream, part, crc);
  l4r_free(part);
  return whole;
}
