/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy by row: seeds as mean and range, floors, and the script that makes rows from data to
 * table, which an interruption at any instant only delays. Runs the built program ($LITE4REC, else
 * ./lite4rec). */
#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/base/text.h"
#include "tests/support/files.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int export_accuracy(const char *runs) {
  char export[] = "export", accuracy[] = "accuracy", markdown[] = "--markdown", path[4096];
  char *argv[] = {export, accuracy, path, markdown};
  snprintf(path, sizeof path, "%s", test_path(runs));
  cr_assert_not_null(freopen(test_path("out"), "w", stdout));
  cr_assert_not_null(freopen(test_path("err"), "w", stderr));
  const int status = l4r_command_export(4, argv);
  fflush(stdout);
  fflush(stderr);
  return status;
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static void has_not(const char *text, const char *part) {
  cr_assert_null(strstr(text, part), "'%s' is in:\n%s", part, text);
}

/* A record of a training seed with HR@10 `hits` under mask, .1 less under keep. */
static json_t *seed_of(const char *row, int seed, double hits, const char *time) {
  char arm[64];
  snprintf(arm, sizeof arm, "blis@%s-%d", row, seed);
  json_t *record = test_record(
      "runs", (struct test_record){arm, "small", "single-stream", 1, 40, 1e6, hits, 0, 0});
  json_object_set_new(
      record, "model",
      json_pack("{s:s+, s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:s+, s:{s:s}, s:{s:f}, s:{s:s}}",
                "name", row, "-model", "kind", "lite", "size", "mini", "init", "random", "loss",
                "cross-entropy", "seed", seed, "epoch", 10 + seed, "training_seconds", 60.0 * seed,
                "sha256", row, time, "settings", "training", "rate=0.003", "validation", "NDCG@10",
                hits / 2 + .01, "curve", "state", "flat"));
  json_object_set_new(record, "row",
                      json_pack("{s:s, s:i, s:{s:s, s:s, s:f}}", "name", row, "settings_tried", 7,
                                "floor", "convention", "mask", "metric", "HR@10", "at_least", .30));
  json_object_set_new(json_object_get(record, "manifest"), "time", json_string(time));
  return record;
}

Test(accuracy, seeds_of_a_row_are_one_line_with_mean_and_range) {
  json_t *records[] = {seed_of("lite", 2, .33, "2"), seed_of("lite", 1, .30, "1"),
                       seed_of("lite", 3, .36, "3"), seed_of("other", 1, .40, "4")};
  test_records("runs", "a", records, 4);
  cr_assert_eq(export_accuracy("runs"), 0, "%s", l4r_error_message());
  const char *out = test_read("out");
  has(out, "| `lite` (`lite`) | item id: inflated | none | cross-entropy | 1, 2, 3 | "
           "0.2300<br>[0.2000, 0.2600] |");
  has(out, "| 0.3300<br>[0.3000, 0.3600] | 0.1650<br>[0.1500, 0.1800] | 0.1750 | 11, 12, 13 | "
           "1.0, 2.0, 3.0 | 7 | flat | HR@10 mask 0.3: yes |");
  has(out, "| `other` (`lite`) | item id: inflated | none | cross-entropy | 1 | "
           "0.3000<br>0.2900–0.3100 |");
  has_not(out, "0.3600<br>0");
}

Test(accuracy, the_newest_record_of_a_seed_counts_and_settings_keep_rows_apart) {
  json_t *records[] = {seed_of("lite", 1, .38, "2"), seed_of("lite", 1, .31, "1"),
                       seed_of("lite", 2, .33, "3"), seed_of("lite", 3, .35, "4")};
  json_object_set_new(json_object_get(json_object_get(records[3], "model"), "settings"), "training",
                      json_string("rate=0.001"));
  test_records("runs", "a", records, 4);
  cr_assert_eq(export_accuracy("runs"), 0, "%s", l4r_error_message());
  has(test_read("out"), "| 1, 2 | 0.2550<br>[0.2300, 0.2800] |");
  has(test_read("out"), "| 3 | 0.2500<br>0.2400–0.2600 |");
  has(test_read("err"), "two models trained with the same seed");
}

Test(accuracy, a_row_below_its_floor_fails_after_the_table) {
  json_t *records[] = {seed_of("lite", 1, .31, "1"), seed_of("lite", 2, .28, "2")};
  test_records("runs", "a", records, 2);
  cr_assert_eq(export_accuracy("runs"), L4R_CHECK, "the mean counts, not the best");
  has(l4r_error_message(), "`lite` (`lite`) (small)");
  has(test_read("out"), "HR@10 mask 0.3: **BELOW**");
}

/* A record whose model no epoch trained; of a campaign's row, or of none. */
static json_t *untrained(int of_a_row) {
  json_t *record = seed_of("drawn", 1, .15, "9");
  json_object_set_new(json_object_get(record, "model"), "epoch", json_integer(0));
  if (!of_a_row) json_object_del(record, "row");
  return record;
}

Test(accuracy, models_that_no_epoch_trained_are_counted_and_left_out) {
  json_t *records[] = {seed_of("lite", 1, .31, "1"), untrained(0), untrained(0)};
  test_records("runs", "a", records, 3);
  cr_assert_eq(export_accuracy("runs"), 0, "%s", l4r_error_message());
  has(test_read("out"), "Left out: 2 records of models whose weights are as drawn, untrained.");
  has_not(test_read("out"), "drawn-1");
}

Test(accuracy, untrained_models_alone_are_no_table) {
  json_t *records[] = {untrained(0)};
  test_records("runs", "a", records, 1);
  cr_assert_eq(export_accuracy("runs"), L4R_INPUT);
  has(l4r_error_message(), "no record is of a trained model");
}

Test(accuracy, an_untrained_row_is_below_its_floor) {
  json_t *records[] = {untrained(1)};
  test_records("runs", "a", records, 1);
  cr_assert_eq(export_accuracy("runs"), L4R_CHECK);
  has(test_read("out"), "**BELOW**");
}

Test(accuracy, rising_curves_say_what_they_would_reach_and_how_that_is_known) {
  json_t *records[] = {seed_of("lite", 1, .31, "1"), seed_of("lite", 2, .31, "2")};
  for (int i = 0; i < 2; i++)
    json_object_set_new(json_object_get(records[i], "model"), "curve",
                        json_pack("{s:s, s:f, s:f}", "state", "rising", "at_twice_the_time",
                                  .18 + .01 * i, "limit", .2));
  test_records("runs", "a", records, 2);
  cr_assert_eq(export_accuracy("runs"), 0, "%s", l4r_error_message());
  has(test_read("out"),
      "still rising: would reach ~0.1800–0.1900 in twice the time, ~0.2000 at last");
  has(test_read("out"), "extrapolates validation NDCG@10");
}

/* --- the script --- */

static char output[1 << 16];

/* Starts bench/experiments/accuracy.sh on the scratch folder's data sets, its output to "log". */
static pid_t start(const char *environment) {
  const char *program = getenv("LITE4REC");
  char command[4096];
  snprintf(
      command, sizeof command,
      "LITE4REC=%s DATASET=small ROWFILE=%s DATASETS=%s DATA=%s OUT=%s GNUPLOT=true %s exec sh "
      "bench/experiments/accuracy.sh >%s 2>&1",
      program ? program : "./lite4rec", test_path("rows"), test_path("sets"), test_path("nowhere"),
      test_path("out"), environment, test_path("log"));
  const pid_t child = fork();
  if (child) return child;
  setpgid(0, 0);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

static int end(pid_t child) {
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  snprintf(output, sizeof output, "%s", test_read("log"));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int make(const char *environment) {
  return end(start(environment));
}

static void synth(const char *name) {
  const char *program = getenv("LITE4REC");
  char command[1024];
  snprintf(command, sizeof command,
           "%s data synth --users 60 --items 40 --clusters 4 --longest 12 --out %s/%s >/dev/null "
           "2>&1",
           program ? program : "./lite4rec", test_path("sets"), name);
  cr_assert_eq(system(command), 0);
}

static const char rows[] =
    "# comment\n"
    "pop  small pop  -   - mask:HR@10:.01 - heuristic\n"
    "lite small lite 1,2 1 -              3 blis       --size tiny --epochs 2 --threads 1\n";

Test(accuracy_script, rows_are_made_once_and_end_in_a_table) {
  synth("small");
  test_file("rows", rows);
  make("");
  has(output, "together: 3 rows, at most 2 minutes");
  has(output, "| `pop` (`pop`) |");
  has(output, "| `lite` (`lite`) | none | none | cross-entropy | 1, 2 |");
  has(output, "| 3 | unknown | - |");
  has(output, "46.8 % more Recall@10");
  has(test_read("out/table.md"), "`lite`");
  make("ROWS=lite");
  has(output, "lite-1: done");
  has(output, "together: 0 rows");
  has_not(output, "leak scan");
  has_not(output, "  pop:");
}

/* What is imported on the way has a name, too. */
Test(accuracy_script, a_row_keeps_its_name_where_its_data_are_imported_first) {
  enum { USERS = 30, ITEMS = 12, LENGTH = 7 };
  char line[256] = "";
  cr_assert_eq(mkdir(test_path("nowhere"), 0777) || mkdir(test_path("nowhere/ml-1m"), 0777), 0);
  FILE *sequences = fopen(test_path("nowhere/ml-1m/ml1m_5core_fileorder_seq.txt"), "w");
  FILE *movies = fopen(test_path("nowhere/ml-1m/movies.dat"), "w");
  cr_assert(sequences && movies);
  for (int u = 1; u <= USERS; u++) {
    size_t used = 0;
    for (int i = 0; i < LENGTH; i++)
      l4r_text_add(line, sizeof line, &used, " %d", (u * 5 + i * (1 + u % 3)) % ITEMS + 1);
    fprintf(sequences, "%d%s\n", u, line);
  }
  for (int i = 1; i <= ITEMS; i++) fprintf(movies, "%d::Film %d (1999)::Drama\n", i, i);
  fclose(sequences);
  fclose(movies);
  test_file("rows", "count ml-1m-file pop - - - - heuristic\n");
  make("");
  has(output, "== data: ml-1m-file");
  cr_assert_eq(access(test_path("out/models/count/config.json"), F_OK), 0, "%s", output);
  cr_assert_eq(access(test_path("out/runs/count/made-with"), F_OK), 0, "%s", output);
}

Test(accuracy_script, floors_and_changed_settings_are_loud) {
  synth("small");
  test_file("rows", "pop small pop - - mask:HR@10:.99 - heuristic\n");
  cr_assert_eq(make(""), 1, "%s", output);
  has(output, "below what they must reach: `pop`");
  test_file("rows", "pop small pop - - mask:HR@10:.01 4 heuristic\n");
  cr_assert_eq(make(""), 0, "another floor measures again, and trains nothing: %s", output);
  has_not(output, "files were read");
  test_file("rows", "pop small markov - - mask:HR@10:.01 4 heuristic\n");
  cr_assert_eq(make(""), 1);
  has(output, "made with other settings");
  cr_assert_eq(make("REDO=1"), 0, "%s", output);
  has(output, "`pop` (`markov`)");
}

Test(accuracy_script, missing_data_and_rows_say_what_to_bring) {
  test_file("rows", "pop ml-1m pop - - - - heuristic\n");
  cr_assert_eq(make(""), 3, "%s", output);
  has(output, "grouplens.org");
  has(output, "DATA=folder");
  cr_assert_eq(make("ROWS=sasrec-9"), 2);
  has(output, "names no row");
}

/* Stopped in mid-training, the script leaves nothing running, and goes on to the bits of a training
 * that was never stopped. */
Test(accuracy_script, an_interruption_only_delays) {
  char path[512], command[2048];
  const char *program = getenv("LITE4REC");
  const char *options = "--size tiny --epochs 25 --patience 0 --threads 1 --schedule constant";
  synth("small");
  /* minutes enough for the slowest machine: a training that time ends is never the same twice */
  snprintf(command, sizeof command, "lite small lite 4 60 - 3 blis %s\n", options);
  test_file("rows", command);
  const pid_t child = start("");
  snprintf(path, sizeof path, "%s", test_path("out/models/lite-4/training.jsonl"));
  for (int i = 0; i < 1000 && access(path, F_OK); i++) usleep(10000);
  cr_assert_eq(kill(child, SIGTERM), 0, "the training was over before it could be stopped");
  cr_assert_eq(end(child), 4, "%s", output);
  has(output, "goes on from here");
  cr_assert_eq(access(test_path("out/models/lite-4/model.safetensors"), F_OK), -1);
  make("");
  has(output, "resuming at epoch");
  snprintf(command, sizeof command,
           "%s train lite --data %s/small --out %s --seed 4 --minutes 60 %s >/dev/null 2>&1 && cmp "
           "%s/model.safetensors %s/model.safetensors",
           program ? program : "./lite4rec", test_path("sets"), test_path("whole"), options,
           test_path("whole"), test_path("out/models/lite-4"));
  cr_assert_eq(system(command), 0, "the weights differ");
}
