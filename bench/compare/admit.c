/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/admit.h"

#include "bench/compare/rows.h"
#include "bench/record/distinct.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "impl/base/error.h"

const char *l4r_compared_arm(const struct l4r_record *record) {
  return record->data.arm ? record->data.arm : "?";
}

long long l4r_compared_threads(const struct l4r_record *record) {
  return record->data.threads == L4R_NONE ? 0 : (long long)record->data.threads;
}

/* Returns 1 when two records have the same place in a table, apart from their arms. */
int l4r_compared_same_place(const struct l4r_record *a, const struct l4r_record *b) {
  return l4r_text_same(a->data.scenario, b->data.scenario) && a->data.threads == b->data.threads &&
         a->data.batch == b->data.batch &&
         l4r_text_same(a->data.dataset.name, b->data.dataset.name);
}

int l4r_compared_same_arm(const struct l4r_record *a, const struct l4r_record *b) {
  return l4r_text_same(a->data.arm, b->data.arm);
}

int l4r_compared_refuse_twins(const struct l4r_records *records) {
  for (int64_t i = 0; i < records->count; i++)
    for (int64_t j = 0; j < i; j++) {
      const struct l4r_record *a = &records->at[i], *b = &records->at[j];
      if (!l4r_compared_same_place(a, b) || !l4r_compared_same_arm(a, b) || !l4r_indistinct(a, b))
        continue;
      return l4r_fail(L4R_INPUT,
                      "%s and %s are both of arm %s, %s, %lld threads: name one file in place of "
                      "the folder to choose between them",
                      l4r_compared_place(b), l4r_compared_place(a), l4r_compared_arm(a),
                      a->data.scenario ? a->data.scenario : "?", l4r_compared_threads(a));
    }
  return L4R_OK;
}

/* Returns the first member by which two records show that they served different requests; NULL when
 * there is none. */
static const char *other_requests(const struct l4r_record *left, const struct l4r_record *right) {
  const struct l4r_record_record *a = &left->data, *b = &right->data;
  if (!l4r_text_same(a->dataset.sha256, b->dataset.sha256)) return "dataset.sha256";
  if (!l4r_text_same(a->dataset.split, b->dataset.split)) return "dataset.split";
  if (a->settings.users != b->settings.users) return "settings.users";
  if (a->settings.seed != b->settings.seed) return "settings.seed";
  if (a->settings.k != b->settings.k) return "settings.k";
  if (a->batch != b->batch) return "batch";
  /* Older records do not state the hash. */
  const int both = a->requests.sha256 && b->requests.sha256;
  return both && !l4r_text_same(a->requests.sha256, b->requests.sha256) ? "requests.sha256" : NULL;
}

static int check_same_measurement(const struct l4r_record *a, const struct l4r_record *b) {
  const char *member = other_requests(a, b);
  if (!member) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s differ in %s: they served different requests, so their times "
                  "cannot be compared",
                  l4r_compared_place(a), l4r_compared_place(b), member);
}

static int check_machine(const struct l4r_record *a, const struct l4r_record *b, int across) {
  if (across || l4r_machine_same(a, b)) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s and %s: manifest: they are of two machines; measure both on one, or give "
                  "--across-machines",
                  l4r_compared_place(a), l4r_compared_place(b));
}

/* L4R_INPUT unless all records of a gate are of one machine. */
int l4r_compared_one_machine(const struct l4r_records sides[2]) {
  const struct l4r_record *first = &sides[0].at[0];
  for (int s = 0; s < 2; s++)
    for (int64_t i = 0; i < sides[s].count; i++) {
      const struct l4r_record *other = &sides[s].at[i];
      if (l4r_machine_same(first, other)) continue;
      char one[96], two[96];
      return l4r_fail(L4R_INPUT,
                      "a gate judges one machine, and %s (%s) and %s (%s) are of two: measure A "
                      "and B on one, or name the files of one",
                      l4r_compared_place(first), l4r_machine_name(first, one, sizeof one),
                      l4r_compared_place(other), l4r_machine_name(other, two, sizeof two));
    }
  return L4R_OK;
}

int l4r_compared_admit(const struct l4r_record *a, const struct l4r_record *b, int across) {
  const int status = check_machine(a, b, across);
  return status ? status : check_same_measurement(a, b);
}
