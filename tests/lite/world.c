/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/lite/world.h"

#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_write.h"
#include "impl/model/config_sizes.h"
#include "impl/model/item_tokens.h"
#include "impl/model/weights.h"
#include "impl/stack.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const words[] = {"red", "green", "lamp",  "river", "stone", "night",
                                    "sea", "glass", "tower", "bird",  "quiet", "engine"};
enum { WORDS = sizeof words / sizeof *words };

static void make_dataset(const char *folder) {
  static char titles[WORLD_ITEMS + 1][128], numbers[WORLD_ITEMS + 1][16];
  struct l4r_item_text text[WORLD_ITEMS + 1];
  int64_t start[WORLD_USERS + 1] = {0};
  l4r_item item[WORLD_USERS * 10];
  for (int i = 0; i <= WORLD_ITEMS; i++) {
    int used = 0;
    for (int w = 0; w <= i % 7; w++)
      used += snprintf(titles[i] + used, sizeof titles[i] - (size_t)used, "%s%s", w ? " " : "",
                       words[(i * 5 + w * 3) % WORDS]);
    snprintf(numbers[i], sizeof numbers[i], "%d", i);
    text[i] = (struct l4r_item_text){numbers[i], i % 9 ? titles[i] : "", "", i % 2 ? "things" : ""};
  }
  for (int u = 0; u < WORLD_USERS; u++) {
    const int length = 4 + u % 6;
    for (int i = 0; i < length; i++)
      item[start[u] + i] = (l4r_item)(1 + (u * 11 + i * 7) % WORLD_ITEMS);
    start[u + 1] = start[u] + length;
  }
  const struct test_interactions of = {WORLD_USERS, WORLD_ITEMS, start, item};
  const struct l4r_dataset_source source = test_source("world", &of, text);
  test_ok(l4r_dataset_write(folder, &source));
}

void test_world_config(int number, struct l4r_model_config *config) {
  const int sasrec = number == 4, gates = number == 5;
  test_ok(l4r_config_defaults(sasrec ? L4R_KIND_SASREC : L4R_KIND_LITE, sasrec ? "mini" : "tiny",
                              config));
  config->history = WORLD_HISTORY;
  config->text_length = 12;
  config->items = WORLD_ITEMS;
  if (sasrec) return;
  config->rec_llm.causal = number % 2 == 0 || gates;
  if (gates) config->rec_llm.gates = L4R_GATES_LIGR;
  config->rec_llm.gated = config->rec_llm.swiglu = gates;
  config->readout = number == 1 ? L4R_READ_MEAN : L4R_READ_LAST;
  config->pooling = number == 1 ? L4R_POOL_LAST : L4R_POOL_MEAN;
  config->projection = number == 1 || number == 3;
  config->tied_head = number == 1 || number == 3 || gates;
  config->items_input = number == 2 || gates ? L4R_ITEMS_ID
                        : number == 3        ? L4R_ITEMS_TEXT_ID
                                             : L4R_ITEMS_TEXT;
}

static void make_tokenizer(const struct l4r_dataset *dataset, const char *folder) {
  static char lines[WORLD_ITEMS][256];
  const char *line[WORLD_ITEMS];
  char path[4200];
  for (int i = 0; i < WORLD_ITEMS; i++) {
    l4r_item_line(&dataset->text[i + 1], lines[i], sizeof lines[i]);
    line[i] = lines[i];
  }
  snprintf(path, sizeof path, "%s/tokenizer.model", folder);
  test_ok(l4r_tokenizer_train(line, WORLD_ITEMS, 80, path));
}

void test_world_make(int number, struct world *world) {
  char name[32], path[4200];
  make_dataset(test_path("data"));
  test_ok(l4r_dataset_open(test_path("data"), L4R_PART_TRAIN | L4R_PART_TEXT, &world->dataset));
  snprintf(name, sizeof name, "model%d", number);
  snprintf(world->model, sizeof world->model, "%s", test_path(name));
  struct l4r_model_config config;
  test_world_config(number, &config);
  snprintf(config.dataset_sha256, sizeof config.dataset_sha256, "%s", world->dataset->sha256);
  snprintf(config.items_sha256, sizeof config.items_sha256, "%s", world->dataset->items_sha256);
  test_ok(l4r_make_folders(world->model));
  if (l4r_model_needs_tokenizer(&config)) {
    struct l4r_tokenizer *tokenizer;
    make_tokenizer(world->dataset, world->model);
    snprintf(path, sizeof path, "%s/tokenizer.model", world->model);
    test_ok(l4r_tokenizer_open(path, &tokenizer));
    config.item_llm.vocabulary = l4r_tokenizer_size(tokenizer);
    l4r_tokenizer_close(tokenizer);
  }
  struct l4r_tensors tensors;
  test_ok(l4r_tensors_of(&config, &tensors));
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "a model");
  l4r_tensors_init(&tensors, 5, values);
  const struct l4r_tensor *bias = l4r_tensors_find(&tensors, "item_head.bias");
  for (int64_t i = 0; bias && i < bias->count; i++) values[bias->offset + i] = (float)(i % 5) - 2;
  test_ok(l4r_model_write(world->model, &config, &tensors, values));
  l4r_tensors_free(&tensors);
  l4r_free(values);
}

void test_world_close(struct world *world) {
  l4r_dataset_close(world->dataset);
}

/* What the definition is computed with. */
struct definition {
  const struct l4r_stack_ops *ops;
  struct l4r_stack *stack;
  struct l4r_model *model;
  struct l4r_encoder *item_llm, *rec_llm; /* item_llm NULL where items are ids */
  int32_t *token;
  int64_t *start, width;
};

static const float *tensor(const struct definition *d, const char *name, int64_t rows,
                           int64_t columns) {
  const float *values;
  test_ok(l4r_weights_get(&d->model->weights, "", name, rows, columns, &values));
  return values;
}

static double dot(const float *a, const float *b, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)a[i] * b[i];
  return sum;
}

static struct l4r_encoder *open_encoder(const struct definition *d,
                                        const struct l4r_t5_shape *shape, const char *prefix) {
  const struct l4r_encoder_spec spec = {.shape = shape,
                                        .weights = &d->model->weights,
                                        .prefix = prefix,
                                        .max_positions = 64,
                                        .max_count = 1,
                                        .max_length = 64};
  struct l4r_encoder *encoder;
  test_ok(d->ops->encoder_open(d->stack, &spec, &encoder));
  return encoder;
}

static void define(const struct world *world, struct definition *d) {
  *d = (struct definition){.ops = &l4r_stack_reference};
  test_ok(l4r_model_open(world->model, world->dataset, &d->model));
  test_ok(d->ops->open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &d->stack));
  const struct l4r_model_config *config = &d->model->config;
  d->width = config->rec_llm.d_model;
  d->rec_llm = open_encoder(d, &config->rec_llm, "rec_llm.");
  if (config->items_input == L4R_ITEMS_ID) return;
  d->item_llm = open_encoder(d, &config->item_llm, "item_llm.");
  test_ok(l4r_item_tokens(d->model->tokenizer, world->dataset, config->text_length, &d->token,
                          &d->start));
}

static void undefine(struct definition *d) {
  if (d->item_llm) d->ops->encoder_close(d->item_llm);
  d->ops->encoder_close(d->rec_llm);
  d->ops->close(d->stack);
  l4r_model_close(d->model);
  l4r_free(d->token);
  l4r_free(d->start);
}

static void item_vector(const struct definition *d, l4r_item item, float *out) {
  const struct l4r_model_config *config = &d->model->config;
  float pooled[64] = {0}, projected[64];
  cr_assert_eq(d->width, 64);
  if (d->item_llm) {
    const int64_t start[2] = {0, d->start[item] - d->start[item - 1]};
    const struct l4r_ragged text = {
        .count = 1, .start = start, .token = d->token + d->start[item - 1]};
    test_ok(d->ops->encode(d->item_llm, &text,
                           config->pooling == L4R_POOL_MEAN ? L4R_OUT_MEAN : L4R_OUT_LAST, pooled));
    if (config->projection) {
      const float *matrix = tensor(d, "item_llm.projection.weight", 64, 64);
      for (int i = 0; i < 64; i++) projected[i] = (float)dot(matrix + i * 64, pooled, 64);
      memcpy(pooled, projected, sizeof pooled);
    }
  }
  if (config->items_input != L4R_ITEMS_TEXT) {
    const float *id = tensor(d, "item_llm.id.weight", WORLD_ITEMS, 64) + (item - 1) * 64;
    for (int i = 0; i < 64; i++) pooled[i] += id[i];
  }
  memcpy(out, pooled, sizeof pooled);
}

void test_world_scores(const struct world *world, const l4r_item *history, int64_t length,
                       float *scores) {
  struct definition d;
  define(world, &d);
  const struct l4r_model_config *config = &d.model->config;
  const int64_t used = length < config->history ? length : config->history;
  float input[WORLD_HISTORY * 64], user[64], vector[64];
  for (int64_t i = 0; i < used; i++) item_vector(&d, history[length - used + i], input + i * 64);
  const int64_t start[2] = {0, used};
  const struct l4r_ragged batch = {.count = 1, .start = start, .vector = input};
  test_ok(d.ops->encode(d.rec_llm, &batch,
                        config->readout == L4R_READ_LAST ? L4R_OUT_LAST : L4R_OUT_MEAN, user));
  for (l4r_item item = 1; item <= WORLD_ITEMS; item++) {
    if (config->tied_head) {
      item_vector(&d, item, vector);
      const double scale = config->kind == L4R_KIND_SASREC ? 1 : 1 / sqrt(64.0);
      scores[item - 1] = (float)(dot(vector, user, 64) * scale);
    } else {
      scores[item - 1] =
          (float)(dot(tensor(&d, "item_head.weight", WORLD_ITEMS, 64) + (item - 1) * 64, user, 64) +
                  tensor(&d, "item_head.bias", WORLD_ITEMS, 0)[item - 1]);
    }
  }
  undefine(&d);
}
