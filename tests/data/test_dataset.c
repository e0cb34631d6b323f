/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/hash.h"
#include "impl/data/dataset.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "impl/base/error.h"
#include "impl/data/dataset_write.h"
#include "tests/support/files.h"

enum { ALL = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT };

static const int64_t starts[] = {0, 5, 8, 12};
static const l4r_item items[] = {1, 2, 3, 4, 5, 2, 4, 1, 5, 4, 3, 2};
static const int64_t times[] = {10, 10, 20, 30, 40, 1, 2, 3, 7, 7, 7, 9};
static const struct l4r_item_text texts[] = {
    {"", "", "", ""},       {"11", "One", "", "A, B"},   {"12", "Two \xc3\xa9", "b", ""},
    {"13", "", NULL, NULL}, {"14", "Four", "", "A > C"}, {"15", "Five", "", ""},
};

static struct l4r_dataset_source source(void) {
  return (struct l4r_dataset_source){.name = "five",
                                     .source = "test",
                                     .tie = "item",
                                     .filters = "kcore=2",
                                     .users = 3,
                                     .items = 5,
                                     .start = starts,
                                     .item = items,
                                     .time = times,
                                     .text = texts};
}

static const char *written(void) {
  const struct l4r_dataset_source s = source();
  cr_assert_eq(l4r_dataset_write(test_path("d"), &s), 0, "%s", l4r_error_message());
  return test_path("d");
}

static void expect_failure(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d, message: %s", status, l4r_error_message());
  cr_assert(strstr(l4r_error_message(), part), "'%s' is not in: %s", part, l4r_error_message());
}

Test(dataset, files_hold_the_split) {
  written();
  cr_assert_str_eq(test_read("d/train.txt"), "1 1 2 3\n2 2\n3 5 4\n");
  cr_assert_str_eq(test_read("d/validation.txt"), "1 4\n2 4\n3 3\n");
  cr_assert_str_eq(test_read("d/test.txt"), "1 5\n2 1\n3 2\n");
  cr_assert_str_eq(test_read("d/times.txt"), "1 10 10 20 30 40\n2 1 2 3\n3 7 7 7 9\n");
  cr_assert_str_eq(
      test_read("d/items.tsv"),
      "item\tsource_id\ttitle\tbrand\tcategories\n1\t11\tOne\t\tA, B\n"
      "2\t12\tTwo \xc3\xa9\tb\t\n3\t13\t\t\t\n4\t14\tFour\t\tA > C\n5\t15\tFive\t\t\n");
  cr_assert_eq(test_entries("d"), 6);
}

Test(dataset, opening_gives_back_what_was_written) {
  struct l4r_dataset *d;
  cr_assert_eq(l4r_dataset_open(written(), ALL, &d), 0, "%s", l4r_error_message());
  cr_assert_eq(d->users, 3);
  cr_assert_eq(d->items, 5);
  cr_assert_eq(d->interactions, 12);
  const int64_t start[] = {0, 3, 4, 6}, count[] = {0, 1, 2, 1, 1, 1};
  const l4r_item train[] = {1, 2, 3, 2, 5, 4}, validation[] = {4, 4, 3}, test[] = {5, 1, 2};
  cr_assert_arr_eq(d->train_start, start, sizeof start);
  cr_assert_arr_eq(d->train_item, train, sizeof train);
  cr_assert_arr_eq(d->train_count, count, sizeof count);
  cr_assert_arr_eq(d->validation, validation, sizeof validation);
  cr_assert_arr_eq(d->test, test, sizeof test);
  cr_assert_str_eq(d->text[2].title, "Two \xc3\xa9");
  cr_assert_str_eq(d->text[2].brand, "b");
  cr_assert_str_eq(d->text[3].title, "");
  cr_assert_str_eq(d->text[4].categories, "A > C");
  cr_assert_str_eq(d->text[5].source_id, "15");
  cr_assert_str_eq(d->name, "five");
  cr_assert_str_eq(d->tie, "item");
  cr_assert_str_eq(d->split, "leave-one-out");
  cr_assert_str_eq(d->filters, "kcore=2");
  cr_assert_eq(strlen(d->sha256), 64);
  char hash[65];
  cr_assert_eq(l4r_sha256_file(test_path("d/items.tsv"), hash), 0);
  cr_assert_str_eq(d->items_sha256, hash);
  l4r_dataset_close(d);
}

Test(dataset, parts_not_asked_for_are_neither_there_nor_read) {
  written();
  cr_assert_eq(unlink(test_path("d/test.txt")), 0);
  struct l4r_dataset *d;
  const unsigned parts = L4R_PART_TRAIN | L4R_PART_VALIDATION;
  cr_assert_eq(l4r_dataset_open(test_path("d"), parts, &d), 0, "%s", l4r_error_message());
  cr_assert_null(d->test);
  cr_assert_null(d->text);
  l4r_dataset_close(d);
  expect_failure(l4r_dataset_open(test_path("d"), L4R_PART_TEST, &d), L4R_INPUT, "test.txt");
}

Test(dataset, history_is_the_newest_part_oldest_first) {
  struct l4r_dataset *d;
  cr_assert_eq(l4r_dataset_open(written(), L4R_PART_TRAIN | L4R_PART_VALIDATION, &d), 0);
  l4r_item out[8];
  cr_assert_eq(l4r_dataset_longest(d), 4);
  cr_assert_eq(l4r_dataset_history(d, 0, 0, out, 8), 3);
  cr_assert_arr_eq(out, ((l4r_item[]){1, 2, 3}), 3 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 8), 4);
  cr_assert_arr_eq(out, ((l4r_item[]){1, 2, 3, 4}), 4 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 2), 2);
  cr_assert_arr_eq(out, ((l4r_item[]){3, 4}), 2 * sizeof *out);
  cr_assert_eq(l4r_dataset_history(d, 2, 0, out, 1), 1);
  cr_assert_eq(out[0], 4);
  cr_assert_eq(l4r_dataset_history(d, 0, 1, out, 0), 0);
  l4r_dataset_close(d);
}

Test(dataset, identity_depends_on_the_files_alone) {
  struct l4r_dataset_source a = source(), b = source();
  struct l4r_dataset *d[3];
  l4r_item other[12];
  memcpy(other, items, sizeof other);
  other[0] = 5;
  b.name = "another name";
  cr_assert_eq(l4r_dataset_write(test_path("a"), &a), 0);
  cr_assert_eq(l4r_dataset_write(test_path("b"), &b), 0);
  b.item = other;
  cr_assert_eq(l4r_dataset_write(test_path("c"), &b), 0);
  for (int i = 0; i < 3; i++)
    cr_assert_eq(l4r_dataset_open(test_path((const char *[]){"a", "b", "c"}[i]), 0, &d[i]), 0);
  cr_assert_str_eq(d[0]->sha256, d[1]->sha256);
  cr_assert_str_neq(d[0]->sha256, d[2]->sha256);
  for (int i = 0; i < 3; i++) l4r_dataset_close(d[i]);
}

Test(dataset, a_new_data_set_without_times_takes_the_old_times_away) {
  struct l4r_dataset_source s = source();
  written();
  s.time = NULL;
  cr_assert_eq(l4r_dataset_write(test_path("d"), &s), 0);
  cr_assert_neq(access(test_path("d/times.txt"), F_OK), 0);
  cr_assert_eq(test_entries("d"), 5);
}

/* --- bad folders ---------------------------------------------------------------------------------
 */

static const char *const parts_on_disk[] = {"train.txt", "validation.txt", "test.txt", "items.tsv"};

Test(dataset, a_changed_file_is_refused) {
  for (int i = 0; i < 4; i++) {
    char name[64];
    written();
    snprintf(name, sizeof name, "d/%s", parts_on_disk[i]);
    char *content = test_read(name);
    content[strlen(content) - 2] ^= 1;
    test_file(name, content);
    struct l4r_dataset *d;
    expect_failure(l4r_dataset_open(test_path("d"), ALL, &d), L4R_INPUT, name);
    cr_assert(strstr(l4r_error_message(), "SHA-256"), "%s", l4r_error_message());
  }
}

/* Writes a file of the folder and the hashes that go with it, so that its content is judged. */
static void forge(const char *name, const char *content) {
  char path[64], hash[65], list[1024] = "", identity[65], json[4096], *at;
  written();
  snprintf(path, sizeof path, "d/%s", name);
  test_file(path, content);
  char files[1024] = "";
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "d/%s", parts_on_disk[i]);
    cr_assert_eq(l4r_sha256_file(test_path(path), hash), 0);
    at = list + strlen(list);
    sprintf(at, "%s %s\n", parts_on_disk[i], hash);
    at = files + strlen(files);
    sprintf(at, "%s\"%s\": \"%s\"", i ? ", " : "", parts_on_disk[i], hash);
  }
  l4r_sha256(list, strlen(list), identity);
  snprintf(json, sizeof json,
           "{\"schema\": 1, \"name\": \"f\", \"tie\": \"item\", \"split\": \"leave-one-out\", "
           "\"filters\": \"\", \"users\": 3, \"items\": 5, \"interactions\": 12, \"files\": {%s}, "
           "\"sha256\": \"%s\"}",
           files, identity);
  test_file("d/dataset.json", json);
}

static const struct {
  const char *name, *content, *message;
} forged[] = {
    {"train.txt", "1 1 2 3\n2 2\n3 5 6\n", "train.txt:3: item id 6 is not among 1 to 5"},
    {"train.txt", "1 1 2 3\n2 0\n3 5 4\n", "train.txt:2: item id 0 is not among"},
    {"train.txt", "1 1 2 3\n2 99999999999999999999\n3 5 4\n", "train.txt:2: item id"},
    {"train.txt", "1 1 2 x\n2 2\n3 5 4\n", "train.txt:1: an item id is not a whole number"},
    {"train.txt", "1 1 -2 3\n2 2\n3 5 4\n", "train.txt:1: an item id is not a whole number"},
    {"train.txt", "1 1 2 3\n3 2\n2 5 4\n", "train.txt:2: user 3 stands here"},
    {"train.txt", "1 1 2 3 5\n2\n3 5 4\n", "train.txt:2: the user has no item"},
    {"train.txt", "1 1 2 3\n2 2\n", "train.txt:2: the file ends here"},
    {"train.txt", "1 1 2\n2 2\n3 5 4\n", "holds 5 interactions, but dataset.json states 6"},
    {"train.txt", "1 1 2 3\n2 2\n3 5 4 1\n", "train.txt:3: more interactions"},
    {"validation.txt", "1 4\n2 4 4\n3 3\n", "validation.txt:2: a line must hold one user"},
    {"validation.txt", "1 4\n2\n3 3\n", "validation.txt:2: a line must hold one user"},
    {"test.txt", "1 5\n2 1\n3 7\n", "test.txt:3: item id 7"},
    {"test.txt", "1 5\n2 1\n3 2\n4 2\n", "test.txt:4: user 4 stands here"},
    {"test.txt", "1 5\n\n3 2\n", "test.txt:2: no user id"},
    {"items.tsv", "item\ttitle\n", "items.tsv:1: the header"},
    {"items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n1\t1\ta\tb\n",
     "items.tsv:2: an item"},
    {"items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n2\t1\ta\tb\tc\n",
     "items.tsv:2: item"},
    {"items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n1\t1\ta\xff\tb\tc\n",
     "items.tsv:2: byte 6 of the line is not UTF-8"},
    {"items.tsv", "item\tsource_id\ttitle\tbrand\tcategories\n1\t1\ta\tb\tc\n", "items.tsv:2: the"},
};

Test(dataset, wrong_content_is_refused_with_file_and_line) {
  for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
    struct l4r_dataset *d;
    forge(forged[i].name, forged[i].content);
    expect_failure(l4r_dataset_open(test_path("d"), ALL, &d), L4R_INPUT, forged[i].message);
  }
}

/* dataset.json's own hash does not cover its counts; they must be refused by the files' sizes, not
 * by a failed allocation of gigabytes. */
Test(dataset, counts_beyond_the_files_are_refused_before_memory_is_taken) {
  static const struct {
    const char *key, *file;
    long long value;
  } lie[] = {{"users", "train.txt", 300000000},
             {"items", "items.tsv", 900000000},
             {"interactions", "train.txt", 4000000000000}};
  char *stated = NULL;
  written();
  stated = test_read("d/dataset.json");
  for (size_t i = 0; i < sizeof lie / sizeof *lie; i++) {
    json_t *root = json_loads(stated, 0, NULL);
    cr_assert_not_null(root);
    json_object_set_new(root, lie[i].key, json_integer(lie[i].value));
    if (!strcmp(lie[i].key, "users"))
      json_object_set_new(root, "interactions", json_integer(3 * lie[i].value));
    cr_assert_eq(json_dump_file(root, test_path("d/dataset.json"), 0), 0);
    json_decref(root);
    struct l4r_dataset *dataset;
    expect_failure(l4r_dataset_open(test_path("d"), ALL, &dataset), L4R_INPUT, "are too few");
    cr_assert_not_null(strstr(l4r_error_message(), lie[i].file), "%s", l4r_error_message());
  }
}

Test(dataset, empty_files_and_nul_bytes_are_refused) {
  struct l4r_dataset *d;
  written();
  test_file("d/train.txt", "");
  expect_failure(l4r_dataset_open(test_path("d"), ALL, &d), L4R_INPUT,
                 "train.txt: the file is empty");
  test_bytes("d/train.txt", "1 1 2\n2\0 3\n", 11);
  expect_failure(l4r_dataset_open(test_path("d"), ALL, &d), L4R_INPUT, "train.txt:2: a NUL byte");
}

static const struct {
  const char *json, *message;
} descriptions[] = {
    {"{\"schema\": 1,\n \"name\": }", "dataset.json:2:"},
    {"{\"schema\": 2}", "field \"schema\""},
    {"{\"schema\": 1, \"name\": 7}", "field \"name\""},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"leave-one-out\", "
     "\"filters\": \"\", "
     "\"users\": 0}",
     "field \"users\""},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"leave-one-out\", "
     "\"filters\": \"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 8}",
     "field \"interactions\""},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"leave-one-out\", "
     "\"filters\": \"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 9, \"files\": {}}",
     "no SHA-256 for train.txt"},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"thirds\", \"filters\": "
     "\"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 9, \"files\": {}}",
     "field \"split\" is 'thirds'"},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"time\", \"filters\": \"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 9, \"files\": {}}",
     "field \"cut\""},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"time\", \"filters\": \"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 9, \"cut\": [5, 4], \"parts\": [4, 3, 2]}",
     "\"cut\" and \"parts\""},
    {"{\"schema\": 1, \"name\": \"n\", \"tie\": \"item\", \"split\": \"time\", \"filters\": \"\", "
     "\"users\": 3, \"items\": 5, \"interactions\": 9, \"cut\": [4, 5], \"parts\": [4, 3, 3]}",
     "\"cut\" and \"parts\""},
};

Test(dataset, wrong_descriptions_are_refused) {
  struct l4r_dataset *d;
  written();
  for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++) {
    test_file("d/dataset.json", descriptions[i].json);
    expect_failure(l4r_dataset_open(test_path("d"), 0, &d), L4R_INPUT, descriptions[i].message);
  }
  expect_failure(l4r_dataset_open(test_path("nowhere"), 0, &d), L4R_INPUT,
                 "is not a data set folder");
}

/* --- the writer ----------------------------------------------------------------------------------
 */

Test(dataset, writer_refuses_what_no_reader_would_take) {
  struct l4r_dataset_source s = source();
  const int64_t short_start[] = {0, 5, 7, 12};
  l4r_item bad_item[12];
  int64_t bad_time[12];
  struct l4r_item_text bad_text[6];
  s.start = short_start;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "user 2 has 2 interactions");
  s = source();
  memcpy(bad_item, items, sizeof bad_item);
  bad_item[6] = 6;
  s.item = bad_item;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "user 2: item id 6");
  s = source();
  memcpy(bad_time, times, sizeof bad_time);
  bad_time[11] = 6;
  s.time = bad_time;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "user 3: time 6");
  s = source();
  memcpy(bad_text, texts, sizeof bad_text);
  bad_text[4].title = "a\tb";
  s.text = bad_text;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "item 4: its title holds a tab");
  bad_text[4].title = "a\xe9";
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "item 4: byte 2 of its title");
  s = source();
  s.users = 0;
  expect_failure(l4r_dataset_write(test_path("w"), &s), L4R_INPUT, "at least one user");
  cr_assert_eq(test_entries("w"), -1, "a folder was left behind");
}

/* A full disk, as far as a test without rights can make one: no file may pass 8 bytes. */
static void limit_file_size(rlim_t bytes) {
  const struct rlimit limit = {bytes, RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(dataset, full_disk_leaves_nothing_new) {
  const struct l4r_dataset_source s = source();
  limit_file_size(8);
  const int status = l4r_dataset_write(test_path("deep/er/d"), &s);
  limit_file_size(RLIM_INFINITY);
  expect_failure(status, L4R_ENVIRONMENT, "train.txt");
  cr_assert_eq(test_entries("deep"), -1, "a folder was left behind");
}

/* A disk that is really full: a file system of three pages, in a mount namespace of this process.
 */
Test(dataset, full_file_system_leaves_nothing_new) {
  const struct l4r_dataset_source s = source();
  cr_assert_eq(mkdir(test_path("disk"), 0777), 0);
  if (unshare(CLONE_NEWNS) || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) ||
      mount("none", test_path("disk"), "tmpfs", 0, "size=12k,nr_inodes=99"))
    cr_skip_test("mounting a small file system needs rights that this process lacks");
  const int status = l4r_dataset_write(test_path("disk/d"), &s);
  const int left = test_entries("disk");
  char message[2048];
  snprintf(message, sizeof message, "%s", l4r_error_message());
  umount(test_path("disk"));
  cr_assert_eq(status, L4R_ENVIRONMENT, "status %d: %s", status, message);
  cr_assert(strstr(message, "No space left"), "%s", message);
  cr_assert_eq(left, 0, "%d entries were left behind", left);
}

Test(dataset, full_disk_keeps_the_old_data_set) {
  struct l4r_dataset_source s = source();
  written();
  l4r_item other[12];
  memcpy(other, items, sizeof other);
  other[0] = 5;
  s.item = other;
  s.time = NULL;
  limit_file_size(200); /* dataset.json is longer, the other files are not */
  const int status = l4r_dataset_write(test_path("d"), &s);
  limit_file_size(RLIM_INFINITY);
  expect_failure(status, L4R_ENVIRONMENT, "dataset.json");
  cr_assert_eq(test_entries("d"), 6);
  cr_assert_str_eq(test_read("d/train.txt"), "1 1 2 3\n2 2\n3 5 4\n");
  struct l4r_dataset *d;
  cr_assert_eq(l4r_dataset_open(test_path("d"), ALL, &d), 0, "%s", l4r_error_message());
  l4r_dataset_close(d);
}

Test(dataset, a_folder_that_cannot_be_made_is_an_environment_error) {
  const struct l4r_dataset_source s = source();
  test_file("plain", "x");
  expect_failure(l4r_dataset_write(test_path("plain/d"), &s), L4R_ENVIRONMENT, "plain");
  cr_assert_str_eq(test_read("plain"), "x");
}
