/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec verify --deep: ranks that follow from nothing but their samples are held against the
 * model itself. */
#include "bench/derive/accuracy.h"
#include "bench/record/bound.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "tests/support/command.h"
#include "tests/support/derived.h"
#include "tests/support/files.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>

static const char *said;

#define EXPECT(code, part, ...)                                                                    \
  do {                                                                                             \
    const int got = test_shell(&said, __VA_ARGS__);                                                \
    cr_assert_eq(got, code, "%d: %s", got, said);                                                  \
    cr_assert_not_null(strstr(said, part), "'%s' is not in: %s", part, said);                      \
  } while (0)

/* A run of `pop` over a small data set, from within the scratch folder, so that its command names
 * both by relative paths, which records keep. */
static const char *measured(void) {
  const char *folder = test_small_model();
  EXPECT(0, "",
         "p=$(realpath %s) && cd %s && $p run --arm heuristic@model --data data --pin none "
         "--rounds 3 --users 20 --min-time .01 --counters none --quiet --out runs 2>&1",
         test_program(), folder);
  return folder;
}

/* As one who edits a rank, works all figures out again, binds and seals: the samples give what the
 * record says, and only the model knows better. */
static void forge(const char *folder) {
  const char *const paths[] = {test_path("runs")};
  json_t *records, *computed;
  char path[L4R_PATH_MAX], name[80];
  struct l4r_bundle ranks, samples;
  OK(test_records_read(paths, 1, &records));
  json_t *record = json_array_get(records, 0), *accuracy = json_object_get(record, "accuracy");
  OK(test_record_sibling_path(record, json_string_value(json_object_get(accuracy, "samples")),
                              path));
  OK(l4r_bundle_read(path, &ranks));
  int64_t *keep = l4r_bundle_find(&ranks, "keep")->value;
  keep[7] = keep[7] == 1 ? 2 : 1;
  OK(l4r_accuracy_derive(&ranks, &computed));
  json_object_update(accuracy, computed);
  OK(l4r_bundle_store(&ranks, test_path("runs"), name));
  json_object_set_new(accuracy, "samples", json_string(name));
  OK(test_record_sibling_path(record, json_string_value(json_object_get(record, "samples")), path));
  OK(l4r_bundle_read(path, &samples));
  const char *own[] = {"_path", "_line", "_sealed", "_checked", "samples", "sha256"};
  for (size_t o = 0; o < sizeof own / sizeof *own; o++) json_object_del(record, own[o]);
  OK(l4r_bind(record, L4R_BOUND_TIMES, samples.meta));
  OK(l4r_bundle_store(&samples, test_path("runs"), name));
  json_object_set_new(record, "samples", json_string(name));
  OK(l4r_record_seal(record));
  EXPECT(0, "", "rm %s/runs/*.jsonl", folder);
  json_t *list = json_pack("[O]", record);
  char out[L4R_PATH_MAX];
  OK(l4r_records_write(list, test_path("runs"), out));
}

Test(verify_deep, every_user_is_ranked_again, .timeout = 240) {
  const char *folder = measured();
  EXPECT(0, "heuristic@model ranks all 400 users as stated",
         "p=$(realpath %s) && cd %s && $p verify --deep runs 2>&1", test_program(), folder);
  EXPECT(0, "1 arms ranked again from their models, 400 users compared one by one: 0 arms differ",
         "%s verify --deep %s/runs --models %s --data %s --quiet 2>&1", test_program(), folder,
         folder, folder);
  forge(folder);
  EXPECT(0, "all as stated", "%s verify %s/runs 2>&1", test_program(), folder);
  EXPECT(1, "accuracy (keep): 1 of 400 users have another rank (0.25 %)",
         "%s verify --deep %s/runs --models %s --data %s --quiet 2>&1", test_program(), folder,
         folder, folder);
  cr_assert_not_null(strstr(said, "user 8: "), "%s", said);
  cr_assert_null(strstr(said, "accuracy (mask)"), "%s", said);
  EXPECT(0, "user 8: ", "%s verify --deep --allow .0025 %s/runs --models %s --data %s --quiet 2>&1",
         test_program(), folder, folder, folder);
}

Test(verify_deep, a_model_that_is_not_there_is_named, .timeout = 240) {
  const char *folder = measured();
  EXPECT(0, "", "mkdir %s/empty", folder);
  EXPECT(3, "the model 'model' (SHA-256 ", "%s verify --deep %s/runs --models %s/empty 2>&1",
         test_program(), folder, folder);
  EXPECT(3, "the data set 'small' (SHA-256 ",
         "%s verify --deep %s/runs --models %s --data %s/empty 2>&1", test_program(), folder,
         folder, folder);
  EXPECT(2, "--models belongs to --deep", "%s verify %s/runs --models %s 2>&1", test_program(),
         folder, folder);
  /* Another model under the same name is not the one that was measured. */
  EXPECT(0, "", "printf x >>%s/model/counts.bin", folder);
  EXPECT(3, "not ranked again: the model 'model'", "%s verify --deep %s/runs --models %s 2>&1",
         test_program(), folder, folder);
}
