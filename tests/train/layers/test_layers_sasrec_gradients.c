/* SPDX-License-Identifier: BSD-3-Clause */
/* Every gradient of SASRec's training layers against central finite differences, in double, through
 * the loss as it is trained: embeddings in, the same embeddings as output matrix. */
#define L4R_DOUBLE
#include "impl/model/config_sizes.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/layers.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/tensors.h"
#include "impl/train/layers/softmax.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SEQUENCES = 5, ITEMS = 13, LONGEST = 23 };
static const int64_t pattern[SEQUENCES + 1] = {0, 7, 8, 8, 31, 35};

struct variant {
  const char *name;
  int64_t width, key, heads, repeat; /* repeat: of the batch, so that it spans several chunks */
  int causal;
  double dropout;
  int gates, swiglu;
};
static const struct variant variants[] = {
    {"whole vectors", 16, 16, 1, 1, 1, 0, 0, 0},
    {"odd width, three heads", 11, 5, 3, 1, 1, 0, 0, 0},
    {"dropout", 16, 8, 2, 1, 1, 0.3, 0, 0},
    {"bidirectional, dropout", 12, 4, 3, 1, 0, 0.2, 0, 0},
    {"chunks, dropout", 8, 8, 1, 20, 1, 0.1, 0, 0},
    {"gates, dropout", 11, 5, 3, 1, 1, 0.2, 1, 0},
    {"swiglu, dropout", 16, 8, 2, 1, 1, 0.2, 0, 1},
    {"gates, swiglu, chunks, dropout", 8, 8, 1, 20, 1, 0.1, 1, 1},
};

struct net {
  const struct variant *variant;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  double *values, *gradients, *vector, *d_vector, *hidden, *d_hidden, *scratch;
  int64_t rows, id, *start;
  int32_t *item, *target;
  struct l4r_encoder_layers *layers;
};

static void *take(int64_t count, size_t size) {
  void *memory = l4r_alloc((size_t)count, size, "a test");
  cr_assert_not_null(memory);
  return memory;
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

static void make_batch(struct net *net, struct l4r_random *random) {
  int64_t repeat = net->variant->repeat, width = net->variant->width;
  net->start = take(SEQUENCES * repeat + 1, sizeof *net->start);
  for (int64_t r = 0; r < repeat; r++)
    for (int64_t s = 0; s <= SEQUENCES; s++)
      net->start[r * SEQUENCES + s] = r * pattern[SEQUENCES] + pattern[s];
  net->rows = net->start[SEQUENCES * repeat];
  net->item = take(net->rows, sizeof *net->item);
  net->target = take(net->rows, sizeof *net->target);
  for (int64_t i = 0; i < net->rows; i++) {
    net->item[i] = (int32_t)l4r_random_below(random, ITEMS);
    net->target[i] = i % 5 == 3 ? -1 : (int32_t)l4r_random_below(random, ITEMS);
  }
  double **all[] = {&net->vector, &net->d_vector, &net->hidden, &net->d_hidden};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    *all[i] = take(net->rows * width, sizeof(double));
  net->scratch = take(l4r_softmax_scratch(NULL, width, ITEMS, 0), sizeof(double));
}

static void make_net(struct net *net, const struct variant *variant) {
  *net = (struct net){.variant = variant};
  cr_assert_eq(l4r_config_defaults(L4R_KIND_SASREC, "tiny", &net->config), 0);
  net->config.items = ITEMS;
  net->config.history = LONGEST;
  struct l4r_t5_shape *shape = &net->config.rec_llm;
  shape->d_model = variant->width;
  shape->d_kv = variant->key;
  shape->heads = variant->heads;
  shape->d_ff = 21;
  shape->causal = variant->causal;
  shape->gates = variant->gates ? L4R_GATES_LIGR : L4R_GATES_NONE;
  shape->gated = shape->swiglu = variant->swiglu;
  shape->positions = LONGEST;
  cr_assert_eq(l4r_tensors_of(&net->config, &net->tensors), 0);
  net->id = l4r_tensors_find(&net->tensors, "item_llm.id.weight")->offset;
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  make_values(net, &random);
  make_batch(net, &random);
  struct l4r_train_spec spec = {.shape = shape,
                                .tensors = &net->tensors,
                                .prefix = "rec_llm.",
                                .dropout = variant->dropout,
                                .max_positions = net->rows,
                                .max_count = SEQUENCES * variant->repeat,
                                .max_length = LONGEST};
  cr_assert_eq(l4r_encoder_layers_open(&spec, &net->layers), 0, "%s", l4r_error_message());
}

static void free_net(struct net *net) {
  l4r_encoder_layers_close(net->layers);
  l4r_tensors_free(&net->tensors);
  void *all[] = {net->values,   net->gradients, net->vector, net->d_vector, net->hidden,
                 net->d_hidden, net->scratch,   net->start,  net->item,     net->target};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

/* Half the summed loss, and its gradients when asked; dropout draws the same each time. */
static double loss_of(struct net *net, int backward) {
  struct l4r_random generator, *random = net->variant->dropout > 0 ? &generator : NULL;
  int64_t width = net->variant->width;
  l4r_random_seed(&generator, 5);
  for (int64_t i = 0; i < net->rows; i++)
    memcpy(net->vector + i * width, net->values + net->id + net->item[i] * width,
           (size_t)width * sizeof(double));
  struct l4r_batch batch = {
      .count = SEQUENCES * net->variant->repeat, .start = net->start, .vector = net->vector};
  cr_assert_eq(l4r_encoder_forward(net->layers, net->values, &batch, random, net->hidden), 0, "%s",
               l4r_error_message());
  memset(net->gradients, 0, (size_t)net->tensors.floats * sizeof *net->gradients);
  struct l4r_softmax_spec head = {.rows = net->rows,
                                  .width = width,
                                  .classes = ITEMS,
                                  .hidden = net->hidden,
                                  .weight = net->values + net->id,
                                  .target = net->target,
                                  .scale = 1,
                                  .loss_scale = 0.5,
                                  .d_hidden = net->d_hidden,
                                  .d_weight = net->gradients + net->id,
                                  .scratch = net->scratch};
  double loss;
  cr_assert_eq(l4r_softmax_cross_entropy(&head, &loss), 0, "%s", l4r_error_message());
  if (!backward) return 0.5 * loss;
  l4r_encoder_backward(net->layers, net->values, net->d_hidden, net->gradients, net->d_vector);
  for (int64_t i = 0; i < net->rows * width; i++)
    net->gradients[net->id + net->item[i / width] * width + i % width] += net->d_vector[i];
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

/* At most `probes` entries of a tensor, spread evenly; their error relative to the norm of all. The
 * biases of keys move no softmax: their gradient is zero, so the whole model's norm is the measure.
 */
static void check(struct net *net, const struct l4r_tensor *tensor, const double *gradients,
                  double whole) {
  int64_t probes = net->variant->repeat > 1 ? 4 : 24;
  int64_t stride = tensor->count > probes ? tensor->count / probes | 1 : 1;
  double error = 0, norm = 0;
  for (int64_t i = 0; i < tensor->count; i += stride) {
    double expected = difference(net, net->values + tensor->offset + i);
    double off = gradients[tensor->offset + i] - expected;
    error += off * off;
    norm += expected * expected;
  }
  int zero = strstr(tensor->name, ".k.bias") != NULL;
  cr_expect_leq(sqrt(error), 1e-5 * sqrt(zero ? whole : norm) + 1e-8,
                "%s: gradient of %s is off by %g of a norm of %g", net->variant->name, tensor->name,
                sqrt(error), sqrt(norm));
  cr_expect(zero || norm > 0, "%s: %s has no gradient", net->variant->name, tensor->name);
}

Test(layers_sasrec, finite_differences) {
  for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
    struct net net;
    make_net(&net, &variants[v]);
    loss_of(&net, 1);
    double *gradients = take(net.tensors.floats, sizeof *gradients), whole = 0;
    memcpy(gradients, net.gradients, (size_t)net.tensors.floats * sizeof *gradients);
    for (int64_t i = 0; i < net.tensors.floats; i++) whole += gradients[i] * gradients[i];
    for (int64_t i = 0; i < net.tensors.count; i++)
      check(&net, &net.tensors.tensor[i], gradients, whole);
    l4r_free(gradients);
    free_net(&net);
  }
}
