/* The parent of a run computes nothing that is timed: it plans, starts children one after the other
 * and puts their samples together. */
#include "bench/harness/run.h"

#include "bench/harness/accuracy.h"
#include "bench/harness/counters.h"
#include "bench/harness/order.h"
#include "bench/harness/requests.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <string.h>
#include <unistd.h>

/* The test part tells whom the accuracy pass asks about; children are given histories alone. */
enum { ALL_SEQUENCES = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST };

int l4r_run_job(const struct l4r_run *run, const struct l4r_run_arm *arm, const struct l4r_pin *pin,
                enum l4r_task task, int round, struct l4r_bundle *bundle) {
  const struct l4r_run_options *options = run->options;
  struct l4r_job job = {.task = task,
                        .scenario = options->scenario,
                        .arm = arm->arm->text,
                        .data = options->data,
                        .pin = *pin,
                        .k = options->k,
                        .batch = options->scenario == L4R_OFFLINE ? options->batch : 1,
                        .min_count = options->min_count,
                        .min_seconds = options->min_seconds,
                        .seed = options->seed,
                        .round = round,
                        .counters = options->counters};
  /* The arrays are the run's: only the meta object differs from job to job. */
  *bundle = run->requests;
  bundle->meta = json_object();
  return l4r_job_put(&job, bundle);
}

/* Starts a job and drops its meta object again. */
static int start_job(const struct l4r_run *run, const struct l4r_run_arm *arm,
                     const struct l4r_pin *pin, enum l4r_task task, int round,
                     struct l4r_bundle *result, int *died) {
  struct l4r_bundle job;
  int status = l4r_run_job(run, arm, pin, task, round, &job);
  if (!status) status = l4r_child_run(&job, arm->arm->engine_injected, result, died);
  json_decref(job.meta);
  return status;
}

/* The cell of an arm with the most threads: for what is done once per arm. */
static const struct l4r_pin *widest_pin(const struct l4r_run *run, int arm) {
  const struct l4r_pin *widest = NULL;
  for (int c = 0; c < run->cells; c++)
    if (run->cell[c].arm == arm && (!widest || run->cell[c].pin.threads > widest->threads))
      widest = &run->cell[c].pin;
  return widest;
}

static double serving_seconds(const struct l4r_run *run, const struct l4r_run_arm *arm, int threads,
                              int most) {
  const struct l4r_run_options *options = run->options;
  const struct l4r_array *role = l4r_bundle_find(&run->requests, "role");
  int64_t timed = 0;
  for (int64_t i = 0; i < role->count; i++) timed += role->value[i] == L4R_ROLE_TIMED;
  double permutation = arm->request_seconds * (double)timed * most / threads;
  double serving = permutation > options->min_seconds ? permutation : options->min_seconds;
  /* Warm-up takes at most the minimum time, repeats about a tenth of the serving. */
  return arm->open_seconds + 1.1 * serving + options->min_seconds;
}

static int probe_arm(struct l4r_run *run, int a) {
  struct l4r_run_arm *arm = &run->arm[a];
  struct l4r_bundle result = {0};
  const struct l4r_pin *pin = widest_pin(run, a);
  int died, status = start_job(run, arm, pin, L4R_TASK_PROBE, 0, &result, &died);
  if (status && (died || status == L4R_CHECK)) { /* the others can still be measured */
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s: %s", arm->arm->label, arm->failure);
    return L4R_OK;
  }
  if (status) return status;
  arm->open_seconds = json_number_value(json_object_get(result.meta, "open_seconds"));
  arm->request_seconds = json_number_value(json_object_get(result.meta, "request_ns")) * 1e-9;
  arm->score_seconds = json_number_value(json_object_get(result.meta, "score_ns")) * 1e-9;
  double seconds = arm->open_seconds + arm->score_seconds * (double)run->dataset->users;
  for (int c = 0; c < run->cells; c++)
    if (run->cell[c].arm == a)
      seconds += (double)run->options->rounds *
                 serving_seconds(run, arm, run->cell[c].pin.threads, pin->threads);
  arm->minutes = seconds / 60;
  l4r_bundle_free(&result);
  return L4R_OK;
}

int l4r_run_estimate(struct l4r_run *run) {
  double minutes = 0;
  for (int a = 0; a < run->options->arms; a++) {
    int status = probe_arm(run, a);
    if (status) return status;
    minutes += run->arm[a].minutes;
  }
  for (int a = 0; a < run->options->arms; a++)
    if (!*run->arm[a].failure)
      l4r_info("%s: about %.1f minutes (%.3g ms a user, accuracy of %lld users %.0f s)",
               run->arm[a].arm->label, run->arm[a].minutes, run->arm[a].request_seconds * 1e3,
               (long long)run->dataset->users,
               run->arm[a].score_seconds * (double)run->dataset->users);
  l4r_info("all arms: about %.1f minutes", minutes);
  if (minutes <= run->options->budget) return L4R_OK;
  return l4r_fail(L4R_USAGE,
                  "this run would take about %.0f minutes, more than --budget %g; raise it, or "
                  "lower --users, --rounds or --min-time",
                  minutes, run->options->budget);
}

int l4r_run_accuracy(struct l4r_run *run) {
  for (int a = 0; a < run->options->arms; a++) {
    struct l4r_run_arm *arm = &run->arm[a];
    if (*arm->failure) continue;
    int died;
    int status = start_job(run, arm, widest_pin(run, a), L4R_TASK_ACCURACY, 0, &arm->accuracy,
                           &died);
    if (!status) status = l4r_accuracy_derive(&arm->accuracy, &arm->figures);
    if (!status) continue;
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s: %s", arm->arm->label, arm->failure);
  }
  return L4R_OK;
}

static void note_failure(struct l4r_run *run, struct l4r_run_cell *cell, int round) {
  l4r_warn("round %d of %s with %d threads: %s", round + 1, run->arm[cell->arm].arm->label,
           cell->pin.threads, l4r_error_message());
  json_array_append_new(cell->failures,
                        json_pack("{s:i, s:s}", "round", round, "reason", l4r_error_message()));
}

static int one_round(struct l4r_run *run, struct l4r_run_cell *cell, int round, int place) {
  struct l4r_run_arm *arm = &run->arm[cell->arm];
  if (*arm->failure) return L4R_OK;
  struct l4r_bundle *result = &cell->round[cell->done];
  int died, status = start_job(run, arm, &cell->pin, L4R_TASK_ROUND, round, result, &died);
  if (!status) {
    json_object_set_new(result->meta, "round", json_integer(round));
    json_object_set_new(result->meta, "place", json_integer(place));
    cell->done++;
    return L4R_OK;
  }
  note_failure(run, cell, round);
  if (status != L4R_CHECK) return L4R_OK;
  /* A broken contract voids the arm: more rounds would not mend it. */
  snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
  return L4R_OK;
}

int l4r_run_rounds(struct l4r_run *run) {
  int rounds = (int)run->options->rounds, total = rounds * run->cells;
  int *order = l4r_alloc((size_t)total, sizeof *order, "order of rounds");
  if (!order) return L4R_ENVIRONMENT;
  l4r_latin_order(run->cells, rounds, run->options->seed, order);
  l4r_progress("rounds", 0, total, "");
  for (int i = 0; i < total; i++) {
    struct l4r_run_cell *cell = &run->cell[order[i]];
    char note[160];
    snprintf(note, sizeof note, "%.100s, %d threads", run->arm[cell->arm].arm->label,
             cell->pin.threads);
    int status = one_round(run, cell, i / run->cells, i % run->cells);
    if (status) {
      l4r_free(order);
      return status;
    }
    l4r_progress("rounds", i + 1, total, note);
  }
  l4r_free(order);
  return L4R_OK;
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

/* Arms, thread counts and pins; nothing is started. */
static int plan(struct l4r_run *run) {
  const struct l4r_run_options *options = run->options;
  for (int a = 0; a < options->arms; a++) {
    run->arm[a].arm = &options->arm[a];
    int status = l4r_arm_resolve(&options->arm[a]);
    if (!status) status = l4r_model_facts(&options->arm[a], &run->arm[a].model);
    if (!status) status = check_size(&run->arm[a]);
    if (status) return status;
  }
  run->cells = options->arms * options->thread_counts;
  run->cell = l4r_alloc((size_t)run->cells, sizeof *run->cell, "combinations");
  if (!run->cell) return L4R_ENVIRONMENT;
  for (int c = 0; c < run->cells; c++) {
    struct l4r_run_cell *cell = &run->cell[c];
    cell->arm = c % options->arms;
    cell->failures = json_array();
    int status = l4r_pin_plan(options->pin, options->threads[c / options->arms], &cell->pin);
    if (status) return status;
    cell->round = l4r_alloc((size_t)options->rounds, sizeof *cell->round, "rounds");
    if (!cell->round) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

static int check_options(const struct l4r_run_options *options) {
  if (!options->arms) return l4r_fail(L4R_USAGE, "nothing to measure: give --arm ENGINE@MODEL");
  if (options->rounds < 1 || options->rounds > 1000)
    return l4r_fail(L4R_USAGE, "--rounds wants 1 to 1000, not %lld", (long long)options->rounds);
  if (options->k < 1)
    return l4r_fail(L4R_USAGE, "--k wants at least 1, not %lld", (long long)options->k);
  if (options->batch < 1)
    return l4r_fail(L4R_USAGE, "--batch wants at least 1, not %lld", (long long)options->batch);
  if (options->users < 0 || options->min_count < 0 || !(options->min_seconds >= 0))
    return l4r_fail(L4R_USAGE, "--users, --min-count and --min-time cannot be negative");
  return l4r_counters_check(options->counters);
}

/* Before an hour is spent: can records be written there at all? */
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
  for (int c = 0; run->cell && c < run->cells; c++) {
    for (int r = 0; r < run->cell[c].done; r++) l4r_bundle_free(&run->cell[c].round[r]);
    l4r_free(run->cell[c].round);
    json_decref(run->cell[c].failures);
  }
  l4r_free(run->cell);
  l4r_bundle_free(&run->requests);
  if (run->dataset) l4r_dataset_close(run->dataset);
  json_decref(run->records);
}

static int outcome(const struct l4r_run *run) {
  int failed = 0;
  const char *why = "";
  for (int c = 0; c < run->cells; c++) {
    const struct l4r_run_arm *arm = &run->arm[run->cell[c].arm];
    json_t *first = json_array_get(run->cell[c].failures, 0);
    if (!*arm->failure && !first) continue;
    if (!failed++)
      why = *arm->failure ? arm->failure : json_string_value(json_object_get(first, "reason"));
  }
  if (!failed) return L4R_OK;
  return l4r_fail(L4R_CHECK, "%d of %d combinations failed; the first: %s", failed, run->cells,
                  why);
}

int l4r_run(const struct l4r_run_options *options, json_t **records, char *path) {
  struct l4r_run *run = l4r_alloc(1, sizeof *run, "a run");
  if (!run) return L4R_ENVIRONMENT;
  run->options = options;
  *records = NULL;
  int status = check_options(options);
  if (!status) status = plan(run);
  if (!status) status = l4r_dataset_open(options->data, ALL_SEQUENCES, &run->dataset);
  if (!status) status = check_folder(options->out);
  if (!status) status = l4r_bundle_init(&run->requests);
  if (!status)
    status = l4r_requests_draw(run->dataset, options->users, options->seed, &run->requests);
  if (!status) status = l4r_run_estimate(run);
  if (!status) status = l4r_run_accuracy(run);
  if (!status) status = l4r_run_rounds(run);
  if (!status) status = l4r_run_compose(run);
  if (!status && json_array_size(run->records))
    status = l4r_records_write(run->records, options->out, path);
  if (!status) {
    *records = json_incref(run->records);
    status = outcome(run);
  }
  close_run(run);
  l4r_free(run);
  return status;
}
