/* SPDX-License-Identifier: BSD-3-Clause */
/* The parent of a run computes nothing that is timed: it plans, starts children one after the other
 * and puts their samples together. */
#include "bench/run/run.h"

#include "bench/run/clock.h"
#include "bench/run/compose.h"
#include "bench/run/facts.h"
#include "bench/run/interrupt.h"
#include "bench/run/journal.h"
#include "bench/run/peak_rate.h"
#include "bench/machine/affinity.h"
#include "bench/run/peak_rate_run.h"
#include "bench/run/phases.h"
#include "bench/run/session/requests.h"
#include "bench/record/text.h"
#include "bench/record/write.h"
#include "bench/run/run_check.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <string.h>
#include <unistd.h>

/* The test part tells whom the accuracy pass asks about; children are given histories alone. */
enum { ALL_SEQUENCES = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST };

/* Checks what the options could not know: how many users the data set has. */
static int check_sample(const struct l4r_run *run) {
  struct l4r_run_options drawn = *run->options;
  drawn.users = l4r_run_timed_users(run);
  return l4r_run_check(&drawn);
}

/* The oracle's plain loops at larger sizes would take hours and tell nothing. */
static int check_size(const struct l4r_run_arm *arm) {
  const char *size = json_string_value(json_object_get(arm->model, "size"));
  if (!size || strcmp(arm->arm->name, "reference") != 0) return L4R_OK;
  if (strcmp(size, "base") != 0 && strcmp(size, "t5-small") != 0) return L4R_OK;
  return l4r_fail(L4R_USAGE,
                  "%s: the reference stack is timed at tiny and mini only, this model is "
                  "%s; measure blis@..., or check accuracy with 'lite4rec eval'",
                  arm->arm->text, size);
}

/* Plans arms, thread counts and pins; it starts nothing. */
static int plan(struct l4r_run *run) {
  const struct l4r_run_options *options = run->options;
  for (int a = 0; a < options->arms; a++) {
    run->arm[a].arm = &options->arm[a];
    int status = l4r_arm_resolve(&options->arm[a]);
    if (!status) status = l4r_model_facts(&options->arm[a], &run->arm[a].model);
    if (!status) status = check_size(&run->arm[a]);
    if (status) return status;
  }
  const int rates = options->rate.count ? options->rate.count : 1;
  const int planned = options->arms * options->threads.count * rates;
  run->config = l4r_alloc((size_t)planned * (options->find_peak_rate ? L4R_PEAK_RATE_TRIALS : 1),
                          sizeof *run->config, "combinations");
  if (!run->config) return L4R_ENVIRONMENT;
  for (int c = 0; c < planned; c++) {
    const int per_rate = options->arms * options->threads.count;
    const int threads = (int)options->threads.value[c / options->arms % options->threads.count];
    const double rate = options->rate.count ? options->rate.value[c / per_rate] : 0;
    struct l4r_pin pin;
    int status = l4r_pin_plan(options->pin, threads, &pin);
    if (!status) status = l4r_affinity_check(&pin);
    if (!status) status = l4r_run_add_config(run, c % options->arms, &pin, rate);
    if (status) return status;
  }
  return L4R_OK;
}

/* Checks that records can be written there, before an hour is spent. */
static int check_folder(const char *folder) {
  char path[L4R_PATH_MAX];
  int status = l4r_make_folders(folder);
  if (!status) status = l4r_path_join(path, folder, ".lite4rec-writable");
  if (!status) status = l4r_write_file(path, "", 0);
  if (status) return l4r_fail_context(status, "--out %s", folder);
  unlink(path);
  return L4R_OK;
}

static void close_run(struct l4r_run *run) {
  for (int a = 0; a < run->options->arms; a++) {
    l4r_bundle_free(&run->arm[a].accuracy);
    json_decref(run->arm[a].figures);
    json_decref(run->arm[a].model);
  }
  for (int c = 0; run->config && c < run->configs; c++) {
    for (int r = 0; r < run->config[c].done; r++) l4r_bundle_free(&run->config[c].round[r]);
    l4r_free(run->config[c].round);
    json_decref(run->config[c].failures);
    json_decref(run->config[c].peak_rate);
  }
  l4r_free(run->config);
  l4r_bundle_free(&run->requests);
  if (run->dataset) l4r_dataset_close(run->dataset);
  json_decref(run->records);
}

static int outcome(const struct l4r_run *run) {
  int failed = 0;
  const char *why = "";
  for (int c = 0; c < run->configs; c++) {
    const struct l4r_run_arm *arm = &run->arm[run->config[c].arm];
    json_t *first = json_array_get(run->config[c].failures, 0);
    if (!*arm->failure && !first) continue;
    if (!failed++) why = *arm->failure ? arm->failure : l4r_text_at(first, "reason");
  }
  if (!failed) return L4R_OK;
  return l4r_fail(L4R_CHECK, "%d of %d combinations failed; the first: %s", failed, run->configs,
                  why);
}

/* Ends a run that a signal stopped: what is complete is written already, the rest is kept. */
static int interrupted(const struct l4r_run *run) {
  const int rounds = l4r_journal_rounds(run), written = (int)json_array_size(run->records);
  if (!*run->journal)
    return l4r_fail(L4R_CHECK, "interrupted; %d records of what was complete are written", written);
  return l4r_fail(
      L4R_CHECK,
      "interrupted; %d records are written, and %d of %d rounds are kept in %s: the same "
      "command with --resume goes on, and with --resume --rounds N ends after N",
      written, rounds, (int)run->options->rounds * run->configs, run->journal);
}

/* What is done before anything is measured. */
static int prepare(struct l4r_run *run) {
  const struct l4r_run_options *options = run->options;
  int status = l4r_run_check(options);
  if (!status && options->resume && options->find_peak_rate)
    status = l4r_fail(L4R_USAGE, "--resume has no meaning for --find-knee: each rate depends on "
                                 "those before it, and their records are kept");
  if (!status) status = plan(run);
  if (!status) status = l4r_dataset_open(options->data, ALL_SEQUENCES, &run->dataset);
  if (!status) status = check_folder(options->out);
  if (!status) status = l4r_bundle_init(&run->requests);
  if (!status)
    status = l4r_requests_draw(run->dataset, options->users, options->seed, &run->requests);
  if (!status) status = check_sample(run);
  if (!status) status = l4r_run_estimate(run);
  if (!status && !options->find_peak_rate) status = l4r_journal_open(run);
  return status;
}

static int measure(struct l4r_run *run) {
  int status = l4r_run_accuracy(run);
  if (!status)
    status = run->options->find_peak_rate ? l4r_run_peak_rates(run) : l4r_run_rounds(run);
  l4r_progress_end();
  return status;
}

int l4r_run(const struct l4r_run_options *options, json_t **records, char *path) {
  struct l4r_run *run = l4r_alloc(1, sizeof *run, "a run");
  struct l4r_interrupt old;
  if (!run) return L4R_ENVIRONMENT;
  run->options = options;
  run->clock = l4r_clock_measure();
  *records = NULL;
  l4r_interrupt_begin(&old);
  int status = prepare(run);
  if (!status) status = measure(run);
  if (!status) status = l4r_run_compose(run);
  if (!status && json_array_size(run->records))
    status = l4r_records_write(run->records, options->out, path);
  if (!status) {
    for (int c = 0; c < run->configs && l4r_interrupted(); c++)
      if (l4r_run_is_complete(run, &run->config[c])) l4r_journal_written(run, &run->config[c]);
    *records = json_incref(run->records);
    status = l4r_interrupted() ? interrupted(run) : outcome(run);
    if (!l4r_interrupted()) l4r_journal_remove(run);
  }
  l4r_interrupt_end(&old);
  close_run(run);
  l4r_free(run);
  return status;
}
