/* SPDX-License-Identifier: BSD-3-Clause */
/* Every gradient of BERT's training layers, and of what stands behind a pretrained encoder, against
 * central finite differences, in double: tokens in, pooled, whitened, adapted, and summed with
 * fixed numbers. */
#define L4R_DOUBLE
#include "impl/train/layers/adapter.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/layers.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/tensors.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SEQUENCES = 5, WIDTH = 5, LONGEST = 23, MIDDLE = 2 * WIDTH };
static const int64_t pattern[SEQUENCES + 1] = {0, 7, 8, 8, 31, 35};

struct variant {
  const char *name;
  int64_t width, key, heads, repeat; /* repeat: of the batch, so that it spans several chunks */
  double dropout;
  int normalize, whiten;
  enum l4r_adapter adapter;
};
static const struct variant variants[] = {
    {"whole vectors", 16, 16, 1, 1, 0, 1, 1, L4R_ADAPTER_TWO_LAYER},
    {"odd width, three heads", 15, 5, 3, 1, 0, 0, 1, L4R_ADAPTER_LINEAR},
    {"dropout", 16, 8, 2, 1, 0.3, 1, 0, L4R_ADAPTER_TWO_LAYER},
    {"chunks, dropout", 8, 8, 1, 20, 0.1, 0, 0, L4R_ADAPTER_LINEAR},
};

struct net {
  const struct variant *variant;
  struct l4r_model_config config;
  struct l4r_tensors tensors;
  struct l4r_adapter_layers adapter;
  double *values, *gradients, *hidden, *d_hidden, *raw, *x, *u, *g, *y, *d_y, *fixed, *scratch;
  int64_t rows, count, *start;
  int32_t *token;
  struct l4r_encoder_layers *layers;
};

static void *take(int64_t count, size_t size) {
  void *memory = l4r_alloc((size_t)count, size, "a test");
  cr_assert_not_null(memory);
  return memory;
}

/* Above the diagonal a whitening has zeros, which nothing reads. */
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
  const int64_t repeat = net->variant->repeat, wide = net->variant->width;
  net->count = SEQUENCES * repeat;
  net->start = take(net->count + 1, sizeof *net->start);
  for (int64_t r = 0; r < repeat; r++)
    for (int64_t s = 0; s <= SEQUENCES; s++)
      net->start[r * SEQUENCES + s] = r * pattern[SEQUENCES] + pattern[s];
  net->rows = net->start[net->count];
  net->token = take(net->rows, sizeof *net->token);
  for (int64_t i = 0; i < net->rows; i++)
    net->token[i] = (int32_t)l4r_random_below(random, (uint64_t)net->config.item_llm.vocabulary);
  double **all[] = {&net->hidden, &net->d_hidden};
  for (size_t i = 0; i < 2; i++) *all[i] = take(net->rows * wide, sizeof(double));
  net->raw = take(net->count * wide, sizeof(double));
  net->x = take(net->count * wide, sizeof(double));
  net->u = take(net->count * MIDDLE, sizeof(double));
  net->g = take(net->count * MIDDLE, sizeof(double));
  net->y = take(net->count * WIDTH, sizeof(double));
  net->d_y = take(net->count * WIDTH, sizeof(double));
  net->fixed = take(net->count * WIDTH, sizeof(double));
  net->scratch = take(wide, sizeof(double));
  for (int64_t i = 0; i < net->count * WIDTH; i++) net->fixed[i] = l4r_random_normal(random);
}

static void make_net(struct net *net, const struct variant *variant) {
  *net = (struct net){.variant = variant};
  struct l4r_model_config *config = &net->config;
  *config = (struct l4r_model_config){.kind = L4R_KIND_LITE,
                                      .items = 3,
                                      .tied_head = 1,
                                      .normalize = variant->normalize,
                                      .whiten = variant->whiten,
                                      .adapter = variant->adapter};
  config->item_llm = (struct l4r_t5_shape){.block = L4R_BLOCK_BERT,
                                           .d_model = variant->width,
                                           .d_kv = variant->key,
                                           .heads = variant->heads,
                                           .d_ff = 21,
                                           .vocabulary = 9,
                                           .encoder_blocks = 2,
                                           .epsilon = 1e-12,
                                           .positions = LONGEST,
                                           .types = 2};
  config->rec_llm = (struct l4r_t5_shape){.block = L4R_BLOCK_SASREC,
                                          .d_model = WIDTH,
                                          .d_kv = WIDTH,
                                          .heads = 1,
                                          .d_ff = 2,
                                          .encoder_blocks = 1,
                                          .positions = 2};
  cr_assert_eq(l4r_tensors_of(config, &net->tensors), 0);
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  make_values(net, &random);
  make_batch(net, &random);
  struct l4r_train_spec spec = {.shape = &config->item_llm,
                                .tensors = &net->tensors,
                                .prefix = "item_llm.",
                                .dropout = variant->dropout,
                                .max_positions = net->rows,
                                .max_count = net->count,
                                .max_length = LONGEST};
  cr_assert_eq(l4r_encoder_layers_open(&spec, &net->layers), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_adapter_open(config, &net->tensors, 0, NULL, &net->adapter), 0, "%s",
               l4r_error_message());
}

static void free_net(struct net *net) {
  l4r_encoder_layers_close(net->layers);
  l4r_tensors_free(&net->tensors);
  void *all[] = {net->values, net->gradients, net->hidden, net->d_hidden, net->raw,
                 net->x,      net->u,         net->g,      net->y,        net->d_y,
                 net->fixed,  net->scratch,   net->start,  net->token};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

static void backward(struct net *net) {
  const int64_t wide = net->variant->width;
  memcpy(net->d_y, net->fixed, (size_t)(net->count * WIDTH) * sizeof(double));
  memset(net->gradients, 0, (size_t)net->tensors.floats * sizeof *net->gradients);
  l4r_adapter_backward(&net->adapter, net->values, net->count, net->x, net->u, net->g, net->d_y,
                       net->gradients, net->x);
  for (int64_t s = 0; s < net->count; s++) {
    double *d = net->x + s * wide;
    const int64_t first = net->start[s], last = net->start[s + 1];
    l4r_adapter_whiten_back(&net->adapter, net->values, net->raw + s * wide, net->scratch, d);
    for (int64_t p = first; p < last; p++)
      for (int64_t i = 0; i < wide; i++)
        net->d_hidden[p * wide + i] = d[i] / (double)(last - first);
  }
  l4r_encoder_backward(net->layers, net->values, net->d_hidden, net->gradients, NULL);
}

/* The loss; dropout draws the same each time. An empty text's vector is constant. */
static double loss_of(struct net *net) {
  struct l4r_random generator, *random = net->variant->dropout > 0 ? &generator : NULL;
  const int64_t wide = net->variant->width;
  l4r_random_seed(&generator, 5);
  struct l4r_batch batch = {.count = net->count, .start = net->start, .token = net->token};
  cr_assert_eq(l4r_encoder_forward(net->layers, net->values, &batch, random, net->hidden), 0, "%s",
               l4r_error_message());
  for (int64_t s = 0; s < net->count; s++) {
    double *raw = net->raw + s * wide;
    const int64_t first = net->start[s], last = net->start[s + 1];
    for (int64_t i = 0; i < wide; i++) raw[i] = first == last ? 0.1 : 0;
    for (int64_t p = first; p < last; p++)
      for (int64_t i = 0; i < wide; i++)
        raw[i] += net->hidden[p * wide + i] / (double)(last - first);
    l4r_adapter_whiten(&net->adapter, net->values, raw, net->scratch, net->x + s * wide);
  }
  l4r_adapter_forward(&net->adapter, net->values, net->count, net->x, net->u, net->g, net->y);
  double loss = 0;
  for (int64_t i = 0; i < net->count * WIDTH; i++) loss += net->y[i] * net->fixed[i];
  return loss;
}

static double difference(struct net *net, double *value) {
  const double step = 2e-6;
  double kept = *value;
  *value = kept + step;
  double up = loss_of(net);
  *value = kept - step;
  double down = loss_of(net);
  *value = kept;
  return (up - down) / (2 * step);
}

/* At most `probes` entries of a tensor, spread evenly; their error relative to the norm of all. The
 * biases of keys move no softmax, and texts have one type: there the whole norm is the measure. */
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
  int zero = strstr(tensor->name, "key.bias") != NULL;
  cr_expect_leq(sqrt(error), 1e-5 * sqrt(zero ? whole : norm) + 1e-8,
                "%s: gradient of %s is off by %g of a norm of %g", net->variant->name, tensor->name,
                sqrt(error), sqrt(norm));
  cr_expect(zero || norm > 0, "%s: %s has no gradient", net->variant->name, tensor->name);
}

static int is_trained(const char *name) {
  return !strncmp(name, "item_llm.", 9) && strncmp(name, "item_llm.whiten", 15) != 0;
}

Test(layers_bert, finite_differences) {
  for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
    struct net net;
    make_net(&net, &variants[v]);
    loss_of(&net);
    backward(&net);
    double *gradients = take(net.tensors.floats, sizeof *gradients), whole = 0;
    memcpy(gradients, net.gradients, (size_t)net.tensors.floats * sizeof *gradients);
    for (int64_t i = 0; i < net.tensors.floats; i++) whole += gradients[i] * gradients[i];
    for (int64_t i = 0; i < net.tensors.count; i++)
      if (is_trained(net.tensors.tensor[i].name))
        check(&net, &net.tensors.tensor[i], gradients, whole);
    l4r_free(gradients);
    free_net(&net);
  }
}
