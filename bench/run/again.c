/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/again.h"

#include "bench/engines.h"
#include "bench/run/child.h"
#include "bench/run/job.h"
#include "bench/run/session/arm.h"
#include "impl/base/blas.h"
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <string.h>

static int is_offered(const char *isa) {
  enum l4r_isa found;
  const int offered = isa && !l4r_isa_find(isa, &found);
  l4r_error_clear();
  return offered;
}

static void add_option(char *arm, size_t *used, const char *key, const char *value) {
  const char *at = strrchr(arm, '@');
  l4r_text_add(arm, L4R_ARM_TEXT, used, "%c%s=%s", at && strchr(at, '=') ? ',' : ':', key, value);
}

/* Writes the arm with the folder in place of the model's name. */
static int arm_of(const struct l4r_record *record, const char *folder, char *arm) {
  const struct l4r_record_description *description = &record->data.description;
  const char *engine = record->data.engine ? record->data.engine : "", *key;
  json_t *options = record->data.options, *value;
  size_t used = 0;
  *arm = '\0';
  if (l4r_shared_object_of(engine))
    return l4r_fail(
        L4R_INPUT,
        "%s is a file of its own, which the record does not hold: its accuracy can only "
        "be measured again by `lite4rec run` with that file",
        engine);
  l4r_text_add(arm, L4R_ARM_TEXT, &used, "%s@%s", engine, folder);
  json_object_foreach(options, key, value)
    add_option(arm, &used, key, json_string_value(value) ? json_string_value(value) : "");
  /* The choice of kernels is made by time, and another one may round otherwise. */
  if (description->kernel && !json_object_get(options, "kernel") &&
      !json_object_get(options, "isa") && is_offered(description->isa)) {
    add_option(arm, &used, "isa", description->isa);
    add_option(arm, &used, "kernel", description->kernel);
  }
  if (used < L4R_ARM_TEXT - 1) return L4R_OK;
  return l4r_fail(L4R_INPUT, "the path is too long: %.80s...", folder);
}

static int rank_again(const char *arm, const char *data, int64_t k, int threads,
                      struct l4r_bundle *ranks) {
  struct l4r_job job = {
      .task = L4R_TASK_ACCURACY, .arm = arm, .data = data, .k = k, .batch = 1, .counters = "none"};
  struct l4r_bundle bundle = {0};
  struct l4r_arm *parsed = l4r_alloc(1, sizeof *parsed, "an arm");
  int died = 0, status = parsed ? l4r_bundle_init(&bundle) : L4R_ENVIRONMENT;
  if (!status) status = l4r_arm_parse(arm, parsed);
  if (!status) status = l4r_arm_resolve(parsed);
  if (!status) status = l4r_pin_plan("none", threads, &job.pin);
  if (!status) status = l4r_job_put(&job, &bundle);
  if (!status) status = l4r_child_run(&bundle, ranks, &died);
  l4r_bundle_free(&bundle);
  l4r_free(parsed);
  return status;
}

int l4r_run_again(const struct l4r_places *places, const struct l4r_record *record, int threads,
                  struct l4r_bundle *ranks, char *arm) {
  char model[L4R_PATH_MAX], data[L4R_PATH_MAX];
  int status = l4r_find_model(places, record, model);
  if (!status) status = l4r_find_data(places, record, data);
  if (!status) status = arm_of(record, model, arm);
  if (status) return status;
  l4r_blas_open();
  const int64_t k = record->data.settings.k;
  return rank_again(arm, data, k == L4R_NONE ? 20 : k, threads, ranks);
}
