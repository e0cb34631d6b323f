/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/judge.h"

#include "bench/claims/sides.h"
#include "bench/derive/door.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS_MAX = 1024 };

static int64_t whole(int64_t value) {
  return value == L4R_NONE ? 0 : value;
}

static int same_text(const char *a, const char *b) {
  return !strcmp(l4r_text_or_none(a), l4r_text_or_none(b));
}

/* All records of a file belong to the same run. */
static int same_run(const struct l4r_record *a, const struct l4r_record *b) {
  return same_text(a->from.path, b->from.path);
}

/* Returns 1 when both ran in engines of this project, or both in the same peer. */
static int is_one_engine(const struct l4r_record *lite, const struct l4r_record *beam) {
  return l4r_record_is_peer(lite) == l4r_record_is_peer(beam) &&
         (!l4r_record_is_peer(lite) ||
          (same_text(lite->data.engine, beam->data.engine) &&
           same_text(lite->data.description.file_sha256, beam->data.description.file_sha256)));
}

static int is_pair(const struct l4r_record *lite, const struct l4r_record *beam) {
  /* Latencies of a server include waiting that depends on the rate asked for. */
  if (!strcmp(l4r_text_or_none(lite->data.scenario), "server")) return 0;
  return is_one_engine(lite, beam) && same_run(lite, beam) &&
         same_text(lite->data.dataset.sha256, beam->data.dataset.sha256) &&
         same_text(lite->data.scenario, beam->data.scenario) &&
         same_text(lite->data.precision, beam->data.precision) &&
         same_text(lite->data.model.size, beam->data.model.size) &&
         whole(lite->data.threads) == whole(beam->data.threads);
}

int l4r_next_pair(const struct l4r_records *records, int64_t *cursor,
                  const struct l4r_record **lite, const struct l4r_record **beam) {
  const int64_t n = records->count;
  for (; *cursor < n * n; ++*cursor) {
    const struct l4r_record *a = &records->at[*cursor / n], *b = &records->at[*cursor % n];
    if (!l4r_record_is_lite(a)) { /* skips all pairs of this record */
      *cursor += n - 1 - *cursor % n;
      continue;
    }
    if (*cursor % n == 0) { /* records of a run are adjacent: begin at the first one */
      int64_t first = *cursor / n;
      while (first > 0 && same_run(a, &records->at[first - 1])) first--;
      *cursor += first;
      b = &records->at[first];
    }
    if (!same_run(a, b)) { /* the record after the last of this run */
      *cursor += n - 1 - *cursor % n;
      continue;
    }
    if (!l4r_record_is_beam(b) || !is_pair(a, b)) continue;
    *lite = a;
    *beam = b;
    ++*cursor;
    return 1;
  }
  return 0;
}

int l4r_pair_saving(const struct l4r_record *lite, const struct l4r_record *beam,
                    struct l4r_gain *gain, int64_t *rounds) {
  double mean_a[ROUNDS_MAX], mean_b[ROUNDS_MAX];
  const int64_t a = lite->data.rounds.count, b = beam->data.rounds.count, shared = a < b ? a : b;
  int64_t n = 0;
  for (int64_t i = 0; i < shared && n < ROUNDS_MAX; ++i) {
    mean_a[n] = lite->data.rounds.at[i].mean_ns;
    mean_b[n] = beam->data.rounds.at[i].mean_ns;
    if (mean_a[n] > 0 && mean_b[n] > 0) ++n; /* a round that failed has no mean */
  }
  *rounds = n;
  return l4r_saving_of_rounds(mean_a, mean_b, n, gain);
}

void l4r_pair_cell(const struct l4r_record *lite, const struct l4r_record *beam, char *out,
                   size_t size) {
  const int64_t threads = whole(lite->data.threads);
  if (l4r_record_is_peer(lite)) {
    l4r_text_set(
        out, size, "both in %s; %s, %lld thread%s, %s, %s beams, trie %s, size %s, init %s",
        l4r_text_or_none(lite->data.engine), l4r_text_or_none(lite->data.scenario),
        (long long)threads, threads == 1 ? "" : "s", l4r_text_or_none(lite->data.precision),
        l4r_option_of(beam, "beams", "20"), l4r_option_of(beam, "trie", "on"),
        l4r_text_or_none(lite->data.model.size), l4r_text_or_none(lite->data.model.init));
    return;
  }
  l4r_text_set(
      out, size,
      "%s, %lld thread%s, %s, %s beams, trie %s, decoder %s, item vectors %s, size %s, init %s",
      l4r_text_or_none(lite->data.scenario), (long long)threads, threads == 1 ? "" : "s",
      l4r_text_or_none(lite->data.precision), l4r_option_of(beam, "beams", "20"),
      l4r_option_of(beam, "trie", "on"), l4r_option_of(beam, "decoder", "cached"),
      l4r_option_of(lite, "items", "cached"), l4r_text_or_none(lite->data.model.size),
      l4r_text_or_none(lite->data.model.init));
}

static int is_claims_data(const struct l4r_claim *claim, const struct l4r_record *record) {
  const int64_t interactions = whole(record->data.dataset.interactions);
  /* The paper's protocol is leave-one-out. The same interactions with another split are other
   * data. */
  if (strcmp(l4r_text_or_none(record->data.dataset.split), "leave-one-out")) return 0;
  if (whole(record->data.dataset.users) != claim->users) return 0;
  for (int i = 0; i < 4; ++i)
    if (claim->interactions[i] && claim->interactions[i] == interactions) return 1;
  return 0;
}

static double number(double value) {
  return isnan(value) ? 0 : value;
}

/* HR@10 of a record with seen items kept. */
static double hit_ratio(const struct l4r_record *record) {
  return number(record->data.accuracy.keep.hr10);
}

static double validation_of(const struct l4r_record *record) { /* 0 where the record does not say */
  return number(l4r_record_validation(record));
}

static int is_spoiled(const struct l4r_claim *claim, const struct l4r_record *lite,
                      const struct l4r_record *beam) {
  char reason[384];
  return l4r_conditions_fail(&claim->conditions, lite, beam, reason, sizeof reason);
}

/* Prefers the claim's own data, then times that may be compared, then more threads, then the models
 * that are best on validation (the baseline's first), as for accuracy, then the newest measurement.
 * The speed of a side must not decide whether it is taken. */
static int better_cell(const struct l4r_claim *claim, const struct l4r_record *lite,
                       const struct l4r_record *beam, const struct l4r_record *old_lite,
                       const struct l4r_record *old_beam) {
  if (!old_lite) return 1;
  const int here = is_claims_data(claim, lite), there = is_claims_data(claim, old_lite);
  if (here != there) return here;
  const int spoiled = is_spoiled(claim, lite, beam);
  if (spoiled != is_spoiled(claim, old_lite, old_beam)) return !spoiled;
  const int64_t threads = whole(lite->data.threads), old_threads = whole(old_lite->data.threads);
  if (threads != old_threads) return threads > old_threads;
  const double base = validation_of(beam), old_base = validation_of(old_beam);
  if (base != old_base) return base > old_base;
  const double own = validation_of(lite), old_own = validation_of(old_lite);
  if (own != old_own) return own > old_own;
  return strcmp(l4r_text_or_none(lite->data.manifest.time),
                l4r_text_or_none(old_lite->data.manifest.time)) >= 0;
}

/* Finds the headline pair; both are NULL when there is none. */
static void find_headline(const struct l4r_claim *claim, const struct l4r_records *records,
                          const struct l4r_record **best_lite,
                          const struct l4r_record **best_beam) {
  const struct l4r_record *lite, *beam;
  int64_t cursor = 0;
  *best_lite = *best_beam = NULL;
  while (l4r_next_pair(records, &cursor, &lite, &beam)) {
    if (strcmp(l4r_text_or_none(lite->data.scenario), "single-stream") != 0) continue;
    if (!l4r_option_is(lite, "items", "cached", "cached") || !l4r_record_is_headline_beam(beam))
      continue;
    if (!better_cell(claim, lite, beam, *best_lite, *best_beam)) continue;
    *best_lite = lite;
    *best_beam = beam;
  }
}

static void not_testable(struct l4r_judgement *j, const char *reason) {
  j->direction = j->magnitude = L4R_NOT_TESTABLE;
  l4r_text_set(j->reason, sizeof j->reason, "%s", reason);
}

/* Returns HR@10 of `pop` on the same data, negative when no record has it. */
static double popularity_floor(const struct l4r_records *records, const struct l4r_record *like) {
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record *record = &records->at[r];
    if (same_text(record->data.model.kind, "pop") &&
        same_text(record->data.dataset.sha256, like->data.dataset.sha256))
      return hit_ratio(record);
  }
  return -1;
}

/* Marks a verdict that rests on records that failed their check. */
static void say_unchecked(const struct l4r_record *a, const struct l4r_record *b,
                          struct l4r_judgement *j) {
  const size_t used = strlen(j->reason);
  if (l4r_checked_of(a) == L4R_UNCHECKED || l4r_checked_of(b) == L4R_UNCHECKED)
    snprintf(j->reason + used, sizeof j->reason - used,
             "; UNSEALED: the records were edited or damaged");
}

/* Explains why accuracy cannot be judged on this pair; returns 0 when it can. */
static int accuracy_obstacle(const struct l4r_claim *claim, const struct l4r_records *records,
                             const struct l4r_record *lite, const struct l4r_record *beam,
                             struct l4r_judgement *j) {
  char text[sizeof j->reason];
  const double hr = hit_ratio(beam), pop = popularity_floor(records, beam);
  if (!is_claims_data(claim, lite)) {
    not_testable(j, "other data");
  } else if (strcmp(l4r_text_or_none(lite->data.model.size), "t5-small") == 0 &&
             strcmp(l4r_text_or_none(lite->data.model.init), "random") == 0) {
    not_testable(j, "paper scale without pretrained weights");
  } else if (l4r_sides_differ(claim->side, lite, beam, text, sizeof text)) {
    not_testable(j, text);
  } else if (hr < claim->floor) {
    l4r_text_set(text, sizeof text, "baseline under-trained: its HR@10 %.4f is below %.4f (%s)", hr,
                 claim->floor, claim->floor_why ? claim->floor_why : "");
    not_testable(j, text);
  } else if (pop < 0) {
    not_testable(j, "no row of pop to show that the baseline is above it");
  } else if (hr <= pop) {
    not_testable(j, "baseline under-trained: not above pop");
  } else {
    return 0;
  }
  return 1;
}

/* The ranks of a claim's pairs: with seed i, keep is at 2 i and mask at 2 i + 1. */
struct ranks {
  struct l4r_rank_pair pair[2 * L4R_SEEDS_MAX];
  int64_t users[2 * L4R_SEEDS_MAX];
  int64_t pairs;
};

static int read_ranks(const struct l4r_record_set *set, const struct l4r_accuracy_rows *rows,
                      struct ranks *ranks) {
  int status = L4R_OK;
  for (int64_t p = 0; p < ranks->pairs && !status; ++p) {
    int64_t *a = NULL, *b = NULL, users_b = 0;
    status = set->ranks(set->context, rows->lite.seed[p / 2], p % 2, &a, &ranks->users[p]);
    if (!status) status = set->ranks(set->context, rows->beam.seed[p / 2], p % 2, &b, &users_b);
    if (!status && ranks->users[p] != users_b)
      status = l4r_fail(L4R_INPUT, "the two arms were evaluated on %lld and %lld users",
                        (long long)ranks->users[p], (long long)users_b);
    ranks->pair[p] = (struct l4r_rank_pair){a, b};
  }
  return status;
}

static void free_ranks(struct ranks *ranks) {
  for (int64_t p = 0; p < ranks->pairs; ++p) {
    l4r_free((void *)ranks->pair[p].a);
    l4r_free((void *)ranks->pair[p].b);
  }
}

/* Computes the improvements of all pairs. Pairs with the same number of users, usually all, share
 * their resamples. */
static int gains_of_pairs(const struct l4r_claim *claim, const struct ranks *ranks,
                          struct l4r_gain *gain) {
  int64_t done = 0;
  int status = L4R_OK;
  while (done < ranks->pairs && !status) {
    int64_t end = done + 1;
    while (end < ranks->pairs && ranks->users[end] == ranks->users[done]) end++;
    const struct l4r_gain_metric metric = {.users = ranks->users[done],
                                           .depth = strstr(claim->metric, "@20") ? 20 : 10,
                                           .ndcg = strncmp(claim->metric, "NDCG", 4) == 0,
                                           .seed = 1};
    status = l4r_gains_of_ranks(ranks->pair + done, end - done, &metric, gain + done);
    done = end;
  }
  return status;
}

/* Computes the improvements of seeds [0, n) under both conventions. */
static int measure_gains(const struct l4r_claim *claim, const struct l4r_record_set *set,
                         const struct l4r_accuracy_rows *rows, int64_t n, struct l4r_judgement *j) {
  struct l4r_gain gain[2 * L4R_SEEDS_MAX];
  struct ranks ranks = {.pairs = 2 * n};
  int status = read_ranks(set, rows, &ranks);
  if (!status) status = gains_of_pairs(claim, &ranks, gain);
  for (int64_t i = 0; i < n && !status; ++i) {
    j->gain[i] = gain[2 * i];
    j->mask[i] = gain[2 * i + 1];
  }
  free_ranks(&ranks);
  return status;
}

static int is_data(const void *claim, const struct l4r_record *record) {
  return is_claims_data(claim, record);
}

/* Writes "lite, 3 seeds (validation NDCG@10 0.1960, the best of 2)" with the name of the row or
 * else of the model. */
static void describe_side(const struct l4r_variant *variant, int64_t variants, char *out,
                          size_t size) {
  const struct l4r_record *record = variant->seed[0];
  const char *row = l4r_text_or_none(record->data.row.name);
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s, %lld seed%s",
               *row ? row : l4r_text_or_none(record->data.model.name), (long long)variant->seeds,
               variant->seeds == 1 ? "" : "s");
  if (variants > 1 && variant->validation >= 0)
    l4r_text_add(out, size, &used, " (validation NDCG@10 %.4f, the best of %lld)",
                 variant->validation, (long long)variants);
}

static void accuracy_cell(const struct l4r_accuracy_rows *rows, char *out, size_t size) {
  char lite[160], beam[160], data[256];
  const struct l4r_record *record = rows->lite.seed[0];
  describe_side(&rows->lite, rows->lite_variants, lite, sizeof lite);
  describe_side(&rows->beam, rows->beam_variants, beam, sizeof beam);
  l4r_text_set(out, size, "%s against %s; data %s, size %s, init %s, %s", lite, beam,
               l4r_dataset_label_of(record, data, sizeof data),
               l4r_text_or_none(record->data.model.size), l4r_text_or_none(record->data.model.init),
               l4r_text_or_none(record->data.precision));
}

/* Older records do not say how masked rankings were made; newer ones name a search without the
 * history. */
static int is_capped(const struct l4r_record *record) {
  return strcmp(l4r_text_or_none(record->data.accuracy.mask_by), "a search without the history") !=
         0;
}

static int judge_accuracy(const struct l4r_claim *claim, const struct l4r_record_set *set,
                          struct l4r_judgement *j) {
  const struct l4r_sides *sides = l4r_sides_of(claim->side);
  const struct l4r_row_filter filter = {sides->is_first, sides->is_beam, is_data, claim};
  struct l4r_accuracy_rows rows;
  const int found = l4r_accuracy_rows_find(set->records, &filter, &rows);
  if (found < 0) return found;
  if (!found) {
    not_testable(j, sides->missing);
    return L4R_OK;
  }
  accuracy_cell(&rows, j->cell, sizeof j->cell);
  const int64_t n = rows.lite.seeds < rows.beam.seeds ? rows.lite.seeds : rows.beam.seeds;
  const int status = measure_gains(claim, set, &rows, n, j);
  int obstacle = 0;
  if (status == L4R_INPUT) {
    not_testable(j, l4r_error_message());
    return L4R_OK;
  }
  if (status) return status;
  j->gains = n;
  for (int64_t i = 0; i < n; ++i) {
    j->record[j->records++] = rows.lite.seed[i];
    j->record[j->records++] = rows.beam.seed[i];
  }
  for (int64_t i = 0; i < n; ++i) j->mask_capped |= is_capped(rows.beam.seed[i]);
  for (int64_t i = 0; !obstacle && i < n; ++i)
    obstacle = accuracy_obstacle(claim, set->records, rows.lite.seed[i], rows.beam.seed[i], j);
  if (obstacle) return L4R_OK;
  j->direction = l4r_verdict_of(j->gain, n, L4R_SEEDS_NEEDED, 0);
  j->magnitude = l4r_verdict_of(j->gain, n, L4R_SEEDS_NEEDED, claim->value);
  l4r_text_set(j->reason, sizeof j->reason, "%lld training seed%s%s", (long long)n,
               n == 1 ? "" : "s", n < L4R_SEEDS_NEEDED ? ", 3 are needed" : "");
  for (int64_t i = 0; i < n && !strstr(j->reason, "UNSEALED"); ++i)
    say_unchecked(rows.lite.seed[i], rows.beam.seed[i], j);
  return L4R_OK;
}

static int judge_time(const struct l4r_claim *claim, int without_samples,
                      const struct l4r_record *lite, const struct l4r_record *beam,
                      struct l4r_judgement *j) {
  struct l4r_conditions conditions = claim->conditions;
  int64_t rounds;
  conditions.without_samples = without_samples;
  if (l4r_pair_saving(lite, beam, &j->gain[0], &rounds)) {
    not_testable(j, l4r_error_message());
    return L4R_OK;
  }
  j->gains = 1;
  if (!is_claims_data(claim, lite)) {
    not_testable(j, "other data");
    return L4R_OK;
  }
  if (l4r_conditions_fail(&conditions, lite, beam, j->reason, sizeof j->reason)) {
    j->direction = j->magnitude = L4R_INCONCLUSIVE;
    return L4R_OK;
  }
  const int enough = rounds >= L4R_ROUNDS_NEEDED;
  j->direction = l4r_verdict_of(j->gain, enough, 1, 0);
  j->magnitude = l4r_verdict_of(j->gain, enough, 1, claim->value);
  l4r_text_set(j->reason, sizeof j->reason, "%lld rounds%s", (long long)rounds,
               enough ? "" : ", 5 are needed");
  say_unchecked(lite, beam, j);
  return L4R_OK;
}

int l4r_judge(const struct l4r_claim *claim, const struct l4r_record_set *set,
              struct l4r_judgement *judgement) {
  *judgement = (struct l4r_judgement){0};
  if (claim->statistic != L4R_TIME_SAVED) return judge_accuracy(claim, set, judgement);
  const struct l4r_record *lite, *beam;
  find_headline(claim, set->records, &lite, &beam);
  if (!lite) {
    not_testable(judgement,
                 "no run holds blis@lite and beam@p5 single-stream with the same threads,"
                 " precision and size (20 beams, trie on, decoder cached)");
    return L4R_OK;
  }
  l4r_pair_cell(lite, beam, judgement->cell, sizeof judgement->cell);
  judgement->side[0] = judgement->record[0] = lite;
  judgement->side[1] = judgement->record[1] = beam;
  judgement->records = 2;
  return judge_time(claim, set->without_samples, lite, beam, judgement);
}
