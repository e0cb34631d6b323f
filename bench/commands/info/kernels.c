/* SPDX-License-Identifier: BSD-3-Clause */
/* By which instructions a model would be served here, and what that was chosen from. */
#include "bench/commands/info/kernels.h"

#include "bench/cli/fold.h"
#include "bench/engines.h"
#include "bench/record/text.h"
#include "bench/table/units.h"
#include "impl/base/cache.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"
#include "impl/blis/choice.h"

#include <string.h>

static json_t *measured_of(const struct l4r_choice *choice) {
  const struct l4r_kernel_times *times = &choice->times;
  json_t *list = json_array();
  for (int i = 0; i < times->count && times->ns[0] > 0; i++) {
    char word[64];
    l4r_kernel_word(times->kernel[i], word, sizeof word);
    json_array_append_new(list, json_pack("{s:s, s:f}", "kernel", word, "ns", times->ns[i]));
  }
  return list;
}

/* A precision that has no instructions here is no error of the command. */
static int add_choice(enum l4r_precision precision, const struct l4r_products *products,
                      json_t *list) {
  const char *name = l4r_precision_name(precision);
  const struct l4r_stack_options options = {.precision = name, .products = products};
  struct l4r_choice choice;
  char word[64];
  const int status = l4r_choose(&options, &choice);
  if (status == L4R_ENVIRONMENT)
    return json_array_append_new(
               list, json_pack("{s:s, s:s}", "precision", name, "absent", l4r_error_message()))
               ? L4R_ENVIRONMENT
               : L4R_OK;
  if (status) return status;
  l4r_kernel_word(choice.gemm, word, sizeof word);
  json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "precision", name, "isa",
                                        l4r_isa_name(choice.isa), "kernel", word, "chosen",
                                        choice.way, "measured", measured_of(&choice)));
  return L4R_OK;
}

static json_t *products_of(const struct l4r_products *products) {
  json_t *list = json_array();
  for (int i = 0; i < products->count; i++) {
    const struct l4r_product_shape *p = &products->product[i];
    json_array_append_new(list,
                          json_pack("{s:I, s:I, s:I, s:f}", "rows", (json_int_t)p->rows, "k",
                                    (json_int_t)p->k, "n", (json_int_t)p->n, "times", p->times));
  }
  return list;
}

/* --- the page --- */

static const char *way_in_words(const char *way) {
  static const struct {
    const char *way, *words;
  } known[] = {{"measured", "measured now"},
               {"remembered", "measured earlier"},
               {"only", "there is no other here"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(way, known[i].way)) return known[i].words;
  return way;
}

static void print_choice(FILE *stream, const json_t *choice) {
  const json_t *measured = json_object_get(choice, "measured");
  char text[1024];
  size_t used = 0;
  text[0] = '\0';
  if (json_object_get(choice, "absent")) {
    l4r_fold_fact(stream, l4r_text_at(choice, "precision"), "%s", l4r_text_at(choice, "absent"));
    return;
  }
  for (size_t i = 0; i < json_array_size(measured); i++) {
    const json_t *one = json_array_get(measured, i);
    const double ns = json_number_value(json_object_get(one, "ns"));
    char time[32];
    l4r_text_add(text, sizeof text, &used, "%s%s %s", i ? ", " : "; ", l4r_text_at(one, "kernel"),
                 ns > 0 ? l4r_time_text(time, ns) : "not measured");
  }
  l4r_fold_fact(stream, l4r_text_at(choice, "precision"), "%s with %s, %s%s",
                l4r_text_at(choice, "kernel"), l4r_text_at(choice, "isa"),
                way_in_words(l4r_text_at(choice, "chosen")), text);
}

void l4r_info_kernels_print(FILE *stream, const json_t *kernels) {
  const json_t *choices = json_object_get(kernels, "choices");
  l4r_fold_fact(stream, "kernels",
                "of an arm that does not say, by what a user's products take on one core; kept in "
                "%s",
                l4r_text_at(kernels, "cache"));
  for (size_t i = 0; i < json_array_size(choices); i++)
    print_choice(stream, json_array_get(choices, i));
}

int l4r_info_kernels(const struct l4r_model_config *config, json_t **kernels) {
  struct l4r_products products = {0};
  char cache[L4R_PATH_MAX] = "no folder: neither XDG_CACHE_HOME nor HOME is set";
  int status = l4r_engine_products(config, &products);
  *kernels = NULL;
  if (status) return status;
  (void)l4r_cache_path("", cache);
  json_t *choices = json_array();
  *kernels = json_pack("{s:s, s:o, s:o}", "cache", cache, "products", products_of(&products),
                       "choices", choices);
  if (!*kernels) return l4r_fail(L4R_ENVIRONMENT, "no memory for the kernels of a model");
  for (int p = 0; p < L4R_PRECISIONS && !status; p++)
    status = add_choice((enum l4r_precision)p, &products, choices);
  return status;
}
