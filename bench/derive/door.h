/* SPDX-License-Identifier: BSD-3-Clause */
/* The one door by which records come to those who print figures or verdicts. A record is let in
 * when it has the hash it states and says what its raw samples give; where it has none beside it,
 * it is let in and marked. Who means to read others asks for them, and every output then says so.
 */
#ifndef L4R_BENCH_DERIVE_DOOR_H
#define L4R_BENCH_DERIVE_DOOR_H

#include "bench/record/read.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* How much of a record was checked; from.checked has the name. */
enum l4r_checked {
  L4R_CHECKED,         /* against samples that are bound to it (bench/record/bound.h) */
  L4R_CHECKED_OLDER,   /* against samples of an older version, which are not bound to it */
  L4R_CHECKED_MISSING, /* "samples missing": its seal alone */
  L4R_UNCHECKED,       /* "unsealed": it does not hold, and was asked for all the same */
  L4R_CHECKS
};
extern const char *const l4r_checked_names[L4R_CHECKS];

struct l4r_door {
  int unsealed;     /* 1: let records in that do not hold, marked L4R_UNCHECKED */
  int need_samples; /* 1: a record without samples is refused */
  json_t *accuracy; /* private: NULL first; l4r_door_close */
};
void l4r_door_close(struct l4r_door *door);

/* Marks a record that was read, or refuses it: L4R_INPUT with file, line, field and what differs;
 * L4R_ENVIRONMENT without memory. */
int l4r_record_admit(struct l4r_door *door, struct l4r_record *record);

/* l4r_records_read with l4r_record_admit of each. */
int l4r_records_admit(struct l4r_door *door, const char *const *path, int paths,
                      struct l4r_records *records);

/* How a record was marked; L4R_CHECKED of one that came by no door (a run's own). Pure. */
enum l4r_checked l4r_checked_of(const struct l4r_record *record);

/* A line for each kind of mark that stands against records, "unsealed: 2 records were not checked
 * ..", into line[L4R_CHECKS]; how many lines. Pure. */
int l4r_checked_lines(const struct l4r_records *records, char line[L4R_CHECKS][256]);
/* The same by counts of each mark. */
int l4r_checked_count_lines(const int64_t count[L4R_CHECKS], char line[L4R_CHECKS][256]);

#endif
