/* SPDX-License-Identifier: BSD-3-Clause */
/* `make plots` as a user meets it: the script, the built program ($LITE4REC, else ./lite4rec) and
 * gnuplot, on hand-made records. */
#include "bench/record/write.h"
#include "tests/support/derived.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[1 << 14];

/* Runs the script with an environment in front; both streams into `said`; its exit code. */
static int plots(const char *environment, const char *records) {
  char command[4096];
  snprintf(command, sizeof command, "%s sh plots/plots.sh %s %s 2>&1", environment, records,
           test_path("figures"));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  const int status = pclose(pipe);
  cr_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void need_program(void) {
  const char *program = getenv("LITE4REC");
  if (access(program ? program : "./lite4rec", X_OK)) cr_skip_test("lite4rec is not built");
}

static void need_gnuplot(void) {
  if (system("command -v gnuplot >/dev/null 2>&1")) cr_skip_test("gnuplot is not installed");
}

/* Two stages, as their timers in the record's two rounds say: encoding a user takes `ns`. */
enum { USERS = 400 };

static void add_stages(json_t *record, double ns) {
  json_t *description = json_pack("{s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]}", "stages",
                                  "name", "encoder", "flops", 4e7, "bytes", 4e6, "timer", 0, "name",
                                  "head", "flops", 4e5, "bytes", 4e4, "timer", 1);
  json_t *rounds = json_object_get(record, "rounds");
  for (size_t r = 0; r < 2; r++) {
    json_t *round = json_array_get(rounds, r);
    json_object_set_new(round, "timers",
                        json_pack("[{s:s, s:I, s:f}, {s:s, s:I, s:f}]", "name", "encoding", "ns",
                                  (json_int_t)ns * USERS, "ns_per_user", ns, "name", "head", "ns",
                                  (json_int_t)ns / 100 * USERS, "ns_per_user", ns / 100));
    json_object_set_new(round, "sgemm_gflops", json_real(4e7 / ns * 2));
    json_object_set_new(round, "memory_gb_per_s", json_real(4e6 / ns * 5));
  }
  json_object_set_new(
      record, "ceiling",
      test_derive_ceiling(rounds, description, json_object_get(record, "users_per_second")));
  json_object_set_new(
      record, "stages",
      test_derive_stages(rounds, description, json_object_get(record, "latency_ns")));
  json_object_set_new(record, "description", description);
}

static void some_records(void) {
  static const struct test_record wanted[] = {
      {"blis@lite", "small", "single-stream", 1, USERS, 2e6, .3, 0, 0},
      {"blis@lite", "small", "single-stream", 2, USERS, 1e6, .3, 0, 0},
      {"beam@p5:beams=20,trie=off", "small", "single-stream", 1, 400, 8e7, .2, 0, 0},
      {"blis@lite", "small", "offline", 2, 400, 3e5, .3, 0, 0},
      {"blis@lite", "small", "server", 1, 400, 2e6, .3, 0, 100},
      {"blis@lite", "small", "server", 1, 400, 8e6, .3, 0, 400},
      {"blis@lite", "small", "server", 2, 400, 3e6, .3, 0, 400},
      {"beam@p5", "small", "server", 1, 300, 5e7, .3, 0, 50}};
  json_t *records[8];
  for (int r = 0; r < 8; r++) records[r] = test_record("runs", wanted[r]);
  /* the stages of one arm: no records but these have any */
  for (int r = 0; r < 2; r++) add_stages(records[r], 4e5 / (r + 1));
  test_records("runs", "a", records, 8);
}

/* A PNG of 1200 x 800 and an SVG that names what it shows. */
static void is_figure(const char *name, const char *label) {
  char path[256];
  unsigned char head[24] = {0};
  snprintf(path, sizeof path, "figures/%s.png", name);
  FILE *file = fopen(test_path(path), "rb");
  cr_assert_not_null(file, "no %s: %s", path, said);
  cr_assert_eq(fread(head, 1, sizeof head, file), sizeof head);
  fclose(file);
  cr_assert_arr_eq(head, "\x89PNG\r\n\x1a\n", 8);
  cr_assert_eq(head[18] * 256 + head[19], 1200);
  cr_assert_eq(head[22] * 256 + head[23], 800);
  snprintf(path, sizeof path, "figures/%s.svg", name);
  cr_assert_not_null(strstr(test_read(path), label), "%s does not name %s", path, label);
  cr_assert_not_null(strstr(said, path), "%s", said);
}

Test(plots, figures_of_records_and_models) {
  need_program();
  need_gnuplot();
  char models[512];
  some_records();
  mkdir(test_path("lite"), 0777);
  test_file("lite/training.jsonl", "{\"epoch\": 1, \"loss\": 5, \"hr10\": 0.1, \"ndcg10\": 0.05, "
                                   "\"best\": true}\n");
  snprintf(models, sizeof models, "MODELS=%s", test_path("lite"));
  cr_assert_eq(plots(models, test_path("runs")), 0, "%s", said);
  is_figure("accuracy-latency-small-single-stream", "beam@p5:beams=20,trie=off");
  is_figure("latency-small-single-stream", "blis@lite");
  is_figure("accuracy-latency-small-offline", "mean time per user");
  is_figure("times-small-single-stream", "beam@p5:beams=20,trie=off, ");
  is_figure("times-small-offline", "mean time of a user (log scale)");
  is_figure("learning-curves", "validation NDCG@10");
  cr_assert_not_null(strstr(test_read("figures/learning-curves.svg"), ">epoch<"));
  is_figure("roofline-small-single-stream", "encoding");
  is_figure("load-small-server", "users a second that arrive");
  /* an axis of less than a decade has ticks within it; one of several decades has none */
  cr_assert_not_null(strstr(test_read("figures/accuracy-latency-small-offline.svg"), "400 µs"));
  cr_assert_null(strstr(test_read("figures/times-small-single-stream.svg"), ">20 ms<"));
  cr_assert_null(strstr(said, "accuracy-latency-small-server"), "%s", said);
  cr_assert_null(strstr(said, "roofline-small-offline"), "%s", said);
  cr_assert_not_null(strstr(said, "no latency-small-offline: "), "%s", said);
  cr_assert_null(strstr(said, "warning"), "%s", said);
}

/* One thread measured its ceilings and two did not: there is one roof, and the figure is drawn. */
Test(plots, a_thread_count_without_ceilings_has_no_roof) {
  need_program();
  need_gnuplot();
  json_t *records[2];
  for (int r = 0; r < 2; r++) {
    const struct test_record wanted = {.arm = "blis@lite",
                                       .dataset = "small",
                                       .scenario = "single-stream",
                                       .threads = r + 1,
                                       .users = 400,
                                       .ns = 2e6,
                                       .hits = .3};
    records[r] = test_record("runs", wanted);
    json_t *stage = json_pack("{s:s, s:f, s:f, s:f, s:n, s:n}", "name", "encoding", "flops", 4e7,
                              "bytes", 4e6, "flops_per_second", 5e10, "sgemm_fraction",
                              "memory_fraction");
    if (r == 0) {
      json_object_set_new(stage, "sgemm_fraction", json_real(.5));
      json_object_set_new(stage, "memory_fraction", json_real(.2));
    }
    json_object_set_new(records[r], "stages", json_pack("[o]", stage));
  }
  test_records("runs", "a", records, 2);
  cr_assert_eq(plots("", test_path("runs")), 0, "%s", said);
  is_figure("roofline", "encoding");
}

Test(plots, growth_has_a_figure_a_dimension) {
  need_gnuplot();
  char command[4096];
  mkdir(test_path("tables"), 0777);
  test_file("tables/growth.tsv",
            "dimension\tsweep\tvalue\tns\tns_lo\tns_hi\troofline_ns\tresident_bytes\tlabel\n"
            "beams\t0\t1\t1000000\t900000\t1100000\t500000\t1000\tbeam, trie=on\n"
            "beams\t0\t5\t2000000\t1900000\t2100000\t700000\t1000\tbeam, trie=on\n"
            "beams\t0\t10\t3000000\t2900000\t3100000\t900000\t1000\tbeam, trie=on\n"
            "beams\t1\t1\t800000\t-\t-\t-\t1000\tbeam, trie=head\n"
            "beams\t1\t10\t900000\t-\t-\t-\t1000\tbeam, trie=head\n"
            "batch\t2\t1\t900000\t-\t-\t-\t1000\tblis\n"
            "batch\t2\t4\t800000\t-\t-\t-\t1000\tblis\n"
            "batch\t2\t8\t700000\t-\t-\t-\t1000\tblis\n"
            "threads\t3\t1\t700000\t-\t-\t-\t1000\tblis\n"
            "threads\t3\t2\t400000\t-\t-\t-\t1000\tblis\n");
  snprintf(command, sizeof command, "sh plots/growth.sh %s %s 2>&1", test_path("tables"),
           test_path("figures"));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  cr_assert_eq(pclose(pipe), 0, "%s", said);
  is_figure("growth-beams", "beam, trie=head");
  is_figure("growth-batch", "blis");
  /* within less than a decade the axis has numbers, and a title; two points have no figure */
  cr_assert_not_null(strstr(test_read("figures/growth-batch.svg"), "500 \xc2\xb5s"));
  cr_assert_not_null(strstr(test_read("figures/growth-batch.svg"), "time of a user (log scale)"));
  cr_assert_null(strstr(said, "growth-threads"), "%s", said);
  cr_assert_null(strstr(said, "warning"), "%s", said);
}

Test(plots, records_that_are_missing_are_told) {
  need_program();
  need_gnuplot();
  mkdir(test_path("empty"), 0777);
  cr_assert_eq(plots("", test_path("empty")), 3, "%s", said);
  cr_assert_not_null(strstr(said, "no record (*.jsonl) in "), "%s", said);
  cr_assert_not_null(strstr(said, "plots: no figures of records from "), "%s", said);
}

Test(plots, without_gnuplot_the_exit_code_is_4_and_nothing_is_written) {
  some_records();
  cr_assert_eq(plots("GNUPLOT=no-such-gnuplot", test_path("runs")), 4, "%s", said);
  cr_assert_not_null(strstr(said, "no-such-gnuplot is not installed; 'make deps'"), "%s", said);
  cr_assert_eq(test_entries("figures"), -1);
}

Test(plots, a_gnuplot_that_fails_leaves_no_figure) {
  need_program();
  some_records();
  cr_assert_eq(plots("GNUPLOT=false", test_path("runs")), 4, "%s", said);
  cr_assert_not_null(strstr(said, "could not draw accuracy-latency-small-single-stream.svg"), "%s",
                     said);
  cr_assert_eq(test_entries("figures"), 1); /* the tables */
}

/* A gnuplot that fails where it is told to draw one figure, having drawn what stands before it. */
static const char one_fails[] =
    "#!/bin/sh\n"
    "for f; do\n"
    "  shift\n"
    "  if grep -q /times-small-single-stream.svg \"$f\"; then exec_ok=; break; fi\n"
    "  set -- \"$@\" \"$f\"\n"
    "  exec_ok=1\n"
    "done\n"
    "if [ -n \"$exec_ok\" ]; then exec gnuplot \"$@\"; fi\n"
    "for f; do gnuplot \"$f\"; done 2>/dev/null\n"
    "echo no memory >&2; exit 1\n";

Test(plots, a_figure_that_fails_costs_no_other) {
  need_program();
  need_gnuplot();
  some_records();
  char environment[512];
  snprintf(environment, sizeof environment, "GNUPLOT=%s", test_file("fails", one_fails));
  chmod(test_path("fails"), 0755);
  cr_assert_eq(plots(environment, test_path("runs")), 4, "%s", said);
  cr_assert_not_null(strstr(said, "could not draw times-small-single-stream.svg"), "%s", said);
  cr_assert_not_null(strstr(said, "no memory"), "%s", said);
  const char *first = strstr(said, "could not draw");
  cr_assert_null(strstr(first + 1, "could not draw"), "%s", said);
  is_figure("accuracy-latency-small-single-stream", "blis@lite");
  is_figure("latency-small-single-stream", "blis@lite");
  is_figure("roofline-small-single-stream", "encoding");
  is_figure("times-small-offline", "blis@lite");
  is_figure("load-small-server", "blis@lite");
  cr_assert_eq(access(test_path("figures/times-small-single-stream.svg"), F_OK), -1);
  cr_assert_eq(access(test_path("figures/times-small-single-stream.png"), F_OK), 0);
  cr_assert_eq(test_entries("figures"), 1 + 2 * 7 - 1); /* the tables; no scratch folder */
}

/* Arms 0 .. n - 1, each a little slower and less accurate than the one before it, and behind them
 * the fastest, which never hits: all but it have the first to beat them. */
static void many_arms(int n) {
  json_t *records[64];
  for (int a = 0; a < n; a++) {
    char arm[32];
    snprintf(arm, sizeof arm, "blis@m%02d", a);
    const struct test_record wanted = {.arm = arm,
                                       .dataset = "small",
                                       .scenario = "single-stream",
                                       .threads = 1,
                                       .users = 400,
                                       .ns = a == n - 1 ? 1e5 : 1e6 * (1 + .05 * a),
                                       .hits = .9 - .01 * a};
    records[a] = test_record("runs", wanted);
  }
  test_records("runs", "a", records, n);
}

static int names(const char *svg, const char *arm) {
  return strstr(svg, arm) != NULL;
}

Test(plots, figures_of_too_many_arms_say_which_they_show) {
  need_program();
  need_gnuplot();
  many_arms(52);
  cr_assert_eq(plots("FORMATS=svg", test_path("runs")), 0, "%s", said);
  cr_assert_null(strstr(said, "warning"), "%s", said);
  const char *latency = test_read("figures/latency.svg");
  cr_assert(strstr(latency, "24 of 52 arms, those on a front first, then the most accurate"));
  cr_assert(names(latency, "m00") && names(latency, "m22") && !names(latency, "m23"));
  cr_assert(!names(latency, "m50") && names(latency, "m51"), "the fastest is on the front");
  static const char *const others[] = {"figures/accuracy-latency.svg", "figures/times.svg"};
  for (int f = 0; f < 2; f++) {
    const char *svg = test_read(others[f]);
    cr_expect(strstr(svg, "48 of 52 arms"), "%s", others[f]);
    cr_expect(names(svg, "m46") && !names(svg, "m47") && names(svg, "m51"), "%s", others[f]);
  }
}

Test(plots, figures_of_as_many_arms_as_they_hold_leave_out_nothing) {
  need_program();
  need_gnuplot();
  many_arms(24);
  cr_assert_eq(plots("FORMATS=svg", test_path("runs")), 0, "%s", said);
  const char *latency = test_read("figures/latency.svg");
  cr_assert_null(strstr(latency, " of 24 arms"));
  for (int a = 0; a < 24; a++) {
    char arm[16];
    snprintf(arm, sizeof arm, "m%02d", a);
    cr_expect(names(latency, arm), "%s", arm);
  }
}

Test(plots, names_are_text_to_shell_awk_and_gnuplot) {
  need_program();
  need_gnuplot();
  char arm[1400], command[600];
  snprintf(command, sizeof command, "touch %s", test_path("ran"));
  snprintf(arm, sizeof arm, "x'`%s`$(%s)@series#\"y'", command, command);
  json_t *records[3];
  for (int r = 0; r < 3; r++) {
    const struct test_record wanted = {
        r ? "blis@lite" : arm, "sm'all", r < 2 ? "single-stream" : "server", 1, 400, 1e6, .3, 0,
        r < 2 ? 0 : 100};
    records[r] = test_record("runs", wanted);
  }
  test_records("runs", "a", records, 3);
  cr_assert_eq(plots("FORMATS=svg", test_path("runs")), 0, "%s", said);
  cr_assert_eq(access(test_path("ran"), F_OK), -1, "a name was run");
  static const char *const figures[] = {"figures/latency-sm_all-single-stream.svg",
                                        "figures/times-sm_all-single-stream.svg",
                                        "figures/accuracy-latency-sm_all-single-stream.svg"};
  for (int f = 0; f < 3; f++) {
    const char *svg = test_read(figures[f]);
    cr_expect(strstr(svg, "x'`touch "), "%s", figures[f]);
    cr_expect(strstr(svg, "@series#"), "%s", figures[f]);
    cr_expect(strstr(svg, "sm'all, "), "%s", figures[f]);
  }
}

/* Figures of the records below h, without a word of gnuplot's. */
static void draw_history(const char *options) {
  char command[4096];
  snprintf(command, sizeof command, "sh plots/history.sh %s %s %s 2>&1", test_path("h"),
           test_path("figures"), options);
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  cr_assert_eq(pclose(pipe), 0, "%s", said);
  cr_assert_null(strstr(said, "warning"), "%s", said);
}

Test(plots, history_has_levels_and_rings) {
  need_program();
  need_gnuplot();
  for (int day = 0; day < 9; day++) {
    char time[32], name[8];
    snprintf(time, sizeof time, "2026-03-%02dT00:00:00Z", day + 1);
    snprintf(name, sizeof name, "%d", day);
    struct test_rounds wanted = {.rounds = 2, .users = 40, .time = time};
    for (int r = 0; r < 2; r++) wanted.ns[r] = (day < 5 ? 1e6 : 1.2e6) * (1 + .003 * (day % 2 + r));
    test_rounds_file("h", name, &wanted);
  }
  draw_history("--threads 1");
  is_figure("history", "blis@lite, 1 thread");
  cr_assert_not_null(strstr(test_read("figures/tables/history.tsv"), "\t1\n"));
  cr_assert_null(strstr(test_read("figures/history.svg"), "records are drawn"));
}

/* Records of one level, and more of them than a figure shows: thinned, and said to be. */
Test(plots, history_of_many_records_without_a_change) {
  need_program();
  need_gnuplot();
  struct test_rounds wanted = {.rounds = 2, .users = 40, .ns = {1e6, 1.01e6}};
  json_t *record = test_rounds_record("h", &wanted), *records[2400];
  for (int i = 0; i < 2400; i++) {
    char time[32];
    snprintf(time, sizeof time, "2026-%02d-%02dT%02d:00:00Z", 1 + i / 672, 1 + i / 24 % 28, i % 24);
    json_object_set_new(json_object_get(record, "manifest"), "time", json_string(time));
    cr_assert_eq(l4r_record_seal(record), 0);
    records[i] = json_deep_copy(record);
  }
  test_records("h", "many", records, 2400);
  json_decref(record);
  draw_history("");
  is_figure("history", "of 2400 records are drawn");
}

Test(plots, history_of_machines_without_a_change_has_a_figure_each) {
  need_program();
  need_gnuplot();
  for (int day = 0; day < 4; day++) {
    char time[32], name[8];
    snprintf(time, sizeof time, "2026-03-%02dT00:00:00Z", day + 1);
    snprintf(name, sizeof name, "%d", day);
    struct test_rounds wanted = {.rounds = 2, .users = 40, .time = time, .ns = {1e6, 1.01e6}};
    wanted.key = day > 1 ? "two" : "one";
    test_rounds_file("h", name, &wanted);
  }
  draw_history("");
  is_figure("history-0", "blis@lite");
  is_figure("history-1", "blis@lite");
}
