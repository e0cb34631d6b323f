/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec export hf`: every weight is somewhere in the folder, bit for bit; --init reads it back;
 * and where transformers is there, its answers, from the folder alone, are our engines'. */
#include "baselines/beam/engine.h"
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "baselines/beam/served.h"
#include "baselines/beam/whole_word.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/lite/lite.h"
#include "impl/model/model.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_copy.h"
#include "impl/model/safetensors.h"
#include "impl/model/weights.h"
#include "tests/baselines/beam/chain.h"
#include "tests/convert/exported.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY = 6 };

/* Models of every kind of T5s; for lite, `own` stands for a tied head. */
static struct variant {
  enum l4r_kind kind;
  int gated, untied, own, whole_word, causal, unscaled, semantic;
  enum l4r_prompt_style prompt;
  enum l4r_items_input items;
} variants[] = {
    {.kind = L4R_KIND_P5},
    {.kind = L4R_KIND_P5, .gated = 1, .untied = 1, .own = 1, .whole_word = 1},
    {.kind = L4R_KIND_P5_HEAD, .own = 1},
    {.kind = L4R_KIND_LITE, .causal = 1},
    {.kind = L4R_KIND_LITE, .gated = 1, .own = 1, .items = L4R_ITEMS_ID},
    {.kind = L4R_KIND_LITE, .gated = 1, .causal = 1, .items = L4R_ITEMS_TEXT_ID},
    {.kind = L4R_KIND_LITE_BEAM, .causal = 1, .own = 1},
    {.kind = L4R_KIND_LITE_BEAM, .untied = 1, .items = L4R_ITEMS_ID},
    {.kind = L4R_KIND_P5, .unscaled = 1},
    {.kind = L4R_KIND_P5, .semantic = 1, .whole_word = 1},
    {.kind = L4R_KIND_P5, .own = 1, .whole_word = 1, .prompt = L4R_PROMPTS_OPENP5},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static void configure(const struct variant *variant, struct l4r_model_config *config) {
  const int lite = variant->kind == L4R_KIND_LITE;
  config->history = HISTORY;
  config->text_length = 12;
  config->items_input = variant->items;
  config->projection = variant->items == L4R_ITEMS_TEXT_ID;
  config->whole_word = variant->whole_word;
  config->prompt = variant->prompt;
  config->tied_head = lite && variant->own;
  config->readout = lite && variant->gated ? L4R_READ_MEAN : L4R_READ_LAST;
  config->id_form = variant->own && !lite ? L4R_IDS_TOKENS : L4R_IDS_DIGITS;
  config->p5.gated = config->rec_llm.gated = config->item_llm.gated = variant->gated;
  config->p5.tied = config->rec_llm.tied = !variant->untied;
  config->rec_llm.causal = variant->causal;
  if (variant->unscaled) config->p5.output_scale = L4R_NOT_SCALED;
}

/* Of initial weights, without an epoch: ids, prompts and tokenizer are what training makes. */
static const char *make_model(const struct variant *variant, const struct l4r_dataset *dataset) {
  int interrupted;
  if (variant->kind == L4R_KIND_LITE) {
    struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", CHAIN_ITEMS, 200);
    configure(variant, &config);
    return test_export_model("model", &config);
  }
  struct l4r_pretrained *encoder = NULL;
  struct l4r_beam_train_options train = variant->semantic
                                            ? chain_semantic(dataset, variant->kind, "model", 8,
                                                             &encoder)
                                            : chain_options(dataset, variant->kind, "model");
  configure(variant, &train.config);
  if (variant->semantic) { /* the encoder reads the whole text */
    train.config.id_form = L4R_IDS_TOKENS;
    train.config.text_length = 23;
  }
  test_ok(l4r_beam_train(&train, &interrupted));
  l4r_pretrained_close(encoder);
  return test_path("model");
}

static struct l4r_model *exported(const struct variant *variant,
                                  const struct l4r_dataset *dataset) {
  struct l4r_model *model;
  const char *folder = make_model(variant, dataset);
  test_ok(test_export("hf", folder, "--data", dataset->path, "--out", test_path("hf"), NULL));
  test_ok(l4r_model_open(folder, dataset, &model));
  return model;
}

/* --- weights --- */

enum { PARTS = 5 };
static const char *const part_of[PARTS] = {
    "hf/model.safetensors", "hf/item_llm/model.safetensors", "hf/rec_llm/model.safetensors",
    "hf/decoder/model.safetensors", "hf/lite4rec.safetensors"};

static void open_parts(struct l4r_safetensors **part) {
  for (int p = 0; p < PARTS; p++) {
    part[p] = NULL;
    if (!access(test_path(part_of[p]), F_OK))
      test_ok(l4r_safetensors_open(test_path(part_of[p]), &part[p]));
  }
}

static void close_parts(struct l4r_safetensors **part) {
  for (int p = 0; p < PARTS; p++) l4r_safetensors_close(part[p]);
}

static int has(const struct l4r_safetensors *part, const char *name) {
  return part && l4r_safetensors_has(part, name);
}

/* Where a tensor went, under which name. */
static const struct l4r_safetensors *find(struct l4r_safetensors *const *part, const char *name,
                                          int causal, char found[128]) {
  const int item = !strncmp(name, "item_llm.", 9), rec = !strncmp(name, "rec_llm.", 8);
  const char *feed = strstr(name, ".layer.1."), *own = name + (item ? 9 : rec ? 8 : 0);
  snprintf(found, 128, "%s", name);
  if (has(part[4], name)) return part[4];
  snprintf(found, 128, "%s", own);
  if (rec && has(part[3], own) && strncmp(own, "encoder.", 8)) return part[3];
  if (rec && causal && feed)
    snprintf(found, 128, "%.*s.layer.2.%s", (int)(feed - own), own, feed + 9);
  const struct l4r_safetensors *where = rec ? part[2] : item ? part[1] : part[0];
  cr_assert(has(where, found), "%s is nowhere", name);
  return where;
}

ParameterizedTestParameters(export_hf, every_weight_is_there) {
  return cr_make_param_array(struct variant, variants, VARIANTS);
}

ParameterizedTest(struct variant *variant, export_hf, every_weight_is_there) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_model *model = exported(variant, dataset);
  const struct l4r_model_config *config = &model->config;
  struct l4r_safetensors *part[PARTS];
  const float *want, *got;
  char name[128];
  open_parts(part);
  for (int64_t i = 0; i < model->tensors.count; i++) {
    const struct l4r_tensor *t = &model->tensors.tensor[i];
    const int is_table = config->items_input == L4R_ITEMS_ID &&
                         !strcmp(t->name, "item_llm.id.weight");
    const struct l4r_safetensors *where = part[2];
    if (is_table) /* the embedding; its row 0 is padding */
      snprintf(name, sizeof name, "shared.weight");
    else
      where = find(part, t->name, config->rec_llm.causal, name);
    test_ok(l4r_safetensors_view(where, name, t->rows + is_table, t->columns, &got));
    test_ok(l4r_weights_get(&model->weights, "", t->name, t->rows, t->columns, &want));
    test_t5_same_bits(t->name, got + (is_table ? t->columns : 0), want, 1, t->count);
  }
  close_parts(part);
  l4r_model_close(model);
  l4r_dataset_close(dataset);
}

/* --- back again --- */

static void same_model(const struct l4r_model *model, const struct l4r_model_config *config,
                       const struct l4r_pretrained *pretrained, const char *only) {
  struct l4r_tensors tensors;
  int64_t seen = 0;
  test_ok(l4r_tensors_of(config, &tensors));
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "values");
  test_ok(l4r_pretrained_copy(pretrained, config, &tensors, values));
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *t = &tensors.tensor[i];
    const float *want;
    if (strncmp(t->name, only, strlen(only)) || !strcmp(t->name, "whole_word.weight") ||
        strstr(t->name, "projection") || strstr(t->name, ".id."))
      continue;
    test_ok(l4r_weights_get(&model->weights, "", t->name, t->rows, t->columns, &want));
    test_t5_same_bits(t->name, values + t->offset, want, 1, t->count);
    seen++;
  }
  cr_assert_gt(seen, 5);
  l4r_free(values);
  l4r_tensors_free(&tensors);
}

static void come_back(const struct variant *variant, const char *folder, const char *only) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_model *model = exported(variant, dataset);
  struct l4r_pretrained *pretrained;
  struct l4r_model_config config = model->config; /* what the folder says goes over the other */
  struct l4r_t5_shape *shape = *only ? &config.item_llm : &config.p5;
  const struct l4r_t5_shape want = *shape;
  char path[L4R_PATH_MAX];
  test_ok(l4r_pretrained_open(test_path(folder), &pretrained));
  test_ok(l4r_pretrained_tokenizer(pretrained, path));
  pretrained->item_llm_only = *only != 0;
  *shape = (struct l4r_t5_shape){.vocabulary = want.vocabulary,
                                 .decoder_blocks = want.decoder_blocks > 0};
  test_ok(l4r_pretrained_shape(pretrained, 0, &config));
  if (*only) shape->tied = want.tied; /* an encoder has no output layer */
  cr_assert_eq(memcmp(shape, &want, sizeof want), 0, "shape");
  same_model(model, &config, pretrained, only);
  l4r_pretrained_close(pretrained);
  l4r_model_close(model);
  l4r_dataset_close(dataset);
}

Test(export_hf, p5_comes_back_through_init) {
  come_back(&variants[0], "hf", "");
}

Test(export_hf, p5_gated_and_untied_comes_back_through_init) {
  come_back(&variants[1], "hf", "");
}

Test(export_hf, the_item_llm_comes_back_through_init) {
  come_back(&variants[3], "hf/item_llm", "item_llm.");
}

/* --- transformers --- */

static const l4r_item histories[][9] = {{7}, {3, 40, 1, 3}, {30, 31, 9, 18, 27, 36, 2, 2, 11}};
static const int64_t lengths[] = {1, 4, 9};
enum { REQUESTS = 3, BEAMS = 10, PROMPT = 512 };

static void make_requests(struct l4r_request *request, char *text, size_t room) {
  size_t used = 0;
  for (int r = 0; r < REQUESTS; r++) {
    request[r] = (struct l4r_request){5 * r, histories[r], lengths[r]};
    used += (size_t)snprintf(text + used, room - used, "{\"user\":%d,\"history\":[", 5 * r + 1);
    for (int64_t i = 0; i < lengths[r]; i++)
      used += (size_t)snprintf(text + used, room - used, "%s%d", i ? "," : "", histories[r][i]);
    used += (size_t)snprintf(text + used, room - used, "]}\n");
  }
}

static void open_engine(const struct l4r_engine *engine, const struct l4r_model *model,
                        const struct l4r_dataset *dataset, struct l4r_option *option,
                        void **handle) {
  const struct l4r_open_options open = {.model = model->path,
                                        .dataset = dataset,
                                        .option = option,
                                        .options = option ? 1 : 0,
                                        .max_batch = REQUESTS,
                                        .max_k = BEAMS};
  test_ok(engine->open(&open, handle));
}

static void check_scores(const struct l4r_engine *engine, const struct l4r_model *model,
                         const struct l4r_dataset *dataset, const struct l4r_request *request,
                         const json_t *answers) {
  float want[REQUESTS * CHAIN_ITEMS];
  void *handle;
  open_engine(engine, model, dataset, NULL, &handle);
  test_ok(engine->score(handle, request, REQUESTS, want));
  for (size_t r = 0; r < REQUESTS; r++)
    test_same_scores("transformers", json_object_get(json_array_get(answers, r), "scores"),
                     want + r * CHAIN_ITEMS, CHAIN_ITEMS, 1e-4);
  engine->close(handle);
}

/* Scores place by place, items where their neighbours are apart. */
static void check_search(const struct l4r_model *model, const struct l4r_dataset *dataset,
                         const struct l4r_request *request, const json_t *answers) {
  l4r_item item[REQUESTS][BEAMS];
  float score[REQUESTS][BEAMS];
  struct l4r_ranking ranking[REQUESTS];
  struct l4r_option option = {"beams", "10"};
  void *handle;
  open_engine(&l4r_engine_beam, model, dataset, &option, &handle);
  for (int r = 0; r < REQUESTS; r++) ranking[r] = (struct l4r_ranking){item[r], score[r], 0};
  test_ok(l4r_engine_beam.recommend(handle, request, REQUESTS, BEAMS, ranking));
  for (size_t r = 0; r < REQUESTS; r++) {
    const json_t *answer = json_array_get(answers, r), *items = json_object_get(answer, "items");
    cr_assert_eq(ranking[r].count, BEAMS);
    for (size_t i = 0; i < BEAMS; i++) {
      const double tolerance = 1e-4 * (1 + fabs((double)score[r][i]));
      const json_t *value = json_array_get(json_object_get(answer, "values"), i);
      cr_assert_float_eq(json_number_value(value), (double)score[r][i], tolerance, "place %zu", i);
      if ((i > 0 && score[r][i - 1] - score[r][i] < 10 * tolerance) ||
          (i + 1 < BEAMS && score[r][i] - score[r][i + 1] < 10 * tolerance))
        continue;
      cr_assert_eq(json_integer_value(json_array_get(items, i)), item[r][i], "place %zu", i);
    }
  }
  l4r_engine_beam.close(handle);
}

/* A prompt's states on the reference stack; returns how many there are, in memory of l4r_alloc. */
static int64_t encode_prompt(const struct l4r_model *model, const struct l4r_request *request,
                             struct l4r_stack *stack, const json_t *answer, float **memory) {
  const struct l4r_model_config *config = &model->config;
  struct l4r_t5_shape shape = config->p5;
  struct l4r_id_map map;
  struct l4r_served_ids ids;
  struct l4r_prompts *prompts;
  int32_t token[PROMPT], word[PROMPT];
  test_ok(l4r_id_map_read(model->path, config->items, config->id_map_sha256, &map));
  test_ok(l4r_served_ids_make(model, &map, shape.vocabulary, &ids));
  const struct l4r_prompt_spec spec = {.tokenizer = model->tokenizer,
                                       .ids = &ids.tokens,
                                       .users = CHAIN_USERS,
                                       .history = config->history,
                                       .style = config->prompt,
                                       .dataset = config->dataset_name};
  test_ok(l4r_prompts_open(&spec, &prompts));
  cr_assert_leq(l4r_prompt_longest(prompts), PROMPT);
  const struct l4r_prompt_question question = {L4R_PROMPT_SERVED, request->user, request->history,
                                               request->length};
  const int64_t length = l4r_prompt_write(prompts, &question, token, word), start[] = {0, length};
  for (int64_t i = 0; i < length; i++)
    cr_assert_eq(json_integer_value(json_array_get(json_object_get(answer, "prompt"), (size_t)i)),
                 token[i], "prompt, token %lld", (long long)i);
  float *vector = NULL;
  if (config->whole_word) {
    const float *table, *whole;
    const int64_t width = shape.d_model;
    test_ok(l4r_weights_get(&model->weights, "", "shared.weight", shape.vocabulary, width, &table));
    test_ok(l4r_weights_get(&model->weights, "", "whole_word.weight", HISTORY, width, &whole));
    vector = l4r_alloc((size_t)(length * width), sizeof *vector, "a prompt");
    l4r_whole_word_embed(&(struct l4r_prompt_batch){length, width, token, word}, table, whole,
                         vector);
    shape.vocabulary = 0;
  }
  struct l4r_encoder *encoder;
  const struct l4r_encoder_spec open = {&shape, &model->weights, "", length, 1, length};
  const struct l4r_ragged batch = {1, start, vector ? NULL : token, vector};
  *memory = l4r_alloc((size_t)(length * shape.d_model), sizeof **memory, "states");
  test_ok(l4r_stack_reference.encoder_open(stack, &open, &encoder));
  test_ok(l4r_stack_reference.encode(encoder, &batch, L4R_OUT_ALL, *memory));
  l4r_stack_reference.encoder_close(encoder);
  l4r_free(vector);
  l4r_prompts_close(prompts);
  l4r_id_tokens_free(&ids.tokens);
  l4r_id_map_free(&map);
  return length;
}

/* Of the first token of the answer to a prompt. */
static void check_logits(const struct l4r_model *model, const struct l4r_request *request,
                         const json_t *answer) {
  const struct l4r_t5_shape *shape = &model->config.p5;
  struct l4r_stack *stack;
  struct l4r_decoder *decoder;
  float *memory;
  test_ok(l4r_stack_reference.open(NULL, &(struct l4r_stack_options){.precision = "fp32"}, &stack));
  const int64_t length = encode_prompt(model, request, stack, answer, &memory);
  const int64_t start[] = {0, length}, user = 0;
  const int32_t first = L4R_START_TOKEN;
  const struct l4r_decoder_spec spec = {.shape = shape,
                                        .weights = &model->weights,
                                        .prefix = "",
                                        .max_users = 1,
                                        .max_memory = length,
                                        .max_rows = 1,
                                        .max_steps = 1,
                                        .cached = 1};
  const struct l4r_decode_rows rows = {.rows = 1, .user = &user, .token = &first};
  float *logits = l4r_alloc((size_t)shape->vocabulary, sizeof *logits, "logits");
  test_ok(l4r_stack_reference.decoder_open(stack, &spec, &decoder));
  test_ok(l4r_stack_reference.decode_begin(decoder, 1, start, memory));
  test_ok(l4r_stack_reference.decode_step(decoder, &rows, NULL, logits));
  test_same_scores("logits of transformers", json_object_get(answer, "logits"), logits,
                   shape->vocabulary, 1e-4);
  l4r_free(logits);
  l4r_free(memory);
  l4r_stack_reference.decoder_close(decoder);
  l4r_stack_reference.close(stack);
}

/* `answers`: those to the requests, of one model. */
static void check_answers(const struct l4r_model *model, const struct l4r_dataset *dataset,
                          const struct l4r_request *request, const json_t *answers) {
  const enum l4r_kind kind = model->config.kind;
  if (kind == L4R_KIND_LITE)
    check_scores(&l4r_engine_lite_reference, model, dataset, request, answers);
  else if (kind == L4R_KIND_P5_HEAD)
    check_scores(&l4r_engine_beam_head, model, dataset, request, answers);
  else
    check_search(model, dataset, request, answers);
  for (size_t r = 0; kind == L4R_KIND_P5 && r < REQUESTS; r++)
    check_logits(model, &request[r], json_array_get(answers, r));
}

/* All models in one process: what takes time is importing transformers. */
Test(export_hf, transformers_answers_as_we_do) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_model *model[VARIANTS];
  struct l4r_request request[REQUESTS];
  char text[1024], folders[VARIANTS * 256];
  size_t used = 0;
  for (int v = 0; v < VARIANTS; v++) {
    char name[8], moved[16];
    snprintf(name, sizeof name, "hf%d", v);
    snprintf(moved, sizeof moved, "model%d", v);
    l4r_model_close(exported(&variants[v], dataset));
    cr_assert_eq(rename(test_path("hf"), test_path(name)), 0);
    cr_assert_eq(rename(test_path("model"), test_path(moved)), 0);
    test_ok(l4r_model_open(test_path(moved), dataset, &model[v]));
    used += (size_t)snprintf(folders + used, sizeof folders - used, " %s", test_path(name));
    cr_assert_lt(used, sizeof folders);
  }
  make_requests(request, text, sizeof text);
  json_t *answers = test_python("hf_answers.py", folders, text);
  cr_assert_eq(json_array_size(answers), VARIANTS);
  for (int v = 0; v < VARIANTS; v++) {
    check_answers(model[v], dataset, request, json_array_get(answers, (size_t)v));
    l4r_model_close(model[v]);
  }
  json_decref(answers);
  l4r_dataset_close(dataset);
}

/* --- refusals --- */

static int64_t file_bytes(const char *name) {
  struct stat info;
  cr_assert_eq(stat(test_path(name), &info), 0);
  return info.st_size;
}

Test(export_hf, kinds_without_a_t5_are_refused) {
  struct l4r_model_config sasrec = test_config(L4R_KIND_SASREC, "tiny", 9, 0);
  struct l4r_model_config pop = test_config(L4R_KIND_POP, "", 9, 0);
  const char *out = test_path("hf");
  test_fails(test_export("hf", test_export_model("sasrec", &sasrec), "--out", out, NULL), L4R_USAGE,
             "SASRec's blocks are no T5's");
  test_ok(l4r_config_write(test_path("pop"), &pop));
  test_fails(test_export("hf", test_path("pop"), "--out", out, NULL), L4R_USAGE, "counts");
  cr_assert_neq(access(out, F_OK), 0);
}

Test(export_hf, a_folder_with_another_model_is_not_overwritten) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 0);
  config.items_input = L4R_ITEMS_ID;
  const char *model = test_export_model("model", &config), *out = test_path("a/b/hf/");
  const int files = test_entries("model");
  test_fails(test_export("hf", model, "--out", model, NULL), L4R_USAGE, "no export");
  cr_assert_eq(test_entries("model"), files);
  test_ok(test_export("hf", model, "--out", out, NULL));
  test_file("a/b/hf/rec_llm/config.json", "old");
  test_ok(test_export("hf", model, "--out", out, NULL)); /* an export is */
  cr_assert_str_neq(test_read("a/b/hf/rec_llm/config.json"), "old");
  test_fails(test_export("hf", model, "--out", test_file("taken", "x"), NULL), L4R_ENVIRONMENT,
             "taken");
}

Test(export_hf, bad_words_and_folders) {
  const char *out = test_path("hf");
  test_fails(test_export("hf", "x", NULL), L4R_USAGE, "--out FOLDER");
  test_fails(test_export("hf", "--out", out, NULL), L4R_USAGE, "one model folder");
  test_fails(test_export("hf", test_path("none"), "--out", out, NULL), L4R_INPUT, "none");
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 200);
  test_fails(test_export("hf", test_export_model("model", &config), "--out", out, NULL), L4R_USAGE,
             "--data");
  cr_assert_neq(access(out, F_OK), 0);
}

/* The first file fits on the disk, a later one does not. */
Test(export_hf, a_full_disk_leaves_nothing_behind) {
  struct l4r_dataset *dataset = test_dataset("data", 0);
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 200);
  config.item_llm.encoder_blocks = 6; /* the second file is larger than the first */
  const char *model = test_export_model("model", &config);
  test_ok(l4r_make_folders(test_path("mine")));
  static const char *const out[] = {"new", "mine"};
  for (int o = 0; o < 2; o++) {
    test_full_disk(900000);
    const int status = test_export("hf", model, "--data", dataset->path, "--out", test_path(out[o]),
                                   NULL);
    test_full_disk_ends();
    test_fails(status, L4R_ENVIRONMENT, "item_llm/model.safetensors");
    cr_assert_eq(test_entries(out[o]), o ? 0 : -1, "something was left behind");
  }
  test_ok(test_export("hf", model, "--data", dataset->path, "--out", test_path("mine"), NULL));
  cr_assert_lt(file_bytes("mine/rec_llm/model.safetensors"), 900000);
  cr_assert_gt(file_bytes("mine/item_llm/model.safetensors"), 900000);
  l4r_dataset_close(dataset);
}
