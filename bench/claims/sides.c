/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/sides.h"

#include "bench/engines.h"
#include "bench/record/text.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* Trainings end with an epoch and validate in between, so they never take the same time. */
static const double AS_LONG = 1.25;

const char *l4r_option_of(const struct l4r_record *record, const char *key, const char *otherwise) {
  const char *given = l4r_text_at(record->data.options, key);
  return *given ? given : otherwise;
}

int l4r_option_is(const struct l4r_record *record, const char *key, const char *otherwise,
                  const char *value) {
  return strcmp(l4r_option_of(record, key, otherwise), value) == 0;
}

int l4r_record_is_peer(const struct l4r_record *record) {
  return l4r_engine_is_foreign(l4r_text_or_none(record->data.engine));
}

static int is_kind(const struct l4r_record *record, const char *kind) {
  return strcmp(l4r_text_or_none(record->data.model.kind), kind) == 0;
}

int l4r_record_is_lite(const struct l4r_record *record) {
  return (l4r_record_is_peer(record) ||
          strcmp(l4r_text_or_none(record->data.engine), "blis") == 0) &&
         is_kind(record, "lite");
}

/* Of the engine beam on the fast stack. */
static int is_ours(const struct l4r_record *record) {
  return strcmp(l4r_text_or_none(record->data.engine), "beam") == 0 &&
         l4r_option_is(record, "stack", "blis", "blis");
}

/* An exact ranking has no beams, whatever it shares with those that have. */
int l4r_record_is_beam(const struct l4r_record *record) {
  const int ours = is_ours(record) && l4r_option_is(record, "search", "beam", "beam");
  return (ours || l4r_record_is_peer(record)) && is_kind(record, "p5");
}

int l4r_record_is_headline_beam(const struct l4r_record *record) {
  return !l4r_record_is_peer(record) && l4r_option_is(record, "decoder", "cached", "cached") &&
         l4r_option_is(record, "beams", "20", "20") && l4r_option_is(record, "trie", "on", "on") &&
         l4r_option_is(record, "length_penalty", "1", "1");
}

static int is_accuracy_lite(const struct l4r_record *record) {
  return l4r_record_is_lite(record) && !l4r_record_is_peer(record) &&
         l4r_option_is(record, "items", "cached", "cached") && !record->data.controls;
}

static int is_accuracy_beam(const struct l4r_record *record) {
  return l4r_record_is_beam(record) && l4r_record_is_headline_beam(record) &&
         !record->data.controls;
}

static int is_accuracy_exact(const struct l4r_record *record) {
  return is_ours(record) && is_kind(record, "p5") &&
         l4r_option_is(record, "search", "beam", "exact") &&
         l4r_option_is(record, "trie", "on", "on") &&
         l4r_option_is(record, "length_penalty", "0", "0") && !record->data.controls;
}

static int is_accuracy_head(const struct l4r_record *record) {
  return is_ours(record) && is_kind(record, "p5-head") && !record->data.controls;
}

const struct l4r_sides *l4r_sides_of(enum l4r_side side) {
  static const struct l4r_sides sides[] = {
      [L4R_SIDE_LITE] = {is_accuracy_lite, is_accuracy_beam,
                         "no records of blis@lite and beam@p5 on one data set with the same "
                         "precision and size (20 beams, trie on, decoder cached)"},
      [L4R_SIDE_EXACT] =
          {is_accuracy_exact, is_accuracy_beam,
           "not measured: no records of beam@p5:search=exact and beam@p5 on one data "
           "set with the same precision and size (20 beams, trie on, decoder "
           "cached)"},
      [L4R_SIDE_HEAD] =
          {is_accuracy_head, is_accuracy_beam,
           "not measured: no records of beam@p5-head and beam@p5 on one data set with "
           "the same precision and size (20 beams, trie on, decoder cached)"},
  };
  return &sides[side];
}

int l4r_sides_differ(enum l4r_side side, const struct l4r_record *first,
                     const struct l4r_record *beam, char *reason, size_t size) {
  if (side == L4R_SIDE_EXACT) {
    const char *a = l4r_text_or_none(first->data.model.sha256);
    const char *b = l4r_text_or_none(beam->data.model.sha256);
    if (*a && !strcmp(a, b)) return 0;
    l4r_text_set(reason, size,
                 "the exact ranking is of another model than the one that is best on "
                 "validation: measure both arms of the same model");
    return 1;
  }
  if (side == L4R_SIDE_LITE) return 0;
  const double a = first->data.model.training_seconds, b = beam->data.model.training_seconds;
  if (a > 0 && b > 0 && a <= AS_LONG * b && b <= AS_LONG * a) return 0;
  if (isnan(a) || isnan(b))
    l4r_text_set(reason, size, "a record does not say how long its model was trained");
  else
    l4r_text_set(reason, size, "not trained as long: %.0f and %.0f minutes", a / 60, b / 60);
  return 1;
}
