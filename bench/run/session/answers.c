/* SPDX-License-Identifier: BSD-3-Clause */
/* The answers of the timed part are those whose accuracy was measured (MLPerf LoadGen's TEST01).
 * Which answer belongs to which is told by what was asked: the user, and the history that the
 * engine was shown. A place in a list would make two processes agree that ask about others. */
#include "bench/run/session/answers.h"

#include "bench/engines.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t l4r_history_key(const l4r_item *history, int64_t length) {
  char hex[65];
  l4r_sha256(history, (size_t)length * sizeof *history, hex);
  hex[15] = '\0'; /* 60 bits: positive */
  return (int64_t)strtoull(hex, NULL, 16);
}

int l4r_answers_add(struct l4r_bundle *bundle, const char *prefix, const struct l4r_answers *of) {
  static const char *const parts[] = {"user", "history", "start", "item", "score"};
  int64_t total = 0, *array[5];
  for (int64_t a = 0; a < of->count; a++) total += of->length[a];
  const int64_t count[] = {of->count, of->count, of->count + 1, total, total};
  for (int p = 0; p < 5; p++) {
    char name[24];
    snprintf(name, sizeof name, "%s_%s", prefix, parts[p]);
    array[p] = l4r_bundle_add(bundle, name, count[p]);
    if (!array[p]) return L4R_ENVIRONMENT;
  }
  for (int64_t a = 0, at = 0; a < of->count; a++) {
    array[0][a] = of->user[a];
    array[1][a] = of->history[a];
    for (int64_t i = 0; i < of->length[a]; i++, at++) {
      array[3][at] = of->item[a * of->room + i];
      array[4][at] = l4r_float_bits(of->score[a * of->room + i]);
    }
    array[2][a + 1] = at;
  }
  return L4R_OK;
}

struct list { /* a ranking inside a bundle */
  const int64_t *item, *bits;
  int64_t count;
};

static float score_at(const struct list *list, int64_t at) {
  return l4r_bits_float(list->bits[at]);
}

static double largest_of(const struct list *reference) {
  double largest = 0;
  for (int64_t i = 0; i < reference->count; i++)
    if (fabs((double)score_at(reference, i)) > largest)
      largest = fabs((double)score_at(reference, i));
  return largest;
}

double l4r_answer_tolerance(const struct l4r_arm *arm, const char *precision) {
  static const struct {
    const char *precision;
    double tolerance;
  } fewer_bits[] = {{"bf16", 4. / 256}, {"fp16", 4. / 2048}, {"int8", 8. / 128}};
  const double rounding = 1e-4;
  if (!l4r_engine_is_foreign(arm->name)) return rounding;
  for (size_t i = 0; i < sizeof fewer_bits / sizeof *fewer_bits; i++)
    if (!strcmp(precision, fewer_bits[i].precision)) return fewer_bits[i].tolerance;
  return rounding;
}

/* 1 when `item`, at place `at` of the timed list, belongs there by the reference's scores. */
static int belongs(const struct list *reference, int64_t at, int64_t item, double tolerance) {
  double here = (double)score_at(reference, at);
  for (int64_t i = 0; i < reference->count; i++)
    if (reference->item[i] == item) return fabs((double)score_at(reference, i) - here) <= tolerance;
  /* Beyond the reference's end: a near-tie with its last item may have fallen off. */
  return fabs((double)score_at(reference, reference->count - 1) - here) <= tolerance;
}

/* 1 when what `timed` lacks at its end are near-ties with the reference's last item, any of which
 * may have fallen off. Whoever ranks less than was asked for has less to do. */
static int reaches(const struct list *timed, const struct list *reference, double tolerance) {
  for (int64_t i = timed->count; i < reference->count; i++)
    if (fabs((double)score_at(reference, i) - (double)score_at(reference, reference->count - 1)) >
        tolerance)
      return 0;
  return 1;
}

static int compare(const struct list *timed, const struct list *reference, double share,
                   struct l4r_answers_seen *seen, int64_t *place) {
  int64_t n = timed->count < reference->count ? timed->count : reference->count;
  const double largest = largest_of(reference), tolerance = 1e-5 + share * largest;
  for (int64_t i = 0; i < n; i++) {
    *place = i;
    const double apart = fabs((double)score_at(timed, i) - (double)score_at(reference, i));
    if (!(apart <= tolerance)) return 0;
    if (largest > 0) seen->difference = fmax(seen->difference, apart / largest);
    if (timed->item[i] != reference->item[i] && !belongs(reference, i, timed->item[i], tolerance))
      return 0;
  }
  *place = n;
  return (timed->count == 0) == (reference->count == 0) && reaches(timed, reference, tolerance);
}

enum { USER, HISTORY, START, ITEM, SCORE, PARTS };

static int need_lists(const struct l4r_bundle *bundle, const char *prefix,
                      const struct l4r_array *array[PARTS]) {
  static const char *const parts[PARTS] = {"user", "history", "start", "item", "score"};
  for (int p = 0; p < PARTS; p++) {
    char name[24];
    snprintf(name, sizeof name, "%s_%s", prefix, parts[p]);
    int status = l4r_bundle_need(bundle, name, &array[p]);
    if (status) return status;
  }
  if (array[HISTORY]->count == array[USER]->count && array[START]->count == array[USER]->count + 1)
    return L4R_OK;
  return l4r_fail(L4R_INPUT, "answers (%s) whose arrays do not fit each other", prefix);
}

static struct list list_at(const struct l4r_array *const array[PARTS], int64_t at) {
  int64_t begin = array[START]->value[at];
  return (struct list){array[ITEM]->value + begin, array[SCORE]->value + begin,
                       array[START]->value[at + 1] - begin};
}

/* The answer to the same user with the same history; -1 where there is none. */
static int64_t find(const struct l4r_array *const array[PARTS], int64_t user, int64_t history) {
  for (int64_t at = 0; at < array[USER]->count; at++)
    if (array[USER]->value[at] == user && array[HISTORY]->value[at] == history) return at;
  return -1;
}

static int differ(const struct list *timed, const struct list *reference, int64_t place,
                  double tolerance, long long user) {
  if (place >= timed->count || place >= reference->count)
    return l4r_fail(L4R_CHECK,
                    "the timed part ranked %lld items for user %lld, the accuracy pass %lld",
                    (long long)timed->count, user, (long long)reference->count);
  return l4r_fail(L4R_CHECK,
                  "the timed part answers otherwise than the accuracy pass: user %lld, place %lld: "
                  "item %lld (score %.7g), not item %lld (%.7g); scores may be apart by %.2g of "
                  "the largest",
                  user, (long long)place + 1, (long long)timed->item[place],
                  (double)score_at(timed, place), (long long)reference->item[place],
                  (double)score_at(reference, place), tolerance);
}

int l4r_check_answers(const struct l4r_bundle *round, const struct l4r_bundle *accuracy,
                      double tolerance, struct l4r_answers_seen *seen) {
  const struct l4r_array *timed[PARTS], *reference[PARTS];
  if (need_lists(round, "log", timed) || need_lists(accuracy, "ref", reference)) return L4R_INPUT;
  for (int64_t l = 0; l < timed[USER]->count; l++) {
    const int64_t user = timed[USER]->value[l], history = timed[HISTORY]->value[l];
    const int64_t at = find(reference, user, history);
    int64_t place;
    if (at < 0)
      return l4r_fail(L4R_CHECK,
                      "the timed part asked for user %lld with a history (key %015llx) that the "
                      "accuracy pass did not ask with: no accuracy belongs to this answer",
                      (long long)user + 1, (unsigned long long)history);
    const struct list one = list_at(timed, l), other = list_at(reference, at);
    if (!compare(&one, &other, tolerance, seen, &place))
      return differ(&one, &other, place, tolerance, (long long)user + 1);
  }
  seen->compared += timed[USER]->count;
  return L4R_OK;
}
