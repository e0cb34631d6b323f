/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite as one ONNX graph: item numbers in, scores of all items out.
 *
 *   items [batch][length] -> item vectors -> T5 blocks -> user's state -> head -> scores
 *
 * Whatever is fixed is worked out here and not in the graph. Items come as vectors, so that no text
 * and no Item LLM is in it. The position bias is a table by distance, [H][2 T - 1], of which a
 * history of any length up to T takes its own [H][length][length]; where attention is causal the
 * future's distances hold the lowest float, which no softmax lets through, so there is no mask. A
 * tied head reads the table of item vectors that is there already. Where only the newest position
 * is read, the last block computes no other beyond its keys and values. */
#include "bench/convert/onnx.h"
#include "bench/convert/onnx_writer.h"
#include "bench/convert/model_source.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/bucket.h"
#include "impl/model/config_sizes.h"
#include "impl/model/weights.h"
#include "impl/stack.h"

#include <float.h>
#include <stdio.h>

typedef l4r_onnx_value value;

struct graph {
  struct l4r_onnx *onnx;
  const struct l4r_model *model;
  const struct l4r_t5_shape *shape;                  /* of the Recommendation LLM */
  const float *vectors;                              /* [items][D] */
  float *offsets;                                    /* [H][2 T - 1]; distance d at T - 1 + d */
  value zero, one, axis, split, merge, two, epsilon; /* constants */
  value last, end;                                   /* where the newest position is read */
  value three, cubic, root, half, unit;              /* gated by GELU */
  int status; /* of reading weights; the writer keeps its own */
};

/* --- nodes --- */

static value apply(struct graph *g, const char *op, value a, value b) {
  return l4r_onnx_apply(g->onnx, &(struct l4r_onnx_node){.op = op, .input = {a, b}});
}

static value along(struct graph *g, const char *op, value a, value b, int64_t axis) {
  const struct l4r_onnx_node node = {
      .op = op,
      .input = {a, b},
      .attribute = {{.name = "axis", .type = L4R_ONNX_WHOLE, .whole = {axis}}}};
  return l4r_onnx_apply(g->onnx, &node);
}

/* Dimensions 0, 2, third, fourth. */
static value transpose(struct graph *g, value x, int64_t third, int64_t fourth) {
  const struct l4r_onnx_node node = {
      .op = "Transpose",
      .input = {x},
      .attribute = {
          {.name = "perm", .type = L4R_ONNX_WHOLES, .whole = {0, 2, third, fourth}, .count = 4}}};
  return l4r_onnx_apply(g->onnx, &node);
}

/* The mean over one dimension, which stays as 1 or goes. */
static value mean(struct graph *g, value x, int64_t axis, int64_t stays) {
  const struct l4r_onnx_node node = {
      .op = "ReduceMean",
      .input = {x},
      .attribute = {{.name = "axes", .type = L4R_ONNX_WHOLES, .whole = {axis}, .count = 1},
                    {.name = "keepdims", .type = L4R_ONNX_WHOLE, .whole = {stays}}}};
  return l4r_onnx_apply(g->onnx, &node);
}

/* The last of dimension 1, which stays as 1. */
static value newest(struct graph *g, value x) {
  const struct l4r_onnx_node node = {.op = "Slice", .input = {x, g->last, g->end, g->axis}};
  return l4r_onnx_apply(g->onnx, &node);
}

/* --- weights --- */

/* A matrix [out][in] of the model, stored for x . W where `turned`; columns 0: a vector. */
static value weight(struct graph *g, const char *name, int64_t rows, int64_t columns, int turned) {
  struct l4r_onnx_weights weights = {.rows = rows, .columns = columns, .transposed = turned};
  if (!g->status)
    g->status = l4r_weights_get(&g->model->weights, "", name, rows, columns, &weights.values);
  return l4r_onnx_weights(g->onnx, name, &weights);
}

static value linear(struct graph *g, value x, const char *layer, const char *part, int64_t out,
                    int64_t in) {
  char name[112];
  snprintf(name, sizeof name, "%s.%s.weight", layer, part);
  return apply(g, "MatMul", x, weight(g, name, out, in, 1));
}

/* --- blocks --- */

static value norm(struct graph *g, value x, const char *layer, const char *part) {
  char name[112];
  snprintf(name, sizeof name, "%s.%s.weight", layer, part);
  const value squares = mean(g, apply(g, "Pow", x, g->two), -1, 1);
  const value size = apply(g, "Sqrt", apply(g, "Add", squares, g->epsilon), 0);
  return apply(g, "Mul", apply(g, "Div", x, size), weight(g, name, g->shape->d_model, 0, 0));
}

/* `added`, or where the model has gates sigmoid(x . W + b) times it; x: what it is added to. */
static value gated(struct graph *g, value added, value x, const char *layer) {
  const int64_t width = g->shape->d_model;
  char name[112];
  if (!g->shape->gates) return added;
  snprintf(name, sizeof name, "%s.gate.bias", layer);
  const value open = apply(g, "Add", linear(g, x, layer, "gate", width, width),
                           weight(g, name, width, 0, 0));
  return apply(g, "Mul", apply(g, "Sigmoid", open, 0), added);
}

/* [batch][positions][H * K] as [batch][H][positions][K]. */
static value heads(struct graph *g, value x) {
  return transpose(g, apply(g, "Reshape", x, g->split), 1, 3);
}

/* x + attention(norm(x)); `last`: of the newest position alone. */
static value attend(struct graph *g, value x, value bias, const char *layer, int last) {
  const int64_t width = g->shape->d_model, inner = g->shape->heads * g->shape->d_kv;
  const value normed = norm(g, x, layer, "layer_norm");
  const value asking = last ? newest(g, normed) : normed;
  const value q = heads(g, linear(g, asking, layer, "SelfAttention.q", inner, width));
  const value keys = linear(g, normed, layer, "SelfAttention.k", inner, width);
  const value k = transpose(g, apply(g, "Reshape", keys, g->split), 3, 1); /* K before positions */
  const value v = heads(g, linear(g, normed, layer, "SelfAttention.v", inner, width));
  const value logits = apply(g, "Add", apply(g, "MatMul", q, k), last ? newest(g, bias) : bias);
  const value mixed = apply(g, "MatMul", along(g, "Softmax", logits, 0, -1), v);
  const value joined = apply(g, "Reshape", transpose(g, mixed, 1, 3), g->merge);
  const value kept = last ? newest(g, x) : x;
  const value added = linear(g, joined, layer, "SelfAttention.o", width, inner);
  return apply(g, "Add", kept, gated(g, added, kept, layer));
}

/* gelu_new: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + .044715 x^3))) */
static value gelu(struct graph *g, value x) {
  const value cube = apply(g, "Mul", apply(g, "Pow", x, g->three), g->cubic);
  const value inside = apply(g, "Mul", apply(g, "Add", x, cube), g->root);
  const value bent = apply(g, "Add", apply(g, "Tanh", inside, 0), g->unit);
  return apply(g, "Mul", apply(g, "Mul", x, g->half), bent);
}

/* SwiGLU's: x * sigmoid(x) */
static value silu(struct graph *g, value x) {
  return apply(g, "Mul", x, apply(g, "Sigmoid", x, 0));
}

/* x + feed-forward(norm(x)) */
static value feed(struct graph *g, value x, const char *layer) {
  const int64_t width = g->shape->d_model, size = g->shape->d_ff;
  const value normed = norm(g, x, layer, "layer_norm");
  value inner;
  if (g->shape->gated) {
    const value first = linear(g, normed, layer, "DenseReluDense.wi_0", size, width);
    const value bent = g->shape->swiglu ? silu(g, first) : gelu(g, first);
    inner = apply(g, "Mul", bent, linear(g, normed, layer, "DenseReluDense.wi_1", size, width));
  } else {
    inner = apply(g, "Relu", linear(g, normed, layer, "DenseReluDense.wi", size, width), 0);
  }
  const value added = linear(g, inner, layer, "DenseReluDense.wo", width, size);
  return apply(g, "Add", x, gated(g, added, x, layer));
}

static value block(struct graph *g, value x, value bias, int64_t number, int last) {
  char layer[2][64];
  for (int l = 0; l < 2; l++)
    snprintf(layer[l], sizeof layer[l], "rec_llm.encoder.block.%lld.layer.%d", (long long)number,
             l);
  return feed(g, attend(g, x, bias, layer[0], last), layer[1]);
}

/* --- around them --- */

static int make_offsets(struct graph *g) {
  const struct l4r_t5_shape *shape = g->shape;
  const int64_t farthest = g->model->config.history - 1, span = 2 * farthest + 1;
  const float *table; /* [buckets][H] */
  int status = l4r_weights_get(
      &g->model->weights, "rec_llm.",
      "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", shape->buckets,
      shape->heads, &table);
  if (status) return status;
  g->offsets = l4r_alloc((size_t)(shape->heads * span), sizeof *g->offsets, "position bias");
  if (!g->offsets) return L4R_ENVIRONMENT;
  for (int64_t d = -farthest; d <= farthest; d++) {
    const int bucket = l4r_t5_bucket(d, !shape->causal, shape->buckets, shape->max_distance);
    for (int64_t h = 0; h < shape->heads; h++)
      g->offsets[h * span + farthest + d] = shape->causal && d > 0
                                                ? -FLT_MAX
                                                : table[bucket * shape->heads + h];
  }
  return L4R_OK;
}

static void add_constants(struct graph *g) {
  struct l4r_onnx *onnx = g->onnx;
  const struct l4r_t5_shape *shape = g->shape;
  g->zero = l4r_onnx_integer(onnx, "zero", 0);
  g->one = l4r_onnx_integer(onnx, "one", 1);
  g->axis = l4r_onnx_integers(onnx, "axis", (const int64_t[]){1}, 1);
  g->split = l4r_onnx_integers(onnx, "split", (const int64_t[]){0, 0, shape->heads, shape->d_kv},
                               4);
  g->merge = l4r_onnx_integers(onnx, "merge", (const int64_t[]){0, 0, shape->heads * shape->d_kv},
                               3);
  g->two = l4r_onnx_real(onnx, "two", 2);
  g->epsilon = l4r_onnx_real(onnx, "epsilon", (float)shape->epsilon);
  if (g->model->config.readout == L4R_READ_LAST) {
    g->last = l4r_onnx_integers(onnx, "last", (const int64_t[]){-1}, 1);
    g->end = l4r_onnx_integers(onnx, "end", (const int64_t[]){INT64_MAX}, 1);
  }
  if (!shape->gated || shape->swiglu) return;
  g->three = l4r_onnx_real(onnx, "three", 3);
  g->cubic = l4r_onnx_real(onnx, "cubic", 0.044715f);
  g->root = l4r_onnx_real(onnx, "root", 0.79788456080286535588f); /* sqrt(2 / pi) */
  g->half = l4r_onnx_real(onnx, "half", 0.5f);
  g->unit = l4r_onnx_real(onnx, "unit", 1);
}

/* Vectors of the items. A number below 1 would count from the table's end: it becomes one behind
 * it, which Gather refuses. */
static value look_up(struct graph *g, value items, value table) {
  const value count = l4r_onnx_integer(g->onnx, "count", g->model->config.items);
  const value row = apply(g, "Sub", items, g->one);
  const struct l4r_onnx_node where = {.op = "Where",
                                      .input = {apply(g, "Less", row, g->zero), count, row}};
  return along(g, "Gather", table, l4r_onnx_apply(g->onnx, &where), 0);
}

/* [H][length][length]: query, key. */
static value position_bias(struct graph *g, value items) {
  const int64_t farthest = g->model->config.history - 1;
  const struct l4r_onnx_weights offsets = {
      .rows = g->shape->heads, .columns = 2 * farthest + 1, .values = g->offsets};
  const value table = l4r_onnx_weights(g->onnx, "position_bias", &offsets);
  const value length = along(g, "Gather", apply(g, "Shape", items, 0), g->one, 0);
  const struct l4r_onnx_node range = {.op = "Range", .input = {g->zero, length, g->one}};
  const value key = l4r_onnx_apply(g->onnx, &range);
  const value distance = apply(g, "Sub", key, apply(g, "Unsqueeze", key, g->axis));
  const value place = apply(g, "Add", distance, l4r_onnx_integer(g->onnx, "farthest", farthest));
  return along(g, "Gather", table, place, 1);
}

/* scores = scale * state . W + bias, of [batch][D] */
static void add_head(struct graph *g, value state, value table) {
  const struct l4r_model_config *config = &g->model->config;
  const int tied = config->tied_head;
  const value head = tied ? table
                          : weight(g, "item_head.weight", config->items, g->shape->d_model, 0);
  const value bias = tied ? 0 : weight(g, "item_head.bias", config->items, 0, 0);
  const struct l4r_onnx_node gemm = {
      .op = "Gemm",
      .input = {state, head, bias},
      .attribute = {{.name = "transB", .type = L4R_ONNX_WHOLE, .whole = {1}},
                    {.name = "alpha",
                     .type = L4R_ONNX_REAL,
                     .real = tied ? (float)l4r_tied_scale(config) : 1}},
      .output = "scores"};
  l4r_onnx_apply(g->onnx, &gemm);
  l4r_onnx_output(g->onnx, "scores", L4R_ONNX_FLOAT,
                  &(struct l4r_onnx_shape){.name = {"batch"}, .size = {0, config->items}});
}

static void add_notes(struct graph *g) {
  const struct l4r_model_config *config = &g->model->config;
  char text[200];
  snprintf(text, sizeof text,
           "numbers 1..%lld of items, oldest first, the newest 1..%lld of a history; all histories "
           "of a batch of one length; no padding",
           (long long)config->items, (long long)config->history);
  l4r_onnx_note(g->onnx, "items", text);
  l4r_onnx_note(g->onnx, "scores", "[batch][items], item 1 first");
  l4r_onnx_note(g->onnx, "data_set", config->dataset_name);
  l4r_onnx_note(g->onnx, "data_set_sha256", config->dataset_sha256);
  l4r_onnx_note(g->onnx, "model_sha256", g->model->sha256);
}

static int build(struct graph *g) {
  const struct l4r_model_config *config = &g->model->config;
  const int last = config->readout == L4R_READ_LAST;
  const int64_t blocks = g->shape->encoder_blocks;
  int status = make_offsets(g);
  if (status) return status;
  add_notes(g);
  const value items = l4r_onnx_input(g->onnx, "items", L4R_ONNX_INT64,
                                     &(struct l4r_onnx_shape){.name = {"batch", "length"}});
  add_constants(g);
  const struct l4r_onnx_weights vectors = {
      .rows = config->items, .columns = g->shape->d_model, .values = g->vectors};
  const value table = l4r_onnx_weights(g->onnx, "item_vectors", &vectors);
  const value bias = position_bias(g, items);
  value x = look_up(g, items, table);
  for (int64_t b = 0; b < blocks; b++) x = block(g, x, bias, b, last && b == blocks - 1);
  const value hidden = norm(g, x, "rec_llm.encoder", "final_layer_norm");
  add_head(g, last ? apply(g, "Squeeze", hidden, g->axis) : mean(g, hidden, 1, 0), table);
  return g->status;
}

/* --- the export --- */

static int check(const struct l4r_model *model) {
  const enum l4r_kind kind = model->config.kind;
  if (model->config.scores)
    return l4r_fail(L4R_USAGE,
                    "%s: it has cosine scores, which export onnx does not write; a model trained "
                    "without --scores can be exported",
                    model->path);
  if (kind == L4R_KIND_LITE && model->config.rec_llm.block == L4R_BLOCK_T5) return L4R_OK;
  if (kind == L4R_KIND_P5)
    return l4r_fail(L4R_USAGE,
                    "%s: a model of kind p5 answers by beam search, which is no single graph; "
                    "`lite4rec export hf` makes a folder for transformers of it, and the arm "
                    "peer:onnxruntime@MODEL serves it on ONNX Runtime",
                    model->path);
  if (kind == L4R_KIND_P5_HEAD || kind == L4R_KIND_LITE_BEAM)
    return l4r_fail(L4R_USAGE,
                    "%s: export onnx writes models of kind lite, this is one of kind %s; "
                    "`lite4rec export hf` makes a folder for transformers of it",
                    model->path, l4r_kind_name(kind));
  return l4r_fail(
      L4R_USAGE,
      "%s: this model has SASRec's blocks; export onnx writes models of kind lite with T5's blocks",
      model->path);
}

static int export_source(struct l4r_model_source *source, const char *out) {
  struct graph graph = {.model = source->model, .shape = &source->model->config.rec_llm};
  int status = check(source->model);
  if (!status) status = l4r_model_source_vectors(source);
  if (!status) status = l4r_onnx_open(&graph.onnx);
  if (status) return status;
  graph.vectors = source->table + graph.shape->d_model;
  status = build(&graph);
  if (!status) status = l4r_onnx_write(graph.onnx, out);
  if (!status)
    l4r_info("%s: ONNX opset %d, %.1f MB; `items` int64 [batch][length] of 1..%lld items in, "
             "`scores` [batch][%lld] out",
             out, L4R_ONNX_OPSET, (double)l4r_onnx_bytes(graph.onnx) * 1e-6,
             (long long)source->model->config.history, (long long)source->model->config.items);
  l4r_onnx_close(graph.onnx);
  l4r_free(graph.offsets);
  return status;
}

int l4r_export_onnx(const char *model, const char *data, const char *out) {
  struct l4r_model_source source;
  int status = l4r_model_source_open(model, data, &source);
  if (status) return status;
  status = export_source(&source, out);
  l4r_model_source_close(&source);
  return status;
}
