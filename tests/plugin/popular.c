/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine in a shared object, to start from: it ranks items by how often they were taken.
 *   cc -shared -fPIC $(pkg-config --cflags lite4rec) popular.c -o popular.so
 *   lite4rec run --arm so:./popular.so@MODEL --data DATA */
#include <lite4rec/engine.h>

#include <stdlib.h>
#include <string.h>

struct popular {
  struct l4r_dataset_view data;
  float score[]; /* [items] */
};

static int popular_open(const struct l4r_open_options *options, void **handle) {
  static const char *const known[] = {NULL};
  const int status = l4r_options_check(options, "popular", known);
  if (status) return status;
  struct l4r_dataset_view data;
  l4r_dataset_show(options->dataset, &data);
  struct popular *popular = malloc(sizeof *popular + (size_t)data.items * sizeof(float));
  if (!popular) return l4r_fail(L4R_ENVIRONMENT, "no memory for the scores of all items");
  popular->data = data;
  for (int64_t i = 0; i < data.items; i++) popular->score[i] = (float)data.popularity[i + 1];
  *handle = popular;
  return L4R_OK;
}

static int popular_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                             struct l4r_ranking *ranking) {
  const struct popular *popular = handle;
  for (int64_t r = 0; r < n; r++)
    l4r_top_k(popular->score, popular->data.items, popular->data.popularity, k, &ranking[r]);
  return L4R_OK;
}

static int popular_about(void *handle, struct l4r_about *about) {
  strcpy(about->kernels, "plain loops");
  strcpy(about->isa, "scalar");
  strcpy(about->precision, "fp32");
  about->weights_bytes = ((const struct popular *)handle)->data.items * (int64_t)sizeof(float);
  return L4R_OK;
}

const struct l4r_engine *l4r_plugin_engine(void) {
  static const struct l4r_engine popular = {.abi = L4R_ENGINE_ABI,
                                            .name = "popular",
                                            .open = popular_open,
                                            .recommend = popular_recommend,
                                            .about = popular_about,
                                            .close = free};
  return &popular;
}
