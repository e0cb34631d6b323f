/* SPDX-License-Identifier: BSD-3-Clause */
/* The only way by which records reach code that prints figures or verdicts. A record is admitted
 * when it has the hash that it states and says what its raw samples give. A record without samples
 * beside it is admitted and marked. A caller may ask for other records too, and every output then
 * says so. */
#ifndef L4R_BENCH_DERIVE_DOOR_H
#define L4R_BENCH_DERIVE_DOOR_H

#include "bench/record/read.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* How far a record was checked; from.checked has the name. */
enum l4r_checked {
  L4R_CHECKED,         /* against samples that are bound to it (bench/record/bound.h) */
  L4R_CHECKED_OLDER,   /* against samples of an older version, which are not bound to it */
  L4R_CHECKED_MISSING, /* "samples missing": only its own hash */
  L4R_UNCHECKED,       /* "unsealed": the check failed, and it was asked for all the same */
  L4R_CHECKS
};
extern const char *const l4r_checked_names[L4R_CHECKS];

struct l4r_door {
  int unsealed;     /* 1: admit records that fail the check, marked L4R_UNCHECKED */
  int need_samples; /* 1: a record without samples is refused */
  json_t *accuracy; /* private: set NULL first; freed by l4r_door_close */
};
void l4r_door_close(struct l4r_door *door);

/* Marks a record that was read, or refuses it: L4R_INPUT with file, line, field and the difference;
 * L4R_ENVIRONMENT without memory. */
int l4r_record_admit(struct l4r_door *door, struct l4r_record *record);

/* Calls l4r_records_read, then l4r_record_admit for each record. */
int l4r_records_admit(struct l4r_door *door, const char *const *path, int paths,
                      struct l4r_records *records);

/* Returns a record's mark. A run's own record, which was not admitted here, counts as L4R_CHECKED.
 * Pure. */
enum l4r_checked l4r_checked_of(const struct l4r_record *record);

/* Writes a line for each kind of mark except L4R_CHECKED, "unsealed: 2 records were not checked
 * ..", into line[L4R_CHECKS]; returns how many lines. Pure. */
int l4r_checked_lines(const struct l4r_records *records, char line[L4R_CHECKS][256]);
/* Does the same from counts of each mark. */
int l4r_checked_count_lines(const int64_t count[L4R_CHECKS], char line[L4R_CHECKS][256]);

#endif
