/* `make plots` as a user meets it: the script, the built program ($LITE4REC, else ./lite4rec) and
 * gnuplot, on hand-made records. */
#include "bench/record/write.h"
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

static void some_records(void) {
  static const struct test_record wanted[] = {
      {"blis@lite", "small", "single-stream", 1, 400, 2e6, .3, 0, 0},
      {"blis@lite", "small", "single-stream", 2, 400, 1e6, .3, 0, 0},
      {"beam@p5:beams=20,trie=off", "small", "single-stream", 1, 400, 8e7, .2, 0, 0},
      {"blis@lite", "small", "offline", 2, 400, 3e5, .3, 0, 0},
      {"blis@lite", "small", "server", 1, 400, 2e6, .3, 0, 100},
      {"blis@lite", "small", "server", 1, 400, 8e6, .3, 0, 400},
      {"blis@lite", "small", "server", 2, 400, 3e6, .3, 0, 400},
      {"beam@p5", "small", "server", 1, 300, 5e7, .3, 0, 50}};
  json_t *records[8];
  for (int r = 0; r < 8; r++) records[r] = test_record("runs", wanted[r]);
  for (int r = 0; r < 2; r++) /* the stages of one arm: no records but these have any */
    json_object_set_new(
        records[r], "stages",
        json_pack("[{s:s, s:f, s:f, s:f, s:f, s:f}, {s:s, s:f, s:n, s:n, s:n, s:n}]", "name",
                  "encoding", "flops", 4e7, "bytes", 4e6, "flops_per_second", 5e10 * (r + 1),
                  "sgemm_fraction", .5, "memory_fraction", .2, "name", "head", "flops", 4e5,
                  "bytes", "flops_per_second", "sgemm_fraction", "memory_fraction"));
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
  is_figure("roofline-small-single-stream", "encoding");
  is_figure("load-small-server", "users a second that arrive");
  cr_assert_null(strstr(said, "accuracy-latency-small-server"), "%s", said);
  cr_assert_null(strstr(said, "roofline-small-offline"), "%s", said);
  cr_assert_not_null(strstr(said, "no latency-small-offline: "), "%s", said);
  cr_assert_null(strstr(said, "warning"), "%s", said);
}

Test(plots, growth_has_a_figure_a_dimension) {
  need_gnuplot();
  char command[4096];
  mkdir(test_path("tables"), 0777);
  test_file("tables/growth.tsv",
            "dimension\tsweep\tvalue\tns\tns_lo\tns_hi\troofline_ns\tresident_bytes\tlabel\n"
            "beams\t0\t1\t1000000\t900000\t1100000\t500000\t1000\tbeam, trie=on\n"
            "beams\t0\t10\t3000000\t2900000\t3100000\t900000\t1000\tbeam, trie=on\n"
            "beams\t1\t1\t800000\t-\t-\t-\t1000\tbeam, trie=head\n"
            "beams\t1\t10\t900000\t-\t-\t-\t1000\tbeam, trie=head\n"
            "batch\t2\t1\t900000\t-\t-\t-\t1000\tblis\n"
            "batch\t2\t8\t700000\t-\t-\t-\t1000\tblis\n");
  snprintf(command, sizeof command, "sh plots/growth.sh %s %s 2>&1", test_path("tables"),
           test_path("figures"));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  cr_assert_eq(pclose(pipe), 0, "%s", said);
  is_figure("growth-beams", "beam, trie=head");
  is_figure("growth-batch", "blis");
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

Test(plots, history_has_levels_and_rings) {
  need_program();
  need_gnuplot();
  char command[4096];
  for (int day = 0; day < 9; day++) {
    char time[32], name[8];
    snprintf(time, sizeof time, "2026-03-%02dT00:00:00Z", day + 1);
    snprintf(name, sizeof name, "%d", day);
    struct test_rounds wanted = {.rounds = 2, .users = 40, .time = time};
    for (int r = 0; r < 2; r++) wanted.ns[r] = (day < 5 ? 1e6 : 1.2e6) * (1 + .003 * (day % 2 + r));
    test_rounds_file("h", name, &wanted);
  }
  snprintf(command, sizeof command, "sh plots/history.sh %s %s --threads 1 2>&1", test_path("h"),
           test_path("figures"));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  cr_assert_eq(pclose(pipe), 0, "%s", said);
  is_figure("history", "blis@lite, 1 thread");
  cr_assert_null(strstr(said, "warning"), "%s", said);
  cr_assert_not_null(strstr(test_read("figures/tables/history.tsv"), "\t1\n"));
  cr_assert_null(strstr(test_read("figures/history.svg"), "records are drawn"));
}

/* Records of one level, and more of them than a figure shows: thinned, and said to be. */
Test(plots, history_of_many_records_without_a_change) {
  need_program();
  need_gnuplot();
  char command[4096];
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
  snprintf(command, sizeof command, "sh plots/history.sh %s %s 2>&1", test_path("h"),
           test_path("figures"));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  cr_assert_eq(pclose(pipe), 0, "%s", said);
  is_figure("history", "of 2400 records are drawn");
  cr_assert_null(strstr(said, "warning"), "%s", said);
}
