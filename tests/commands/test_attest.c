/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec attest: the statement by its structure (and by in-toto's own library where a Python has
 * it), its list by sha256sum alone, and edited files by their names. */
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/runs.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static const char *said;

#define EXPECT(code, part, ...)                                                                    \
  do {                                                                                             \
    const int got = test_shell(&said, __VA_ARGS__);                                                \
    cr_assert_eq(got, code, "%d: %s", got, said);                                                  \
    cr_assert_not_null(strstr(said, part), "'%s' is not in: %s", part, said);                      \
  } while (0)

static const char *folder;

static void measure(void) {
  folder = test_small_model();
  EXPECT(0, "",
         "p=$(realpath %s) && cd %s && $p run --arm heuristic@model --data data --pin none "
         "--rounds 3 --users 20 --min-time .01 --counters none --quiet --out runs 2>&1",
         test_program(), folder);
}

#define ATTEST                                                                                     \
  "p=$(realpath %s) && cd %s && $p attest runs --out attested 2>&1", test_program(), folder

static int is_digest(const json_t *subject) {
  const json_t *digest = json_object_get(json_object_get(subject, "digest"), "sha256");
  const char *hex = json_string_value(digest);
  return hex && strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

/* Of in-toto's statement, version 1: _type, subjects with name and digest, a type that is a URI,
 * and a predicate; of its test result: the result and its configuration. */
static void check_structure(void) {
  json_t *root = json_loads(test_read("attested/attestation.intoto.json"), 0, NULL), *one;
  const json_t *subjects = json_object_get(root, "subject");
  const json_t *predicate = json_object_get(root, "predicate");
  size_t index;
  int kinds[5] = {0};
  static const char *const kind[5] = {"record", "samples", "program", "model", "data"};
  cr_assert_str_eq(json_string_value(json_object_get(root, "_type")),
                   "https://in-toto.io/Statement/v1");
  cr_assert_str_eq(json_string_value(json_object_get(root, "predicateType")),
                   "https://in-toto.io/attestation/test-result/v0.1");
  cr_assert_str_eq(json_string_value(json_object_get(predicate, "result")), "PASSED");
  json_array_foreach((json_t *)subjects, index, one) {
    const char *what = json_string_value(
        json_object_get(json_object_get(one, "annotations"), "kind"));
    cr_assert(json_is_string(json_object_get(one, "name")) && is_digest(one));
    for (int k = 0; k < 5; k++) kinds[k] += !strcmp(what, kind[k]);
  }
  cr_assert_eq(kinds[0], 1);
  cr_assert_eq(kinds[1], 2);
  cr_assert_eq(kinds[2], 1);
  cr_assert_geq(kinds[3], 2);
  cr_assert_geq(kinds[4], 5);
  one = json_array_get(json_object_get(predicate, "configuration"), 0);
  cr_assert(is_digest(one));
  cr_assert_str_eq(json_string_value(json_object_get(json_object_get(one, "annotations"), "label")),
                   "maintainer-published, not independently reproduced");
  json_decref(root);
}

Test(attest, sha256sum_alone_checks_it, .timeout = 240) {
  measure();
  EXPECT(0, "attested/attestation.intoto.json: ", ATTEST);
  check_structure();
  EXPECT(0, "attestation.intoto.json: OK", "cd %s/attested && sha256sum -c SHA256SUMS 2>&1",
         folder);
  cr_assert_not_null(strstr(said, "../data/train.txt: OK"), "%s", said);
  EXPECT(0, "files, all as attested", "%s attest --check %s/attested/attestation.intoto.json 2>&1",
         test_program(), folder);
  EXPECT(0, "", "printf '1 2\\n' >>%s/data/train.txt", folder);
  EXPECT(1, "../data/train.txt: FAILED", "cd %s/attested && sha256sum -c SHA256SUMS 2>&1", folder);
  EXPECT(1, "../data/train.txt was edited",
         "%s attest --check %s/attested/attestation.intoto.json 2>&1", test_program(), folder);
  EXPECT(0, "", "rm %s/data/train.txt", folder);
  EXPECT(1, "../data/train.txt is not there",
         "%s attest --check %s/attested/attestation.intoto.json 2>&1", test_program(), folder);
}

Test(attest, in_totos_own_library_reads_it, .timeout = 240) {
  const char *python = test_python_with("in_toto_attestation");
  measure();
  EXPECT(0, "attested/attestation.intoto.json: ", ATTEST);
  EXPECT(0, "valid", "%s tests/oracle/statement.py %s/attested/attestation.intoto.json 2>&1",
         python, folder);
}

Test(attest, a_signature_over_the_list_holds, .timeout = 240) {
  if (test_shell(&said, "command -v ssh-keygen")) cr_skip_test("no ssh-keygen here");
  measure();
  EXPECT(0, "attested/attestation.intoto.json: ", ATTEST);
  EXPECT(
      0, "Good \"lite4rec\" signature",
      "cd %s/attested && ssh-keygen -q -t ed25519 -N '' -C someone -f key && "
      "ssh-keygen -q -Y sign -n lite4rec -f key SHA256SUMS 2>&1 && "
      "echo \"someone $(cat key.pub)\" >signers && "
      "ssh-keygen -Y verify -n lite4rec -f signers -I someone -s SHA256SUMS.sig <SHA256SUMS 2>&1",
      folder);
}

Test(attest, edited_files_are_refused_by_name, .timeout = 240) {
  measure();
  EXPECT(0, "", "cp %s/data/test.txt %s/kept && sed -i 1d %s/data/test.txt", folder, folder,
         folder);
  EXPECT(3, "data/test.txt was edited", ATTEST);
  cr_assert_eq(test_entries("attested"), 0, "nothing half-written");
  EXPECT(0, "",
         "mv %s/kept %s/data/test.txt && sed -i 's/\"users\"/\"people\"/' %s/data/dataset.json",
         folder, folder, folder);
  EXPECT(3, "data/dataset.json is another file: was it edited?", ATTEST);
  EXPECT(0, "", "sed -i 's/\"people\"/\"users\"/' %s/data/dataset.json", folder);
  EXPECT(0, "", "cp %s/model/counts.bin %s/kept && printf x >>%s/model/counts.bin", folder, folder,
         folder);
  EXPECT(3, "model/counts.bin is another file: was it edited?", ATTEST);
  EXPECT(0, "", "mv %s/kept %s/model/counts.bin", folder, folder);
  EXPECT(0, "", "sed -i 's/\"threads\": *1/\"threads\":2/' %s/runs/*.jsonl", folder);
  EXPECT(3, "the record does not have the hash it states", ATTEST);
}

Test(attest, what_it_cannot_state_it_says, .timeout = 240) {
  measure();
  EXPECT(3, "was measured by a program of SHA-256 ",
         "p=$(realpath %s) && cd %s && $p attest runs --out attested --program data/train.txt 2>&1",
         test_program(), folder);
  EXPECT(2, "attest wants --out FOLDER", "%s attest %s/runs 2>&1", test_program(), folder);
  EXPECT(2, "attest needs files or folders of records", "%s attest --out x 2>&1", test_program());
  EXPECT(2, "--check takes a statement alone", "%s attest --check x --out y 2>&1", test_program());
  EXPECT(3, "is no in-toto statement", "echo '{}' >%s/no.json; %s attest --check %s/no.json 2>&1",
         folder, test_program(), folder);
}
