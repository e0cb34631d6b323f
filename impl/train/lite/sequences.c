/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws the windows of an epoch. Causal training cuts each user's sequence into windows of T
 * inputs, in which every position predicts the next item. The cut's phase is drawn again in each
 * epoch, so that over epochs an item is seen with contexts of every length. With SASRec blocks, a
 * user's newest T inputs are one window, as published, and only older ones are cut like that.
 * Bidirectional training takes a prefix per user, at a random place, which predicts the item after
 * it (as in the paper), or several, or all.
 *
 * A step is B windows in shuffled order. Its distinct items are listed once. Items to be encoded
 * are shared out among the workers by tokens, windows by positions, the longest first to the worker
 * with the least. Everything depends only on (seed, epoch) and the number of workers, those of all
 * ranks: every rank shares out the whole step alike. */
#include "impl/train/lite/sequences.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/items/slots.h"
#include "impl/train/lite/sampled.h"
#include "impl/train/loop/step_random.h"

#include <stdlib.h>
#include <string.h>

static int add_window(struct l4r_lite_task *lite, int64_t first, int64_t length) {
  int status = l4r_grow(&lite->epoch.window, &lite->epoch.capacity, (size_t)lite->epoch.windows + 1,
                        sizeof *lite->epoch.window, "the windows of an epoch");
  if (!status) lite->epoch.window[lite->epoch.windows++] = (struct l4r_lite_window){first, length};
  return status;
}

/* Adds windows for `pairs` (input, target) pairs beginning at `first`. */
static int cut_user(struct l4r_lite_task *lite, struct l4r_random *random, int64_t first,
                    int64_t pairs) {
  int64_t size = lite->sizes.history;
  int64_t at = 0, next = (int64_t)l4r_random_below(random, (uint64_t)size) + 1;
  while (at < pairs) {
    if (next > pairs) next = pairs;
    int status = add_window(lite, first + at, next - at);
    if (status) return status;
    at = next;
    next += size;
  }
  return L4R_OK;
}

static int add_prefix(struct l4r_lite_task *lite, int64_t first, int64_t inputs) {
  int64_t length = inputs < lite->sizes.history ? inputs : lite->sizes.history;
  return add_window(lite, first + inputs - length, length);
}

static int draw_user(struct l4r_lite_task *lite, struct l4r_random *random, int64_t first,
                     int64_t pairs) {
  if (pairs < 1) return L4R_OK;
  if (lite->config->rec_llm.causal) {
    /* SASRec's newest window keeps its place, because its positions are counted from the newest
     * item. */
    int64_t newest = lite->config->rec_llm.block == L4R_BLOCK_SASREC ? lite->sizes.history : 0;
    if (newest > pairs) newest = pairs;
    int status = newest > 0 ? add_window(lite, first + pairs - newest, newest) : L4R_OK;
    return status ? status : cut_user(lite, random, first, pairs - newest);
  }
  int status = L4R_OK;
  for (int64_t n = 0; n < lite->sizes.prefixes && !status; n++)
    status = add_prefix(lite, first, 1 + (int64_t)l4r_random_below(random, (uint64_t)pairs));
  if (lite->sizes.prefixes > 0) return status;
  for (int64_t inputs = 1; inputs <= pairs && !status; inputs++)
    status = add_prefix(lite, first, inputs);
  return status;
}

int l4r_lite_draw_epoch(struct l4r_lite_task *lite, uint64_t seed, int64_t epoch) {
  const struct l4r_dataset *dataset = lite->dataset;
  struct l4r_random random;
  l4r_random_stream(&random, seed, L4R_DRAW_EPOCH, (uint64_t)epoch);
  lite->epoch.windows = 0;
  lite->epoch.seed = seed;
  lite->epoch.number = epoch;
  for (int64_t user = 0; user < dataset->users; user++) {
    int64_t first = dataset->train_start[user];
    int status = draw_user(lite, &random, first, dataset->train_start[user + 1] - first - 1);
    if (status) return status;
  }
  if (lite->epoch.windows == 0)
    return l4r_fail(L4R_INPUT,
                    "%s: train.txt: no user has two training items, so there is nothing to predict",
                    dataset->path);
  for (int64_t i = lite->epoch.windows - 1; i > 0; i--) {
    int64_t j = (int64_t)l4r_random_below(&random, (uint64_t)i + 1);
    struct l4r_lite_window other = lite->epoch.window[i];
    lite->epoch.window[i] = lite->epoch.window[j];
    lite->epoch.window[j] = other;
  }
  return L4R_OK;
}

int64_t l4r_lite_steps(const struct l4r_lite_task *lite) {
  return (lite->epoch.windows + lite->sizes.batch - 1) / lite->sizes.batch;
}

static void list_items(struct l4r_lite_task *lite, const struct l4r_lite_window *window,
                       int64_t count) {
  const int sampled = lite->sampled.loss != L4R_LOSS_CROSS_ENTROPY && !lite->sampled.each;
  l4r_slots_clear(&lite->items);
  for (int32_t item = 1; lite->config->tied_head && !sampled && item <= lite->sizes.items; item++)
    l4r_slots_add(&lite->items, item);
  for (int64_t w = 0; w < count; w++)
    for (int64_t p = 0; p < window[w].length; p++)
      l4r_slots_add(&lite->items, lite->dataset->train_item[window[w].first + p]);
  if (sampled) l4r_lite_sampled_list(lite);
}

static int longer_first(const void *a, const void *b) {
  const struct l4r_lite_window *x = a, *y = b;
  if (x->length != y->length) return x->length < y->length ? 1 : -1;
  return (x->first > y->first) - (x->first < y->first);
}

static int owner_of_next(const int64_t *load, int workers) {
  int least = 0;
  for (int w = 1; w < workers; w++)
    if (load[w] < load[least]) least = w;
  return least;
}

/* Gives the longest window to the worker with the least. Two equal passes: one counts, one
 * places. */
static void share_windows(struct l4r_lite_task *lite, const struct l4r_lite_window *window,
                          int64_t count) {
  int64_t *load = lite->step.load, *place = lite->step.place;
  const int workers = lite->sizes.ranks.workers;
  const size_t bytes = (size_t)workers * sizeof *load;
  memset(load, 0, bytes);
  memset(place, 0, bytes);
  for (int64_t i = 0; i < count; i++) {
    int owner = owner_of_next(load, workers);
    load[owner] += window[i].length;
    place[owner]++;
  }
  lite->step.bound[0] = 0;
  for (int w = 0; w < workers; w++) {
    lite->step.bound[w + 1] = lite->step.bound[w] + place[w];
    place[w] = lite->step.bound[w];
  }
  memset(load, 0, bytes);
  for (int64_t i = 0; i < count; i++) {
    int owner = owner_of_next(load, workers);
    load[owner] += window[i].length;
    lite->step.window[place[owner]++] = window[i];
  }
}

void l4r_lite_prepare_step(struct l4r_lite_task *lite, int64_t step) {
  struct l4r_lite_window *window = lite->epoch.window + step * lite->sizes.batch;
  int64_t count = lite->epoch.windows - step * lite->sizes.batch;
  if (count > lite->sizes.batch) count = lite->sizes.batch;
  /* Sorting within the step changes no other step, and a resumed run repeats it. */
  qsort(window, (size_t)count, sizeof *window, longer_first);
  share_windows(lite, window, count);
  if (lite->sampled.loss != L4R_LOSS_CROSS_ENTROPY) l4r_lite_sampled_draw(lite, step);
  list_items(lite, window, count);
  l4r_slots_choose(&lite->items, 0);
  lite->step.targets = 0;
  for (int64_t w = 0; w < count; w++)
    lite->step.targets += lite->config->rec_llm.causal ? window[w].length : 1;
}

int64_t l4r_lite_last_items(const struct l4r_lite_task *lite, int64_t user, const l4r_item **item) {
  const struct l4r_dataset *dataset = lite->dataset;
  int64_t length = dataset->train_start[user + 1] - dataset->train_start[user];
  if (length > lite->sizes.history) length = lite->sizes.history;
  *item = dataset->train_item + dataset->train_start[user + 1] - length;
  return length;
}
