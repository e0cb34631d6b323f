/* SPDX-License-Identifier: BSD-3-Clause */
/* Every gradient of the training layers against central finite differences, in double: the layer
 * sources are linked a second time with L4R_DOUBLE, which this file asks for before any include. */
#define L4R_DOUBLE
#include "impl/train/layers/decoder.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/layers.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/softmax.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SEQUENCES = 5, ITEMS = 11 };
static const int64_t source_start[SEQUENCES + 1] = {0, 7, 8, 8, 31, 35};
static const int64_t answer_start[SEQUENCES + 1] = {0, 3, 4, 4, 9, 14};

struct variant {
  const char *name;
  int gated, tied, causal, vectors, decoder, swiglu, gates;
  double dropout;
  int64_t repeat; /* of the batch, so that it spans several chunks */
  int64_t width, key;
};

static const struct variant variants[] = {
    {.name = "encoder", .repeat = 1, .width = 12, .key = 5},
    {.name = "encoder, whole vectors", .repeat = 1, .width = 16, .key = 8},
    {.name = "encoder, dropout", .dropout = 0.3, .repeat = 1, .width = 12, .key = 5},
    {.name = "gated, dropout", .gated = 1, .dropout = 0.2, .repeat = 1, .width = 12, .key = 4},
    {.name = "causal", .causal = 1, .repeat = 1, .width = 12, .key = 5},
    {.name = "causal, dropout", .causal = 1, .dropout = 0.3, .repeat = 1, .width = 16, .key = 4},
    {.name = "vectors, dropout", .vectors = 1, .dropout = 0.1, .repeat = 1, .width = 12, .key = 5},
    {.name = "swiglu, dropout",
     .gated = 1,
     .swiglu = 1,
     .dropout = 0.2,
     .repeat = 1,
     .width = 12,
     .key = 4},
    {.name = "gates", .gates = 1, .repeat = 1, .width = 12, .key = 5},
    {.name = "gates, swiglu, causal vectors, dropout, chunks",
     .gates = 1,
     .gated = 1,
     .swiglu = 1,
     .causal = 1,
     .vectors = 1,
     .dropout = 0.1,
     .repeat = 40,
     .width = 16,
     .key = 8},
    {.name = "several chunks", .dropout = 0.1, .repeat = 40, .width = 8, .key = 4},
    {.name = "decoder, tied", .tied = 1, .decoder = 1, .repeat = 1, .width = 12, .key = 5},
    {.name = "decoder, untied, gated, dropout",
     .decoder = 1,
     .gated = 1,
     .dropout = 0.25,
     .repeat = 1,
     .width = 12,
     .key = 5},
    {.name = "decoder, tied, dropout, chunks",
     .tied = 1,
     .decoder = 1,
     .dropout = 0.1,
     .repeat = 40,
     .width = 8,
     .key = 4},
};

struct net {
  const struct variant *variant;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  double *values, *gradients;
  struct l4r_encoder_layers *encoder;
  struct l4r_decoder_layers *decoder;
  int64_t *start, *out_start;
  struct l4r_batch source, answer;
  double *vector, *d_vector, *memory, *d_memory, *hidden, *d_hidden, *scratch;
  int32_t *token, *out_token, *target;
};

static void *take(int64_t count, size_t size) {
  void *memory = l4r_alloc((size_t)count, size, "a test");
  cr_assert_not_null(memory);
  return memory;
}

static int64_t offset(const struct net *net, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(&net->tensors, name);
  cr_assert_not_null(tensor, "%s", name);
  return tensor->offset;
}

static void fill_starts(const int64_t *pattern, int64_t repeat, int64_t *start) {
  for (int64_t r = 0; r < repeat; r++)
    for (int64_t s = 0; s <= SEQUENCES; s++)
      start[r * SEQUENCES + s] = r * pattern[SEQUENCES] + pattern[s];
}

static void make_values(struct net *net, struct l4r_random *random) {
  float *initial = take(net->tensors.floats, sizeof *initial);
  net->values = take(net->tensors.floats, sizeof *net->values);
  net->gradients = take(net->tensors.floats, sizeof *net->gradients);
  l4r_tensors_init(&net->tensors, 7, initial);
  for (int64_t i = 0; i < net->tensors.floats; i++)
    net->values[i] = initial[i] + 0.3 * l4r_random_normal(random);
  l4r_free(initial);
}

static void make_batches(struct net *net, struct l4r_random *random) {
  int64_t repeat = net->variant->repeat, width = net->variant->width, count = SEQUENCES * repeat;
  net->start = take(count + 1, sizeof *net->start);
  net->out_start = take(count + 1, sizeof *net->out_start);
  fill_starts(source_start, repeat, net->start);
  fill_starts(answer_start, repeat, net->out_start);
  int64_t rows = net->start[count], out_rows = net->out_start[count];
  net->token = take(rows, sizeof *net->token);
  net->out_token = take(rows, sizeof *net->out_token);
  net->target = take(rows, sizeof *net->target);
  net->vector = take(rows * width, sizeof *net->vector);
  for (int64_t i = 0; i < rows * width; i++) net->vector[i] = l4r_random_normal(random);
  int64_t classes = net->variant->decoder ? net->config.p5.vocabulary : ITEMS;
  for (int64_t i = 0; i < rows; i++) {
    net->token[i] = (int32_t)l4r_random_below(random, (uint64_t)net->config.p5.vocabulary);
    net->out_token[i] = (int32_t)l4r_random_below(random, (uint64_t)net->config.p5.vocabulary);
    net->target[i] = i % 5 == 3 ? -1 : (int32_t)l4r_random_below(random, (uint64_t)classes);
  }
  net->source = (struct l4r_batch){.count = count, .start = net->start};
  if (net->variant->vectors)
    net->source.vector = net->vector;
  else
    net->source.token = net->token;
  net->answer = (struct l4r_batch){
      .count = count, .start = net->out_start, .token = net->out_token};
  net->d_vector = take(rows * width, sizeof(double));
  net->memory = take(rows * width, sizeof(double));
  net->d_memory = take(rows * width, sizeof(double));
  net->hidden = take(out_rows * width, sizeof(double));
  net->d_hidden = take(rows * width, sizeof(double));
  net->scratch = take(l4r_softmax_scratch(NULL, width, classes, 0), sizeof(double));
}

static void make_net(struct net *net, const struct variant *variant) {
  *net = (struct net){.variant = variant};
  net->config = (struct l4r_model_config){
      .kind = L4R_KIND_P5_HEAD,
      .items = ITEMS,
      .p5 = {.d_model = variant->width,
             .d_kv = variant->key,
             .heads = 3,
             .d_ff = 21,
             .vocabulary = 17,
             .encoder_blocks = 2,
             .decoder_blocks = 2,
             .buckets = 8,
             .max_distance = 12,
             .gated = variant->gated,
             .swiglu = variant->swiglu,
             .gates = variant->gates ? L4R_GATES_LIGR : L4R_GATES_NONE,
             .tied = variant->tied,
             .causal = variant->causal,
             .epsilon = 1e-6},
  };
  cr_assert_eq(l4r_tensors_of(&net->config, &net->tensors), 0);
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  make_values(net, &random);
  make_batches(net, &random);
  struct l4r_train_spec spec = {.shape = &net->config.p5,
                                .tensors = &net->tensors,
                                .prefix = "",
                                .dropout = variant->dropout,
                                .max_positions = net->start[net->source.count],
                                .max_count = net->source.count,
                                .max_length = 23};
  cr_assert_eq(l4r_encoder_layers_open(&spec, &net->encoder), 0, "%s", l4r_error_message());
  if (!variant->decoder) return;
  spec.max_positions = net->out_start[net->answer.count];
  spec.max_length = 5;
  spec.max_memory = net->start[net->source.count];
  spec.max_memory_length = 23;
  cr_assert_eq(l4r_decoder_layers_open(&spec, &net->decoder), 0, "%s", l4r_error_message());
}

static void free_net(struct net *net) {
  l4r_encoder_layers_close(net->encoder);
  l4r_decoder_layers_close(net->decoder);
  l4r_tensors_free(&net->tensors);
  void *all[] = {net->values, net->gradients, net->start,    net->out_start, net->vector,
                 net->memory, net->d_memory,  net->hidden,   net->d_hidden,  net->scratch,
                 net->token,  net->out_token, net->d_vector, net->target};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

/* The chain forward, and back into net->gradients when asked; dropout draws the same each time. */
static double loss_of(struct net *net, int backward) {
  struct l4r_random generator, *random = net->variant->dropout > 0 ? &generator : NULL;
  l4r_random_seed(&generator, 5);
  int64_t width = net->variant->width;
  double loss, *hidden = net->memory;
  cr_assert_eq(l4r_encoder_forward(net->encoder, net->values, &net->source, random, hidden), 0);
  struct l4r_softmax_spec head = {.rows = net->start[net->source.count],
                                  .width = width,
                                  .classes = ITEMS,
                                  .target = net->target,
                                  .scale = 1,
                                  .loss_scale = 0.5,
                                  .d_hidden = net->d_hidden,
                                  .scratch = net->scratch};
  int64_t weight = offset(net, "item_head.weight"), bias = offset(net, "item_head.bias");
  if (net->decoder) {
    hidden = net->hidden;
    cr_assert_eq(l4r_decoder_forward(net->decoder, net->values, &net->answer, net->start,
                                     net->memory, random, hidden),
                 0, "%s", l4r_error_message());
    head.rows = net->out_start[net->answer.count];
    head.classes = net->config.p5.vocabulary;
    if (net->variant->tied) head.scale = 1 / sqrt((double)width);
    weight = offset(net, net->variant->tied ? "shared.weight" : "lm_head.weight");
  } else {
    head.bias = net->values + bias;
    head.d_bias = net->gradients + bias;
  }
  memset(net->gradients, 0, (size_t)net->tensors.floats * sizeof *net->gradients);
  head.hidden = hidden;
  head.weight = net->values + weight;
  head.d_weight = net->gradients + weight;
  cr_assert_eq(l4r_softmax_cross_entropy(&head, &loss), 0, "%s", l4r_error_message());
  if (!backward) return 0.5 * loss;
  double *d_memory = net->d_hidden;
  if (net->decoder) {
    d_memory = net->d_memory;
    l4r_decoder_backward(net->decoder, net->values, net->d_hidden, net->gradients, d_memory);
  }
  l4r_encoder_backward(net->encoder, net->values, d_memory, net->gradients, net->d_vector);
  return 0.5 * loss;
}

static double difference(struct net *net, double *value) {
  const double step = 2e-6;
  double kept = *value;
  *value = kept + step;
  double up = loss_of(net, 0);
  *value = kept - step;
  double down = loss_of(net, 0);
  *value = kept;
  return (up - down) / (2 * step);
}

/* At most `probes` entries of a tensor, spread evenly; their error relative to their norm. */
static void check(struct net *net, const char *name, double *value, const double *gradient,
                  int64_t count, int64_t probes) {
  int64_t stride = count > probes ? count / probes | 1 : 1;
  double error = 0, norm = 0;
  for (int64_t i = 0; i < count; i += stride) {
    double expected = difference(net, value + i), off = gradient[i] - expected;
    error += off * off;
    norm += expected * expected;
  }
  cr_expect_leq(sqrt(error), 1e-5 * sqrt(norm) + 1e-8,
                "%s: gradient of %s is off by %g of a norm of %g", net->variant->name, name,
                sqrt(error), sqrt(norm));
}

static void check_variant(const struct variant *variant) {
  struct net net;
  make_net(&net, variant);
  loss_of(&net, 1);
  double *gradients = take(net.tensors.floats, sizeof *gradients);
  memcpy(gradients, net.gradients, (size_t)net.tensors.floats * sizeof *gradients);
  int64_t probes = variant->repeat > 1 ? 4 : 24;
  for (int64_t i = 0; i < net.tensors.count; i++) {
    const struct l4r_tensor *tensor = &net.tensors.tensor[i];
    check(&net, tensor->name, net.values + tensor->offset, gradients + tensor->offset,
          tensor->count, probes);
  }
  if (variant->vectors) {
    loss_of(&net, 1);
    check(&net, "the input vectors", net.vector, net.d_vector,
          net.start[net.source.count] * variant->width, 100);
  }
  l4r_free(gradients);
  free_net(&net);
}

Test(layers_gradients, finite_differences) {
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) check_variant(&variants[i]);
}

/* A chain whose parts have no gradient would pass above: every tensor in use must have one. */
Test(layers_gradients, reach_every_tensor_in_use) {
  struct net net;
  make_net(&net, &variants[11]);
  loss_of(&net, 1);
  for (int64_t i = 0; i < net.tensors.count; i++) {
    const struct l4r_tensor *tensor = &net.tensors.tensor[i];
    double norm = 0;
    for (int64_t j = 0; j < tensor->count; j++)
      norm += net.gradients[tensor->offset + j] * net.gradients[tensor->offset + j];
    int unused = strncmp(tensor->name, "item_head", 9) == 0;
    cr_expect(unused ? norm == 0 : norm > 0, "%s: %g", tensor->name, norm);
  }
  free_net(&net);
}
