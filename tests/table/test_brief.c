/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of `run` in 80 columns and its closing sentence, from committed records. */
#include "bench/table/brief.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_records records;

static void load(const char *folder) {
  l4r_log_quiet(1);
  cr_assert_eq(l4r_records_read(&folder, 1, &records), L4R_OK, "%s", l4r_error_message());
}

/* Leaves the records from..from+count alone in the list; the rest stays in memory for the test. */
static struct l4r_records part(int64_t from, int64_t count) {
  return (struct l4r_records){.at = records.at + from, .count = count};
}

static char *printed(const struct l4r_records *some) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert_eq(l4r_table_brief(stream, some), L4R_OK, "%s", l4r_error_message());
  fclose(stream);
  return text;
}

static void fits(const char *text) {
  char *copy = strdup(text), *rest = copy, *line;
  while ((line = strsep(&rest, "\n")))
    cr_assert_leq(l4r_text_width(line), L4R_BRIEF_WIDTH, "%d columns: %s", l4r_text_width(line),
                  line);
  free(copy);
}

Test(brief, every_committed_run_fits_eighty_columns) {
  static const char *const folders[] = {"results/zen4-2core-latency", "results/zen4-2core-peers",
                                        "results/zen5-2core", "results/zen4-2core-speed",
                                        "results/zen4-2core-server"};
  for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
    load(folders[f]);
    char *text = printed(&records);
    fits(text);
    cr_assert_not_null(strstr(text, "users/s"));
    free(text);
    l4r_records_free(&records);
  }
}

Test(brief, is_as_it_was) {
  load("results/zen4-2core-peers");
  char *text = printed(&records);
  test_golden("brief.txt", text);
  free(text);
}

static int64_t find(const char *arm, int64_t threads) {
  for (int64_t r = 0; r < records.count; r++)
    if (!strcmp(records.at[r].data.arm, arm) && records.at[r].data.threads == threads) return r;
  cr_assert_fail("no %s", arm);
  return 0;
}

/* Student's interval of the log ratios of five rounds, from its textbook formula with t(.975, 4).
 */
Test(brief, the_sentence_has_the_ratio_of_paired_rounds) {
  double log_ratio[5], mean = 0, square = 0;
  char sentence[L4R_SENTENCE], expected[128];
  load("results/zen4-2core-peers");
  const struct l4r_record_record *lite = &records.at[find("blis@lite-id-1", 2)].data;
  const struct l4r_record_record *beam = &records.at[find("beam@p5-1", 2)].data;
  cr_assert_eq(lite->rounds.count, 5);
  for (int r = 0; r < 5; r++) {
    log_ratio[r] = log(beam->rounds.at[r].mean_ns / lite->rounds.at[r].mean_ns);
    mean += log_ratio[r] / 5;
  }
  for (int r = 0; r < 5; r++) square += (log_ratio[r] - mean) * (log_ratio[r] - mean);
  const double half = 2.776445 * sqrt(square / 4 / 5);
  snprintf(expected, sizeof expected, "is %.1f times (%.1f to %.1f) faster than beam@p5-1 and ",
           exp(mean), exp(mean - half), exp(mean + half));
  const int64_t two[] = {find("blis@lite-id-1", 2), find("beam@p5-1", 2)};
  struct l4r_record chosen[] = {records.at[two[1]], records.at[two[0]]}; /* in either order */
  const struct l4r_records both = {.at = chosen, .count = 2};
  l4r_brief_sentence(&both, sentence);
  cr_assert_not_null(strstr(sentence, expected), "'%s' is not in '%s'", expected, sentence);
  snprintf(expected, sizeof expected, "blis@lite-id-1 is ");
  cr_assert_eq(strncmp(sentence, expected, strlen(expected)), 0, "%s", sentence);
  snprintf(expected, sizeof expected, "%.3f more accurate (HR@10)",
           lite->accuracy.keep.hr10 - beam->accuracy.keep.hr10);
  cr_assert_not_null(strstr(sentence, expected + 1), "'%s' is not in '%s'", expected + 1, sentence);
}

Test(brief, fewer_than_three_rounds_have_no_interval) {
  char sentence[L4R_SENTENCE];
  load("results/zen4-2core-peers");
  for (int64_t r = 0; r < records.count; r++) records.at[r].data.rounds.count = 2;
  l4r_brief_sentence(&records, sentence);
  cr_assert_null(strstr(sentence, " to "), "%s", sentence);
  cr_assert_not_null(strstr(sentence, "fewer than three rounds have no interval"), "%s", sentence);
  char *text = printed(&records);
  fits(text);
  cr_assert_not_null(strstr(text, "fewer than three rounds have no interval of"), "%s", text);
  /* dashes stand only between the ends of accuracies, which begin with a point */
  for (const char *dash = text; (dash = strstr(dash, "–")); dash += strlen("–"))
    cr_assert_eq(dash[strlen("–")], '.', "%s", dash);
  free(text);
}

Test(brief, one_arm_or_other_data_have_no_sentence) {
  char sentence[L4R_SENTENCE];
  load("results/zen4-2core-peers");
  const struct l4r_records one = part(0, 1), two = part(0, 2), none = part(0, 0);
  cr_assert_str_empty(l4r_brief_sentence(&one, sentence));
  cr_assert_str_empty(l4r_brief_sentence(&none, sentence));
  /* neither has a head nor a beam: the one that was named last beside the first */
  l4r_brief_sentence(&two, sentence);
  cr_assert_eq(strncmp(sentence, "heuristic@itemknn ", 18), 0, "%s", sentence);
  cr_assert_not_null(strstr(sentence, "slower than heuristic@pop"), "%s", sentence);
  records.at[1].data.dataset.sha256 = "another";
  cr_assert_str_empty(l4r_brief_sentence(&two, sentence));
  char *text = printed(&none);
  cr_assert(!text || !*text);
  free(text);
}
