/* SPDX-License-Identifier: BSD-3-Clause */
/* The program as a user meets it: exit codes, messages that name the place and the remedy, and
 * nothing left behind. Runs the built program ($LITE4REC, else ./lite4rec). */
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char output[1 << 16];

/* Runs "lite4rec <arguments>" in a shell, both streams into `output`; returns the exit code. */
static int run(const char *arguments) {
  const char *program = getenv("LITE4REC");
  char command[4096];
  snprintf(command, sizeof command, "%s %s 2>&1", program ? program : "./lite4rec", arguments);
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  const size_t n = fread(output, 1, sizeof output - 1, pipe);
  output[n] = '\0';
  while (fgetc(pipe) != EOF) continue;
  const int status = pclose(pipe);
  cr_assert(WIFEXITED(status), "'%s' died: %s", command, output);
  return WEXITSTATUS(status);
}

#define EXPECT(code, text, ...)                                                                    \
  do {                                                                                             \
    char arguments_[2048];                                                                         \
    snprintf(arguments_, sizeof arguments_, __VA_ARGS__);                                          \
    const int got_ = run(arguments_);                                                              \
    cr_assert_eq(got_, code, "lite4rec %s: exit code %d, expected %d: %s", arguments_, got_, code, \
                 output);                                                                          \
    cr_assert_not_null(strstr(output, text), "lite4rec %s: '%s' is not in: %s", arguments_, text,  \
                       output);                                                                    \
  } while (0)

static const char *synth(void) {
  static char folder[512];
  snprintf(folder, sizeof folder, "%s", test_path("data"));
  EXPECT(0, "Bayes optimum", "data synth --users 60 --items 40 --clusters 4 --longest 12 --out %s",
         folder);
  return folder;
}

static const char *trained(const char *kind, const char *data) {
  static char folders[4][512];
  static int next;
  char *folder = folders[next++ % 4];
  snprintf(folder, 512, "%s", test_path(kind));
  const int neural = strcmp(kind, "pop") != 0;
  EXPECT(0, "", "train %s --data %s --out %s%s", kind, data, folder,
         neural ? " --size tiny --epochs 0" : "");
  return folder;
}

Test(cli, help_of_every_command_exits_zero_and_has_examples) {
  static const char *const commands[] = {
      "data import", "data check", "data synth", "train",  "run",  "eval",  "claims",
      "verify",      "compare",    "history",    "export", "info", "attest"};
  EXPECT(0, "usage: lite4rec COMMAND", "--help");
  EXPECT(0, "lite4rec 0.9.0, commit ", "--version");
  for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
    EXPECT(0, "usage:", "%s --help", commands[i]);
  /* The second program of --ab is explained at --ab, and is no word of every run. */
  EXPECT(0, "usage: lite4rec run --data FOLDER [options]", "run --help");
}

Test(cli, unknown_words_are_bad_usage_and_the_known_are_listed) {
  EXPECT(2, "unknown command 'fly'", "fly");
  EXPECT(2, "usage", " ");
  EXPECT(2, "did you mean '--data'? Known: lite4rec train --help", "train pop --dta x");
  EXPECT(2, "lite-beam", "train gpt --data x --out y");
  EXPECT(2, "itemknn; did you mean 'pop'?", "train popp --data x --out y");
  EXPECT(2, "not tabel; did you mean 'table' or 'tables'?", "export tabel runs");
  EXPECT(2, "wants a value", "train pop --data");
  EXPECT(2, "whole number", "train lite --data x --out y --seed many");
  EXPECT(2, "sequences", "data import netflix x --out y");
}

Test(cli, missing_and_damaged_data_are_named) {
  const char *data = synth();
  EXPECT(3, "nowhere", "train pop --data %s/nowhere --out %s", data, test_path("m"));
  test_file("data/train.txt", "1 2 3\n2 4 x\n");
  EXPECT(3, "train.txt", "train pop --data %s --out %s", data, test_path("m"));
  cr_assert_eq(test_entries("m"), -1, "a model folder was left behind");
}

Test(cli, a_model_of_another_data_set_is_refused) {
  const char *data = synth(), *model = trained("lite", data);
  EXPECT(0, "Bayes", "data synth --seed 2 --users 60 --items 40 --clusters 4 --longest 12 --out %s",
         test_path("other"));
  EXPECT(3, "data set", "eval --arm blis@%s --data %s", model, test_path("other"));
}

Test(cli, damaged_weights_are_named_with_their_file) {
  const char *data = synth(), *model = trained("lite", data);
  char path[600];
  snprintf(path, sizeof path, "%s/model.safetensors", model);
  cr_assert_eq(truncate(path, 1000), 0);
  EXPECT(3, "model.safetensors", "eval --arm blis@%s --data %s", model, data);
  cr_assert_eq(truncate(path, 0), 0);
  EXPECT(3, "model.safetensors", "eval --arm reference@%s --data %s", model, data);
}

Test(cli, a_configuration_that_does_not_match_its_tensors_is_refused) {
  const char *data = synth(), *model = trained("lite", data);
  char command[2048];
  snprintf(command, sizeof command,
           "sed -i 's/\"history\": *[0-9]*/\"history\": 0/' %s/config.json", model);
  cr_assert_eq(system(command), 0);
  EXPECT(3, "config.json", "eval --arm blis@%s --data %s", model, data);
}

Test(cli, arms_are_checked_before_anything_runs) {
  const char *data = synth(), *model = trained("pop", data);
  EXPECT(2, "heuristic", "eval --arm warp@%s --data %s", model, data);
  EXPECT(2, "does not serve", "eval --arm blis@%s --data %s", model, data);
  EXPECT(2, "no option 'speed'", "eval --arm heuristic@%s:speed=9 --data %s", model, data);
  EXPECT(3, "nowhere", "eval --arm heuristic@%s/nowhere --data %s", model, data);
}

Test(cli, the_oracle_is_not_timed_at_large_sizes) {
  const char *data = synth();
  EXPECT(0, "", "train lite --data %s --size base --epochs 0 --out %s", data, test_path("base"));
  EXPECT(2, "tiny and mini only", "run --arm reference@%s --data %s --out %s", test_path("base"),
         data, test_path("runs"));
}

Test(cli, more_threads_than_processors_is_the_environments_fault) {
  const char *data = synth(), *model = trained("pop", data);
  EXPECT(4, "64",
         "run --arm heuristic@%s --data %s --scenario single-stream --threads 64 --pin core "
         "--rounds 1 --out %s",
         model, data, test_path("runs"));
}

Test(cli, an_output_folder_that_cannot_be_written_leaves_nothing) {
  const char *data = synth();
  test_file("file", "in the way");
  EXPECT(4, "file", "train pop --data %s --out %s/model", data, test_path("file"));
  EXPECT(4, "file", "data synth --users 20 --items 40 --clusters 4 --longest 12 --out %s",
         test_path("file"));
}

/* A file size limit of one block stands in for a full disk: writes beyond it fail. */
Test(cli, a_full_disk_leaves_no_half_written_model) {
  const char *data = synth();
  const char *program = getenv("LITE4REC");
  char command[2048];
  snprintf(command, sizeof command,
           "ulimit -f 8; %s train lite --data %s --size tiny --epochs 0 --out %s >%s 2>&1",
           program ? program : "./lite4rec", data, test_path("model"), test_path("log"));
  const int status = system(command);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 4, "exit %d: %s", WEXITSTATUS(status),
            test_read("log"));
  cr_assert_eq(access(test_path("model/model.safetensors"), F_OK), -1);
  snprintf(command, sizeof command, "! ls %s/*.tmp >%s 2>&1", test_path("model"), test_path("ls"));
  cr_assert_eq(system(command), 0, "a side file was left");
}

Test(cli, epochs_zero_writes_random_weights_of_every_kind_and_they_serve) {
  const char *data = synth();
  static const char *const kinds[] = {"lite", "p5", "p5-head", "lite-beam"};
  for (int i = 0; i < 4; ++i) {
    const char *model = trained(kinds[i], data);
    EXPECT(0, "HR@10", "eval --arm %s@%s --data %s", i ? "beam" : "blis", model, data);
  }
}

Test(cli, one_run_measures_verifies_and_is_judged) {
  const char *data = synth(), *lite = trained("lite", data), *p5 = trained("p5", data);
  EXPECT(0, "users/s",
         "run --arm blis@%s --arm beam@%s --data %s --scenario single-stream --threads 1 "
         "--pin core --rounds 2 --users 40 --out %s",
         lite, p5, data, test_path("runs"));
  EXPECT(0, "", "verify %s", test_path("runs"));
  EXPECT(0, "NOT TESTABLE HERE", "claims %s", test_path("runs"));
  cr_assert_not_null(strstr(output, "other data"));
}

Test(cli, a_training_without_time_for_a_step_warns_that_it_trained_nothing) {
  const char *data = synth();
  EXPECT(0, "was over before the first step; --minutes N gives more",
         "train lite --data %s --size tiny --threads 1 --minutes 0.0001 --out %s", data,
         test_path("hasty"));
}

/* A script must not go on with a model that was not finished, and --resume must finish it. */
Test(cli, an_interrupted_training_is_not_done_and_resumes) {
  const char *data = synth();
  const char *program = getenv("LITE4REC");
  char command[2048];
  /* After its first epoch, however long that takes: a bound in seconds fails on a busy machine. */
  snprintf(command, sizeof command,
           "%s train lite --data %s --size tiny --minutes 0 --patience 0 --out %s >%s 2>&1 & "
           "for i in $(seq 1200); do [ -e %s ] && break; sleep 0.1; done; kill -TERM $!; wait $!",
           program ? program : "./lite4rec", data, test_path("model"), test_path("log"),
           test_path("model/training.jsonl"));
  const int status = system(command);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 4, "exit %d: %s", WEXITSTATUS(status),
            test_read("log"));
  cr_assert_not_null(strstr(test_read("log"), "--resume"));
  cr_assert_eq(access(test_path("model/model.safetensors"), F_OK), -1);
  cr_assert_eq(access(test_path("model/training.state"), F_OK), 0);
  EXPECT(0, "best epoch",
         "train lite --data %s --size tiny --minutes 0.02 --patience 0 --resume --out %s", data,
         test_path("model"));
  cr_assert_eq(access(test_path("model/model.safetensors"), F_OK), 0);
}

/* --quiet reaches the child processes that rank and measure. */
Test(cli, quiet_says_nothing_but_the_result) {
  const char *data = synth(), *pop = trained("pop", data), *said;
  const char *const command = "%s run --arm heuristic@%s --data %s --rounds 1 --users 20 "
                              "--min-time 0 --counters none --out %s %s 2>&1 >/dev/null";
  cr_assert_eq(test_shell(&said, command, test_program(), pop, data, test_path("runs"), "--quiet"),
               0);
  cr_assert_str_eq(said, "");
  cr_assert_eq(test_shell(&said, command, test_program(), pop, data, test_path("runs"), ""), 0);
  cr_assert(strstr(said, "1 arm, 1 combination of 1 round: about"), "%s", said);
}

/* The control over the data set's own numbering is measured in a child like any engine. */
Test(cli, eval_has_rows_of_the_control) {
  const char *data = synth(), *model = trained("p5", data);
  EXPECT(0, "largest-id@data keep (control: largest id)", "eval --data %s --controls --quiet",
         data);
  EXPECT(0, "largest-id@p5 keep (control: largest id)",
         "eval --arm beam@%s:beams=2 --data %s --controls --quiet", model, data);
}

Test(cli, scenarios_are_told_what_they_lack) {
  const char *data = synth(), *pop = trained("pop", data);
  const char *bad[][2] = {{"--scenario server", "wants --rate"},
                          {"--scenario server --bound 5 --rate 0", "above 0"},
                          {"--scenario server --bound 5 --rate -3", "above 0"},
                          {"--scenario server --bound 5 --rate 5,x", "like 50 or 50,100"},
                          {"--scenario server --rate 5", "wants --bound"},
                          {"--scenario server --bound 5 --find-knee --users 40", "368 distinct"},
                          {"--rate 5", "belong to --scenario server"},
                          {"--strict", "belongs to --scenario server"},
                          {"--scenario multi-stream --batch 61", "more than the 60 users"},
                          {"--scenario multi-stream --batch 0", "at least 1"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    EXPECT(2, bad[i][1], "run --arm heuristic@%s --data %s --out %s %s", pop, data,
           test_path("runs"), bad[i][0]);
  EXPECT(0, "not PASS: p99 is withheld",
         "run --arm heuristic@%s --data %s --rounds 2 --scenario server --rate 3000,6000 --bound 9 "
         "--min-time 0 --quiet --verbose --out %s",
         pop, data, test_path("runs"));
  cr_assert_not_null(strstr(output, "3000 users/s asked"), "%s", output);
  cr_assert_not_null(strstr(output, "6000 users/s asked"), "%s", output);
  cr_assert_not_null(strstr(output, "    tails: "), "%s", output);
  cr_assert_not_null(strstr(output, "ns a request beside the engine"), "%s", output);
  EXPECT(0, "multi-stream",
         "run --arm heuristic@%s --data %s --rounds 2 --scenario multi-stream "
         "--min-time 0 --quiet --out %s",
         pop, data, test_path("runs"));
  EXPECT(0, "3 records", "verify %s", test_path("runs"));
  EXPECT(1, "2 of 2 records do not PASS; the first: heuristic@",
         "run --arm heuristic@%s --data %s --rounds 1 --scenario server --rate 3000,6000 --bound 9 "
         "--strict --min-time 0 --quiet --out %s",
         pop, data, test_path("strict"));
  cr_assert_not_null(strstr(output, "3000 users/s asked: not PASS: p99 is withheld"), "%s", output);
  cr_assert_null(strstr(output, "tails: "), "%s", output);  /* those are with -v */
  EXPECT(0, "2 records", "verify %s", test_path("strict")); /* they are kept */
}

/* A bound that no machine misses, with users enough for p99. */
Test(cli, a_strict_server_that_passes_exits_with_0) {
  const char *data = test_path("many"), *pop = test_path("pop-many");
  EXPECT(0, "", "data synth --users 400 --items 80 --out %s", data);
  EXPECT(0, "", "train pop --data %s --out %s", data, pop);
  EXPECT(0, "PASS",
         "run --arm heuristic@%s --data %s --rounds 1 --scenario server --rate 2000 --bound 60000 "
         "--strict --min-time 0 --quiet --out %s",
         pop, data, test_path("strict"));
}

/* Killed at whatever moment: what is left is no record, and the next run goes on beside it. */
Test(cli, a_run_that_was_killed_does_not_hinder_the_next, .timeout = 120) {
  const char *data = synth(), *pop = trained("pop", data);
  const char *program = getenv("LITE4REC");
  char command[2048];
  for (int i = 1; i <= 3; i++) {
    snprintf(command, sizeof command,
             "%s run --arm heuristic@%s --data %s --rounds 40 --min-time 0.05 --out %s >%s 2>&1 & "
             "sleep 0.%d; kill -KILL $!; wait $! 2>/dev/null; exit 0",
             program ? program : "./lite4rec", pop, data, test_path("runs"), test_path("log"),
             2 * i);
    cr_assert_eq(system(command), 0);
  }
  /* And in the middle of writing: the side file of a process that is gone. */
  mkdir(test_path("runs"), 0777); /* where it was killed before it came so far */
  test_file("runs/20200101T000000Z-0123456789ab.jsonl.999999.tmp", "{\"schema\":1,\"ki");
  test_file("runs/abc.samples.gz.999999.tmp", "\037\213");
  EXPECT(0, "records:", "run --arm heuristic@%s --data %s --rounds 1 --min-time 0 --quiet --out %s",
         pop, data, test_path("runs"));
  EXPECT(0, "1 records", "verify %s", test_path("runs"));
}

Test(cli, a_row_says_what_it_is_a_seed_of_and_bad_ones_are_refused) {
  const char *data = synth(), *pop = trained("pop", data), *lite = trained("lite", data);
  const char *bad[][2] = {{"--floor mask:HR@10:.3", "belong to --row"},
                          {"--row a --floor mask:HR@10", "keep|mask"},
                          {"--row a --floor both:HR@10:.3", "keep|mask"},
                          {"--row a --floor mask:MRR:.3", "keep|mask"},
                          {"--row a --floor mask:HR@10:30", "keep|mask"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    EXPECT(2, bad[i][1], "run --arm heuristic@%s --data %s --out %s %s", pop, data,
           test_path("runs"), bad[i][0]);
  EXPECT(2, "one arm", "run --arm heuristic@%s --arm blis@%s --data %s --row a --out %s", pop, lite,
         data, test_path("runs"));
  EXPECT(
      0,
      "\"row\":{\"floor\":{\"at_least\":0.25,\"convention\":\"mask\",\"metric\":\"HR@10\"},"
      "\"name\":\"a\",\"settings_tried\":2}",
      "run --arm blis@%s --data %s --rounds 1 --users 40 --min-time 0 --row a --settings-tried 2 "
      "--floor mask:HR@10:.25 --json --quiet --out %s",
      lite, data, test_path("runs"));
  cr_assert_not_null(strstr(output, "\"training\":\"minutes="), "%s", output);
}

/* Whatever the machine: every group with all of its events, each counted or absent with a reason.
 */
Test(cli, info_says_what_can_be_counted_and_why_not_more) {
  EXPECT(0, "always counted, by the kernel", "info --counters");
  static const char *const groups[] = {"default", "cache",  "flops", "branch",
                                       "tlb",     "memory", "os"};
  for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
    char heading[32];
    snprintf(heading, sizeof heading, "\n%s: ", groups[g]);
    cr_assert(strstr(output, heading), "%s is not in: %s", groups[g], output);
  }
  EXPECT(0, "{", "info --counters --json");
  json_error_t error;
  json_t *all = json_loads(output, 0, &error), *group, *event;
  cr_assert(all, "%s: %s", error.text, output);
  cr_assert(json_is_string(json_object_get(all, "advice")));
  json_t *list = json_object_get(all, "groups");
  cr_assert_geq(json_array_size(list), sizeof groups / sizeof *groups);
  size_t g, e;
  json_array_foreach(list, g, group) { /* those of any processor, then its own */
    if (g < sizeof groups / sizeof *groups)
      cr_assert_str_eq(json_string_value(json_object_get(group, "name")), groups[g]);
    cr_assert(json_string_length(json_object_get(group, "explanation")));
    json_array_foreach(json_object_get(group, "events"), e, event) {
      const int counts = json_is_true(json_object_get(event, "counts"));
      cr_assert(json_string_length(json_object_get(event, counts ? "event" : "reason")));
      cr_assert(json_is_null(json_object_get(event, counts ? "reason" : "event")));
    }
  }
  json_decref(all);
  EXPECT(0, "machine key", "info");
  EXPECT(2, "one at a time", "info --counters --gemm");
}
