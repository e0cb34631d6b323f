/* SPDX-License-Identifier: BSD-3-Clause */
/* Which kernels a stack takes: those that were asked for, or the fastest as measured, kept in a
 * file that may be damaged, missing, or written by several processes at once. No test depends on
 * which kernel is fast here. */
#include "impl/blis/choice.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/blis/times_file.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct l4r_products products = {
    .product = {{.rows = 5, .k = 33, .n = 40, .times = 2},
                {.rows = 1, .k = 40, .n = 700, .times = 1}},
    .count = 2};

static char last_warning[512];
static int warnings;

static void hear(void *context, const char *text) {
  (void)context;
  warnings++;
  snprintf(last_warning, sizeof last_warning, "%s", text);
}

/* A cache folder of the test's own. */
static void begin(void) {
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  l4r_on_warning(hear, NULL);
  l4r_log_quiet(1);
}

static struct l4r_choice choose(const struct l4r_stack_options *options) {
  struct l4r_choice choice;
  cr_assert_eq(l4r_choose(options, &choice), L4R_OK, "%s", l4r_error_message());
  return choice;
}

static struct l4r_choice measured(void) {
  struct l4r_choice choice = choose(&(struct l4r_stack_options){.products = &products});
  if (choice.times.count < 2) cr_skip_test("this processor has one set of instructions alone");
  return choice;
}

/* "cache/lite4rec/kernels-....txt", the only file there. */
static const char *file_of_cache(void) {
  static char name[400];
  int files = 0;
  DIR *folder = opendir(test_path("cache/lite4rec"));
  cr_assert(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "cache/lite4rec/%s", entry->d_name);
    files++;
  }
  closedir(folder);
  cr_assert_eq(files, 1);
  return name;
}

Test(choice, is_measured_once_and_remembered) {
  begin();
  const struct l4r_choice first = measured();
  cr_expect_str_eq(first.way, "measured");
  for (int i = 0; i < first.times.count; i++) cr_expect_gt(first.times.ns[i], 0);
  file_of_cache();
  for (int again = 0; again < 2; again++) {
    if (again) l4r_choice_forget(); /* then from the file */
    const struct l4r_choice later = measured();
    cr_expect_str_eq(later.way, "remembered");
    cr_expect_eq(later.gemm, first.gemm);
    cr_expect_eq(later.isa, first.isa);
    cr_expect_arr_eq(later.times.ns, first.times.ns, sizeof later.times.ns);
  }
  cr_expect_eq(warnings, 0);
}

Test(choice, a_damaged_file_is_said_and_written_anew) {
  begin();
  measured();
  const char *name = file_of_cache(), *whole = test_read(name);
  const size_t length = strlen(whole);
  for (int damage = 0; damage < 5; damage++) {
    char *bad = strdup(whole);
    if (damage == 0) bad[length / 2] ^= 1;                /* a bit */
    if (damage == 1) bad[length / 2] = 0;                 /* half of it */
    if (damage == 2) strcpy(bad, "x");                    /* nothing of it */
    if (damage == 3) strstr(bad, "took ")[5] ^= 1;        /* a digit of a time */
    if (damage == 4) memset(bad + length - 20, '\n', 20); /* the end */
    test_file(name, bad);
    free(bad);
    warnings = 0;
    l4r_choice_forget();
    cr_expect_str_eq(measured().way, "measured", "damage %d", damage);
    cr_expect_eq(warnings, 1, "damage %d: %d warnings", damage, warnings);
    cr_expect(strstr(last_warning, name) && strstr(last_warning, "kernels are measured again"),
              "%s", last_warning);
    l4r_choice_forget();
    cr_expect_str_eq(measured().way, "remembered", "damage %d", damage);
  }
}

/* A whole file that answers another question, as one copied from another machine would. */
Test(choice, another_machines_file_is_not_believed) {
  begin();
  struct l4r_choice choice = measured();
  const char *name = file_of_cache();
  char other[L4R_TIMES_KEY];
  l4r_times_key(&choice.times, &products, other);
  char *machine = strstr(other, "machine");
  machine[0] = 'M';
  l4r_times_write(other, &choice.times); /* under another name: put in the place of the first */
  DIR *folder = opendir(test_path("cache/lite4rec"));
  for (struct dirent *entry; (entry = readdir(folder));)
    if (entry->d_name[0] != '.' && !strstr(name, entry->d_name)) {
      char from[512];
      snprintf(from, sizeof from, "cache/lite4rec/%s", entry->d_name);
      char source[600];
      snprintf(source, sizeof source, "%s", test_path(from));
      cr_assert_eq(rename(source, test_path(name)), 0);
    }
  closedir(folder);
  l4r_choice_forget();
  warnings = 0;
  cr_expect_str_eq(measured().way, "measured");
  cr_expect(strstr(last_warning, "answers another question"), "%s", last_warning);
}

Test(choice, what_cannot_be_kept_is_measured_nevertheless) {
  begin();
  setenv("XDG_CACHE_HOME", "/dev/null/none", 1);
  const struct l4r_choice first = measured();
  cr_expect_str_eq(first.way, "measured");
  const struct l4r_choice later = measured();
  cr_expect_str_eq(later.way, "remembered", "one process has one answer");
  cr_expect_eq(later.gemm, first.gemm);
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  l4r_choice_forget();
  cr_expect_str_eq(measured().way, "measured");
  cr_expect_eq(warnings, 0, "%s", last_warning);
}

/* Where nothing is kept, what one process measured is handed to the next, which then measures
 * nothing. */
Test(choice, measurements_are_handed_on) {
  begin();
  setenv("XDG_CACHE_HOME", "/dev/null/none", 1);
  const struct l4r_choice first = measured();
  char *text = l4r_choices_write();
  cr_assert(text);
  l4r_choice_forget();
  cr_assert_eq(l4r_choices_read(text), L4R_OK, "%s", l4r_error_message());
  const struct l4r_choice later = measured();
  cr_expect_str_eq(later.way, "remembered");
  cr_expect_arr_eq(later.times.ns, first.times.ns, sizeof later.times.ns);
  cr_assert_eq(l4r_choices_read(text), L4R_OK, "twice is once");
  char *again = l4r_choices_write();
  cr_expect_str_eq(again, text);
  l4r_free(again);
  l4r_choice_forget();
  for (int cut = 0; cut < 3; cut++) { /* a number missing, all of them, a part of the hash */
    char *part = strdup(text);
    if (cut == 0) *strrchr(part, ' ') = '\0';
    if (cut == 1) *strchr(part, ' ') = '\0';
    if (cut == 2) part[40] = '\0';
    cr_expect_eq(l4r_choices_read(part), L4R_INPUT, "%s", part);
    free(part);
  }
  cr_expect_eq(l4r_choices_read("nonsense"), L4R_INPUT);
  cr_expect_str_eq(measured().way, "measured", "nothing was taken of them");
  l4r_choice_forget();
  char *nothing = l4r_choices_write();
  cr_expect_str_eq(nothing, "");
  cr_expect_eq(l4r_choices_read(nothing), L4R_OK);
  l4r_free(nothing);
  l4r_free(text);
}

Test(choice, processes_may_measure_at_once) {
  enum { PROCESSES = 4 };
  begin();
  pid_t child[PROCESSES];
  for (int c = 0; c < PROCESSES; c++) {
    child[c] = fork();
    if (child[c]) continue;
    struct l4r_choice choice;
    _exit(l4r_choose(&(struct l4r_stack_options){.products = &products}, &choice) ? 1 : 0);
  }
  for (int c = 0; c < PROCESSES; c++) {
    int code;
    cr_assert_eq(waitpid(child[c], &code, 0), child[c]);
    cr_expect(WIFEXITED(code) && WEXITSTATUS(code) == 0);
  }
  const struct l4r_choice choice = measured();
  cr_expect_str_eq(choice.way, "remembered");
  file_of_cache(); /* and nothing aside */
  cr_expect_eq(warnings, 0, "%s", last_warning);
}

/* Figures by hand, through the file: a kernel that is preferred stays within a twentieth. */
Test(choice, the_preferred_kernel_stays_unless_another_is_clearly_faster) {
  begin();
  struct l4r_choice choice = measured();
  const int last = choice.times.count - 1;
  char key[L4R_TIMES_KEY];
  l4r_times_key(&choice.times, &products, key);
  for (int faster = 0; faster < 2; faster++) {
    for (int i = 0; i <= last; i++) choice.times.ns[i] = 1000;
    choice.times.ns[last] = faster ? 940 : 960;
    l4r_times_write(key, &choice.times);
    l4r_choice_forget();
    const struct l4r_choice made = measured();
    cr_expect_str_eq(made.way, "remembered");
    cr_expect_eq(made.gemm, choice.times.kernel[faster ? last : 0]);
    if (faster) cr_expect_eq(made.isa, made.gemm->set, "in fp32 the set goes with the kernel");
  }
}

Test(choice, without_products_the_preferred_kernel_is_taken) {
  begin();
  const struct l4r_choice choice = choose(&(struct l4r_stack_options){.isa = "auto"});
  cr_expect_eq(choice.isa, l4r_isa_widest());
  cr_expect_eq(choice.gemm, choice.times.kernel[0]);
  cr_expect(!strcmp(choice.way, "widest") || !strcmp(choice.way, "only"), "%s", choice.way);
}

Test(choice, a_set_and_a_kernel_can_be_asked_for) {
  begin();
  for (int set = 0; set < L4R_ISAS; set++) {
    const enum l4r_isa isa = (enum l4r_isa)set;
    if (!l4r_cpu_offers(isa)) continue;
    for (int p = 0; p < L4R_PRECISIONS; p++) {
      struct l4r_stack_options options = {.precision = l4r_precision_name((enum l4r_precision)p),
                                          .fallback = 1,
                                          .isa = l4r_isa_name(isa),
                                          .products = &products};
      const struct l4r_choice choice = choose(&options);
      cr_expect_eq(choice.isa, isa);
      cr_expect(l4r_isa_contains(isa, choice.gemm->set), "%s", choice.gemm->name);
      char word[48];
      l4r_kernel_word(choice.gemm, word, sizeof word);
      options.kernel = word;
      const struct l4r_choice again = choose(&options);
      cr_expect_eq(again.gemm, choice.gemm, "isa=%s,kernel=%s", options.isa, word);
      cr_expect_str_eq(again.way, "asked");
    }
  }
}

static void refused(const struct l4r_stack_options *options, int status, const char *text) {
  struct l4r_choice choice;
  cr_expect_eq(l4r_choose(options, &choice), status);
  cr_expect_str_eq(l4r_error_message(), text);
}

#if defined(__x86_64__)
Test(choice, what_is_not_here_is_refused_by_name) {
  begin();
  if (!l4r_cpu_offers(L4R_ISA_AVX2)) cr_skip_test("this processor has no AVX2");
  l4r_cpu_lower(L4R_ISA_AVX2);
  refused(&(struct l4r_stack_options){.isa = "avx512"}, L4R_ENVIRONMENT,
          "isa=avx512: this processor, or its system, lacks AVX-512 (F, DQ, BW and VL); it has "
          "portable and avx2");
  refused(
      &(struct l4r_stack_options){.precision = "bf16x3", .isa = "avx2"}, L4R_ENVIRONMENT,
      "precision=bf16x3,isa=avx2: this set has no instructions that make it faster than fp32, such "
      "as AMX-BF16; take precision=fp32, or fallback=on for the same rounding by others");
  refused(&(struct l4r_stack_options){.kernel = "blas"}, L4R_USAGE,
          "kernel=blas: no such kernel for precision=fp32; there are: avx2-multiply-adds, "
          "portable-multiply-adds");
  refused(
      &(struct l4r_stack_options){.kernel = "avx-512-multiply-adds"}, L4R_ENVIRONMENT,
      "kernel=avx-512-multiply-adds: this kernel cannot run here for precision=fp32; there are: "
      "avx2-multiply-adds, portable-multiply-adds");
  const struct l4r_choice slow = choose(
      &(struct l4r_stack_options){.precision = "bf16x3", .isa = "avx2", .fallback = 1});
  cr_expect(slow.gemm->slow);
}
#endif

Test(choice, an_unknown_precision_is_refused_with_what_there_is) {
  refused(&(struct l4r_stack_options){.precision = "fp7"}, L4R_USAGE,
          "the blis stack has no precision 'fp7'; it has: fp32, bf16, int8, bf16x3");
}
