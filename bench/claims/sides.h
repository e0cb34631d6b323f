/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells which side of a claim a record is on. */
#ifndef L4R_BENCH_CLAIMS_SIDES_H
#define L4R_BENCH_CLAIMS_SIDES_H

#include "bench/claims/paper.h"
#include "bench/record/read.h"

/* Returns an option of the record's arm as given, or `otherwise`, its default: records state only
 * options that were given. Borrowed. */
const char *l4r_option_of(const struct l4r_record *record, const char *key, const char *otherwise);
int l4r_option_is(const struct l4r_record *record, const char *key, const char *otherwise,
                  const char *value);

int l4r_record_is_peer(const struct l4r_record *record); /* an engine of another project */
int l4r_record_is_lite(const struct l4r_record *record); /* Lite on the fast stack, or in a peer */
int l4r_record_is_beam(const struct l4r_record *record); /* P5 by beam search, likewise */
/* 20 beams in an engine of ours, trie on, decoder cached, scores divided by tokens. */
int l4r_record_is_headline_beam(const struct l4r_record *record);

/* The two sides of an accuracy claim. */
struct l4r_sides {
  int (*is_first)(const struct l4r_record *record); /* instead of beam search */
  int (*is_beam)(const struct l4r_record *record);
  const char *missing; /* what to say when there are no records of both */
};
const struct l4r_sides *l4r_sides_of(enum l4r_side side);

/* Returns 1 and the reason when these two records must not be compared for a claim about that side:
 * an exact ranking is of the beams' own model, a head was trained about as long. Pure. */
int l4r_sides_differ(enum l4r_side side, const struct l4r_record *first,
                     const struct l4r_record *beam, char *reason, size_t size);

#endif
