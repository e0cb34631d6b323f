/* SPDX-License-Identifier: BSD-3-Clause */
/* Gates on every figure, several at once, from the command line and from files. */
#include "bench/commands/commands.h"
#include "bench/compare/targets.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define compare(...) test_run(l4r_command_compare, "compare", __VA_ARGS__)

/* Ten rounds of 1 ms times `times`, which vary by +-amount. */
static struct test_rounds rounds_of(double times, double amount) {
  static const double wave[10] = {.3, -1, .8, -.4, .1, .9, -.7, -.2, 1, -.8};
  struct test_rounds wanted = {.rounds = 10, .weights = 4e6, .cold = 5e6};
  for (int r = 0; r < 10; r++)
    wanted.ns[r] = 1e6 * times * (1 + amount * wave[(r + (times > 1.01 ? 3 : 0)) % 10]);
  return wanted;
}

static const char *a, *b;
static void files(const struct test_rounds *left, const struct test_rounds *right) {
  static char paths[2][512];
  snprintf(paths[0], 512, "%s", test_rounds_file("a", "a", left));
  snprintf(paths[1], 512, "%s", test_rounds_file("b", "b", right));
  a = paths[0];
  b = paths[1];
}

Test(gate, a_loss_of_half_the_accuracy_is_not_the_same) {
  const struct test_rounds base = rounds_of(1, .004);
  struct test_rounds lost = base;
  lost.users_lost = 2; /* every second user's item is not ranked */
  files(&base, &lost);
  OK(compare(a, b, NULL));
  test_says("WORSE");
  FAILS(compare(a, b, "--gate", "3%", NULL), L4R_CHECK, "(HR@10, margin 3 %) is WORSE");
  FAILS(compare(a, b, "--gate", "HR@10=5%", NULL), L4R_CHECK, "1 of 1 rows fail");
  FAILS(compare(a, b, "--gate", "keep:NDCG@5=5%", NULL), L4R_CHECK, "keep:NDCG@5");
  OK(compare(b, a, "--gate", "HR@10=5%", "--strict", NULL));
  test_says("BETTER");
  struct test_rounds all = base;
  all.users_lost = 1;
  files(&base, &all);
  FAILS(compare(a, b, "--gate", "HR@10=5%", "--json", NULL), L4R_CHECK, "B / A is 0.000");
  test_says("\"verdict\": \"WORSE\"");
  files(&base, &lost);
  OK(compare(a, b, "--gate", "mean=3%", NULL)); /* nobody asked */
  OK(compare(a, a, "--gate", "HR@10=.1%,NDCG@10=.1%,HR@20=.1%", "--strict", NULL));
  test_says("1.000 [1.000, 1.000]");
}

Test(gate, too_few_users_are_code_5_when_asked_for_and_a_note_when_not) {
  const struct test_rounds base = rounds_of(1, .004);
  struct test_rounds other = base;
  other.users_lost = 20; /* some of those ranked within 10 */
  files(&base, &other);
  FAILS(compare(a, b, "--gate", "HR@10=1%", NULL), L4R_NOISY,
        "only more evaluated users narrow it");
  cr_expect_not_null(strstr(l4r_error_message(), "--gate HR@10="));
  OK(compare(a, b, "--gate", "3%", NULL));
  test_says("HR@10: too few users for 3 %: the paired interval is +-");
}

Test(gate, every_figure_has_its_verdict) {
  const struct test_rounds base = rounds_of(1, .004);
  struct test_rounds other = rounds_of(1.06, .004);
  other.weights = 5e6;
  other.cold = 9e6;
  files(&base, &other);
  FAILS(compare(a, b, "--gate", "users/s=3%", NULL), L4R_CHECK, "(users/s, margin 3 %) is SLOWER");
  test_says("/s ");
  FAILS(compare(a, b, "--gate", "weights=1%", NULL), L4R_CHECK, "is LARGER: B / A is 1.250");
  test_says("no noise of time");
  FAILS(compare(a, b, "--gate", "cold=3%", NULL), L4R_CHECK, "(cold, margin 3 %) is SLOWER");
  OK(compare(b, a, "--gate", "weights=1%,cold=3%,users/s=3%,p50=3%", "--strict", NULL));
  test_says("SMALLER");
  OK(compare(a, b, "--gate", "memory=1%", "--strict", NULL)); /* the same in both */
  FAILS(compare(a, b, "--gate", "open=3%", NULL), L4R_INPUT, "rounds[0].open_seconds: the round");
  FAILS(compare(a, b, "--gate", "instructions=1%", NULL), L4R_INPUT, "run --counters instructions");
  other.weights = 0;
  files(&base, &other);
  FAILS(compare(a, b, "--gate", "weights=1%", NULL), L4R_INPUT, "resources.weights_bytes");
}

/* Writes a record anew with two counts of a sample of ten users. */
static void count(const char *name, long long one, long long other, const char *isa) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s.jsonl", name, name);
  json_t *record = json_loads(test_read(path), 0, NULL);
  json_object_set_new(record, "instructions",
                      json_pack("{s:f, s:[I, I], s:i, s:s, s:s, s:s, s:s}", "per_user",
                                (double)(one + other) / 20, "counts", (json_int_t)one,
                                (json_int_t)other, "users", 10, "source", "callgrind", "counter",
                                "callgrind-3.19.0", "isa", isa, "kernel", ""));
  OK(l4r_record_seal(record));
  test_records(name, name, &record, 1);
}

Test(gate, instructions_have_the_noise_of_their_counts_alone) {
  const struct test_rounds base = rounds_of(1, .2); /* no time of these could be gated */
  files(&base, &base);
  count("a", 1000000, 1000100, "avx2");
  count("b", 1011000, 1011100, "avx2");
  FAILS(compare(a, b, "--gate", "instructions=1%", NULL), L4R_CHECK,
        "(instructions, margin 1 %) is MORE: B / A is 1.011");
  test_says("101105");
  OK(compare(a, b, "--gate", "instructions=1.2%", "--strict", NULL));
  OK(compare(b, a, "--gate", "instructions=1%", "--strict", NULL));
  test_says("FEWER");
  count("b", 1000000, 1030000, "avx2"); /* counts that differ by more than the margin */
  FAILS(compare(a, b, "--gate", "instructions=1%", NULL), L4R_NOISY, "count again");
  count("b", 1000000, 1000000, "portable");
  FAILS(compare(a, b, "--gate", "instructions=1%", NULL), L4R_INPUT, "differ in instructions.isa");
}

Test(gate, auto_takes_the_finest_margin_that_the_rounds_hold) {
  struct test_rounds base = rounds_of(1, .03), twice = base;
  for (int r = 0; r < 10; r++) twice.ns[r] *= 2;
  files(&base, &base);
  FAILS(compare(a, b, "--gate", "mean=3%", NULL), L4R_NOISY, "--gate mean=");
  double held = 0; /* the advice can be followed */
  const char *advice = strstr(l4r_error_message(), "--gate mean=");
  cr_assert_eq(sscanf(advice, "--gate mean=%lf%%", &held), 1, "%s", advice);
  char wanted[64];
  snprintf(wanted, sizeof wanted, "mean=%g%%", held);
  OK(compare(a, b, "--gate", wanted, "--strict", NULL));
  snprintf(wanted, sizeof wanted, "mean=%g%%", held - .2);
  FAILS(compare(a, b, "--gate", wanted, NULL), L4R_NOISY, "too fine");
  OK(compare(a, b, "--gate", "auto", "--strict", NULL));
  snprintf(wanted, sizeof wanted, "(here %g %%)", held);
  test_says(wanted);
  files(&base, &twice);
  FAILS(compare(a, b, "--gate", "auto", NULL), L4R_CHECK, "is SLOWER: B / A is 2.000");
  for (int r = 0; r < 10; r++) base.ns[r] *= 1 + r % 2; /* noise that holds nothing */
  files(&base, &base);
  FAILS(compare(a, b, "--gate", "auto", NULL), L4R_NOISY, "is too fine");
}

static void gates(const char *text) {
  test_file("gate.json", text);
}

Test(gate, a_file_holds_several) {
  const struct test_rounds base = rounds_of(1, .004), slower = rounds_of(1.06, .004);
  files(&base, &slower);
  gates("{\"gates\": [{\"metric\": \"p50\", \"margin\": \"10%\"},"
        "{\"metric\": \"mean\", \"margin\": 0.03, \"arm\": \"blis@lite\", \"threads\": 1,"
        "\"scenario\": \"single-stream\"}, {\"metric\": \"weights\", \"margin\": \"auto\"}]}");
  FAILS(compare(a, b, "--gate", test_path("gate.json"), NULL), L4R_CHECK,
        "1 of 3 rows fail, 0 UNDECIDED; blis@lite (mean, margin 3 %) is SLOWER");
  gates("{\"gates\": [{\"metric\": \"mean\", \"margin\": \"3%\", \"arm\": \"pop@pop\"}]}");
  FAILS(compare(a, b, "--gate", test_path("gate.json"), NULL), L4R_INPUT,
        "no pair of records is of mean, arm pop@pop; the first record is of arm ");
}

Test(gate, a_wrong_file_is_refused_with_its_member) {
  const struct test_rounds base = rounds_of(1, .004);
  files(&base, &base);
  static const struct {
    const char *text, *message;
  } wrong[] = {
      {"{\"gates\": [", "gate.json:1:"},
      {"[1]", "a file of gates is"},
      {"{\"gates\": []}", "a file of gates is"},
      {"{\"gates\": [], \"gates\": []}", "duplicate"},
      {"{\"gates\": [3]}", "gates[0] is not an object"},
      {"{\"gates\": [{\"metric\": \"p99\"}]}", "gates[0] has no margin"},
      {"{\"gates\": [{\"margin\": \"3%\"}]}", "gates[0] has no metric"},
      {"{\"gates\": [{\"metric\": \"p99\", \"margin\": 3}]}", "gates[0]: margin wants a share"},
      {"{\"gates\": [{\"metric\": \"p99\", \"margin\": []}]}", "gates[0].margin has to be"},
      {"{\"gates\": [{\"metric\": \"p98\", \"margin\": .1}]}", "gate.json"},
      {"{\"gates\": [{\"metric\": \"p98\", \"margin\": 0.1}]}", "no figure 'p98'"},
      {"{\"gates\": [{\"metric\": \"p99\", \"margin\": 0.1, \"thread\": 1}]}",
       "gates[0].thread is not known"},
      {"{\"gates\": [{\"metric\": \"p99\", \"margin\": 0.1, \"threads\": 0}]}",
       "gates[0].threads has to be"},
      {"{\"gates\": [{\"metric\": \"p99\", \"margin\": 0.1}, {\"metric\": \"p99\", "
       "\"margin\": 0.2}]}",
       "gates[1]: p99 stands there twice"},
  };
  for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
    gates(wrong[w].text);
    FAILS(compare(a, b, "--gate", test_path("gate.json"), NULL), L4R_INPUT, wrong[w].message);
  }
  FAILS(compare(a, b, "--gate", "nowhere.json", NULL), L4R_INPUT, "nowhere.json");
}

/* The table of `run` has the other convention under the same word. */
Test(gate, accuracy_is_said_to_be_that_of_masked_histories) {
  const struct test_rounds base = rounds_of(1, .004);
  files(&base, &base);
  OK(compare(a, b, "--gate", "HR@10=10%", NULL));
  test_says("Items of the history are not ranked (mask), but where keep: says so.");
  OK(compare(a, b, "--gate", "weights=1%", NULL));
  cr_expect_null(strstr(test_read("out"), "(mask)"));
}

Test(gate, two_machines_are_refused_with_both_names) {
  struct test_rounds base = rounds_of(1, .004), other = base;
  other.cpu = "Another processor";
  files(&base, &other);
  FAILS(compare(a, b, "--gate", "3%", NULL), L4R_INPUT, "a gate judges one machine");
  cr_expect_not_null(strstr(l4r_error_message(), "(Another processor ["));
  test_rounds_file("a", "other", &other); /* a folder of two machines on both sides */
  test_rounds_file("b", "b", &base);
  test_rounds_file("b", "other", &other);
  char left[512], right[512];
  snprintf(left, sizeof left, "%s", test_path("a"));
  snprintf(right, sizeof right, "%s", test_path("b"));
  OK(compare(left, right, NULL));
  FAILS(compare(left, right, "--gate", "3%", NULL), L4R_INPUT, "a gate judges one machine");
}
