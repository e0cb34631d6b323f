/* SPDX-License-Identifier: BSD-3-Clause */
/* bench/deps.sh beside programs that stand in for Debian's: what is installed, what is said, and
 * what root is told to run. */
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A folder of programs in which nothing is installed, and apt-get notes what it was asked for. */
static void program(const char *name, const char *body) {
  char text[1024];
  snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
  cr_assert_eq(chmod(test_file(name, text), 0755), 0);
}

static void begin(const char *installed, const char *known, const char *apt_get) {
  char body[512];
  cr_assert_eq(mkdir(test_path("bin"), 0777), 0);
  snprintf(body, sizeof body,
           "for last; do :; done; case ' %s ' in *\" $last \"*) echo 'install ok installed';; "
           "*) exit 1;; esac",
           installed);
  program("bin/dpkg-query", body);
  snprintf(body, sizeof body,
           "case ' %s ' in *\" $2 \"*) echo '  Candidate: 1.0';; *) echo '  Candidate: (none)';; "
           "esac",
           known);
  program("bin/apt-cache", body);
  program("bin/dpkg", "echo riscv64");
  snprintf(body, sizeof body, "echo \"$@\" >>'%s'; %s", test_path("asked"), apt_get);
  program("bin/apt-get", body);
  test_file("asked", "");
}

static const char *said;
static int deps(const char *sudo, const char *words) {
  return test_shell(&said, "PATH='%s':/usr/bin:/bin SUDO='%s' sh bench/deps.sh %s 2>&1",
                    test_path("bin"), sudo, words);
}
static void says(const char *text) {
  cr_expect_not_null(strstr(said, text), "'%s' is not in: %s", text, said);
}

Test(deps, what_is_there_needs_no_rights) {
  begin("one two", "", "exit 1");
  cr_expect_eq(deps("no-such-sudo", "'one two|three' two"), 0, "%s", said);
  cr_expect_str_eq(said, "");
  cr_expect_str_eq(test_read("asked"), "");
}

Test(deps, the_first_name_that_the_release_has_is_installed) {
  begin("one", "new four", "");
  cr_expect_eq(deps("", "'one old|new four'"), 0, "%s", said);
  says("installing: new four");
  cr_expect_not_null(strstr(test_read("asked"), "--no-install-recommends new four\n"), "%s",
                     test_read("asked"));
}

Test(deps, what_no_release_has_is_named_and_nothing_is_installed) {
  begin("one", "four", "");
  cr_expect_eq(deps("", "'four old|new'"), 4, "%s", said);
  says("has no package old or new for riscv64");
  cr_expect_null(strstr(test_read("asked"), "install"));
}

Test(deps, what_is_optional_is_left_out_with_a_word) {
  begin("one", "", "");
  cr_expect_eq(deps("", "one papi"), 0, "%s", said);
  says("left out");
  says("has no papi for riscv64");
  cr_expect_eq(deps("no-such-sudo", "one papi"), 0, "no reason to stop: %s", said);
}

Test(deps, optional_packages_that_the_release_has_are_installed_too) {
  begin("", "one papi", "");
  cr_expect_eq(deps("", "one papi"), 0, "%s", said);
  says("installing: one papi");
}

Test(deps, without_sudo_it_says_what_root_must_run) {
  begin("", "one two", "");
  cr_expect_eq(deps("no-such-sudo", "'one two'"), 4, "%s", said);
  says("there is no no-such-sudo here");
  says("As root: apt-get update && apt-get install --no-install-recommends one two");
  cr_expect_str_eq(test_read("asked"), "");
  program("bin/refusing-sudo", "echo 'sorry, you may not run this' >&2; exit 1");
  cr_expect_eq(deps("refusing-sudo", "'one two'"), 4, "%s", said);
  says("sorry, you may not run this");
  says("As root: apt-get update");
}

/* apt's own words are the reason; they are not hidden. */
Test(deps, a_full_disk_is_shown) {
  begin("", "one",
        "[ $1 = update ] || { echo 'Reading package lists...'; echo 'E: You do not have enough "
        "free space in /var/cache/apt/archives/.' >&2; exit 100; }");
  cr_expect_eq(deps("", "one"), 4, "%s", said);
  says("enough free space in /var/cache/apt/archives/.");
  says("could not install: one");
}

Test(deps, lists_that_cannot_be_fetched_are_the_reason) {
  begin("", "", "echo 'E: Could not resolve host' >&2; exit 100");
  cr_expect_eq(deps("", "one"), 4, "%s", said);
  says("Could not resolve host");
  says("lists of packages could not be fetched");
}

Test(deps, another_system_is_told_the_names) {
  cr_assert_eq(mkdir(test_path("bin"), 0777), 0);
  const int code = test_shell(&said,
                              "for p in sh cat tr sed; do ln -s $(command -v $p) '%s'/$p; done; "
                              "PATH='%s' sh bench/deps.sh 'gcc zlib1g-dev' papi 2>&1",
                              test_path("bin"), test_path("bin"));
  cr_expect_eq(code, 0, "%s", said);
  says("no Debian or Ubuntu");
  says("gcc zlib1g-dev papi");
}
