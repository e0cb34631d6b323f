/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's training layers in fp32: states and every gradient against transformers (tests/oracle/
 * bert.py). */
#include "impl/base/memory.h"
#include "impl/model/safetensors.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* 1e-3 of each gradient tensor's norm (of the whole's for what has none), as the design says. */
static void check_gradient(const struct test_golden *golden, const struct l4r_tensor *tensor,
                           const float *got, double whole) {
  char name[160];
  snprintf(name, sizeof name, "gradient.item_llm.%s", tensor->name);
  const float *want = test_golden_tensor(golden, name, tensor->rows, tensor->columns);
  double error = 0, norm = 0;
  for (int64_t i = 0; i < tensor->count; i++) {
    error += (got[i] - want[i]) * (double)(got[i] - want[i]);
    norm += want[i] * (double)want[i];
  }
  cr_expect_leq(sqrt(error), 1e-3 * fmax(sqrt(norm), 1e-3 * sqrt(whole)), "%s: off by %g of %g",
                tensor->name, sqrt(error), sqrt(norm));
}

static void compare(const char *isa) {
  const struct l4r_layer_kernels *kernels;
  if (l4r_layer_kernels_find(isa, &kernels)) return; /* not of this processor */
  struct test_golden golden;
  struct l4r_tensors tensors;
  struct l4r_encoder_layers *layers;
  int64_t count, tokens, start[9] = {0};
  test_golden_open("bert", &golden);
  const int64_t width = golden.shape.d_model;
  int32_t *length = test_integers(json_object_get(golden.document, "lengths"), &count);
  int32_t *token = test_integers(json_object_get(golden.document, "tokens"), &tokens);
  for (int64_t s = 0; s < count; s++) start[s + 1] = start[s] + length[s];
  test_ok(l4r_tensors_of_bert(&golden.shape, &tensors));
  float *values = test_t5_normals(1, tensors.floats, 0),
        *gradients = test_t5_normals(1, tensors.floats, 0);
  float *hidden = test_t5_normals(1, tokens * width, 1);
  for (int64_t t = 0; t < tensors.count; t++) {
    char name[160];
    snprintf(name, sizeof name, "item_llm.%s", tensors.tensor[t].name);
    test_ok(l4r_safetensors_copy(golden.model, name, tensors.tensor[t].rows,
                                 tensors.tensor[t].columns, values + tensors.tensor[t].offset));
  }
  const struct l4r_train_spec spec = {.shape = &golden.shape,
                                      .tensors = &tensors,
                                      .prefix = "",
                                      .kernels = kernels,
                                      .max_positions = tokens,
                                      .max_count = count,
                                      .max_length = golden.shape.positions};
  test_ok(l4r_encoder_layers_open(&spec, &layers));
  const struct l4r_batch batch = {.count = count, .start = start, .token = token};
  test_ok(l4r_encoder_forward(layers, values, &batch, NULL, hidden));
  test_t5_close("hidden", hidden, test_golden_tensor(&golden, "hidden", tokens, width), tokens,
                width);
  memcpy(hidden, test_golden_tensor(&golden, "d_hidden", tokens, width),
         (size_t)(tokens * width) * sizeof *hidden);
  test_ok(l4r_encoder_backward(layers, values, hidden, gradients, NULL));
  double whole = 0;
  for (int64_t i = 0; i < tensors.floats; i++) whole += gradients[i] * (double)gradients[i];
  for (int64_t t = 0; t < tensors.count; t++)
    check_gradient(&golden, &tensors.tensor[t], gradients + tensors.tensor[t].offset, whole);
  l4r_encoder_layers_close(layers);
  l4r_tensors_free(&tensors);
  void *all[] = {length, token, values, gradients, hidden};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  test_golden_close(&golden);
}

Test(layers_bert, equals_transformers) {
  const char *const sets[] = {"portable", "avx2", "avx512", "neon"};
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) compare(sets[i]);
}
