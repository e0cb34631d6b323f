/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of `make beam-exact` on rankings whose figures were worked out by hand, and what the
 * script refuses before it measures anything. */
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char output[4096];

static int run(const char *command) {
  FILE *stream = popen(command, "r");
  cr_assert_not_null(stream);
  const size_t n = fread(output, 1, sizeof output - 1, stream);
  output[n] = '\0';
  return WEXITSTATUS(pclose(stream));
}

/* A ranking of 12 items of user `user`, from `items` on; rank 11 and 12 are beyond the table. */
static void rank(FILE *file, const char *user, const int *items) {
  for (int i = 0; i < 12; i++)
    fprintf(file, "%s Q0 i%d %d %d run\n", user, items[i], i + 1, 12 - i);
}

static const char *rankings(const char *name, const int one[12], const int two[12],
                            const int three[12], const int four[12]) {
  const char *path = test_path(name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  rank(file, "a", one);
  rank(file, "b", two);
  rank(file, "c", three);
  rank(file, "d", four);
  fclose(file);
  return path;
}

Test(beam_exact, rows_are_those_of_hand_made_rankings) {
  static const int plain[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const int turned[12] = {2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const int other[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10, 12};
  static const int later[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 11};
  char command[4096];
  /* a: hit at 1, then at 2. b: a miss, then a hit at 10. c: the same but beyond 10. d: a miss. */
  const char *qrels = test_file("qrels.txt", "a 0 i1 1\nb 0 i11 1\nc 0 i3 1\nd 0 i12 1\n");
  const char *exact = rankings("exact.run", plain, plain, plain, plain);
  const char *beams = rankings("beams.run", turned, other, later, plain);
  snprintf(
      command, sizeof command,
      "awk -v arm=beams=5 -v convention=keep -f bench/experiments/beam_exact.awk %s %s %s 2>&1",
      qrels, exact, beams);
  cr_assert_eq(run(command), 0, "%s", output);
  const double at2 = 1 / log2(3), at10 = 1 / log2(11), at3 = 1 / log2(4);
  const double g[4] = {at2 - 1, at10, 0, 0}, gain = (at2 + at10 + at3) / 4;
  double mean = 0, square = 0;
  for (int u = 0; u < 4; u++) mean += g[u] / 4, square += g[u] * g[u] / 4;
  const double error = 1.96 * sqrt((square - mean * mean) / 3), hit = 1.96 * sqrt(.1875 / 3);
  char expected[256];
  snprintf(expected, sizeof expected,
           "| beams=5 | keep | 0.7500 | %.4f | %+.4f [%+.4f, %+.4f] | %+.4f [%+.4f, %+.4f] | "
           "25.00 %% | 25.00 %% |\n",
           gain, .25, .25 - hit, .25 + hit, mean, mean - error, mean + error);
  cr_assert_str_eq(output, expected);
  snprintf(command, sizeof command,
           "awk -v arm=a -v convention=keep -f bench/experiments/beam_exact.awk %s %s 2>&1", qrels,
           exact);
  cr_assert_eq(run(command), 3);
  cr_assert(strstr(output, "two runs"), "%s", output);
}

Test(beam_exact, the_script_says_what_is_missing) {
  cr_assert_neq(run("env -u MODEL sh bench/experiments/beam_exact.sh 2>&1"), 0);
  cr_assert(strstr(output, "MODEL=folder DATA=folder"), "%s", output);
  cr_assert_eq(run("MODEL=/nowhere/p5 DATA=/tmp sh bench/experiments/beam_exact.sh 2>&1"), 3);
  cr_assert(strstr(output, "/nowhere/p5 is not there"), "%s", output);
  cr_assert_eq(run("MODEL=/tmp DATA=/tmp BEAMS='1 x' sh bench/experiments/beam_exact.sh 2>&1"), 2);
  cr_assert(strstr(output, "whole numbers"), "%s", output);
}
