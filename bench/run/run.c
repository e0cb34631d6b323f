/* SPDX-License-Identifier: BSD-3-Clause */
/* The parent of a run computes nothing that is timed: it plans, starts children one after the other
 * and puts their samples together. */
#include "bench/run/run.h"

#include "bench/run/clock.h"
#include "bench/run/compose.h"
#include "bench/run/count.h"
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

/* Asks both builds of --ab what they are, and says which arms each serves. */
static int plan_builds(struct l4r_run *run) {
  const struct l4r_run_options *options = run->options;
  for (int a = 0; a < options->arms; a++) {
    const int build = !options->build[0] ? -1 : a >= options->arms / 2;
    run->arm[a].build = build;
    run->arm[a].out = build < 0 ? options->out : run->out[build];
  }
  for (int b = 0; b < L4R_BUILDS && options->build[0]; b++) {
    int status = l4r_build_read(options->build[b], &run->build[b]);
    if (!status) status = l4r_path_join(run->out[b], options->out, l4r_build_names[b]);
    if (status) return status;
  }
  return L4R_OK;
}

/* Plans arms, thread counts and pins; it starts nothing. */
static int plan(struct l4r_run *run) {
  const struct l4r_run_options *options = run->options;
  const int builds = plan_builds(run);
  if (builds) return builds;
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
    json_decref(run->config[c].instructions);
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

/* One file; of --ab one a build. */
static int write_records(struct l4r_run *run, char *path) {
  int status = L4R_OK;
  if (!run->options->build[0])
    return json_array_size(run->records) ? l4r_records_write(run->records, run->options->out, path)
                                         : L4R_OK;
  for (int b = 0; b < L4R_BUILDS && !status; b++) {
    json_t *own = json_array(), *record;
    size_t index;
    json_array_foreach(run->records, index, record)
      if (!strcmp(l4r_text_at(record, "build"), l4r_build_names[b])) json_array_append(own, record);
    if (json_array_size(own)) status = l4r_records_write(own, run->out[b], path);
    json_decref(own);
  }
  return status;
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
  if (!status && options->resume && options->build[0])
    status = l4r_fail(L4R_USAGE, "--resume has no meaning for --ab: what two builds measured in "
                                 "turns is compared whole");
  if (!status) status = plan(run);
  if (!status) status = l4r_dataset_open(options->data, ALL_SEQUENCES, &run->dataset);
  for (int b = 0; b < L4R_BUILDS && options->build[0] && !status; b++)
    status = check_folder(run->out[b]);
  if (!status && !options->build[0]) status = check_folder(options->out);
  if (!status) status = l4r_bundle_init(&run->requests);
  if (!status)
    status = l4r_requests_draw(run->dataset, options->users, options->seed, &run->requests);
  if (!status) status = check_sample(run);
  if (!status) status = l4r_run_estimate(run);
  if (!status && !options->find_peak_rate && !options->build[0]) status = l4r_journal_open(run);
  return status;
}

static int measure(struct l4r_run *run) {
  int status = l4r_run_accuracy(run);
  if (!status) status = l4r_run_count(run);
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
  if (options->ready) status = options->ready(options->ready_context, status);
  if (!status) status = measure(run);
  if (!status) status = l4r_run_compose(run);
  if (!status) status = write_records(run, path);
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
