/* SPDX-License-Identifier: BSD-3-Clause */
/* What spoils a measurement: a line each that names the spoiler and its remedy. */
#ifndef L4R_BENCH_MACHINE_WARNINGS_H
#define L4R_BENCH_MACHINE_WARNINGS_H

#include <jansson.h>

/* Of l4r_manifest_system's object: what can be known before anything runs. An array of texts, the
 * caller's. Pure. */
json_t *l4r_warnings_of_system(const json_t *system);

/* Of what happened: `shares_cores` (two workers on one core's hardware threads) and the "machine"
 * of each of a record's rounds (l4r_watch_json): an array of {"kind", "rounds", "text"}, where
 * rounds are places in the record's, null for all of them. They belong to the record's row and go
 * where it goes. A warning with "spoils": true keeps bench/claims from a verdict on times. Pure. */
json_t *l4r_warnings_of_rounds(int shares_cores, const json_t *rounds);

/* What may lie between our clock and an engine's own before it is unexplained: three times the echo
 * of that round (the way and the JSON, for which interpreters take longer), a tenth of the own time
 * and 0.1 ms. Pure. */
double l4r_unexplained_most(double own_ns, double echo_ns);

/* Appends what the rounds say of an engine that makes its times unfit for claims, as {"kind",
 * "rounds" (places of them), "text", "spoils": true}: "unexplained-wall-time", where a round's
 * unexplained_mean_ns is above l4r_unexplained_most; "more-threads", where more threads than the
 * run's were busy in a round (usage.h; beyond their processor time the arm failed). */
void l4r_warnings_of_engine(const json_t *rounds, int threads, json_t *warnings);

#endif
