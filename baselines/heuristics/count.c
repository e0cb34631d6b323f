/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts pairs of items.
 *
 * A table of I x I doubles would be the simple way, but takes a gigabyte at 12,000 items. So rows
 * are counted one at a time: for item a, all its places in training sequences are visited in order
 * of users and positions, the items that follow are added to one dense row, and the row is stored
 * without its zeros. Each cell receives its terms in the order in which a walk through the whole
 * file would add them, so the sums are equal to the last bit. */
#include "baselines/heuristics/count.h"

#include "baselines/heuristics/counts.h"
#include "baselines/heuristics/engine.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* itemknn looks this many places ahead (baselines/README.md). */
enum { KNN_WINDOW = 10 };

struct counter {
  const struct l4r_dataset *dataset;
  struct l4r_counts *counts;
  int64_t window;
  int64_t *place_start, *place; /* item a is at train_item[place[place_start[a] ..]] */
  int64_t *sequence_end;        /* end of the sequence of a training position */
  double *row;                  /* dense, zero between rows */
  l4r_item *touched;
  size_t columns, values; /* capacities */
};

static int take_memory(struct counter *counter) {
  const struct l4r_dataset *dataset = counter->dataset;
  size_t items = (size_t)dataset->items, places = (size_t)dataset->train_start[dataset->users];
  counter->place_start = l4r_alloc(items + 2, sizeof(int64_t), "places of items");
  counter->place = l4r_alloc(places, sizeof(int64_t), "places of items");
  counter->sequence_end = l4r_alloc(places, sizeof(int64_t), "ends of sequences");
  counter->row = l4r_alloc(items + 1, sizeof(double), "a row of counts");
  counter->touched = l4r_alloc(items + 1, sizeof(l4r_item), "a row of counts");
  return counter->place_start && counter->place && counter->sequence_end && counter->row &&
                 counter->touched
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

/* Lists each item's places in order of users and positions. */
static void find_places(struct counter *counter) {
  const struct l4r_dataset *dataset = counter->dataset;
  int64_t *start = counter->place_start;
  start[1] = 0;
  for (int64_t item = 1; item <= dataset->items; item++) {
    start[item + 1] = start[item] + counter->counts->popularity[item];
  }
  for (int64_t user = 0; user < dataset->users; user++) {
    int64_t end = dataset->train_start[user + 1];
    for (int64_t p = dataset->train_start[user]; p < end; p++) {
      counter->place[start[dataset->train_item[p]]++] = p;
      counter->sequence_end[p] = end;
    }
  }
  for (int64_t item = dataset->items; item >= 1; item--) start[item + 1] = start[item];
  start[1] = 0;
}

static int by_item(const void *left, const void *right) {
  return *(const l4r_item *)left - *(const l4r_item *)right;
}

static int count_row(struct counter *counter, l4r_item item) {
  const l4r_item *sequence = counter->dataset->train_item;
  struct l4r_counts *counts = counter->counts;
  int64_t touched = 0;
  for (int64_t i = counter->place_start[item]; i < counter->place_start[item + 1]; i++) {
    int64_t at = counter->place[i], end = counter->sequence_end[at];
    for (int64_t d = 1; d <= counter->window && at + d < end; d++) {
      l4r_item next = sequence[at + d];
      if (counter->row[next] == 0) counter->touched[touched++] = next;
      counter->row[next] += 1.0 / (double)d;
    }
  }
  qsort(counter->touched, (size_t)touched, sizeof *counter->touched, by_item);
  size_t needed = (size_t)(counts->pairs + touched);
  int status = l4r_grow(&counts->column, &counter->columns, needed, sizeof *counts->column,
                        "columns of counts");
  if (!status) {
    status = l4r_grow(&counts->value, &counter->values, needed, sizeof *counts->value, "counts");
  }
  for (int64_t i = 0; i < touched; i++) {
    l4r_item next = counter->touched[i];
    if (!status) {
      double norm = counts->cosine
                        ? sqrt((double)counts->popularity[item] * (double)counts->popularity[next])
                        : 1;
      counts->column[counts->pairs] = next;
      counts->value[counts->pairs++] = counter->row[next] / norm;
    }
    counter->row[next] = 0;
  }
  counts->start[item + 1] = counts->pairs;
  return status;
}

int l4r_counts_make(const struct l4r_dataset *dataset, enum l4r_kind kind, int cosine,
                    struct l4r_counts *out) {
  if (kind != L4R_KIND_POP && kind != L4R_KIND_MARKOV && kind != L4R_KIND_ITEMKNN) {
    return l4r_fail(L4R_USAGE, "a model of kind '%s' is not made by counting", l4r_kind_name(kind));
  }
  struct l4r_counts counts = {.kind = kind, .cosine = cosine, .items = dataset->items};
  struct counter counter = {.dataset = dataset, .counts = &counts};
  counter.window = kind == L4R_KIND_ITEMKNN ? KNN_WINDOW : kind == L4R_KIND_MARKOV;
  memcpy(counts.dataset_sha256, dataset->sha256, sizeof counts.dataset_sha256);
  size_t items = (size_t)dataset->items;
  counts.popularity = l4r_alloc(items + 1, sizeof *counts.popularity, "popularity");
  counts.start = l4r_alloc(items + 2, sizeof *counts.start, "rows of counts");
  int status = counts.popularity && counts.start ? take_memory(&counter) : L4R_ENVIRONMENT;
  if (!status) {
    memcpy(counts.popularity, dataset->train_count, (items + 1) * sizeof *counts.popularity);
    counts.popularity[0] = 0;
    find_places(&counter);
  }
  for (l4r_item item = 1; item <= dataset->items && counter.window > 0 && !status; item++) {
    status = count_row(&counter, item);
  }
  l4r_free(counter.place_start);
  l4r_free(counter.place);
  l4r_free(counter.sequence_end);
  l4r_free(counter.row);
  l4r_free(counter.touched);
  if (status) {
    l4r_counts_free(&counts);
    return status;
  }
  *out = counts;
  return L4R_OK;
}

int l4r_counts_train(const struct l4r_dataset *dataset, const struct l4r_count_options *options,
                     const char *out) {
  if (options->cosine && options->kind != L4R_KIND_ITEMKNN) {
    return l4r_fail(L4R_USAGE, "norm=cosine belongs to itemknn, not to %s",
                    l4r_kind_name(options->kind));
  }
  int64_t began = l4r_now_ns();
  struct l4r_counts counts;
  int status = l4r_counts_make(dataset, options->kind, options->cosine, &counts);
  if (status) return status;
  struct l4r_model_config config;
  status = l4r_config_defaults(options->kind, "", &config);
  l4r_model_take_dataset(&config, dataset);
  config.training_seconds = (double)(l4r_now_ns() - began) / 1e9;
  config.leaky = options->leaky;
  if (!status) status = l4r_counts_write(out, &counts);
  l4r_counts_free(&counts);
  return status ? status : l4r_config_write(out, &config);
}
