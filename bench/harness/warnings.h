/* SPDX-License-Identifier: BSD-3-Clause */
/* What spoils a measurement: a line each that names the spoiler and its remedy. */
#ifndef L4R_BENCH_HARNESS_WARNINGS_H
#define L4R_BENCH_HARNESS_WARNINGS_H

#include <jansson.h>

/* Of l4r_manifest_system's object: what can be known before anything runs. An array of texts, the
 * caller's. Pure. */
json_t *l4r_warnings_of_system(const json_t *system);

/* Of what happened: `shares_cores` (two workers on one core's hardware threads) and the "machine"
 * of each of a record's rounds (l4r_watch_json): an array of {"kind", "rounds", "text"}, where
 * rounds are places in the record's, null for all of them. They belong to the record's row and go
 * where it goes. A warning with "spoils": true keeps bench/claims from a verdict on times. Pure. */
json_t *l4r_warnings_of_rounds(int shares_cores, const json_t *rounds);

#endif
