/* SPDX-License-Identifier: BSD-3-Clause */
/* The Makefile as those who build and package meet it: what flags do, where files go. */
#include "tests/support/files.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *said;

/* make, apart from the one that runs the tests: its own flags and settings are not inherited. */
static int make(const char *before, const char *words) {
  return test_shell(&said,
                    "unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CC CXX AR CFLAGS CXXFLAGS "
                    "CPPFLAGS LDFLAGS LDLIBS OPT BUILD PROGRAM SANITIZE WERROR FUZZ PAPI; "
                    "%s make %s V=1 2>&1",
                    before, words);
}
static void says(const char *text) {
  cr_expect_not_null(strstr(said, text), "'%s' is not in: %.2000s", text, said);
}
static void lacks(const char *text) {
  cr_expect_null(strstr(said, text), "'%s' is in: %.2000s", text, said);
}
static void place(const char *a, const char *b) {
  const char *line = strstr(said, "gcc -I. "); /* the first command that compiles */
  const char *first = strstr(line ? line : said, a), *second = strstr(line ? line : said, b);
  cr_expect(first && second && first < second, "'%s' before '%s' is not in: %.2000s", a, b, said);
}

enum { ROOM = 4096 };
static char object[ROOM], words[2 * ROOM + 256];

/* One small object, in a folder of the test's own. */
static void compile(const char *before, const char *flags, int want) {
  snprintf(object, sizeof object, "%s/impl/base/hash.o", test_path("b"));
  snprintf(words, sizeof words, "BUILD=%s %s %s", test_path("b"), object, flags);
  cr_assert_eq(make(before, words), want, "%s", said);
}

Test(make, flags_of_the_user_are_added_to_what_the_code_needs) {
  compile("", "-n CFLAGS=-O3", 0);
  says("-std=c11");
  says("-Wall");
  says("-D_GNU_SOURCE");
  place("-O2", "-O3"); /* the later one counts */
  compile("", "-n CFLAGS=-std=gnu17", 0);
  place("-std=gnu17", "-std=c11");
  compile("", "-n CPPFLAGS=-DX", 0);
  says(" -DX ");
  place(" -I. ", " -DX ");
  compile("CPPFLAGS=-DX CFLAGS=-O1 ", "-n", 0); /* as Debian's tools give them */
  place(" -I. ", " -DX ");
  place("-O1", "-std=c11");
  compile("", "-n OPT=-O3", 0);
  lacks("-O2");
  cr_assert_eq(
      make("", "-n -W bench/lite4rec.c PROGRAM=nowhere/x LDFLAGS=-Wl,--as-needed LDLIBS=-lmine"),
      0);
  says("-Wl,--as-needed");
  place("-lhwloc", "-lmine");
}

Test(make, hardening_is_on_but_where_it_would_harm_or_the_user_decides) {
  compile("", "-n", 0);
  says("-D_FORTIFY_SOURCE=2");
  says("-fstack-protector-strong");
  compile("", "-n CPPFLAGS=-D_FORTIFY_SOURCE=3", 0);
  lacks("_FORTIFY_SOURCE=2");
  compile("", "-n OPT=-O0", 0);
  lacks("_FORTIFY_SOURCE");
  compile("", "-n SANITIZE=-fsanitize=address", 0);
  lacks("_FORTIFY_SOURCE");
  lacks("-fstack-protector");
}

static struct timespec made(void) {
  struct stat info;
  cr_assert_eq(stat(object, &info), 0, "%s", object);
  return info.st_mtim;
}
static int same(struct timespec a, struct timespec b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

Test(make, other_flags_or_another_compiler_make_it_anew_and_the_same_ones_do_not) {
  compile("", "CPPFLAGS=\"-DX='a b'\"", 0);
  const struct timespec first = made();
  compile("", "CPPFLAGS=\"-DX='a b'\"", 0);
  cr_expect(same(first, made()), "the same flags");
  compile("", "CPPFLAGS=\"-DX='a c'\"", 0);
  const struct timespec second = made();
  cr_expect(!same(first, second), "other flags");
  compile("", "CFLAGS=-O1", 0);
  cr_expect(!same(second, made()), "other flags");
  const struct timespec third = made();
  const char *other = test_file(
      "other-cc", "#!/bin/sh\n[ \"$1\" != --version ] || exec echo other 1.0\nexec gcc \"$@\"\n");
  cr_assert_eq(chmod(other, 0755), 0);
  snprintf(words, sizeof words, "CFLAGS=-O1 CC=%s", other);
  char copy[sizeof words];
  strcpy(copy, words);
  compile("", copy, 0);
  cr_expect(!same(third, made()), "another compiler");
}

Test(make, a_compiler_that_lacks_the_kernels_is_named_before_anything_is_compiled) {
  const char *old = test_file("old-cc", "#!/bin/sh\n[ $# != 1 ] || exec gcc \"$1\"\n"
                                        "echo \"unknown target 'avx512bf16'\" >&2\nexit 1\n");
  cr_assert_eq(chmod(old, 0755), 0);
  char flags[ROOM];
  snprintf(flags, sizeof flags, "CC=%s", old);
  compile("", flags, 2);
  says("cannot compile the kernels for AVX-512");
  lacks("-MMD");
  compile("", "CC=no-such-compiler", 2);
  says("CC=no-such-compiler does not run");
}

Test(make, a_build_elsewhere_is_what_scripts_run) {
  static const struct {
    const char *target, *wants;
  } run[] = {{"demo", " DEMO=\"${DEMO:-/x/b/demo}\" "},
             {"test", "/x/b/unit-tests"},
             {"bench", "/x/b/bench"},
             {"bench-peers", "/x/b/bench-peers"},
             {"growth", "/x/b/growth"},
             {"gate", "SLOWED=/x/b/slowed"},
             {"fuzz", "/x/b/fuzz"},
             {"check", "/x/b/check-tests"},
             {"accuracy", "/x/b/accuracy"},
             {"install", "/x/b/lite4rec.1.gz"}};
  for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
    snprintf(words, sizeof words,
             "-n %s BUILD=/x/b PROGRAM=/y/l4r SUDO=true -o /y/l4r -o /x/b/slowed", run[i].target);
    cr_assert_eq(make("", words), 0, "%s", said);
    says(run[i].wants);
    if (strcmp(run[i].target, "install"))
      says("LITE4REC=/y/l4r ");
    else
      says("/y/l4r man");
    lacks(".//y");
    lacks("build/");
  }
}

Test(make, paths_that_cannot_be_are_refused_with_the_reason) {
  cr_expect_neq(make("", "-n BUILD='a b'"), 0);
  says("without spaces");
  cr_expect_neq(make("", "-n PROGRAM='/x/a b'"), 0);
  says("without spaces");
  cr_expect_neq(make("", "-n clean BUILD=."), 0);
  says("a folder of its own");
  cr_expect_neq(make("", "-n clean BUILD=/"), 0);
  says("a folder of its own");
}

Test(make, without_papi_its_file_is_left_out_and_the_reason_told) {
  cr_assert_eq(make("", "-n PAPI=0 BUILD=/x/b PROGRAM=/x/b/l4r"), 0);
  lacks("pmu_papi");
  lacks("-lpapi");
  says("-DL4R_WITHOUT_PAPI");
  says("without processor counters (PAPI=0 says so)");
  cr_assert_eq(make("", "-n deps PAPI=0"), 0);
  lacks("libpapi-dev");
  /* A compiler that does not find the header, as where the release has no such package. */
  const char *blind = test_file(
      "blind", "#!/bin/sh\ncase \" $* \" in *' -fsyntax-only '*) exit 1;; esac\nexec gcc \"$@\"\n");
  cr_assert_eq(chmod(blind, 0755), 0);
  snprintf(words, sizeof words, "-n BUILD=/x/b PROGRAM=/x/b/l4r CC=%s", blind);
  cr_assert_eq(make("", words), 0);
  lacks("-lpapi");
  says("papi.h is not there: install libpapi-dev");
}

Test(make, an_installation_is_removed_whole) {
  const char *program = test_program();
  const char *root = test_path("root");
  cr_assert_eq(mkdir(test_path("b"), 0777), 0);
  const char *library = test_file("b/liblite4rec.a", "!<arch>\n"); /* as if it were built */
  snprintf(words, sizeof words,
           "install BUILD=%s PROGRAM=%s -o %s -o %s DESTDIR=%s PREFIX=/opt/l4r", test_path("b"),
           program, program, library, root);
  cr_assert_eq(make("", words), 0, "%s", said);
  const char *files;
  cr_assert_eq(test_shell(&files, "cd '%s' && find . -type f | sort", root), 0);
  cr_expect_str_eq(files, "./opt/l4r/bin/lite4rec\n"
                          "./opt/l4r/include/lite4rec/base/error.h\n"
                          "./opt/l4r/include/lite4rec/base/team.h\n"
                          "./opt/l4r/include/lite4rec/beam/engine.h\n"
                          "./opt/l4r/include/lite4rec/data/dataset.h\n"
                          "./opt/l4r/include/lite4rec/data/item.h\n"
                          "./opt/l4r/include/lite4rec/engine.h\n"
                          "./opt/l4r/include/lite4rec/lite/lite.h\n"
                          "./opt/l4r/lib/liblite4rec.a\n"
                          "./opt/l4r/lib/pkgconfig/lite4rec.pc\n"
                          "./opt/l4r/share/bash-completion/completions/lite4rec\n"
                          "./opt/l4r/share/fish/vendor_completions.d/lite4rec.fish\n"
                          "./opt/l4r/share/lite4rec/peers/README.md\n"
                          "./opt/l4r/share/lite4rec/peers/ct2_p5.py\n"
                          "./opt/l4r/share/lite4rec/peers/example.py\n"
                          "./opt/l4r/share/lite4rec/peers/make.sh\n"
                          "./opt/l4r/share/lite4rec/peers/onnx_export.py\n"
                          "./opt/l4r/share/lite4rec/peers/onnx_lite.py\n"
                          "./opt/l4r/share/lite4rec/peers/onnx_p5.py\n"
                          "./opt/l4r/share/lite4rec/peers/onnx_peer.py\n"
                          "./opt/l4r/share/lite4rec/peers/onnx_t5.py\n"
                          "./opt/l4r/share/lite4rec/peers/openvino_int8.py\n"
                          "./opt/l4r/share/lite4rec/peers/peer.py\n"
                          "./opt/l4r/share/lite4rec/peers/torch_ran.py\n"
                          "./opt/l4r/share/lite4rec/peers/torch_t5.py\n"
                          "./opt/l4r/share/lite4rec/plots/accuracy-latency.gp\n"
                          "./opt/l4r/share/lite4rec/plots/draw.sh\n"
                          "./opt/l4r/share/lite4rec/plots/groups.awk\n"
                          "./opt/l4r/share/lite4rec/plots/growth.gp\n"
                          "./opt/l4r/share/lite4rec/plots/growth.sh\n"
                          "./opt/l4r/share/lite4rec/plots/history.gp\n"
                          "./opt/l4r/share/lite4rec/plots/history.sh\n"
                          "./opt/l4r/share/lite4rec/plots/latency.gp\n"
                          "./opt/l4r/share/lite4rec/plots/learning-curves.gp\n"
                          "./opt/l4r/share/lite4rec/plots/load.gp\n"
                          "./opt/l4r/share/lite4rec/plots/map.gp\n"
                          "./opt/l4r/share/lite4rec/plots/map.sh\n"
                          "./opt/l4r/share/lite4rec/plots/names.awk\n"
                          "./opt/l4r/share/lite4rec/plots/plots.sh\n"
                          "./opt/l4r/share/lite4rec/plots/roofline.gp\n"
                          "./opt/l4r/share/lite4rec/plots/scale.gp\n"
                          "./opt/l4r/share/lite4rec/plots/scale.sh\n"
                          "./opt/l4r/share/lite4rec/plots/style.gp\n"
                          "./opt/l4r/share/lite4rec/plots/times.gp\n"
                          "./opt/l4r/share/man/man1/lite4rec.1.gz\n"
                          "./opt/l4r/share/zsh/site-functions/_lite4rec\n");
  snprintf(words, sizeof words, "uninstall BUILD=%s DESTDIR=%s PREFIX=/opt/l4r", test_path("b"),
           root);
  cr_assert_eq(make("", words), 0, "%s", said);
  cr_assert_eq(test_shell(&files, "cd '%s' && find . -type f | sort", root), 0);
  cr_expect_str_eq(files, "");
}

/* Without git too, and nobody's data go with it. */
Test(make, a_tarball_of_a_copy_without_git_holds_its_sources_alone) {
  const char *copy = test_path("copy"), *files;
  cr_assert_eq(
      test_shell(&files,
                 "mkdir -p '%s/data' '%s/plots/out' && touch '%s/data/own' '%s/plots/out/x' && "
                 "cp -r .ci .clang-format .commit .gitattributes .gitignore LICENSE Makefile *.md "
                 "baselines bench impl '%s' && mkdir '%s/results' '%s/tests'",
                 copy, copy, copy, copy, copy, copy, copy),
      0);
  snprintf(words, sizeof words, "-C %s dist DIST=%s", copy, test_path("l4r.tar.gz"));
  cr_assert_eq(make("", words), 0, "%s", said);
  cr_assert_eq(test_shell(&files, "tar -tzf '%s'", test_path("l4r.tar.gz")), 0);
  cr_expect_not_null(strstr(files, "l4r/Makefile\n"));
  cr_expect_not_null(strstr(files, "l4r/impl/base/hash.c\n"));
  cr_expect_not_null(strstr(files, "l4r/.commit\n"));
  cr_expect_null(strstr(files, "data/own"));
  cr_expect_null(strstr(files, "plots/out"));
}
