/* SPDX-License-Identifier: BSD-3-Clause */
/* Ways to have a wrong figure believed, each of which the one door for records must refuse. The
 * strongest cheat here seals records anew, works figures out again and binds samples anew, so that
 * only what samples themselves cannot be is left to find. What passes all the same stands in
 * bench/README.md. */
#include "bench/run/accuracy.h"
#include "bench/record/bound.h"
#include "bench/derive/derive.h"
#include "bench/derive/door.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "tests/red/engines.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/runs.h"
#include "tests/support/derived.h"

#include <stdlib.h>
#include <unistd.h>

static struct l4r_door door;

/* Two arms measured honestly in three rounds, into the folder `out`. */
static void run_honestly(void) {
  static struct l4r_arm arms[4];
  char path[L4R_PATH_MAX];
  struct l4r_run_options options = test_run_options(arms, &red_honest, &red_ranker, NULL);
  json_t *records;
  options.rounds = 3;
  options.users = 40;
  options.min_count = 50;
  OK(l4r_run(&options, &records, path));
  json_decref(records);
}

/* The same run serves every test of one call of the tests: the first that comes leaves a copy in
 * the call's own cache folder (tests/run.sh makes one). */
static void bring_honest_run(void) {
  const char *cache = getenv("XDG_CACHE_HOME");
  if (!cache) {
    run_honestly();
    return;
  }
  char *kept, *command;
  cr_assert_gt(asprintf(&kept, "%s/honest-run", cache), 0);
  if (access(kept, F_OK)) {
    run_honestly();
    cr_assert_gt(asprintf(&command, "cp -r '%s' '%s.%d' && mv -T '%s.%d' '%s' 2>/dev/null",
                          test_path("out"), kept, (int)getpid(), kept, (int)getpid(), kept),
                 0);
    if (system(command)) { /* another test was quicker, and both runs are as good */
    }
  } else {
    cr_assert_gt(asprintf(&command, "cp -r '%s' '%s'", kept, test_path("out")), 0);
    cr_assert_eq(system(command), 0);
  }
  free(command);
  free(kept);
}

/* Two arms' records of an honest run of three rounds. */
static json_t *honest(void) {
  bring_honest_run();
  const char *const paths[] = {test_path("out")};
  struct l4r_records typed;
  OK(l4r_records_admit(&door, paths, 1, &typed));
  json_t *records = test_records_json(&typed);
  l4r_records_free(&typed);
  cr_assert_eq(json_array_size(records), 2);
  return records;
}

/* The record is refused, and by this field. */
static void refused(json_t *record, const char *evidence) {
  OK(l4r_record_seal(record));
  FAILS(test_record_admit(&door, record), L4R_INPUT, evidence);
}

static void open_samples(const json_t *record, const json_t *name, struct l4r_bundle *bundle) {
  char path[L4R_PATH_MAX];
  OK(test_record_sibling_path(record, json_string_value(name), path));
  OK(l4r_bundle_read(path, bundle));
}

static json_t *store_samples(const struct l4r_bundle *bundle) {
  char name[80];
  OK(l4r_bundle_store(bundle, test_path("out"), name));
  return json_string(name);
}

static struct l4r_array *array_of(struct l4r_bundle *bundle, const char *name) {
  struct l4r_array *array = (struct l4r_array *)l4r_bundle_find(bundle, name);
  cr_assert(array, "no %s", name);
  return array;
}

/* All figures that follow from the samples, and their binding, as a run that was so would have
 * them. */
static void forge(json_t *record, struct l4r_bundle *samples) {
  json_t *rounds = json_object_get(record, "rounds"), *latency, *over, *speed, *serving;
  const json_t *description = json_object_get(record, "description");
  OK(test_derive_rounds(samples, rounds));
  OK(test_derive_latency(samples, &latency));
  OK(test_derive_over_rounds(samples, latency, &over));
  OK(test_derive_throughput(samples, &speed));
  OK(test_derive_serving(samples, &serving));
  const json_int_t queries = json_integer_value(json_object_get(latency, "count"));
  json_object_set_new(record, "latency_ns", latency);
  json_object_set_new(record, "latency_over_rounds_ns", over);
  json_object_set_new(record, "users_per_second", speed);
  json_object_set_new(record, "counters", test_derive_counters(rounds, description, queries));
  json_object_set_new(record, "ceiling", test_derive_ceiling(rounds, description, serving));
  json_object_set_new(record, "stages", test_derive_stages(rounds, description, latency));
  json_object_set_new(record, "overhead_ns", test_derive_overhead(rounds));
  json_int_t peak = 0;
  size_t index;
  const json_t *round;
  json_array_foreach(rounds, index, round) {
    const json_int_t bytes = json_integer_value(json_object_get(round, "peak_rss_bytes"));
    if (bytes > peak) peak = bytes;
  }
  json_object_set_new(json_object_get(record, "resources"), "peak_rss_bytes", json_integer(peak));
  OK(l4r_bind(record, L4R_BOUND_TIMES, samples->meta));
  json_object_set_new(record, "samples", store_samples(samples));
}

/* The ranks of an accuracy pass with one thing wrong, everything else made to fit. */
static void forge_ranks(json_t *record, struct l4r_bundle *ranks) {
  json_t *accuracy = json_object_get(record, "accuracy"), *computed = NULL;
  struct l4r_bundle samples = {0};
  if (!l4r_accuracy_derive(ranks, &computed)) json_object_update(accuracy, computed);
  json_decref(computed);
  OK(l4r_bind(record, L4R_BOUND_RANKS, ranks->meta));
  json_object_set_new(accuracy, "samples", store_samples(ranks));
  open_samples(record, json_object_get(record, "samples"), &samples);
  forge(record, &samples);
  l4r_bundle_free(&samples);
}

/* --- every leaf ----------------------------------------------------------------------------------
 */

/* Of one member of the file: the record's seal, which an editor who seals anew has renewed; and the
 * name of the samples, without which a record is no longer refused but marked (tried below). */
static int is_own_business(const char *path) {
  return !strcmp(path, "sha256") || !strcmp(path, "samples");
}

static json_t *changed(const json_t *leaf) {
  if (json_is_integer(leaf)) return json_integer(json_integer_value(leaf) + 1);
  if (json_is_real(leaf)) return json_real(json_real_value(leaf) * 1.001 + 1e-3);
  if (json_is_string(leaf)) return json_sprintf("%sx", json_string_value(leaf));
  return json_is_true(leaf) ? json_false() : json_true();
}

struct walk {
  json_t *record;
  const char *older; /* NULL, or how a record is marked whose leaf nothing vouches for */
  int leaves, marked;
  char unchecked[8192]; /* members at the top whose leaves passed, each once, ended by a blank */
};

static void try_leaf(struct walk *walk, const char *path) {
  char top[64];
  if (is_own_business(path)) return;
  json_t *record = walk->record;
  walk->leaves++;
  if (!walk->older) /* not sealed again */
    FAILS(test_record_admit(&door, record), L4R_INPUT, ": sha256: the record does not have");
  OK(l4r_record_seal(record));
  const int status = test_record_admit(&door, record);
  if (!walk->older) {
    cr_assert_eq(status, L4R_INPUT, "%s was edited and let in", path);
    return;
  }
  if (status == L4R_INPUT || !strcmp(path, "accuracy.samples")) return; /* the latter: missing */
  cr_assert_eq(l4r_checked_of(test_record_of(record)), L4R_CHECKED_OLDER, "%s", path);
  walk->marked++;
  snprintf(top, sizeof top, "%.*s ", (int)strcspn(path, ".["), path);
  if (!strstr(walk->unchecked, top)) strcat(walk->unchecked, top);
}

static void set(json_t *parent, const char *key, size_t place, json_t *value) {
  if (key)
    json_object_set_new(parent, key, value);
  else
    json_array_set_new(parent, place, value);
}

/* 1 when the reader takes the record as it now stands. */
static int is_read(json_t *record) {
  struct l4r_record typed = {0};
  const int status = test_record_parse(record, &typed);
  l4r_record_free(&typed);
  return !status;
}

/* Something else in place of `value`, which the reader does not refuse at sight. */
static void put_leaf(struct walk *walk, json_t *parent, const char *key, size_t place,
                     const json_t *value) {
  json_t *const others[] = {json_integer(json_integer_value(value) - 1),
                            json_real(json_number_value(value) / 2),
                            json_string("x"),
                            json_true(),
                            json_object(),
                            json_array()};
  enum { OTHERS = sizeof others / sizeof *others };
  set(parent, key, place, changed(value));
  for (int o = 0; o < OTHERS && (json_is_null(value) || !is_read(walk->record)); o++) {
    set(parent, key, place, json_incref(others[o]));
    if (is_read(walk->record)) break;
  }
  for (int o = 0; o < OTHERS; o++) json_decref(others[o]);
}

static void walk_value(struct walk *walk, json_t *value, const char *path);

static void walk_member(struct walk *walk, json_t *parent, const char *key, size_t place,
                        const char *path) {
  json_t *value = key ? json_object_get(parent, key) : json_array_get(parent, place);
  if (json_is_object(value) || json_is_array(value)) {
    walk_value(walk, value, path);
    return;
  }
  json_incref(value);
  put_leaf(walk, parent, key, place, value);
  try_leaf(walk, path);
  if (key)
    json_object_set_new(parent, key, value);
  else
    json_array_set_new(parent, place, value);
  OK(l4r_record_seal(walk->record));
}

static void walk_value(struct walk *walk, json_t *value, const char *path) {
  char below[512];
  const char *key;
  json_t *member;
  void *next;
  json_object_foreach_safe(value, next, key, member) {
    if (*key == '_') continue; /* of the reader */
    snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
    walk_member(walk, value, key, 0, below);
  }
  for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++) {
    snprintf(below, sizeof below, "%s[%zu]", path, i);
    walk_member(walk, value, NULL, i, below);
  }
}

Test(cheats, no_leaf_of_a_record_can_be_edited_sealed_anew_or_not, .timeout = 600) {
  struct walk walk = {.record = json_array_get(honest(), 0)};
  walk_value(&walk, walk.record, "");
  cr_assert_gt(walk.leaves, 250);
  OK(test_record_admit(&door, walk.record)); /* as it was */
}

/* --- members that were not there ----------------------------------------------------------------
 */

/* The object at that path, with indexes as members of their lists. */
static json_t *object_at(json_t *record, const char *path) {
  char name[64];
  while (*path) {
    const size_t n = strcspn(path, ".");
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    record = json_is_array(record) ? json_array_get(record, strtoul(name, NULL, 10))
                                   : json_object_get(record, name);
    cr_assert(record, "%s", name);
    path += n + (path[n] == '.');
  }
  return record;
}

Test(cheats, no_figure_can_be_added_that_the_samples_do_not_give) {
  static const struct {
    const char *object, *key, *value, *evidence;
  } added[] = {
      {"latency_ns.p99", "value", "1.0", "latency_ns.p99.value: the record says 1.0"},
      {"latency_ns.p50", "withheld", "\"x\"", "latency_ns.p50.withheld: the record says"},
      {"latency_ns.p50", "interval_withheld", "\"x\"", "latency_ns.p50.interval_withheld"},
      {"latency_over_rounds_ns.p50", "withheld", "\"x\"", "latency_over_rounds_ns.p50.withheld"},
      {"users_per_second", "withheld", "\"x\"", "users_per_second.withheld: the record says"},
      {"", "own_time", "{\"p50_ns\": 1, \"mean_ns\": 1.0, \"share_of_wall\": 1.0}",
       "own_time: the record says"},
      {"", "server", "{\"verdict\": \"PASS\", \"reason\": \"x\"}", "server: the record says"},
      {"ceiling", "fault", "\"x\"", "ceiling.fault: the record says"},
      {"accuracy.groups.history_length.0", "name", "\"head\"",
       "accuracy.groups.history_length[0].name: the record says"},
      {"accuracy.groups.history_length.0", "items", "9",
       "accuracy.groups.history_length[0].items: the record says 9"}};
  json_t *records = honest();
  for (size_t a = 0; a < sizeof added / sizeof *added; a++) {
    json_t *record = json_deep_copy(json_array_get(records, 0));
    json_t *object = object_at(record, added[a].object);
    cr_assert_null(json_object_get(object, added[a].key), "%s is there", added[a].evidence);
    json_object_set_new(object, added[a].key, json_loads(added[a].value, JSON_DECODE_ANY, NULL));
    refused(record, added[a].evidence);
    json_decref(record);
  }
}

/* A record made to look as if of before samples were bound: figures still follow from samples,
 * everything else is the record's own word, and every output says so. */
static void make_older(json_t *record) {
  struct l4r_bundle samples = {0}, ranks = {0};
  json_t *accuracy = json_object_get(record, "accuracy");
  json_object_set_new(record, "schema", json_integer(1));
  open_samples(record, json_object_get(accuracy, "samples"), &ranks);
  json_object_del(ranks.meta, "of");
  json_object_set_new(accuracy, "samples", store_samples(&ranks));
  open_samples(record, json_object_get(record, "samples"), &samples);
  json_object_del(samples.meta, "of");
  json_object_set_new(record, "samples", store_samples(&samples));
  l4r_bundle_free(&samples);
  l4r_bundle_free(&ranks);
}

Test(cheats, a_record_passed_off_as_an_older_one_is_marked, .timeout = 600) {
  struct walk walk = {.record = json_array_get(honest(), 0), .older = "of an older version"};
  json_object_set_new(walk.record, "schema", json_integer(1));
  refused(walk.record,
          ": schema: the ranks were made with another one"); /* they say what they are */
  json_object_set_new(walk.record, "schema", json_integer(2));
  make_older(walk.record);
  json_object_set_new(walk.record, "schema", json_integer(2));
  refused(walk.record, "the samples do not say which arm, model and data set they are of");
  json_object_set_new(walk.record, "schema", json_integer(1));
  OK(l4r_record_seal(walk.record));
  OK(test_record_admit(&door, walk.record));
  cr_assert_eq(l4r_checked_of(test_record_of(walk.record)), L4R_CHECKED_OLDER);
  char line[L4R_CHECKS][256];
  json_t *records = json_pack("[O]", walk.record);
  cr_assert_eq(l4r_checked_lines(test_records_of(records), line), 1);
  cr_assert(strstr(line[0], "not bound: 1 record"), "%s", line[0]);
  walk_value(&walk, walk.record, "");
  /* Nothing that is a figure of time or accuracy is among what nobody vouches for. */
  static const char *const vouched[] = {"latency_ns ",       "latency_over_rounds_ns ",
                                        "users_per_second ", "ceiling ",
                                        "stages ",           "overhead_ns ",
                                        "samples "};
  for (size_t v = 0; v < sizeof vouched / sizeof *vouched; v++)
    cr_assert_null(strstr(walk.unchecked, vouched[v]), "%s in %s", vouched[v], walk.unchecked);
  cr_assert_gt(walk.leaves, walk.marked + 100);
}

/* --- samples that are another's ------------------------------------------------------------------
 */

Test(cheats, accuracy_of_two_arms_cannot_change_places) {
  json_t *records = honest(), *one = json_array_get(records, 0), *two = json_array_get(records, 1);
  json_t *swapped = json_deep_copy(json_object_get(one, "accuracy"));
  struct l4r_bundle samples = {0};
  json_object_set(one, "accuracy", json_object_get(two, "accuracy"));
  json_object_set_new(two, "accuracy", swapped);
  refused(one, "arm: the ranks were made with another one");
  open_samples(one, json_object_get(one, "samples"), &samples);
  forge(one, &samples); /* bound anew: the ranks still say whose they are */
  refused(one, "arm: the ranks were made with another one");
}

Test(cheats, samples_of_two_records_cannot_change_places) {
  json_t *records = honest(), *one = json_array_get(records, 0), *two = json_array_get(records, 1);
  struct l4r_bundle samples = {0};
  json_object_set(one, "samples", json_object_get(two, "samples"));
  refused(one, "the samples give");
  open_samples(two, json_object_get(two, "samples"), &samples);
  json_t *of = json_incref(json_object_get(samples.meta, "of")); /* figures anew, but not bound */
  forge(one, &samples);
  json_object_set_new(samples.meta, "of", of);
  json_object_set_new(one, "samples", store_samples(&samples));
  refused(one, "arm: the samples were taken with another one");
}

Test(cheats, arm_model_data_k_and_seed_are_those_of_the_samples) {
  static const struct {
    const char *object, *key, *evidence;
  } edits[] = {{NULL, "arm", "arm: the ranks were made with another one"},
               {"model", "name", "model: the ranks were made with another one"},
               {"dataset", "sha256", "dataset: the ranks were made with another one"},
               {"settings", "k", "settings: the ranks were made with another one"},
               {"settings", "seed", "settings: the ranks were made with another one"},
               {"requests", "sha256", "requests: the samples were taken with another one"},
               {"manifest", "git", "manifest: the samples were taken with another one"}};
  json_t *record = json_array_get(honest(), 0);
  for (size_t e = 0; e < sizeof edits / sizeof *edits; e++) {
    json_t *edited = json_deep_copy(record);
    json_t *object = edits[e].object ? json_object_get(edited, edits[e].object) : edited;
    json_object_set_new(object, edits[e].key, changed(json_object_get(object, edits[e].key)));
    refused(edited, edits[e].evidence);
    json_decref(edited);
  }
  json_object_set_new(record, "of_nobody", json_integer(1));
  refused(record, "of_nobody: the samples were taken for a record without it");
  json_object_del(record, "of_nobody");
  json_object_del(record, "failures");
  refused(record, "failures: the samples were taken for a record that has it");
}

/* --- samples that are not all --------------------------------------------------------------------
 */

/* Takes round r out of the samples and of the record. */
static void drop_round(json_t *record, struct l4r_bundle *samples, size_t r) {
  struct l4r_array *start = array_of(samples, "round_start");
  const int64_t from = start->value[r], to = start->value[r + 1];
  static const char *const names[] = {"ns", "served", "request"};
  for (int n = 0; n < 3; n++) {
    struct l4r_array *array = array_of(samples, names[n]);
    memmove(array->value + from, array->value + to,
            (size_t)(array->count - to) * sizeof *array->value);
    array->count -= to - from;
  }
  for (int64_t s = (int64_t)r; s + 1 < start->count; s++)
    start->value[s] = start->value[s + 1] - (to - from);
  start->count--;
  if (r == 0) start->value[0] = 0;
  json_array_remove(json_object_get(record, "rounds"), r);
}

Test(cheats, a_round_that_is_left_out_is_missed) {
  json_t *records = honest(), *short_of_one = json_deep_copy(json_array_get(records, 0));
  json_array_remove(json_object_get(short_of_one, "rounds"), 1);
  refused(short_of_one, ".jsonl:1: samples: the record has 2 rounds, its samples have 3");
  for (size_t r = 0; r < 3; r++) {
    json_t *record = json_deep_copy(json_array_get(records, 0));
    struct l4r_bundle samples = {0};
    char evidence[64];
    open_samples(record, json_object_get(record, "samples"), &samples);
    drop_round(record, &samples, r);
    forge(record, &samples);
    snprintf(evidence, sizeof evidence, "rounds: round %zu of 3 is left out", r);
    refused(record, evidence);
    /* Among the failures it may be; there everybody sees it. */
    json_object_set_new(record, "failures",
                        json_pack("[{s:i, s:s}]", "round", (int)r, "reason", "slow"));
    forge(record, &samples);
    OK(l4r_record_seal(record));
    OK(test_record_admit(&door, record));
    json_object_set_new(record, "failures", json_array()); /* a failure that is left out */
    forge(record, &samples);
    refused(record, evidence);
    json_decref(record);
    l4r_bundle_free(&samples);
  }
}

Test(cheats, minimum_count_and_time_and_the_sample_hold) {
  json_t *record = json_array_get(honest(), 0);
  static const struct {
    const char *key, *evidence;
  } edits[] = {{"min_count", "rounds[0]: served "},
               {"min_seconds", "rounds[0]: lasted "},
               {"users", "settings.users: the samples are of 40 users"}};
  for (size_t e = 0; e < sizeof edits / sizeof *edits; e++) {
    json_t *edited = json_deep_copy(record);
    struct l4r_bundle samples = {0};
    json_object_set_new(json_object_get(edited, "settings"), edits[e].key, json_integer(1 << 20));
    open_samples(edited, json_object_get(edited, "samples"), &samples);
    forge(edited, &samples);
    /* The ranks' binding speaks too; the figure is what is asked for here. */
    OK(l4r_record_seal(edited));
    cr_assert_eq(test_record_admit(&door, edited), L4R_INPUT);
    struct l4r_bundle ranks = {0};
    open_samples(edited, json_object_get(json_object_get(edited, "accuracy"), "samples"), &ranks);
    forge_ranks(edited, &ranks);
    refused(edited, edits[e].evidence);
    l4r_bundle_free(&samples);
    l4r_bundle_free(&ranks);
    json_decref(edited);
  }
}

Test(cheats, calls_left_out_or_without_time_are_missed) {
  json_t *records = honest();
  for (int cheat = 0; cheat < 4; cheat++) {
    json_t *record = json_deep_copy(json_array_get(records, 0));
    struct l4r_bundle samples = {0};
    open_samples(record, json_object_get(record, "samples"), &samples);
    const json_int_t users = json_integer_value(json_object_get(samples.meta, "distinct_users"));
    char evidence[64]; /* more users than calls, on a busy machine, would not be read at all */
    snprintf(evidence, sizeof evidence, "settings.users: the samples are of %d users",
             (int)users + 1);
    if (cheat == 0) { /* the last call, say the slowest */
      array_of(&samples, "ns")->count--;
      array_of(&samples, "served")->count--;
      array_of(&samples, "request")->count--;
      array_of(&samples, "round_start")->value[3]--;
    } else if (cheat == 2) { /* fewer users than there seem to be: narrower intervals */
      json_object_set_new(samples.meta, "distinct_users", json_integer(users + 1));
    }
    forge(record, &samples);
    if (cheat & 1) { /* nothing follows from such samples; bound to the record they are */
      struct l4r_array *ns = array_of(&samples, "ns");
      if (cheat == 1)
        ns->value[0] = -5;
      else /* more users than calls, however many a fast machine makes */
        json_object_set_new(samples.meta, "distinct_users", json_integer(ns->count + 1));
      OK(l4r_bind(record, L4R_BOUND_TIMES, samples.meta));
      json_object_set_new(record, "samples", store_samples(&samples));
    }
    refused(record, cheat == 0   ? "rounds[2]: served "
                    : cheat == 1 ? "no run measures (call 1 of round 1)"
                    : cheat == 2 ? evidence
                                 : "samples whose rounds do not fit their calls");
    l4r_bundle_free(&samples);
    json_decref(record);
  }
}

Test(cheats, users_are_all_of_the_data_set_and_each_once) {
  static const char *const evidence[] = {
      "accuracy.samples: the ranks do not say which users they are of",
      "accuracy.samples: user 0 at place 1 is not of the data set's 400, or not in ascending order",
      "accuracy.samples: user 1048576 at place",
      "accuracy.samples: a rank of 1048576 among 80 items",
      "accuracy.samples: the ranks are not of the users whom the data set names"};
  json_t *records = honest();
  for (int cheat = 0; cheat < 5; cheat++) {
    json_t *record = json_deep_copy(json_array_get(records, 0));
    struct l4r_bundle ranks = {0};
    open_samples(record, json_object_get(json_object_get(record, "accuracy"), "samples"), &ranks);
    struct l4r_array *user = array_of(&ranks, "user");
    const int64_t users = user->count;
    if (cheat == 0) user->count = 0;
    if (cheat == 1) user->value[1] = user->value[0];
    if (cheat == 2) user->value[users - 1] = 1 << 20;
    if (cheat == 3) array_of(&ranks, "keep")->value[3] = 1 << 20;
    for (int a = 0; cheat == 4 && a < ranks.arrays; a++) /* one whom the engine served badly */
      if (ranks.array[a].count == users) ranks.array[a].count--;
    forge_ranks(record, &ranks);
    refused(record, evidence[cheat]);
    l4r_bundle_free(&ranks);
    json_decref(record);
  }
}

/* Times belong to people, by user and history: another's fast calls do not pass as one's own. */
Test(cheats, everybody_who_is_timed_is_there_once_and_has_a_rank) {
  static const char *const evidence[] = {
      "is at two places of the sample", "user 1000001 was timed and has no rank",
      "samples: do not say whom each of the 40 places of the sample is of"};
  json_t *records = honest();
  for (int cheat = 0; cheat < 3; cheat++) {
    json_t *record = json_deep_copy(json_array_get(records, 0));
    struct l4r_bundle samples = {0};
    open_samples(record, json_object_get(record, "samples"), &samples);
    struct l4r_array *user = array_of(&samples, "sample_user");
    cr_assert_eq(user->count, 40);
    cr_assert_eq(array_of(&samples, "sample_history")->count, 40);
    if (cheat == 0) user->value[1] = user->value[7];
    if (cheat == 1) user->value[3] = 1000000;
    if (cheat == 2) user->count--;
    forge(record, &samples);
    refused(record, evidence[cheat]);
    l4r_bundle_free(&samples);
    json_decref(record);
  }
}

Test(cheats, one_user_asked_for_in_place_of_another_is_missed) {
  json_t *record = json_array_get(honest(), 0);
  struct l4r_bundle samples = {0};
  open_samples(record, json_object_get(record, "samples"), &samples);
  struct l4r_array *request = array_of(&samples, "request");
  for (int64_t i = 0; i < request->count; i++)
    if (request->value[i] == 7) request->value[i] = 3;
  forge(record, &samples);
  refused(record, "times for place 4 of the sample, not ");
  l4r_bundle_free(&samples);
}

Test(cheats, a_record_without_its_samples_is_marked) {
  json_t *record = json_array_get(honest(), 0);
  json_t *name = json_incref(json_object_get(record, "samples"));
  json_object_del(record, "samples");
  OK(l4r_record_seal(record));
  OK(test_record_admit(&door, record));
  cr_assert_eq(l4r_checked_of(test_record_of(record)), L4R_CHECKED_MISSING);
  struct l4r_door strict = {.need_samples = 1};
  FAILS(test_record_admit(&strict, record), L4R_INPUT, "samples: names no file of samples");
  l4r_door_close(&strict);
  json_object_set_new(record, "samples", name);
  json_object_set_new(json_object_get(record, "accuracy"), "tie_share", json_real(.5));
  json_object_del(record, "samples"); /* the ranks are there still, and are asked */
  refused(record, "accuracy.tie_share: the record says 0.5");
}
