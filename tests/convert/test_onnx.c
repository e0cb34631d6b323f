/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec export onnx`: the file read back, as protobuf, and its bytes held against the model's;
 * where ONNX Runtime is there, its scores held against the reference engine's. */
#include "bench/convert/onnx_writer.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/lite/lite.h"
#include "impl/model/bucket.h"
#include "impl/model/model.h"
#include "impl/model/weights.h"
#include "impl/stack.h"
#include "tests/baselines/beam/chain.h"
#include "tests/convert/exported.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <float.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HISTORY = 20, ROOM = 200 };

/* Every setting that the graph knows, each both ways. */
static struct variant {
  char size[8], items[8];
  int causal, gated, tied, mean, projection, gates, swiglu;
} variants[] = {
    {.size = "tiny", .items = "text", .causal = 1},
    {.size = "mini", .items = "id", .tied = 1},
    {.size = "tiny", .items = "both", .causal = 1, .gated = 1, .tied = 1, .projection = 1},
    {.size = "mini", .items = "text", .gated = 1, .mean = 1},
    {.size = "mini", .items = "id", .causal = 1, .gated = 1},
    {.size = "tiny", .items = "id", .tied = 1, .mean = 1},
    {.size = "mini", .items = "id", .causal = 1, .gated = 1, .tied = 1, .gates = 1, .swiglu = 1},
    {.size = "tiny", .items = "text", .mean = 1, .gates = 1}};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* `dataset` NULL: for any of its size. */
static const char *make_model(const struct variant *variant, const struct l4r_dataset *dataset) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, variant->size, CHAIN_ITEMS, ROOM);
  config.history = HISTORY;
  config.text_length = 12;
  config.items_input = *variant->items == 't'   ? L4R_ITEMS_TEXT
                       : *variant->items == 'i' ? L4R_ITEMS_ID
                                                : L4R_ITEMS_TEXT_ID;
  config.rec_llm.causal = variant->causal;
  config.rec_llm.gated = config.item_llm.gated = variant->gated;
  config.rec_llm.swiglu = variant->swiglu;
  if (variant->gates) config.rec_llm.gates = L4R_GATES_LIGR;
  config.tied_head = variant->tied;
  if (variant->tied && variant->mean) config.tied_scale = 0.3;
  config.projection = variant->projection;
  config.readout = variant->mean ? L4R_READ_MEAN : L4R_READ_LAST;
  if (dataset)
    snprintf(config.items_sha256, sizeof config.items_sha256, "%s", dataset->items_sha256);
  return test_export_model("model", &config);
}

static const char *exported(const struct variant *variant, const struct l4r_dataset *dataset) {
  const char *model = make_model(variant, dataset);
  test_ok(
      test_export("onnx", model, "--data", dataset->path, "--out", test_path("lite.onnx"), NULL));
  return model;
}

/* --- protobuf, as much of it as these files have --- */

struct field {
  int number;
  uint64_t value;             /* of a varint */
  const unsigned char *begin; /* of bytes, and of four bytes */
  const unsigned char *end;
};

static uint64_t take_varint(const unsigned char **at, const unsigned char *end) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    cr_assert(*at < end && shift < 64, "a varint ends outside of its message");
    value |= (uint64_t)(**at & 127) << shift;
    if (!(*(*at)++ & 128)) return value;
  }
}

/* The next field of a message; 0 at its end. */
static int take_field(const unsigned char **at, const unsigned char *end, struct field *field) {
  if (*at == end) return 0;
  const uint64_t key = take_varint(at, end);
  *field = (struct field){.number = (int)(key >> 3)};
  if ((key & 7) == 0) {
    field->value = take_varint(at, end);
    return 1;
  }
  cr_assert((key & 7) == 2 || (key & 7) == 5, "wire type %d", (int)(key & 7));
  const uint64_t length = (key & 7) == 5 ? 4 : take_varint(at, end);
  cr_assert_leq(length, (uint64_t)(end - *at), "a field ends outside of its message");
  field->begin = *at;
  field->end = *at += length;
  return 1;
}

/* A field of a message by its number and its place among those of that number. */
static struct field get(struct field message, int number, int place) {
  struct field field;
  for (const unsigned char *at = message.begin; take_field(&at, message.end, &field);)
    if (field.number == number && place-- == 0) return field;
  cr_assert_fail("no field %d", number);
  return (struct field){0};
}

static int count_of(struct field message, int number) {
  struct field field;
  int count = 0;
  for (const unsigned char *at = message.begin; take_field(&at, message.end, &field);)
    count += field.number == number;
  return count;
}

static int is_text(struct field field, const char *text) {
  const size_t length = (size_t)(field.end - field.begin);
  return length == strlen(text) && memcmp(field.begin, text, length) == 0;
}

static int same(struct field a, struct field b) {
  return a.end - a.begin == b.end - b.begin &&
         memcmp(a.begin, b.begin, (size_t)(a.end - a.begin)) == 0;
}

/* onnx.proto's numbers */
enum { GRAPH = 7, NODE = 1, TENSOR = 5, INPUT = 11, OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, TENSOR_DIM = 1, TENSOR_NAME = 8, TENSOR_RAW = 9 };

static struct field graph_of(struct field model) {
  return get(model, GRAPH, 0);
}

static struct field find_tensor(struct field graph, const char *name) {
  for (int t = 0; t < count_of(graph, TENSOR); t++) {
    const struct field tensor = get(graph, TENSOR, t);
    if (is_text(get(tensor, TENSOR_NAME, 0), name)) return tensor;
  }
  cr_assert_fail("no tensor %s", name);
  return (struct field){0};
}

/* A tensor's values, of the shape given; columns 0: a vector. */
static const float *floats(struct field graph, const char *name, int64_t rows, int64_t columns) {
  const struct field tensor = find_tensor(graph, name), raw = get(tensor, TENSOR_RAW, 0);
  static float *copy;
  cr_assert_eq(count_of(tensor, TENSOR_DIM), columns ? 2 : 1, "%s", name);
  cr_assert_eq(get(tensor, TENSOR_DIM, 0).value, (uint64_t)rows, "%s", name);
  if (columns) cr_assert_eq(get(tensor, TENSOR_DIM, 1).value, (uint64_t)columns, "%s", name);
  const size_t bytes = (size_t)(raw.end - raw.begin);
  cr_assert_eq(bytes, (size_t)(rows * (columns ? columns : 1)) * sizeof *copy, "%s", name);
  l4r_free(copy);
  copy = l4r_alloc(1, bytes, "a tensor of a test"); /* the file's are not aligned */
  memcpy(copy, raw.begin, bytes);
  return copy;
}

static struct field read_model(char **content) {
  size_t bytes;
  test_ok(l4r_read_file(test_path("lite.onnx"), 0, content, &bytes));
  const unsigned char *begin = (const unsigned char *)*content;
  return (struct field){.begin = begin, .end = begin + bytes};
}

/* --- the file --- */

static int is_named(struct field graph, struct field name, int nodes) {
  struct field field;
  for (const unsigned char *at = graph.begin; take_field(&at, graph.end, &field);) {
    if (field.number == TENSOR && same(get(field, TENSOR_NAME, 0), name)) return 1;
    if (field.number == INPUT && same(get(field, 1, 0), name)) return 1;
    if (field.number == NODE && nodes-- > 0 && same(get(field, NODE_OUTPUT, 0), name)) return 1;
  }
  return 0;
}

static int is_read(struct field graph, struct field name) {
  for (int n = 0; n < count_of(graph, NODE); n++) {
    const struct field node = get(graph, NODE, n);
    for (int i = 0; i < count_of(node, NODE_INPUT); i++)
      if (same(get(node, NODE_INPUT, i), name)) return 1;
  }
  return is_text(name, "scores");
}

/* Every node reads what stands before it; nothing is there that nobody reads; names are unique. */
static void check_wiring(struct field graph) {
  const int nodes = count_of(graph, NODE);
  for (int n = 0; n < nodes; n++) {
    const struct field node = get(graph, NODE, n), name = get(node, NODE_OUTPUT, 0);
    for (int i = 0; i < count_of(node, NODE_INPUT); i++)
      cr_assert(is_named(graph, get(node, NODE_INPUT, i), n), "node %d reads what is not there", n);
    cr_assert_not(is_named(graph, name, n), "node %d: a name twice", n);
    cr_assert(is_read(graph, name), "node %d is read by nobody", n);
  }
  for (int t = 0; t < count_of(graph, TENSOR); t++)
    cr_assert(is_read(graph, get(get(graph, TENSOR, t), TENSOR_NAME, 0)), "tensor %d", t);
}

static void check_end(struct field graph, int which, const char *name, int type, const char *first,
                      const char *second, uint64_t size) {
  const struct field info = get(graph, which, 0);
  const struct field tensor = get(get(info, 2, 0), 1, 0), shape = get(tensor, 2, 0);
  cr_assert_eq(count_of(graph, which), 1);
  cr_assert(is_text(get(info, 1, 0), name), "%s", name);
  cr_assert_eq(get(tensor, 1, 0).value, (uint64_t)type);
  cr_assert(is_text(get(get(shape, 1, 0), 2, 0), first), "%s", first);
  if (second)
    cr_assert(is_text(get(get(shape, 1, 1), 2, 0), second), "%s", second);
  else
    cr_assert_eq(get(get(shape, 1, 1), 1, 0).value, size);
}

/* The tensors of the Recommendation LLM and the head, turned where a product wants them so. */
static void check_weights(struct field graph, const struct l4r_model *model) {
  int seen = 0;
  for (int64_t i = 0; i < model->tensors.count; i++) {
    const struct l4r_tensor *tensor = &model->tensors.tensor[i];
    const float *want, *got;
    if (!strncmp(tensor->name, "item_llm.", 9) || strstr(tensor->name, "relative_attention_bias"))
      continue;
    const int turned = tensor->columns && !strstr(tensor->name, "item_head");
    const int64_t rows = tensor->rows, columns = tensor->columns ? tensor->columns : 1;
    test_ok(l4r_weights_get(&model->weights, "", tensor->name, rows, tensor->columns, &want));
    got = floats(graph, tensor->name, turned ? columns : rows, turned ? rows : tensor->columns);
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < columns; c++)
        cr_assert_eq(got[turned ? c * rows + r : r * columns + c], want[r * columns + c], "%s",
                     tensor->name);
    seen++;
  }
  cr_assert_gt(seen, 10);
}

/* By distance, from the oldest a history has to the youngest. */
static void check_offsets(struct field graph, const struct l4r_model *model) {
  const struct l4r_t5_shape *shape = &model->config.rec_llm;
  const int64_t span = 2 * HISTORY - 1;
  const float *table, *got = floats(graph, "position_bias", shape->heads, span);
  test_ok(l4r_weights_get(&model->weights, "rec_llm.",
                          "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                          shape->buckets, shape->heads, &table));
  for (int64_t h = 0; h < shape->heads; h++)
    for (int64_t at = 0; at < span; at++) {
      const int64_t distance = at - (HISTORY - 1); /* key - query */
      const int row = l4r_t5_bucket(distance, !shape->causal, shape->buckets, shape->max_distance);
      const float want = shape->causal && distance > 0 ? -FLT_MAX : table[row * shape->heads + h];
      cr_assert_eq(got[h * span + at], want, "head %d, distance %d", (int)h, (int)distance);
    }
}

ParameterizedTestParameters(export_onnx, the_file_holds_the_model) {
  return cr_make_param_array(struct variant, variants, VARIANTS);
}

ParameterizedTest(struct variant *variant, export_onnx, the_file_holds_the_model) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  const char *folder = exported(variant, dataset);
  struct l4r_model *model;
  test_ok(l4r_model_open(folder, dataset, &model));
  char *content;
  const struct field file = read_model(&content), graph = graph_of(file);
  cr_assert_eq(get(get(file, 8, 0), 2, 0).value, L4R_ONNX_OPSET);
  check_end(graph, INPUT, "items", L4R_ONNX_INT64, "batch", "length", 0);
  check_end(graph, OUTPUT, "scores", L4R_ONNX_FLOAT, "batch", NULL, CHAIN_ITEMS);
  check_wiring(graph);
  check_weights(graph, model);
  check_offsets(graph, model);
  floats(graph, "item_vectors", CHAIN_ITEMS, model->config.rec_llm.d_model);
  l4r_free(content);
  l4r_model_close(model);
  l4r_dataset_close(dataset);
}

/* Item vectors: what engines have in their cache, bit for bit, with and without the texts. */
Test(export_onnx, item_vectors_are_the_engines) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  const char *model = make_model(&variants[0], dataset), *out = test_path("lite.onnx");
  test_fails(test_export("onnx", model, "--out", out, NULL), L4R_USAGE, "--data");
  cr_assert_neq(access(out, F_OK), 0);
  test_ok(test_export("onnx", model, "--data", dataset->path, "--out", out, NULL));
  char *first, *second;
  const struct field with = read_model(&first);
  test_ok(test_export("onnx", model, "--out", out, NULL)); /* kept in the model's folder */
  const struct field without = read_model(&second);
  cr_assert(same(with, without));
  test_ok(test_export("onnx", make_model(&variants[1], NULL), "--out", out, NULL)); /* ids alone */
  l4r_free(first);
  l4r_free(second);
  l4r_dataset_close(dataset);
}

/* --- ONNX Runtime --- */

enum { BATCH = 3, LENGTHS = 3 };
static const int64_t length_of[LENGTHS] = {1, 7, HISTORY};

static l4r_item item_at(int length, int row, int64_t place) {
  return (l4r_item)(1 + (row * 17 + length * 5 + place * (row + 3)) % CHAIN_ITEMS);
}

static void reference_scores(const char *model, const struct l4r_dataset *dataset, int length,
                             float *scores) {
  l4r_item history[BATCH][HISTORY];
  struct l4r_request request[BATCH];
  const struct l4r_option option = {"cache", "off"};
  const struct l4r_open_options open = {.model = model,
                                        .dataset = dataset,
                                        .option = &option,
                                        .options = 1,
                                        .max_batch = BATCH,
                                        .max_k = 10};
  for (int r = 0; r < BATCH; r++) {
    for (int64_t p = 0; p < length_of[length]; p++) history[r][p] = item_at(length, r, p);
    request[r] = (struct l4r_request){.history = history[r], .length = length_of[length]};
  }
  void *handle;
  test_ok(l4r_engine_lite_reference.open(&open, &handle));
  test_ok(l4r_engine_lite_reference.score(handle, request, BATCH, scores));
  l4r_engine_lite_reference.close(handle);
}

/* A line for each length; and what has to be refused: no item 0, none behind the last, no history
 * longer than the model's. */
static void write_requests(char *text, size_t room) {
  size_t used = 0;
  for (int length = 0; length < LENGTHS; length++)
    for (int r = 0; r < BATCH; r++)
      for (int64_t p = 0; p < length_of[length]; p++)
        used += (size_t)snprintf(text + used, room - used, "%s%d%s", p ? "," : (r ? ",[" : "[["),
                                 item_at(length, r, p),
                                 p + 1 < length_of[length] ? "" : (r + 1 < BATCH ? "]" : "]]\n"));
  used += (size_t)snprintf(text + used, room - used, "[[0,1]]\n[[-1]]\n[[%d]]\n[[1",
                           CHAIN_ITEMS + 1);
  for (int p = 0; p < HISTORY; p++) used += (size_t)snprintf(text + used, room - used, ",2");
  snprintf(text + used, room - used, "]]\n");
}

ParameterizedTestParameters(export_onnx, onnx_runtime_scores_as_reference_does) {
  return cr_make_param_array(struct variant, variants, VARIANTS);
}

ParameterizedTest(struct variant *variant, export_onnx, onnx_runtime_scores_as_reference_does) {
  static char requests[4096];
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  const char *model = exported(variant, dataset);
  write_requests(requests, sizeof requests);
  json_t *answers = test_python("onnx_scores.py", test_path("lite.onnx"), requests);
  for (int length = 0; length < LENGTHS; length++) {
    float want[BATCH * CHAIN_ITEMS];
    reference_scores(model, dataset, length, want);
    for (size_t r = 0; r < BATCH; r++)
      test_same_scores("ONNX Runtime", json_array_get(json_array_get(answers, (size_t)length), r),
                       want + r * CHAIN_ITEMS, CHAIN_ITEMS, 1e-4);
  }
  cr_assert_eq(json_array_size(answers), LENGTHS + 4);
  for (size_t bad = LENGTHS; bad < LENGTHS + 4; bad++)
    cr_assert(json_is_object(json_array_get(answers, bad)), "request %zu was answered", bad);
  json_decref(answers);
  l4r_dataset_close(dataset);
}

/* --- refusals --- */

Test(export_onnx, other_kinds_are_told_where_to_go) {
  static const struct {
    enum l4r_kind kind;
    const char *part;
  } row[] = {{L4R_KIND_P5, "peer:onnxruntime"},
             {L4R_KIND_P5_HEAD, "export hf"},
             {L4R_KIND_LITE_BEAM, "export hf"},
             {L4R_KIND_SASREC, "SASRec"},
             {L4R_KIND_POP, "counts"}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    struct l4r_model_config config = test_config(row[i].kind, "tiny", 9, ROOM);
    if (row[i].kind == L4R_KIND_POP)
      test_ok(l4r_config_write(test_path("model"), &config));
    else
      test_export_model("model", &config);
    test_fails(test_export("onnx", test_path("model"), "--out", test_path("x.onnx"), NULL),
               L4R_USAGE, row[i].part);
    cr_assert_neq(access(test_path("x.onnx"), F_OK), 0);
  }
}

/* A graph or folder without them would answer something else. */
Test(export_onnx, what_a_format_has_no_words_for_is_refused) {
  for (int change = 0; change < 3; change++) {
    struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, ROOM);
    config.tied_head = 1;
    if (change == 0) config.rec_llm.gates = L4R_GATES_LIGR;
    if (change == 1) config.rec_llm.gated = config.rec_llm.swiglu = 1;
    if (change == 2) config.scores = L4R_SCORES_COSINE, config.temperature = 0.1;
    const char *model = test_export_model("model", &config);
    if (change == 2) {
      test_fails(test_export("onnx", model, "--out", test_path("x.onnx"), NULL), L4R_USAGE,
                 "does not write");
      cr_assert_neq(access(test_path("x.onnx"), F_OK), 0);
    }
    test_fails(test_export("hf", model, "--out", test_path("x"), NULL), L4R_USAGE,
               "does not write");
    cr_assert_neq(access(test_path("x"), F_OK), 0);
  }
}

Test(export_onnx, bad_words_and_folders) {
  const char *model = make_model(&variants[1], NULL), *out = test_path("x.onnx");
  test_fails(test_export("onnx", "--out", out, NULL), L4R_USAGE, "one model folder");
  test_fails(test_export("onnx", model, model, "--out", out, NULL), L4R_USAGE, "one model folder");
  test_fails(test_export("onnx", model, NULL), L4R_USAGE, "--out FILE");
  test_fails(test_export("onnx", model, "--out", out, "--markdown", NULL), L4R_USAGE, "tables");
  test_fails(test_export("csv", model, "--data", "x", NULL), L4R_USAGE, "--data");
  test_fails(test_export("onnx", test_path("none"), "--out", out, NULL), L4R_INPUT, "none");
  test_fails(test_export("onnx", model, "--out", test_path("no/x.onnx"), NULL), L4R_ENVIRONMENT,
             "no/x.onnx");
  test_fails(test_export("onnx", model, "--out", model, NULL), L4R_ENVIRONMENT, "Is a directory");
  struct l4r_dataset *other = test_dataset("other", 0);
  test_fails(test_export("onnx", model, "--data", other->path, "--out", out, NULL), L4R_INPUT,
             "another number of items");
  l4r_dataset_close(other);
  cr_assert_neq(access(out, F_OK), 0);
}

Test(export_onnx, a_full_disk_leaves_the_old_file_alone) {
  const char *model = make_model(&variants[1], NULL);
  test_ok(l4r_make_folders(test_path("out")));
  const char *out = test_file("out/lite.onnx", "old");
  test_full_disk(1 << 16);
  const int status = test_export("onnx", model, "--out", out, NULL);
  test_full_disk_ends();
  test_fails(status, L4R_ENVIRONMENT, "lite.onnx");
  cr_assert_str_eq(test_read("out/lite.onnx"), "old");
  cr_assert_eq(test_entries("out"), 1);
}

/* Weights that are not there show that nothing was written: they would have to be read. */
Test(export_onnx, two_gibibytes_are_refused_before_anything_is_written) {
  static const struct {
    int64_t rows;
    int status;
  } row[] = {{1 << 19, L4R_INPUT}, {INT64_MAX / 8, L4R_INPUT}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    struct l4r_onnx *onnx;
    const struct l4r_onnx_weights weights = {.rows = row[i].rows, .columns = 1024};
    test_ok(l4r_onnx_open(&onnx));
    l4r_onnx_weights(onnx, "large", &weights);
    test_fails(l4r_onnx_write(onnx, test_path("large.onnx")), row[i].status, i ? "large" : "2 GiB");
    l4r_onnx_close(onnx);
  }
  cr_assert_neq(access(test_path("large.onnx"), F_OK), 0);
}
