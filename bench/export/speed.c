/* SPDX-License-Identifier: BSD-3-Clause */
/* Speed by stage, and how arms of one run compare that differ in one option: what optimisations
 * and precisions are judged by. Ratios are formed round by round, because rounds of a run take
 * turns and so share what the machine did meanwhile. */
#include "bench/record/text.h"
#include "bench/engines.h"
#include "bench/export/export.h"
#include "bench/table/units.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 1024 };
static const double level = .95;

static void print_estimate(FILE *stream, const json_t *estimate) {
  const json_t *value = json_object_get(estimate, "value"), *lo = json_object_get(estimate, "lo");
  if (!json_is_number(value)) {
    fputs(" - |", stream);
    return;
  }
  fputc(' ', stream);
  l4r_print_time(stream, json_number_value(value));
  if (json_is_number(lo)) {
    fputs(" (", stream);
    l4r_print_time(stream, json_number_value(lo));
    fputs(" to ", stream);
    l4r_print_time(stream, json_number_value(json_object_get(estimate, "hi")));
    fputc(')', stream);
  }
  fputs(" |", stream);
}

static void print_share(FILE *stream, const json_t *fraction) {
  if (json_is_number(fraction))
    fprintf(stream, " %.1f %% |", 100 * json_number_value(fraction));
  else
    fputs(" - |", stream);
}

/* Work a second in 10^9; NaN where it is not known. */
static void print_rate(FILE *stream, double rate) {
  if (isnan(rate)) {
    fputs(" - |", stream);
    return;
  }
  fputc(' ', stream);
  l4r_print_digits(stream, rate * 1e-9);
  fputs(" |", stream);
}

static double rate_at(const json_t *stage, const char *key) {
  const json_t *rate = json_object_get(stage, key);
  return json_is_number(rate) ? json_number_value(rate) : NAN;
}

/* A line for the user as a whole and one for each stage. */
static void print_stages(FILE *stream, const struct l4r_row *row) {
  const json_t *ceiling = json_object_get(row->record, "ceiling"), *stage;
  fputs("| ", stream);
  l4r_print_label(stream, row->label);
  fprintf(stream, " | %lld | user |", (long long)row->threads);
  print_estimate(stream, json_object_get(json_object_get(row->record, "latency_ns"), "mean"));
  const double share = json_number_value(json_object_get(ceiling, "fraction"));
  const double sgemm = json_number_value(json_object_get(ceiling, "value"));
  print_rate(stream, share > 0 ? share * sgemm : NAN);
  fputs(" - |", stream);
  print_share(stream, json_object_get(ceiling, "fraction"));
  fputs(" - |\n", stream);
  size_t index;
  json_array_foreach(json_object_get(row->record, "stages"), index, stage) {
    fputs("| | | ", stream);
    l4r_print_plain(stream, l4r_text_at(stage, "name"));
    fputs(" |", stream);
    print_estimate(stream, json_object_get(stage, "ns_per_user"));
    print_rate(stream, rate_at(stage, "flops_per_second"));
    print_rate(stream, rate_at(stage, "bytes_per_second"));
    print_share(stream, json_object_get(stage, "sgemm_fraction"));
    print_share(stream, json_object_get(stage, "memory_fraction"));
    fputc('\n', stream);
  }
}

/* Keys of `a` that `b` has not, or not with that value; `found` is the last. `fallback` says what
 * to do on other processors, and changes nothing here. */
static int differences(const json_t *a, const json_t *b, int absent_alone, const char **found) {
  const char *key;
  json_t *value;
  int count = 0;
  json_object_foreach((json_t *)a, key, value) {
    const json_t *other = json_object_get(b, key);
    if (!strcmp(key, "fallback") || (other && (absent_alone || json_equal(value, other)))) continue;
    *found = key;
    count++;
  }
  return count;
}

/* The one key in which two sets of options differ; NULL when they differ in none or in several. */
static const char *only_difference(const json_t *a, const json_t *b) {
  const char *found = NULL;
  return differences(a, b, 0, &found) + differences(b, a, 1, &found) == 1 ? found : NULL;
}

static int is_same(const json_t *a, const json_t *b, const char *key) {
  return json_equal(json_object_get(a, key), json_object_get(b, key));
}

static int is_peer(const json_t *record) {
  return l4r_peer_of(l4r_text_at(record, "engine")) != NULL;
}

/* What two rows of one run on one model differ in: the key of an option; "engine" when one of them
 * is another project's in the same precision; NULL: more than that. */
static const char *pair_key(const struct l4r_row *a, const struct l4r_row *b) {
  const json_t *x = a->record, *y = b->record;
  if (a->group != b->group || a->threads != b->threads) return NULL;
  if (a->rate > 0 || b->rate > 0) return NULL; /* their times hold a queue */
  if (!is_same(x, y, "_path") || !is_same(x, y, "scenario") || !is_same(x, y, "batch")) return NULL;
  if (!json_equal(json_object_get(json_object_get(x, "model"), "sha256"),
                  json_object_get(json_object_get(y, "model"), "sha256")))
    return NULL;
  if (is_peer(x) != is_peer(y)) return is_same(x, y, "precision") ? "engine" : NULL;
  if (!is_same(x, y, "engine")) return NULL;
  return only_difference(json_object_get(x, "options"), json_object_get(y, "options"));
}

/* What a round took: a user's mean, or the timer of that place. */
static double round_ns(const json_t *round, int timer) {
  if (timer < 0) return json_number_value(json_object_get(round, "mean_ns"));
  const json_t *entry = json_array_get(json_object_get(round, "timers"), (size_t)timer);
  return json_number_value(json_object_get(entry, "ns_per_user"));
}

/* slow / fast over the rounds that both have. */
static struct l4r_estimate ratio_of(const json_t *slow, const json_t *fast, int timer) {
  double logarithm[ROUNDS_MAX];
  const json_t *a = json_object_get(slow, "rounds"), *b = json_object_get(fast, "rounds");
  int64_t n = 0;
  for (size_t r = 0; r < json_array_size(a) && r < json_array_size(b) && n < ROUNDS_MAX; r++) {
    const double x = round_ns(json_array_get(a, r), timer);
    const double y = round_ns(json_array_get(b, r), timer);
    if (x > 0 && y > 0) logarithm[n++] = log(x / y);
  }
  return l4r_geometric_estimate(logarithm, n, level);
}

static void print_ratio(FILE *stream, struct l4r_estimate ratio) {
  if (ratio.withheld == L4R_WITHHELD_VALUE) {
    fputs(" - |", stream);
    return;
  }
  fputc(' ', stream);
  l4r_print_digits(stream, ratio.value);
  if (!ratio.withheld) {
    fputs(" (", stream);
    l4r_print_digits(stream, ratio.lo);
    fputs(" to ", stream);
    l4r_print_digits(stream, ratio.hi);
    fputc(')', stream);
  }
  fputs(" |", stream);
}

static void print_option(FILE *stream, const json_t *record, const char *key) {
  if (!strcmp(key, "engine")) {
    fputc(' ', stream);
    l4r_print_label(stream, l4r_text_at(record, "arm"));
    fputs(" |", stream);
    return;
  }
  const char *value = json_string_value(json_object_get(json_object_get(record, "options"), key));
  char text[256];
  l4r_text_set(text, sizeof text, "%s%s%s", key, value ? "=" : "", value ? value : "");
  fputc(' ', stream);
  l4r_print_label(stream, text);
  fputs(value ? " |" : " as by default |", stream);
}

static void print_pair(FILE *stream, const struct l4r_row *one, const struct l4r_row *other,
                       const char *key) {
  struct l4r_estimate ratio = ratio_of(one->record, other->record, -1);
  const int turned = !ratio.withheld && ratio.value < 1;
  const struct l4r_row *slow = turned ? other : one, *fast = turned ? one : other;
  fputs("| ", stream);
  l4r_print_label(stream, slow->label);
  fprintf(stream, " | %lld |", (long long)slow->threads);
  print_option(stream, fast->record, key);
  print_ratio(stream, ratio_of(slow->record, fast->record, -1));
  const json_t *stages = json_object_get(slow->record, "stages");
  int stage = 0;
  if (!strcmp(key, "engine")) stages = NULL; /* nobody knows another project's */
  for (; stage < (int)json_array_size(stages); stage++) {
    fputs(stage ? ", " : " ", stream);
    l4r_print_plain(stream, l4r_text_at(json_array_get(stages, (size_t)stage), "name"));
    struct l4r_estimate part = ratio_of(slow->record, fast->record, stage);
    if (part.withheld == L4R_WITHHELD_VALUE) {
      fputs(" -", stream);
    } else {
      fputc(' ', stream);
      l4r_print_digits(stream, part.value);
    }
  }
  fputs(stage ? " |\n" : " - |\n", stream);
}

static void print_pairs(FILE *stream, const struct l4r_rows *rows, int group) {
  int count = 0;
  for (int64_t i = 0; i < rows->count; i++)
    for (int64_t j = i + 1; j < rows->count; j++) {
      const char *key = rows->row[i].group == group ? pair_key(&rows->row[i], &rows->row[j]) : NULL;
      if (!key) continue;
      if (!count++)
        fputs("\n| arm | threads | times faster with | a user | by stage |\n"
              "|---|--:|---|--:|---|\n",
              stream);
      print_pair(stream, &rows->row[i], &rows->row[j], key);
    }
}

int l4r_export_speed(const struct l4r_rows *rows, FILE *stream) {
  for (int g = 0; g < rows->groups; g++) {
    const struct l4r_row_group *group = &rows->group[g];
    fputs(g ? "\n**" : "**", stream);
    l4r_print_plain(stream, group->title);
    fputs(*group->cpu ? "** on " : "**", stream);
    l4r_print_plain(stream, group->cpu);
    fputs(", mean times, 95 % intervals over rounds.\n\n", stream);
    fputs("| arm | threads | of | time | GFLOP/s | GB/s | of the sgemm ceiling | of memory's |\n"
          "|---|--:|---|--:|--:|--:|--:|--:|\n",
          stream);
    for (int64_t r = 0; r < rows->count; r++)
      if (rows->row[r].group == g) print_stages(stream, &rows->row[r]);
    print_pairs(stream, rows, g);
  }
  return ferror(stream) ? l4r_fail(L4R_ENVIRONMENT, "the table could not be written") : L4R_OK;
}
