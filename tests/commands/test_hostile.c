/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of any shape before every command that reads some: each member in turn is something that
 * nobody writes. Commands may refuse; what they print is text. */
#include "bench/commands/commands.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/text.h"
#include "tests/support/command.h"
#include "tests/support/every.h"
#include "tests/support/files.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void is_text(const char *what, const char *name) {
  const char *text = test_read(name);
  size_t bad;
  cr_assert(l4r_utf8_valid(text, strlen(text), &bad), "%s, %s: byte %zu: %.80s", what, name, bad,
            text + bad);
  for (const char *c = text; *c; c++)
    cr_assert(((unsigned char)*c >= 32 && *c != 127) || strchr("\n\r\t", *c), "%s, %s: %.80s", what,
              name, c);
  cr_assert_null(strstr(text, "(null)"), "%s", what);
}

/* Cells a row of a Markdown table; all rows of a table have as many. */
static void is_table(const char *what) {
  int wanted = 0;
  for (const char *line = test_read("out"); *line; line += strcspn(line, "\n") + 1) {
    int cells = 0;
    if (*line != '|') wanted = 0;
    if (*line == '|')
      for (const char *c = line; *c && *c != '\n'; c++) cells += *c == '|' && c[-1] != '\\';
    if (!wanted) wanted = cells;
    cr_assert_eq(cells, wanted, "%s: %.200s", what, line);
    if (!line[strcspn(line, "\n")]) break;
  }
}

static void consume(const char *what, const char *runs) {
  static const char *const markdown[] = {"speed", "growth", "predict"};
  static const char *const plain[] = {"csv", "table", "google-benchmark", "accuracy"};
  test_run(l4r_command_claims, "claims", runs, NULL);
  is_text(what, "out");
  test_run(l4r_command_history, "history", runs, NULL);
  is_text(what, "out");
  test_run(l4r_command_verify, "verify", runs, NULL);
  is_text(what, "out");
  test_run(l4r_command_compare, "compare", runs, runs, NULL);
  is_text(what, "out");
  for (int i = 0; i < 4; i++) {
    test_run(l4r_command_export, "export", plain[i], runs, NULL);
    is_text(what, "out");
  }
  test_run(l4r_command_export, "export", "table", runs, "--groups", NULL);
  is_text(what, "out");
  for (int i = 0; i < 5; i++) {
    if (i < 3)
      test_run(l4r_command_export, "export", markdown[i], runs, NULL);
    else
      test_run(l4r_command_export, "export", i == 3 ? "table" : "accuracy", runs, "--markdown",
               NULL);
    is_text(what, "out");
    is_table(what);
  }
  test_run(l4r_command_export, "export", "tables", runs, "--out", test_path("tables"), NULL);
}

static json_t *whole(void) {
  json_t *record = test_record("runs", (struct test_record){.arm = "blis@lite",
                                                            .dataset = "d",
                                                            .scenario = "single-stream",
                                                            .threads = 1,
                                                            .users = 40,
                                                            .ns = 1e6,
                                                            .hits = .3});
  json_t *more = json_loads(
      "{\"options\":{\"beams\":\"20\",\"x\":\"y\"},\"counters\":[{\"name\":\"IPC\",\"unit\":\"\","
      "\"source\":\"hardware\",\"reason\":\"\",\"value\":2}],\"energy\":{\"joules\":1.5,"
      "\"source\":\"kernel\",\"reason\":\"\"},\"warnings\":[\"w\"],\"failures\":[{\"reason\":"
      "\"r\"}],\"stages\":[{\"name\":\"head\",\"stages\":[\"head\"],\"ns_per_user\":{\"value\":10."
      "5,"
      "\"lo\":1.5,\"hi\":20.5},\"flops\":5.5,\"bytes\":5.5,\"flops_per_second\":1e9,"
      "\"bytes_per_second\":1e9,\"sgemm_fraction\":0.5,\"memory_fraction\":0.5}],"
      "\"ceiling\":{\"name\":\"sgemm\",\"value\":1e9,\"fraction\":0.5},\"description\":{"
      "\"settings\":"
      "\"history=50,beams=20\"},\"row\":{\"name\":\"lite-a\",\"floor\":{\"at_least\":0.9,"
      "\"convention\":\"mask\",\"metric\":\"HR@10\"},\"settings_tried\":3},\"model\":{\"name\":"
      "\"lite\",\"kind\":\"lite\",\"size\":\"mini\",\"init\":\"random\",\"loss\":\"gbce\","
      "\"seed\":1,\"epoch\":3,\"training_seconds\":60.5,\"validation\":{\"NDCG@10\":0.2},"
      "\"curve\":{\"state\":\"rising\",\"at_twice_the_time\":0.3,\"limit\":0.4}},"
      "\"knee\":{\"rate\":null,\"trials\":[{\"rate\":4.5}],\"stopped\":\"s\"},"
      "\"overhead_ns\":{\"every\":300.5,\"inside\":20.5}}",
      0, NULL);
  cr_assert(more);
  json_object_update(record, more);
  json_object_set_new(json_object_get(record, "accuracy"), "groups",
                      json_loads("{\"history_length\":[{\"name\":\"n\",\"from\":1,\"to\":2,"
                                 "\"users\":3,\"keep\":{\"HR@10\":0.5},\"mask\":{}}]}",
                                 0, NULL));
  return record;
}

static int64_t places; /* of the record so far, in the order of a walk */

/* Puts `odd` at the place of that number; 1 once it is there. */
static int put(json_t *at, int64_t wanted, const char *odd) {
  size_t index;
  const char *key;
  void *next;
  json_t *part;
  json_array_foreach(at, index, part) {
    if (places++ == wanted)
      return !json_array_set_new(at, index, json_loads(odd, JSON_DECODE_ANY, NULL));
    if (put(part, wanted, odd)) return 1;
  }
  json_object_foreach_safe(at, next, key, part) {
    if (places++ == wanted)
      return !json_object_set_new(at, key, json_loads(odd, JSON_DECODE_ANY, NULL));
    if (put(part, wanted, odd)) return 1;
  }
  return 0;
}

static void each_place(const char *odd) {
  char runs[512];
  l4r_log_quiet(1);
  snprintf(runs, sizeof runs, "%s", test_path("runs"));
  for (int64_t place = 0;; place += test_every()) {
    json_t *record = whole(), *beside = whole();
    places = 0;
    if (!put(record, place, odd)) break;
    json_object_set_new(beside, "threads", json_integer(2));
    json_object_set_new(record, "schema", json_integer(1));
    cr_assert_eq(l4r_record_seal(record), 0);
    cr_assert_eq(l4r_record_seal(beside), 0);
    json_t *records[] = {record, beside};
    char *what = json_dumps(record, JSON_COMPACT);
    test_records("runs", "a", records, 2);
    consume(what, runs);
    free(what);
  }
  cr_assert_gt(places, 100);
}

Test(hostile, no_member_need_be_there) {
  each_place("null");
}

Test(hostile, names_hold_anything) {
  char odd[1500] = "\"a\\nb\\u001b[2J|`c`\\\\|<b>";
  while (strlen(odd) < 1200) strcat(odd, "\xc3\xa9\xe2\x82\xac");
  each_place(strcat(odd, "\""));
}

Test(hostile, numbers_have_any_size) {
  each_place("1e300");
}

Test(hostile, numbers_are_negative_whole_and_too_many) {
  each_place("-9223372036854775808");
}
