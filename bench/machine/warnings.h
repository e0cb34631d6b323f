/* SPDX-License-Identifier: BSD-3-Clause */
/* Warnings about what spoils a measurement. Each is a line that names the cause and its remedy. */
#ifndef L4R_BENCH_MACHINE_WARNINGS_H
#define L4R_BENCH_MACHINE_WARNINGS_H

#include "bench/record/record.h"

#include <jansson.h>

/* Makes the warnings that can be known before anything runs, from l4r_manifest_system's object.
 * Returns an array of texts, which the caller owns. Pure. */
json_t *l4r_warnings_of_system(const json_t *system);

/* Of what happened: `shares_cores` (two workers on one core's hardware threads) and the machine of
 * each of the record's rounds (l4r_watch_json): adds to its warnings, each with kind, rounds
 * (places in the record's, none for all of them) and text. They belong to the record's row and go
 * where it goes. A warning that `spoils` keeps bench/claims from a verdict on times.
 * L4R_ENVIRONMENT without memory. */
int l4r_warnings_of_rounds(int shares_cores, struct l4r_record *record);

/* What may lie between our clock and an engine's own before it is unexplained: three times the echo
 * of that round (the way and the JSON, for which interpreters take longer), a tenth of the own time
 * and 0.1 ms. Pure. */
double l4r_unexplained_most(double own_ns, double echo_ns);

/* Adds what the rounds say of an engine that makes its times unfit for claims, warnings that spoil:
 * "unexplained-wall-time", where a round's unexplained_mean_ns is above l4r_unexplained_most;
 * "more-threads", where more threads than the run's were busy in a round (usage.h; beyond their
 * processor time the arm failed). L4R_ENVIRONMENT without memory. */
int l4r_warnings_of_engine(struct l4r_record *record, int threads);

/* Adds one: NULL rounds are all of them; the record takes neither `rounds` nor `text` over, but
 * they must live as long. */
int l4r_warning_add(struct l4r_record *record, const char *kind, const struct l4r_wholes *rounds,
                    const char *text, int spoils);

#endif
