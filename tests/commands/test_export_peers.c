/* SPDX-License-Identifier: BSD-3-Clause */
/* export peers: a row an engine, a column a precision, ratios within one run. */
#include "tests/commands/export.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "impl/base/error.h"

#include <jansson.h>
#include <stdio.h>

/* A record whose two rounds took ns and 2 * ns a user. */
static json_t *raced(const char *engine, const char *options, const char *precision, double ns) {
  char arm[128], said[256];
  snprintf(arm, sizeof arm, "%s@lite%s%s", engine, *options ? ":" : "", options);
  json_t *record = test_record("runs", like(fast, arm, 2, ns, .3));
  json_t *given = json_object(), *rounds = json_object_get(record, "rounds");
  if (*options) {
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)strcspn(options, "="), options);
    json_object_set_new(given, key, json_string(strchr(options, '=') + 1));
  }
  if (strcmp(precision, "fp32") != 0)
    json_object_set_new(given, "precision", json_string(precision));
  json_object_set_new(record, "options", given);
  json_object_set_new(record, "engine", json_string(engine));
  json_object_set_new(record, "precision", json_string(precision));
  json_object_set_new(json_object_get(record, "model"), "sha256", json_string("the same"));
  json_object_set_new(json_object_get(record, "model"), "kind", json_string("lite"));
  json_object_set_new(json_object_get(record, "model"), "size", json_string("mini"));
  for (size_t r = 0; r < 2; r++)
    json_object_set_new(json_array_get(rounds, r), "mean_ns", json_real(ns * (1 + (double)r)));
  snprintf(said, sizeof said, "wait=passive,library_sha256=%064d,last=1", 0);
  json_object_set_new(record, "description",
                      json_pack("{s:s, s:s, s:s, s:s, s:I, s:f}", "kernels", "Engine 1.2", "isa",
                                "avx512", "precision", precision, "settings", said, "weights_bytes",
                                (json_int_t)4000, "open_seconds", 1.5));
  return record;
}

static void race(void) {
  json_t *records[] = {raced("blis", "", "fp32", 4e6),
                       raced("blis", "", "bf16", 2e6),
                       raced("blis", "", "int8", 1e6),
                       raced("blis", "", "bf16x3", 3e6),
                       raced("blis", "isa=avx2", "fp32", 6e6),
                       raced("peer:torch", "", "fp32", 12e6),
                       raced("peer:torch", "", "bf16", 5e6),
                       raced("peer:torch", "compile=on", "fp32", 8e6),
                       raced("peer:onnxruntime", "", "int8", 3e6),
                       raced("peer:onnxruntime", "trie=off", "fp32", 9e6)};
  test_records("runs", "a", records, sizeof records / sizeof *records);
}

Test(export_peers, has_a_column_a_precision) {
  race();
  OK(export("peers", test_path("runs"), "--format", "text", NULL));
  test_golden("peers.txt", test_read("out"));
  OK(export("peers", test_path("runs"), NULL));
  test_golden("peers.md", test_read("out"));
  OK(export("peers", test_path("runs"), "--format", "tsv", NULL));
  has(test_read("out"), "bf16x3_lo");
}

/* Ratios are those of one run: its fastest of the same precision, and the fastest of all. */
Test(export_peers, ratios_are_of_one_run) {
  race();
  OK(export("peers", test_path("runs"), NULL));
  const char *out = test_read("out");
  has(out, "| `peer:torch` | 3.00 | 2.50 | - | - | 5.00 [1] |");
  has(out, "[1] bf16 against int8");
  has(out, "| `peer:torch compile=on` | 2.00 | - | - | - | 8.00 [2] |");
  cr_assert_null(strstr(out, "library_sha256"), "%s", out);
  has(out, "wait=passive,last=1");
  /* what ran in another run is shown, and not compared */
  json_t *alone[] = {raced("peer:torch", "", "fp32", 12e6)};
  json_t *ours[] = {raced("blis", "", "fp32", 4e6)};
  test_records("runs", "a", alone, 1);
  test_records("runs", "b", ours, 1);
  OK(export("peers", test_path("runs"), NULL));
  has(test_read("out"), "this project's engine did not run beside it");
}

Test(export_peers, wants_an_engine_of_somebody_elses) {
  json_t *ours[] = {raced("blis", "", "fp32", 4e6)};
  test_records("runs", "a", ours, 1);
  FAILS(export("peers", test_path("runs"), NULL), L4R_INPUT, "no engine of somebody else's");
}
