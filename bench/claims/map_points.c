/* SPDX-License-Identifier: BSD-3-Clause */
/* Records become points of the map by what they state of themselves: settings, stages and the
 * model's shape. What a peer does not state of a model, our engine's record of the same weights
 * does. */
#include "bench/claims/map_points.h"

#include "baselines/beam/work.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_kind(const struct l4r_record *record, const char *kind) {
  return record->data.model.kind && !strcmp(record->data.model.kind, kind);
}

static int is_ours(const struct l4r_record *record) {
  const char *engine = record->data.engine ? record->data.engine : "";
  return !strcmp(engine, "blis") || !strcmp(engine, "beam");
}

static int is_wanted(const struct l4r_record *record, const char *size) {
  const struct l4r_record_record *data = &record->data;
  const char *engine = data->engine ? data->engine : "";
  if (!is_kind(record, "lite") && !is_kind(record, "p5")) return 0;
  if (!is_ours(record) && strncmp(engine, "peer:", 5) != 0) return 0;
  if (!data->model.size || strcmp(data->model.size, size)) return 0;
  if (data->scenario && !strcmp(data->scenario, "server")) return 0;
  return data->latency_ns.mean.value > 0;
}

/* A "key=value" of a text of settings, or an option of the arm; "" where neither has it. */
static void setting_of(const struct l4r_record *record, const char *key, char out[32]) {
  const char *text = l4r_text_or_none(record->data.description.settings);
  const char *option = json_string_value(json_object_get(record->data.options, key));
  const size_t n = strlen(key);
  l4r_text_set(out, 32, "%s", option ? option : "");
  for (const char *at = text; (at = strstr(at, key)); at += n)
    if ((at == text || at[-1] == ',') && at[n] == '=') {
      l4r_text_set(out, 32, "%.*s", (int)strcspn(at + n + 1, ","), at + n + 1);
      return;
    }
}

static int64_t number_of(const struct l4r_record *record, const char *key, int64_t otherwise) {
  char text[32];
  setting_of(record, key, text);
  return *text ? strtoll(text, NULL, 10) : otherwise;
}

/* Our engine's record of the same weights, which states what the model is; NULL: there is none. */
static const struct l4r_record *of_model(const struct l4r_records *records,
                                         const struct l4r_record *record) {
  const char *hash = record->data.model.sha256;
  if (is_ours(record)) return record;
  for (int64_t r = 0; r < records->count && hash; r++) {
    const struct l4r_record *other = &records->at[r];
    if (is_ours(other) && other->data.model.sha256 && !strcmp(other->data.model.sha256, hash))
      return other;
  }
  return NULL;
}

static double stage_sum(const struct l4r_record *record, int bytes) {
  double sum = 0;
  for (int64_t s = 0; s < record->data.description.stages.count; s++) {
    const struct l4r_record_described_stage *stage = &record->data.description.stages.at[s];
    sum += bytes ? stage->bytes : stage->flops;
  }
  return sum;
}

static double stage_flops(const struct l4r_record *record, const char *name) {
  for (int64_t s = 0; s < record->data.description.stages.count; s++)
    if (!strcmp(record->data.description.stages.at[s].name, name))
      return record->data.description.stages.at[s].flops;
  return NAN;
}

static int64_t member(const json_t *shape, const char *key) {
  return json_integer_value(json_object_get(shape, key));
}

static void shape_of(const struct l4r_record *record, struct l4r_t5_shape *out) {
  const json_t *shape = json_object_get(record->data.model.settings, "p5");
  *out = (struct l4r_t5_shape){.d_model = member(shape, "width"),
                               .d_kv = member(shape, "key"),
                               .heads = member(shape, "heads"),
                               .d_ff = member(shape, "feed"),
                               .vocabulary = member(shape, "vocabulary"),
                               .encoder_blocks = member(shape, "encoder_blocks"),
                               .decoder_blocks = member(shape, "decoder_blocks"),
                               .gated = json_is_true(json_object_get(shape, "gated"))};
}

/* The prompt's length at which the encoder's count is what the record states, by halving. */
static double prompt_of(const struct l4r_t5_shape *shape, double flops) {
  double low = 0, high = 1 << 20;
  for (int i = 0; i < 80; i++) {
    const double middle = (low + high) / 2;
    if (l4r_beam_encoder_work(shape, middle).flops < flops)
      low = middle;
    else
      high = middle;
  }
  return high;
}

/* Notes what a record of P5 by our engine says of its model. */
static void learn(const struct l4r_record *record, struct l4r_map_model *model) {
  const int64_t tokens = number_of(record, "max_tokens", 0);
  const double flops = stage_flops(record, "encoder");
  struct l4r_t5_shape shape;
  shape_of(record, &shape);
  if (tokens < 1 || tokens >= 16 || !(flops > 0) || shape.d_model < 1) return;
  /* Vocabularies of ids differ from scheme to scheme; the largest is a whole tokenizer's. */
  if (shape.vocabulary > model->shape.vocabulary) model->shape = shape;
  model->length[tokens] = prompt_of(&shape, flops);
  model->items = (double)record->data.dataset.items;
  model->history = (double)number_of(record, "history", 50);
}

static void name_way(const struct l4r_record *record, int is_beam, char out[24]) {
  char trie[32], decoder[32], items[32];
  setting_of(record, "trie", trie);
  setting_of(record, "decoder", decoder);
  setting_of(record, "items", items);
  if (!is_beam)
    l4r_text_set(out, 24, "%s", strcmp(items, "live") ? "cached" : "live");
  else
    l4r_text_set(out, 24, "%s",
                 !strcmp(decoder, "plain") ? "plain"
                 : !strcmp(trie, "head")   ? "trie-head"
                 : !strcmp(trie, "off")    ? "no-trie"
                                           : "cached");
}

/* Returns 0 when the record does not tell enough. */
static int point_of(const struct l4r_records *records, const struct l4r_record *record,
                    const struct l4r_map_model *model, struct l4r_map_point *point) {
  const struct l4r_record *known = of_model(records, record);
  const char *engine = record->data.engine;
  *point = (struct l4r_map_point){.record = record,
                                  .is_beam = is_kind(record, "p5"),
                                  .threads = record->data.threads,
                                  .batch = record->data.batch > 0 ? record->data.batch : 1,
                                  .ns = record->data.latency_ns.mean.value};
  l4r_text_set(point->engine, sizeof point->engine, "%s", is_ours(record) ? "ours" : engine + 5);
  l4r_text_set(point->precision, sizeof point->precision, "%s",
               l4r_text_or_none(record->data.precision));
  name_way(record, point->is_beam, point->way);
  if (!known) return 0;
  if (!point->is_beam) {
    point->work[0] = stage_sum(known, 0);
    point->work[1] = stage_sum(known, 1) / (double)point->batch;
    point->work[2] = 1 / (double)point->batch;
    return point->work[0] > 0;
  }
  point->beams = number_of(record, "beams", 20);
  point->tokens = number_of(known, "max_tokens", 0);
  if (point->beams < 1 || point->tokens < 1 || point->tokens >= 16 || model->shape.d_model < 1)
    return 0;
  struct l4r_map_model own = *model; /* with the vocabulary and the prompt that were served */
  learn(known, &own);
  shape_of(known, &own.shape);
  l4r_map_beam_work(&own, point->way, point->beams, point->tokens, point->batch, point->work);
  return 1;
}

static int check_machine(const struct l4r_record *first, const struct l4r_record *record) {
  char one[1100], other[1100];
  if (l4r_machine_same(first, record)) return L4R_OK;
  return l4r_fail(
      L4R_INPUT,
      "%s and %s are of two machines (%s; %s): a map is of one; name the files or the "
      "folder of one machine",
      l4r_record_where(first, one, sizeof one), l4r_record_where(record, other, sizeof other),
      l4r_text_or_none(first->data.manifest.cpu), l4r_text_or_none(record->data.manifest.cpu));
}

int l4r_map_points_make(const struct l4r_records *records, const char *size,
                        struct l4r_map_points *points) {
  const struct l4r_record *first = NULL;
  *points = (struct l4r_map_points){.count = 0};
  for (int t = 0; t < 16; t++) points->model.length[t] = NAN;
  points->at = l4r_alloc((size_t)records->count + 1, sizeof *points->at, "points of a map");
  if (!points->at) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record *record = &records->at[r];
    if (!is_wanted(record, size)) continue;
    const int status = first ? check_machine(first, record) : L4R_OK;
    if (status) return status;
    if (!first) first = record;
    if (is_ours(record) && is_kind(record, "p5")) learn(record, &points->model);
  }
  for (int64_t r = 0; r < records->count; r++) {
    if (!is_wanted(&records->at[r], size)) continue;
    if (point_of(records, &records->at[r], &points->model, &points->at[points->count]))
      points->count++;
    else
      points->left_out++;
  }
  return L4R_OK;
}

void l4r_map_points_free(struct l4r_map_points *points) {
  l4r_free(points->at);
  *points = (struct l4r_map_points){.count = 0};
}
