/* SPDX-License-Identifier: BSD-3-Clause */
/* A step's samples of the catalogue and the head's loss over them. A worker's windows are processed
 * in pieces. Each piece draws N distinct items, uniformly, from (seed, epoch, step, worker, piece),
 * which all of its positions share; or it draws N for each of its positions, which together name
 * most of a small catalogue, so that then every item has a slot. Shared, with a tied head, only
 * items that windows, targets and samples name get slots, so nothing in a step grows with the
 * catalogue. Updates by rows do the same for gradients and moments of the large tables (struct
 * l4r_train_rows). */
#include "impl/train/lite/sampled.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/sampled.h"
#include "impl/train/lite/head.h"
#include "impl/train/loop/step_random.h"

/* Positions whose logits exist at once: 256 by 256 logits fit a second-level cache. */
enum { BLOCK_ROWS = 256 };
/* Number of items from which a sampled step updates rows; with fewer, passing over whole tables
 * costs less than a step's products. */
enum { MANY_ITEMS = 100000, NEGATIVES = 256 };

int64_t l4r_lite_piece_end(const struct l4r_lite_task *lite, int64_t window, int64_t end,
                           int64_t *positions) {
  *positions = 0;
  for (; window < end; window++) {
    if (*positions + lite->step.window[window].length > lite->sizes.rec_positions) break;
    *positions += lite->step.window[window].length;
  }
  return window;
}

void l4r_lite_sampled_size(struct l4r_lite_task *lite,
                           const struct l4r_lite_train_options *options) {
  struct l4r_lite_sampled *s = &lite->sampled;
  int64_t positions = lite->sizes.batch * lite->sizes.history;
  lite->sizes.step_slots = lite->sizes.items;
  s->loss = options->loss;
  if (s->loss == L4R_LOSS_CROSS_ENTROPY) return;
  s->each = options->each;
  s->uncorrected = options->uncorrected;
  s->calibration = options->calibration < 0 ? 0.75 : options->calibration;
  s->negatives = options->negatives > 0 ? options->negatives : NEGATIVES;
  if (s->negatives > lite->sizes.items) s->negatives = lite->sizes.items;
  if (s->each) return;
  /* Two consecutive pieces hold more than rec_positions. */
  s->max_pieces = 2 * positions / lite->sizes.rec_positions + lite->sizes.ranks.workers;
  s->update_rows = options->update == L4R_UPDATE_ROWS || options->shard_items ||
                   (options->update == L4R_UPDATE_BY_SIZE && lite->sizes.items > MANY_ITEMS);
  int64_t named = positions + lite->sizes.batch + s->max_pieces * s->negatives;
  s->max_rows = named < lite->sizes.items ? named : lite->sizes.items;
  s->rows.most = s->max_rows;
  int64_t slots = lite->config->tied_head ? named : positions;
  if (slots < lite->sizes.items) lite->sizes.step_slots = slots;
}

/* Places of a worker's samples. */
static int64_t places(const struct l4r_lite_task *lite) {
  const struct l4r_lite_sampled *s = &lite->sampled;
  return s->negatives * (s->each ? lite->sizes.rec_positions : 1);
}

double l4r_lite_sampled_bytes(const struct l4r_lite_task *lite) {
  const struct l4r_lite_sampled *s = &lite->sampled;
  if (s->loss == L4R_LOSS_CROSS_ENTROPY) return 0;
  double scratch = (double)l4r_sampled_scratch(s->negatives, lite->sizes.width, BLOCK_ROWS);
  return 4 *
         ((double)s->max_pieces * (double)s->negatives + 2 * (double)(lite->sizes.items + 1) +
          2 * (double)s->max_rows + (double)lite->sizes.workers * (scratch + (double)places(lite)));
}

int l4r_lite_sampled_open(struct l4r_lite_task *lite) {
  struct l4r_lite_sampled *s = &lite->sampled;
  if (s->loss == L4R_LOSS_CROSS_ENTROPY) return L4R_OK;
  size_t items = (size_t)lite->sizes.items + 1, rows = (size_t)s->max_rows;
  size_t negatives = (size_t)s->negatives;
  s->item = l4r_alloc((size_t)s->max_pieces * negatives, sizeof(l4r_item), "sampled items");
  s->piece = l4r_alloc((size_t)lite->sizes.ranks.workers + 1, sizeof(int64_t), "pieces of a step");
  s->drawn = l4r_alloc(items, sizeof(int32_t), "marks of sampled items");
  s->named = l4r_alloc(items, sizeof(int32_t), "marks of the head's items");
  s->id_row = l4r_alloc(rows, sizeof(int32_t), "rows of a step");
  s->head_row = l4r_alloc(rows, sizeof(int32_t), "rows of a step");
  if (!s->item || !s->piece || !s->drawn || !s->named || !s->id_row || !s->head_row)
    return L4R_ENVIRONMENT;
  size_t scratch = (size_t)l4r_sampled_scratch(s->negatives, lite->sizes.width, BLOCK_ROWS);
  for (int w = 0; w < lite->sizes.workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    own->sampled = l4r_alloc(scratch, sizeof(float), "sampled logits");
    own->sample_row = l4r_alloc((size_t)places(lite), sizeof(int32_t), "sampled rows");
    if (!own->sampled || !own->sample_row) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

void l4r_lite_sampled_close(struct l4r_lite_task *lite) {
  struct l4r_lite_sampled *s = &lite->sampled;
  for (int w = 0; lite->worker && w < lite->sizes.workers; w++) {
    l4r_free(lite->worker[w].sampled);
    l4r_free(lite->worker[w].sample_row);
  }
  void *const all[] = {s->item, s->piece, s->drawn, s->named, s->id_row, s->head_row};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

/* Draws N distinct items in N draws (Floyd's method: Bentley, CACM 30 (9), 1987). */
static void draw(struct l4r_lite_task *lite, struct l4r_random *random, l4r_item *item) {
  struct l4r_lite_sampled *s = &lite->sampled;
  s->draws++;
  for (int64_t n = 0; n < s->negatives; n++) {
    int64_t last = lite->sizes.items - s->negatives + n + 1;
    int64_t drawn = 1 + (int64_t)l4r_random_below(random, (uint64_t)last);
    if (s->drawn[drawn] == s->draws) drawn = last;
    s->drawn[drawn] = s->draws;
    item[n] = (l4r_item)drawn;
  }
}

void l4r_lite_sampled_draw(struct l4r_lite_task *lite, int64_t step) {
  struct l4r_lite_sampled *s = &lite->sampled;
  if (s->each) return; /* drawn as its piece comes */
  const struct l4r_train_step place = {
      .seed = lite->epoch.seed, .epoch = lite->epoch.number, .step = step};
  int64_t pieces = 0;
  for (int worker = 0; worker < lite->sizes.ranks.workers; worker++) {
    s->piece[worker] = pieces;
    int64_t window = lite->step.bound[worker], end = lite->step.bound[worker + 1];
    for (int64_t positions; window < end; pieces++) {
      struct l4r_random random;
      l4r_step_random(&random, &place, L4R_DRAW_NEGATIVES, worker, pieces - s->piece[worker]);
      draw(lite, &random, s->item + pieces * s->negatives);
      window = l4r_lite_piece_end(lite, window, end, &positions);
    }
  }
  s->piece[lite->sizes.ranks.workers] = pieces;
}

static void name_row(struct l4r_lite_sampled *s, l4r_item item, int64_t *rows) {
  if (s->named[item] == s->names) return;
  s->named[item] = s->names;
  s->head_row[(*rows)++] = item - 1;
}

void l4r_lite_sampled_list(struct l4r_lite_task *lite) {
  struct l4r_lite_sampled *s = &lite->sampled;
  int64_t samples = s->piece[lite->sizes.ranks.workers] * s->negatives;
  int tied = lite->config->tied_head, causal = lite->config->rec_llm.causal;
  int64_t rows = 0;
  s->names++;
  for (int64_t w = 0; w < lite->step.bound[lite->sizes.ranks.workers]; w++) {
    const struct l4r_lite_window *window = &lite->step.window[w];
    const l4r_item *item = lite->dataset->train_item + window->first;
    for (int64_t p = causal ? 1 : window->length; p <= window->length; p++)
      tied ? l4r_slots_add(&lite->items, item[p]) : name_row(s, item[p], &rows);
  }
  for (int64_t i = 0; i < samples; i++)
    tied ? l4r_slots_add(&lite->items, s->item[i]) : name_row(s, s->item[i], &rows);
  if (!s->update_rows) return;
  const int divided = lite->items.each > 0;
  int64_t own = 0;
  for (int64_t slot = 0; lite->items.id >= 0 && slot < lite->items.slots; slot++) {
    const int64_t row = l4r_train_items_row(&lite->items, lite->items.item_of[slot]);
    if (row >= 0) s->id_row[own++] = (int32_t)row;
  }
  struct l4r_row_table ids = {.offset = lite->items.id,
                              .width = lite->sizes.width,
                              .total = l4r_train_items_rows(&lite->items),
                              .row = s->id_row,
                              .rows = own,
                              .summed = divided ? lite->items.worker[0].d_vector : NULL,
                              .summed_rows = lite->items.slots};
  struct l4r_row_table head = {.offset = lite->head_weight,
                               .width = lite->sizes.width,
                               .total = lite->sizes.items,
                               .row = s->head_row,
                               .rows = rows};
  int ids_first = ids.offset < head.offset;
  s->rows.count = 0;
  for (int t = 0; t < 2; t++) {
    const struct l4r_row_table *table = (t == 0) == ids_first ? &ids : &head;
    if (table->offset >= 0) s->rows.table[s->rows.count++] = *table;
  }
}

/* sample_row: where the piece's samples stand in the head's weight. */
static void place_samples(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                          const l4r_item *item) {
  for (int64_t n = 0; n < lite->sampled.negatives; n++)
    own->sample_row[n] = lite->config->tied_head ? lite->items.slot_of[item[n]] : item[n] - 1;
}

int l4r_lite_sampled_head(struct l4r_lite_task *lite, int worker, int64_t piece, int64_t rows,
                          const struct l4r_train_step *step, float *gradients) {
  const struct l4r_lite_sampled *s = &lite->sampled;
  struct l4r_lite_worker *own = &lite->worker[worker];
  const int tied = lite->config->tied_head;
  const struct l4r_lite_head head = l4r_lite_head_of(lite, worker, !lite->config->rec_llm.causal,
                                                     rows, step->values, gradients);
  const int among_all = lite->sizes.ranks.first + worker;
  struct l4r_random random;
  l4r_step_random(&random, step, L4R_DRAW_NEGATIVES, among_all, piece);
  if (s->each) /* every item's row, with a tied head its slot, is its number less one */
    l4r_random_many_below(&random, (uint64_t)lite->sizes.items, (uint32_t *)own->sample_row,
                          (size_t)(rows * s->negatives));
  else
    place_samples(lite, own, s->item + (s->piece[among_all] + piece) * s->negatives);
  for (int64_t i = 0; tied && i < rows; i++)
    own->target[i] = lite->items.slot_of[own->target[i] + 1];
  struct l4r_sampled_spec spec = {
      .kind = s->loss == L4R_LOSS_GBCE ? L4R_SAMPLED_GBCE : L4R_SAMPLED_SOFTMAX,
      .calibration = s->calibration,
      .uncorrected = s->uncorrected,
      .catalogue = lite->sizes.items,
      .rows = rows,
      .width = lite->sizes.width,
      .classes = head.classes,
      .block_rows = BLOCK_ROWS,
      .hidden = head.state,
      .weight = head.weight,
      .bias = head.bias,
      .target = own->target,
      .samples = s->negatives,
      .sample = own->sample_row,
      .each = s->each,
      .scale = head.scale,
      .loss_scale = (float)(1.0 / (double)lite->step.targets),
      .d_hidden = head.d_state,
      .d_weight = head.d_weight,
      .d_bias = head.d_bias,
      .scratch = own->sampled,
      .kernels = lite->sizes.kernels,
  };
  double loss = 0;
  int status = l4r_sampled_loss(&spec, &loss);
  own->loss += loss;
  return status;
}
