/* SPDX-License-Identifier: BSD-3-Clause */
/* Every member of a record has one row here. bench/record/fields.h makes the C types from the rows,
 * and fields.c the table by which records are read, checked, written and exported, and from which
 * results/schema.json and the list in bench/record/README.md are generated (`make schema`). So a
 * new member needs a new row here and the code that sets it.
 *
 *   OBJECT(type, "what an object of this type is", .either, .bare)
 *     V(KIND, member, PRESENCE, "prose", ...)   a value; its name in JSON is that of the C member
 *     N(KIND, member, "name", PRESENCE, "prose", ...)   a value with another name in JSON
 *     P(type, member, PRESENCE, "prose", ...)   an object inside this one
 *     L(type, member, PRESENCE, "prose", ...)   an array of objects
 *   END(type)
 *
 * KIND: TEXT, HASH (SHA-256 in hexadecimal digits), WHOLE, REAL, FLAG, PAIR ([low, high]), WHOLES
 * and TEXTS (arrays), FREE (any object). PRESENCE: NEEDED; NULLABLE (there, but may be null);
 * OPTIONAL; EITHER (may be absent or null). Behind the prose may stand .unit; LEAST(n) and .most of
 * numbers, SHARE for 0 to 1; .most bytes of a TEXT; .choices ("a|b"); .since (the first schema or
 * day with it); .csv, the column's name, or several as "name=path ...", and .place, the number of
 * the first of them (without one they stand behind all others); the columns of a list's members are
 * named in the list's row. A type comes before the types that hold it; those of rounds and of the
 * machine have files of their own. */
/* clang-format off */

OBJECT(estimate, "A figure with its 95 % interval, or why it is withheld.", .either =
  "value,lo,hi|withheld")
  V(REAL, value, OPTIONAL, "The figure; absent when it is withheld.")
  V(REAL, lo, EITHER, "Lower end of the interval; null where there is none.")
  V(REAL, hi, EITHER, "Upper end of the interval; null where there is none.")
  V(TEXT, interval_withheld, OPTIONAL, "Why lo and hi are null.")
  V(TEXT, withheld, OPTIONAL, "Why there is no figure, and what it would take.")
END(estimate)

OBJECT(metrics, "Accuracy at several depths, means over users.")
  N(REAL, hr1, "HR@1", NEEDED, "Share of users whose held-out item is ranked first.", SHARE)
  N(REAL, hr5, "HR@5", NEEDED, "Share of users whose held-out item is among the first 5.", SHARE)
  N(REAL, hr10, "HR@10", NEEDED, "Share of users whose held-out item is among the first 10.", SHARE)
  N(REAL, hr20, "HR@20", NEEDED, "Share of users whose held-out item is among the first 20.", SHARE)
  N(REAL, ndcg1, "NDCG@1", NEEDED, "Normalised discounted cumulative gain at depth 1.", SHARE)
  N(REAL, ndcg5, "NDCG@5", NEEDED, "Normalised discounted cumulative gain at depth 5.", SHARE)
  N(REAL, ndcg10, "NDCG@10", NEEDED, "Normalised discounted cumulative gain at depth 10.", SHARE)
  N(REAL, ndcg20, "NDCG@20", NEEDED, "Normalised discounted cumulative gain at depth 20.", SHARE)
  N(REAL, mrr20, "MRR@20", NEEDED, "Mean reciprocal rank, 0 below rank 20.", SHARE)
END(metrics)

OBJECT(intervals, "95 % intervals over users of the metrics of that name.")
  N(PAIR, hr1, "HR@1", NEEDED, "Interval of HR@1.", SHARE)
  N(PAIR, hr5, "HR@5", NEEDED, "Interval of HR@5.", SHARE)
  N(PAIR, hr10, "HR@10", NEEDED, "Interval of HR@10.", SHARE)
  N(PAIR, hr20, "HR@20", NEEDED, "Interval of HR@20.", SHARE)
  N(PAIR, ndcg1, "NDCG@1", NEEDED, "Interval of NDCG@1.", SHARE)
  N(PAIR, ndcg5, "NDCG@5", NEEDED, "Interval of NDCG@5.", SHARE)
  N(PAIR, ndcg10, "NDCG@10", NEEDED, "Interval of NDCG@10.", SHARE)
  N(PAIR, ndcg20, "NDCG@20", NEEDED, "Interval of NDCG@20.", SHARE)
  N(PAIR, mrr20, "MRR@20", NEEDED, "Interval of MRR@20.", SHARE)
END(intervals)

OBJECT(conventions, "Intervals under both conventions.")
  P(intervals, keep, NEEDED, "Intervals of `keep`.")
  P(intervals, mask, NEEDED, "Intervals of `mask`.")
END(conventions)

OBJECT(group_figures, "Accuracy of a group of users.")
  N(REAL, hr10, "HR@10", NEEDED, "Hit ratio at depth 10.", SHARE)
  N(REAL, ndcg10, "NDCG@10", NEEDED, "NDCG at depth 10.", SHARE)
END(group_figures)

OBJECT(group, "Users whose history length, or whose target's training count, is between two "
  "bounds.")
  V(TEXT, name, OPTIONAL, "Which part of the catalogue by popularity; absent where groups are by "
    "history length.",
    .choices = "head|torso|tail|unseen")
  V(WHOLE, from, NEEDED, "The lower bound, included, in interactions.", LEAST(0))
  V(WHOLE, to, NEEDED, "The upper bound, included, in interactions.", LEAST(0))
  V(WHOLE, items, OPTIONAL, "Items within the bounds; of groups by popularity.", LEAST(0))
  V(WHOLE, users, NEEDED, "Users in the group.", LEAST(1))
  P(group_figures, keep, NEEDED, "Accuracy with seen items kept in the ranking.")
  P(group_figures, mask, NEEDED, "Accuracy with seen items removed from the ranking.")
END(group)

OBJECT(groups, "Accuracy by groups of users.")
  L(group, history_length, NEEDED, "Groups by the length of the history: quartiles; equal "
    "lengths stay together.", LEAST(1))
  L(group, target_popularity, NEEDED, "Groups by how often the held-out item occurs in training: "
    "head, torso and tail hold a third of the interactions each, `unseen` none.", LEAST(1))
END(groups)

OBJECT(bootstrap, "How the intervals of `ci95` were resampled.")
  V(WHOLE, resamples, NEEDED, "Number of resamples.")
  V(WHOLE, seed, NEEDED, "Seed of the resampling.")
END(bootstrap)

OBJECT(accuracy, "What the accuracy pass over all evaluated users gave.")
  V(WHOLE, users, NEEDED, "Users evaluated.", LEAST(1), .csv = "users", .place = 18)
  P(metrics, keep, NEEDED, "Metrics with seen items kept in the ranking.")
  P(metrics, mask, NEEDED, "Metrics with seen items removed from the ranking.")
  P(conventions, ci95, NEEDED, "95 % intervals of the metrics, by bootstrap over users.")
  V(WHOLE, short_rankings, NEEDED, "Users for whom fewer than 20 items were ranked, under keep.",
    LEAST(0), .csv = "short_rankings", .place = 55)
  V(WHOLE, short_rankings_mask, OPTIONAL, "The same without the history, under mask.", LEAST(0),
    .since = "2026-11-28", .csv = "short_rankings_mask", .place = 56)
  V(TEXT, mask_by, OPTIONAL, "How ranks under mask were made: by all items' scores, by a search "
    "without the history, or by what a ranking holds beside the history, which is capped where "
    "that is short. In records without it searches by beams were capped.", .since = "2026-11-28",
    .csv = "mask_by", .place = 57)
  V(REAL, tie_share, NEEDED, "Share of users whose held-out item ties with another one.", SHARE,
    .csv = "tie_share", .place = 58)
  V(TEXT, samples, NEEDED, "Name of the file beside the record that holds the ranks; it begins "
    "with its SHA-256.")
  P(groups, groups, OPTIONAL, "Accuracy by history length and by popularity; absent in records "
    "made before there were groups.")
  P(bootstrap, bootstrap, OPTIONAL, "How `ci95` was resampled.")
END(accuracy)

OBJECT(percentiles, "Percentiles over rounds.")
  P(estimate, p50, NEEDED, "The median.", .unit = "ns", .csv = "p50_over_rounds_lo=lo "
    "p50_over_rounds_hi=hi", .place = 93)
  P(estimate, p90, NEEDED, "The 90th percentile.", .unit = "ns")
  P(estimate, p95, NEEDED, "The 95th percentile.", .unit = "ns")
  P(estimate, p99, NEEDED, "The 99th percentile.", .unit = "ns", .csv = "p99_over_rounds_lo=lo "
    "p99_over_rounds_hi=hi", .place = 95)
END(percentiles)

OBJECT(correlation, "How the means of neighbouring rounds correlate.")
  V(REAL, lag1, NEEDED, "The correlation at lag 1.")
  V(REAL, bound, NEEDED, "What chance explains; a larger lag1 means that intervals over rounds "
    "are too narrow.")
END(correlation)

OBJECT(latency, "Latencies of queries and the mean time of a user.")
  V(WHOLE, count, NEEDED, "Requests served in the timed part of all rounds.", LEAST(1), .csv =
    "queries", .place = 31)
  P(estimate, p50, NEEDED, "The median of a typical round's queries.", .unit = "ns", .csv =
    "p50_ns=value p50_lo=lo p50_hi=hi", .place = 32)
  P(estimate, p90, NEEDED, "The 90th percentile.", .unit = "ns", .csv = "p90_ns=value p90_lo=lo "
    "p90_hi=hi", .place = 35)
  P(estimate, p95, NEEDED, "The 95th percentile.", .unit = "ns", .csv = "p95_ns=value", .place = 38)
  P(estimate, p99, NEEDED, "The 99th percentile.", .unit = "ns", .csv = "p99_ns=value p99_lo=lo "
    "p99_hi=hi", .place = 39)
  P(estimate, mean, NEEDED, "The mean time of a user, of these users alone, over rounds like "
    "these.", .unit = "ns", .csv = "mean_ns=value mean_lo=lo mean_hi=hi", .place = 42)
  V(TEXT, interval, OPTIONAL, "The rule by which intervals were made.", .choices = "users and "
    "rounds", .since = "2026-11-28")
  P(correlation, round_correlation, OPTIONAL, "How the means of neighbouring rounds correlate; "
    "with five rounds only a strong correlation shows.")
END(latency)

#include "bench/record/fields_round.inc.h"

OBJECT(energy, "Energy of the timed parts of all rounds.")
  V(REAL, joules, NULLABLE, "Energy without idle power; in records without `gross_joules` with "
    "it. Null where the machine does not say.", .unit = "J", .csv = "joules", .place = 59)
  V(TEXT, source, NEEDED, "Where it comes from.")
  V(TEXT, reason, OPTIONAL, "Why it is absent, or what it holds.")
  V(REAL, gross_joules, OPTIONAL, "Idle power included.", .unit = "J")
  V(REAL, idle_watts, OPTIONAL, "Idle power, subtracted in `joules`.", .unit = "W")
END(energy)

OBJECT(resources, "Memory and time that the engine takes beside serving.")
  V(WHOLE, weights_bytes, NEEDED, "Weights as the engine holds them.", .unit = "bytes", .csv =
    "weights_bytes", .place = 48)
  V(WHOLE, scratch_bytes, NEEDED, "Working memory.", .unit = "bytes", .csv = "scratch_bytes",
    .place = 49)
  V(WHOLE, peak_rss_bytes, NEEDED, "Largest resident memory of all rounds.", .unit = "bytes",
    .csv = "peak_rss_bytes", .place = 50)
  V(REAL, open_seconds, NEEDED, "Mean time to open the engine.", .unit = "s", .csv =
    "open_seconds", .place = 51)
  V(REAL, item_vectors_seconds, NEEDED, "Time to work out the item vectors.", .unit = "s", .csv =
    "item_vectors_seconds", .place = 52)
  V(FLAG, item_vectors_cached, OPTIONAL, "True when they came from the model's cache.")
END(resources)

OBJECT(ceiling, "The speed that the machine allows, and the share of it that was reached.")
  V(TEXT, name, NULLABLE, "Which ceiling; null where none was measured. Sgemm's, in records of "
    "before 2026-11-29, is a library's speed and no ceiling: shares of it may be above 1.", .csv =
    "ceiling", .place = 105)
  V(REAL, value, NULLABLE, "Its height.", .unit = "flop/s", .csv = "ceiling_flops_per_second",
    .place = 106)
  V(REAL, fraction, NULLABLE, "Share of it that the modelled work of the served users makes.", .csv =
    "ceiling_fraction", .place = 107)
  V(TEXT, precision, OPTIONAL, "Precision of the multiply-adds it is of; absent of sgemm.", .since =
    "2026-11-29")
  V(TEXT, instructions, OPTIONAL, "Instruction set that reached it: the fastest of those that can "
    "make products of the precision.", .since = "2026-11-29")
  V(TEXT, fault, OPTIONAL, "Present where a share is above 1.03: the ceiling is below the work, so "
    "that one of the two is wrong.", .csv = "ceiling_fault", .place = 108,
    .since = "2026-11-29")
END(ceiling)

OBJECT(pinned, "Where the threads ran.")
  V(TEXT, asked, NEEDED, "What --pin asked for.", .csv = "pin", .place = 100)
  V(WHOLES, observed, NEEDED, "Processor that each worker was seen on.")
  V(WHOLES, memory_nodes, OPTIONAL, "NUMA node of a page that each worker touched; -1: unknown.")
  V(WHOLES, processors, OPTIONAL, "Asked for, by the operating system's numbers.")
  V(FLAG, proven, OPTIONAL, "Every thread was read back where it was put.")
  V(FLAG, this_system, OPTIONAL, "hwloc describes the machine that it runs on.")
END(pinned)

#include "bench/record/fields_machine.inc.h"

OBJECT(ranks, "The processes that hold a catalogue together (an arm with shards=R), and what that costs "
  "a user in the timed parts.")
  V(WHOLE, count, NEEDED, "How many.", LEAST(1), .csv = "ranks", .place = 111)
  V(TEXT, library, NEEDED, "By what they reach each other.")
  V(TEXTS, hosts, NEEDED, "Host of each.")
  V(REAL, sent_bytes_per_user, NEEDED, "What all of them handed to others.", .unit = "bytes",
    LEAST(0), .csv = "ranks_sent_bytes_per_user", .place = 112)
  V(REAL, wait_ns_per_user, NEEDED, "How long rank 0 waited for the others' answers.", .unit = "ns",
    LEAST(0), .csv = "ranks_wait_ns_per_user", .place = 113)
  V(WHOLE, resident_bytes, NEEDED, "Resident memory of the largest process.", .unit = "bytes",
    LEAST(0), .csv = "ranks_resident_bytes", .place = 114)
END(ranks)

OBJECT(floor, "What a row has to reach.")
  V(TEXT, convention, NEEDED, "Under which convention.", .choices = "keep|mask")
  V(TEXT, metric, NEEDED, "By which metric.", .choices = "HR@10|NDCG@10")
  V(REAL, at_least, NEEDED, "The least value.")
END(floor)

OBJECT(row, "The row of an accuracy experiment that the record is of.")
  V(TEXT, name, NEEDED, "Name of the row.")
  V(WHOLE, settings_tried, OPTIONAL, "Settings that were tried before this one.")
  P(floor, floor, OPTIONAL, "What the row has to reach.")
END(row)

OBJECT(stage, "Time of a timer beside the modelled work of the stages that it covers.")
  V(TEXT, name, NEEDED, "Name of the timer.")
  V(TEXTS, stages, NEEDED, "Stages that it covers.")
  P(estimate, ns_per_user, NULLABLE, "Time a user; null where a round lacks it.", .unit = "ns")
  V(REAL, flops, NEEDED, "Modelled operations of a user.", .unit = "flop")
  V(REAL, bytes, NEEDED, "Modelled traffic of a user.", .unit = "bytes")
  V(REAL, flops_per_second, NULLABLE, "Operations a second.", .unit = "flop/s")
  V(REAL, bytes_per_second, NULLABLE, "Bytes a second.", .unit = "bytes/s")
  V(REAL, sgemm_fraction, NULLABLE, "Speed in multiples of sgemm's, in records of before "
    "2026-11-29; null in later ones.")
  V(REAL, memory_fraction, EITHER, "Modelled traffic in multiples of what memory gives: above 1 it "
    "came from caches.")
  V(REAL, peak_fraction, OPTIONAL, "Share of the record's ceiling.", .since = "2026-11-29")
  V(TEXT, read_from, OPTIONAL, "The slowest level that gives so many bytes a second.", .choices =
    "L1|L2|L3|memory", .since = "2026-11-29")
  V(REAL, read_fraction, OPTIONAL, "Share of the speed of reading that level.", .since =
    "2026-11-29")
END(stage)

OBJECT(schedule, "How much later than due the arrivals were taken that found the worker idle.")
  V(WHOLE, arrivals_idle, NEEDED, "How many found it idle.", LEAST(0))
  V(WHOLE, p50_ns, NULLABLE, "Median delay.", .unit = "ns")
  V(WHOLE, p90_ns, NULLABLE, "90th percentile.", .unit = "ns")
  V(WHOLE, p99_ns, NULLABLE, "99th percentile.", .unit = "ns")
  V(WHOLE, max_ns, NULLABLE, "The longest.", .unit = "ns")
  V(WHOLE, limit_ns, NEEDED, "What p99 has to be within.", .unit = "ns")
  V(FLAG, kept, NULLABLE, "True when it is; null where no arrival found the worker idle.")
END(schedule)

OBJECT(server, "Of an open loop: Poisson arrivals on a seeded schedule. Queueing makes "
  "neighbours alike: near saturation the interval of p99 is too narrow; the rounds' p99_ns show "
  "the spread.")
  V(REAL, rate_asked, NEEDED, "The rate asked for.", .unit = "users/s", .csv = "rate_asked",
    .place = 86)
  V(REAL, rate_scheduled, NEEDED, "What the seeded draws came to.", .unit = "users/s")
  V(REAL, rate_achieved, NEEDED, "Users answered a second.", .unit = "users/s", .csv =
    "rate_achieved", .place = 87)
  V(REAL, bound_ns, NEEDED, "What p99 has to stay below.", .unit = "ns", .csv = "bound_ns",
    .place = 89)
  P(estimate, p99_ns, NEEDED, "99th percentile of the latencies, waiting included.", .unit = "ns")
  V(TEXT, verdict, NEEDED, "PASS when p99 is below the bound and the load below 1; WITHHELD when "
    "there are too few users for p99.", .choices = "PASS|FAIL|WITHHELD", .csv = "verdict",
    .place = 90)
  V(TEXT, reason, NEEDED, "The verdict in a sentence.")
  V(REAL, load, NEEDED, "Rate asked times mean service.", .csv = "load", .place = 88)
  P(estimate, service_p50_ns, NEEDED, "Median service without waiting.", .unit = "ns")
  P(estimate, service_p99_ns, NEEDED, "99th percentile of the service without waiting.", .unit =
    "ns")
  P(schedule, schedule, NEEDED, "Whether arrivals came when they were due.")
END(server)

OBJECT(trial, "One rate that was tried.")
  V(REAL, rate, NEEDED, "The rate.", .unit = "users/s")
  V(TEXT, verdict, NEEDED, "What it came to.", .choices = "PASS|FAIL|WITHHELD")
  P(estimate, p99_ns, NEEDED, "99th percentile of the latencies.", .unit = "ns")
END(trial)

OBJECT(knee, "The search that this record's rate was tried in; each trial has a record of its own.")
  V(REAL, rate, NULLABLE, "The highest rate that passed below every one that failed; null where "
    "none did.", .unit = "users/s", .csv = "knee", .place = 91)
  V(REAL, tolerance, NEEDED, "Factor within which the rate is known.")
  V(TEXT, stopped, NEEDED, "Why the search ended.")
  L(trial, trials, NEEDED, "The rates tried, in their order.")
END(knee)

OBJECT(overhead, "What the harness spends on a request beside the engine, measured by its own "
  "loop over an engine that does nothing, median over rounds.")
  V(REAL, every, NEEDED, "On every request.", .unit = "ns", .csv = "overhead_ns", .place = 92)
  V(REAL, inside, NEEDED, "The part that a latency contains.", .unit = "ns")
END(overhead)

OBJECT(warning, "What spoiled these rounds, with its remedy; in schema 1 its text alone.", .bare =
  "text")
  V(TEXT, arm, OPTIONAL, "Which arm.")
  V(TEXT, kind, OPTIONAL, "Which kind of warning.")
  V(WHOLES, rounds, EITHER, "Places in `rounds`; null: all of them.")
  V(TEXT, text, OPTIONAL, "What happened, and what to do.")
  V(FLAG, spoils, OPTIONAL, "True: `lite4rec claims` gives no verdict on these times.")
END(warning)

OBJECT(ratio, "Times of one kind of request over those of another.")
  V(REAL, ratio, EITHER, "The ratio.")
  V(REAL, lo, EITHER, "Lower end of its interval.")
  V(REAL, hi, EITHER, "Upper end of its interval.")
  V(WHOLE, pairs, EITHER, "Pairs that were compared.")
END(ratio)

OBJECT(checks, "What the harness held against the timed answers; a run that fails a check writes "
  "no record without its failure.")
  V(WHOLE, answers_compared, OPTIONAL, "Timed answers that were compared with the accuracy pass.",
    LEAST(0))
  V(REAL, answers_difference, OPTIONAL, "How far a score of theirs was from that of its place "
    "there at most, as a share of the answer's largest score.", LEAST(0))
  V(REAL, answers_tolerance, OPTIONAL, "How far it could have been: 1e-4, and in a peer's fewer "
    "bits that of its precision.", LEAST(0))
  V(TEXT, held_out_hidden_by, EITHER, "What kept test.txt, validation.txt and times.txt out of "
    "the engine's sight; null: nothing could, and held_out_in_sight says why.")
  V(TEXT, held_out_in_sight, OPTIONAL, "Why they could not be hidden.")
  P(ratio, known_to_novel, OPTIONAL, "Requests of the sample over histories that no file holds: "
    "below 1 answers are looked up.")
  P(ratio, repeats_to_fresh, EITHER, "Repeated users over fresh ones: below 1 answers are "
    "remembered.")
END(checks)

OBJECT(own_time, "What the engine says its calls took, where it says that; latency_ns is by our "
  "clock.")
  V(WHOLE, p50_ns, OPTIONAL, "Median of a call.", .unit = "ns")
  V(REAL, mean_ns, OPTIONAL, "Mean of a user.", .unit = "ns")
  V(REAL, share_of_wall, OPTIONAL, "Share of our clock's time.")
END(own_time)

OBJECT(clock, "The clock that timed.")
  V(TEXT, name, NEEDED, "Its name.")
  V(REAL, tick_ns, NEEDED, "Its resolution.", .unit = "ns")
  V(REAL, read_ns, NEEDED, "What a reading costs.", .unit = "ns")
END(clock)

OBJECT(instructions, "Instructions of serving the sample once on one thread, of the engine's calls "
  "alone. It is no time: a busy machine does not move it.")
  V(REAL, per_user, NEEDED, "Mean over users and counts.", .unit = "instructions", LEAST(0),
    .csv = "instructions_per_user", .place = 109)
  V(WHOLES, counts, NEEDED, "The whole sample, counted in processes of their own: how far they are "
    "apart is what a count is uncertain by.")
  V(WHOLE, users, NEEDED, "Users of the sample.", LEAST(1))
  V(TEXT, source, NEEDED, "Who counted.", .choices = "hardware|callgrind", .csv =
    "instructions_source", .place = 110)
  V(TEXT, counter, NEEDED, "The event, or callgrind's version.")
  V(TEXT, isa, NEEDED, "Instruction set that served; valgrind knows none above avx2.")
  V(TEXT, kernel, NEEDED, "Kernel that multiplied: the first in order of preference, since what is "
    "quickest is not the same everywhere; empty where the engine names none.")
END(instructions)

OBJECT(failure, "A round that failed.")
  V(WHOLE, round, NEEDED, "Its number, from 0.", LEAST(0))
  V(TEXT, reason, NEEDED, "Why it failed.")
END(failure)

OBJECT(requests, "Whom the run asked about, and by which histories.")
  V(HASH, sha256, NEEDED, "SHA-256 of the requests.")
END(requests)

/* Generated from the rows of the options of `run`; the option's help is the description. */
#define KIND_TEXT TEXT
#define KIND_INT  WHOLE
#define KIND_REAL REAL
#define REST(...) __VA_ARGS__
#define SETTING(...) V(__VA_ARGS__)
#define RECORD(KIND, member, name, meta, help, record, ...) \
  SETTING(KIND_##KIND, member, OPTIONAL, "--" name ": " help ".", REST record)
#define JOB_RECORD RECORD
OBJECT(settings, "What the run was asked for; `lite4rec run --help` tells the options.")
#include "bench/record/run_options.inc.h"
END(settings)
#undef KIND_TEXT
#undef KIND_INT
#undef KIND_REAL
#undef REST
#undef SETTING


OBJECT(described_stage, "Modelled work of a user in one stage.")
  V(TEXT, name, NEEDED, "Name of the stage.")
  V(REAL, flops, NEEDED, "Operations.", .unit = "flop")
  V(REAL, bytes, NEEDED, "Traffic.", .unit = "bytes")
  V(WHOLE, timer, OPTIONAL, "The place of its time in rounds[].timers.")
END(described_stage)

OBJECT(measured_kernel, "A kernel that an engine compared with others when it was opened.")
  V(TEXT, kernel, NEEDED, "Its name.")
  V(REAL, ns, NEEDED, "Processor time that the matrix products of a request took by it; 0 where it "
    "was not measured.", .unit = "ns")
END(measured_kernel)

OBJECT(description, "What the engine says of itself (impl/engine.h).")
  V(TEXT, kernels, NEEDED, "Kernels that ran.")
  V(TEXT, isa, NEEDED, "Instruction set that ran.")
  V(TEXT, kernel, OPTIONAL, "The kernel that multiplied: with isa=ISA,kernel=KERNEL an arm gives the "
    "same bits again.")
  V(TEXT, chosen, OPTIONAL, "How the kernel was chosen: asked for; the only one here; the widest; "
    "the fastest as measured at open, or by an earlier open.", .choices =
    "asked|only|widest|measured|remembered")
  L(measured_kernel, measured, OPTIONAL, "What the choice was made from, in order of preference: "
    "the first that is no more than a twentieth slower than the fastest.")
  V(TEXT, precision, NEEDED, "Precision of the weights.")
  V(TEXT, settings, NEEDED, "How it served: key=value, separated by commas.")
  V(WHOLE, weights_bytes, NEEDED, "Weights.", .unit = "bytes")
  V(WHOLE, scratch_bytes, NEEDED, "Working memory.", .unit = "bytes")
  V(REAL, open_seconds, OPTIONAL, "Time to open.", .unit = "s")
  V(FLAG, item_vectors_cached, OPTIONAL, "True when item vectors came from the model's cache.")
  V(REAL, item_vectors_seconds, OPTIONAL, "Time to work out the item vectors.", .unit = "s")
  V(WHOLE, short_rankings, OPTIONAL, "Rankings shorter than asked for.")
  V(WHOLE, invalid_strings, OPTIONAL, "Generated strings that name no item.")
  V(HASH, file_sha256, OPTIONAL, "Of a shared object alone: the file that was measured.")
  V(WHOLE, load_ns, OPTIONAL, "Of a peer alone: from its start until it was ready.", .unit = "ns")
  L(described_stage, stages, NEEDED, "Modelled work of a user (analytic).")
END(description)

OBJECT(validation, "Validation of the epoch that was kept.")
  N(REAL, hr10, "HR@10", NULLABLE, "Hit ratio at depth 10.")
  N(REAL, ndcg10, "NDCG@10", NULLABLE, "NDCG at depth 10.")
  V(REAL, users, NULLABLE, "Users validated.")
END(validation)

OBJECT(curve, "Where the learning curve stands at its end, and where it goes.")
  V(TEXT, metric, NEEDED, "Of which metric.")
  V(TEXT, state, NEEDED, "How it ends.", .choices = "unknown|flat|rising|falling")
  V(WHOLE, epochs, NEEDED, "Epochs trained.")
  V(WHOLE, points, NEEDED, "Validations that the curve was drawn through.")
  V(REAL, end, NULLABLE, "Its value at the end.")
  V(REAL, at_twice_the_time, NULLABLE, "What twice the training time would reach.")
  V(REAL, limit, NULLABLE, "What endless training would reach.")
END(curve)

OBJECT(model, "The model that was served.")
  V(TEXT, name, NEEDED, "Last part of its folder's name.", .csv = "model", .place = 6)
  V(TEXT, kind, OPTIONAL, "Kind of model.", .csv = "kind", .place = 7)
  V(TEXT, size, OPTIONAL, "Size.", .csv = "size", .place = 8)
  V(WHOLE, seed, OPTIONAL, "Seed of the training.", .csv = "seed", .place = 9)
  V(TEXT, init, OPTIONAL, "Where the weights began.", .csv = "init", .place = 10)
  V(TEXT, loss, OPTIONAL, "Training loss.", .csv = "loss", .place = 11)
  V(WHOLE, epoch, OPTIONAL, "Epoch that was kept.", .csv = "epoch", .place = 12)
  V(REAL, training_seconds, OPTIONAL, "Time of the training.", .unit = "s", .csv =
    "training_seconds", .place = 13)
  V(HASH, sha256, EITHER, "SHA-256 of the weights.", .csv = "model_sha256", .place = 102)
  V(HASH, config_sha256, OPTIONAL, "SHA-256 of config.json.")
  V(TEXT, sentencepiece, OPTIONAL, "Version of SentencePiece that trained the model's tokenizer, "
    "where it was trained here.")
  V(TEXT, dataset_sha256, OPTIONAL, "The data set that config.json says it was trained on.")
  V(FREE, settings, OPTIONAL, "The model's config.json, without what other members say; "
    "`training` names every option of its training.")
  P(validation, validation, OPTIONAL, "Validation of the epoch that was kept.")
  P(curve, curve, OPTIONAL, "Where the learning curve ends.")
END(model)

OBJECT(evaluated, "Whom the data set holds a test item back of.")
  V(WHOLE, users, NEEDED, "How many.")
  V(HASH, sha256, NEEDED, "SHA-256 of their numbers from 0 as little-endian 64-bit integers.")
END(evaluated)

OBJECT(dataset, "The data set.")
  V(TEXT, name, NEEDED, "Its name.", .csv = "dataset", .place = 14)
  V(HASH, sha256, NEEDED, "SHA-256 that identifies it.", .csv = "dataset_sha256", .place = 15)
  V(WHOLE, users, NEEDED, "Users.")
  V(WHOLE, items, NEEDED, "Items.")
  V(WHOLE, interactions, NEEDED, "Interactions.")
  V(TEXT, filters, NEEDED, "How it was filtered.")
  V(TEXT, tie, NEEDED, "How interactions of one time were ordered.", .csv = "tie", .place = 16)
  V(TEXT, split, NEEDED, "How it was split.", .choices = "leave-one-out|time", .csv = "split",
    .place = 17)
  P(evaluated, evaluated, OPTIONAL, "Whom it holds a test item back of.", .since = "schema 2")
  V(WHOLES, cut, OPTIONAL, "With a split by time: when validation and when test begin.", .unit =
    "s")
END(dataset)

OBJECT(record, "One line of a *.jsonl file below results/. Readers ignore members that are not "
  "named here. Times are nanoseconds unless a name says otherwise.")
  V(WHOLE, schema, NEEDED, "Version of the format. From 2 on the raw samples are bound to the "
    "record by a hash of each of its members that does not follow from them.", LEAST(1),
    .most = L4R_SCHEMA_NEWEST)
  V(TEXT, kind, NEEDED, "Kind of record.", .choices = "run")
  V(TEXT, engine, NEEDED, "The engine.", .csv = "engine", .place = 1)
  V(TEXT, arm, OPTIONAL, "Engine, model and options as the run's command line named them, the "
    "model by its folder's last part.", .csv = "arm", .place = 2)
  V(FREE, options, NEEDED, "Options as given in the arm, key=value; defaults are not written.")
  V(TEXT, scenario, NEEDED, "As MLPerf LoadGen's. multi-stream: queries of `batch` users one "
    "after the other, percentiles are a query's, means a user's. server: an open loop, latencies "
    "count from when a request was due; `counters` then include the waiting.", .choices =
    "single-stream|multi-stream|offline|server", .csv = "scenario", .place = 3)
  V(WHOLE, threads, NEEDED, "Threads that served.", LEAST(1), .csv = "threads", .place = 4)
  V(WHOLE, batch, OPTIONAL, "Users of a call.", LEAST(1), .csv = "batch", .place = 64)
  V(TEXT, precision, NEEDED, "Precision of the weights.", .csv = "precision", .place = 5)
  P(model, model, NEEDED, "The model that was served.")
  P(dataset, dataset, NEEDED, "The data set.")
  P(accuracy, accuracy, NEEDED, "What the accuracy pass over all evaluated users gave.", .csv =
    "hr10_keep=keep.HR@10 hr10_keep_lo=ci95.keep.HR@10.0 hr10_keep_hi=ci95.keep.HR@10.1 "
    "ndcg10_keep=keep.NDCG@10 ndcg10_keep_lo=ci95.keep.NDCG@10.0 "
    "ndcg10_keep_hi=ci95.keep.NDCG@10.1 hr10_mask=mask.HR@10 hr10_mask_lo=ci95.mask.HR@10.0 "
    "hr10_mask_hi=ci95.mask.HR@10.1 ndcg10_mask=mask.NDCG@10 ndcg10_mask_lo=ci95.mask.NDCG@10.0 "
    "ndcg10_mask_hi=ci95.mask.NDCG@10.1", .place = 19)
  P(latency, latency_ns, NEEDED, "Percentiles are those of a typical round (geometric mean over "
    "rounds), for users and rounds like these; the mean speaks of these users alone, over rounds "
    "like these. Records without `interval` have percentiles of all queries as one sample, whose "
    "intervals take rounds for free of effects.")
  P(percentiles, latency_over_rounds_ns, OPTIONAL, "The geometric mean of the rounds' own "
    "percentiles with Student's interval over rounds: what holds where rounds differ more than "
    "their queries.", .since = "2026-11-26")
  P(estimate, users_per_second, NEEDED, "Users served a second, mean over rounds; of an open "
    "loop the rate achieved.", .unit = "users/s", .csv = "users_per_second=value "
    "users_per_second_lo=lo users_per_second_hi=hi", .place = 45)
  L(round, rounds, NEEDED, "The rounds that were measured.", LEAST(1), .csv =
    "load_ns=0.load_ns cold_ns=0.cold_ns", .place = 53)
  P(energy, energy, NEEDED, "Energy of the timed parts.")
  L(counter, counters, NEEDED, "Counters a query, from those of the rounds.")
  P(resources, resources, NEEDED, "Memory and time beside serving.")
  P(ceiling, ceiling, NEEDED, "The speed that the machine allows.")
  P(pinned, pinned, NEEDED, "Where the threads ran.")
  P(manifest, manifest, NEEDED, "Machine and program.")
  V(TEXT, command, NEEDED, "The command line, folders cut to their last part.", .most = 8192,
    .csv = "command", .place = 62)
  V(TEXT, samples, NEEDED, "Name of the file beside the record that holds the raw samples; it "
    "begins with its SHA-256.")
  V(HASH, sha256, NEEDED, "SHA-256 of the record without this member, as compact JSON with "
    "sorted keys: its seal.", .csv = "sha256", .place = 63)
  P(row, row, OPTIONAL, "The row of an accuracy experiment.")
  L(stage, stages, OPTIONAL, "Time and modelled work by timer.", .csv = "stage1=0.name "
    "stage1_ns=0.ns_per_user.value stage1_lo=0.ns_per_user.lo stage1_hi=0.ns_per_user.hi "
    "stage1_flops_per_second=0.flops_per_second stage1_bytes_per_second=0.bytes_per_second "
    "stage1_sgemm_fraction=0.sgemm_fraction stage2=1.name stage2_ns=1.ns_per_user.value "
    "stage2_lo=1.ns_per_user.lo stage2_hi=1.ns_per_user.hi "
    "stage2_flops_per_second=1.flops_per_second stage2_bytes_per_second=1.bytes_per_second "
    "stage2_sgemm_fraction=1.sgemm_fraction stage3=2.name stage3_ns=2.ns_per_user.value "
    "stage3_lo=2.ns_per_user.lo stage3_hi=2.ns_per_user.hi "
    "stage3_flops_per_second=2.flops_per_second stage3_bytes_per_second=2.bytes_per_second "
    "stage3_sgemm_fraction=2.sgemm_fraction", .place = 65)
  P(server, server, OPTIONAL, "Of an open loop.")
  P(knee, knee, OPTIONAL, "The search for the highest rate.")
  P(overhead, overhead_ns, OPTIONAL, "What the harness costs; absent where a round does not say.")
  L(warning, warnings, OPTIONAL, "What spoiled these rounds, with its remedy.", .csv = "warnings",
    .place = 98)
  P(checks, checks, OPTIONAL, "What the harness held against the timed answers.")
  P(own_time, own_time, OPTIONAL, "What the engine says its calls took.")
  P(clock, clock, OPTIONAL, "The clock that timed.")
  L(failure, failures, OPTIONAL, "Rounds that failed, from 0; empty in a record that counts.")
  P(requests, requests, OPTIONAL, "Whom the run asked about.", .since = "schema 2")
  P(settings, settings, OPTIONAL, "What the run was asked for.")
  P(description, description, OPTIONAL, "What the engine says of itself.")
  V(TEXT, build, OPTIONAL, "Which of the two builds of `run --ab` served, whose rounds took turns; "
    "the manifest states its commit and hash.", .choices = "a|b", .since = "2026-11-29")
  P(instructions, instructions, OPTIONAL, "Instructions of serving the sample, on request alone.",
    .since = "2026-11-29")
  P(ranks, ranks, OPTIONAL, "The processes that served together, of an arm with shards=R.",
    .since = "2026-11-29")
  V(FREE, controls, OPTIONAL, "Controls that spoil the model on purpose, where any were asked for.")
END(record)
/* clang-format on */
