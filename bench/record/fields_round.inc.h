/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of bench/record/fields.inc.h: what a round says. */
/* clang-format off */

OBJECT(counter, "One hardware, kernel or modelled figure.")
  V(TEXT, name, NEEDED, "What was counted.")
  V(REAL, value, NULLABLE, "The figure; null where it is absent.")
  V(TEXT, unit, NEEDED, "Its unit.")
  V(TEXT, source, NEEDED, "Where it comes from.", .choices =
    "hardware|multiplexed|kernel|modelled|absent")
  V(TEXT, reason, NEEDED, "Why it is absent, or what limits it.")
  V(FLAG, total, OPTIONAL, "Of a round: true for a sum over it, false for a ratio.")
END(counter)

OBJECT(timer, "Time that the engine spent in one of its timers.")
  V(TEXT, name, NEEDED, "Name of the timer.")
  V(WHOLE, ns, NEEDED, "Time of the whole timed part.", .unit = "ns")
  V(REAL, ns_per_user, NEEDED, "The same a user.", .unit = "ns")
END(timer)

OBJECT(usage, "Who computed in the timed part: the round's process and all that came from it.")
  V(REAL, seconds, NEEDED, "How long the part lasted.", .unit = "s")
  V(WHOLE, threads, NEEDED, "Threads that the engine was given.")
  V(REAL, cpu_seconds, NEEDED, "Processor time of all of them.", .unit = "s")
  V(REAL, others_cpu_seconds, NEEDED, "Processor time of processes beside the round's own.",
    .unit = "s")
  V(REAL, wait_seconds, NEEDED, "For how long the serving thread and the engine's longest "
    "waiting one had no processor.", .unit = "s")
  V(WHOLE, processes, NEEDED, "Processes that lived.")
  V(WHOLE, busy_threads, NEEDED, "Threads that computed.")
END(usage)

OBJECT(tail, "One of the slowest calls, and what happened in the `over` calls between the two "
  "readings of the kernel's counters around it: 0 is a proof, more is an upper bound.")
  V(WHOLE, query, NEEDED, "Which call of the round, from 0.", LEAST(0))
  V(WHOLE, ns, NEEDED, "What it took.", .unit = "ns", LEAST(0))
  V(WHOLE, user, NEEDED, "The user's number in the data set's files; of a call of several users "
    "the one with the longest history.", LEAST(1))
  V(WHOLE, history, NEEDED, "Length of that user's history.", .unit = "items", LEAST(0))
  V(WHOLE, at_ns, NEEDED, "When serving it began, from the begin of the timed part.", .unit = "ns")
  V(WHOLE, over, NEEDED, "Calls between the two readings.", LEAST(1))
  V(WHOLE, voluntary_switches, NEEDED, "Times that the thread gave its processor up.", LEAST(0))
  V(WHOLE, forced_switches, NEEDED, "Times that the processor was taken from the thread.", LEAST(0))
  V(WHOLE, minor_faults, NEEDED, "Page faults without the disk.", LEAST(0))
  V(WHOLE, major_faults, NEEDED, "Page faults that read the disk.", LEAST(0))
END(tail)

OBJECT(tail_readings, "What was read for the tails, and when: an open loop also reads while it "
  "is idle. Threads of other processes (peers) are not seen.")
  V(TEXT, source, NEEDED, "Which counters of the kernel.")
  V(WHOLE, cost_ns, NEEDED, "What a reading takes.", .unit = "ns", LEAST(0))
  V(WHOLE, every, NEEDED, "Calls from one reading to the next.", LEAST(1))
END(tail_readings)

OBJECT(ghz, "The clock's frequency by a chain of multiplications.")
  V(REAL, before, NULLABLE, "Before the timed part.", .unit = "GHz")
  V(REAL, during, NULLABLE, "Between its permutations.", .unit = "GHz")
  V(REAL, after, NULLABLE, "After it.", .unit = "GHz")
END(ghz)

OBJECT(watch, "What went on beside the serving.")
  P(ghz, ghz, NEEDED, "The clock's frequency.")
  V(REAL, steal_share, NULLABLE, "Share of all processors' time that a hypervisor took.")
  V(REAL, others_share, NULLABLE, "Share of all processors' time that other processes took.")
END(watch)

OBJECT(counted_stage, "Counters of one stage.")
  V(TEXT, name, NEEDED, "Name of the stage.")
  V(WHOLE, calls, NEEDED, "How often it ran.", LEAST(0))
  L(counter, counters, NEEDED, "What was counted in it.")
END(counted_stage)

OBJECT(stage_counters, "Counters by stage, on request alone.")
  V(REAL, cost, NULLABLE, "Share of the serving that reading them took.")
  V(REAL, limit, NEEDED, "The largest share that is accepted.")
  V(TEXT, reason, NEEDED, "Why there are none; empty where there are.")
  L(counted_stage, stages, NEEDED, "The stages.")
END(stage_counters)

OBJECT(budget_part, "A part of the time of a call.")
  V(TEXT, name, NEEDED, "Its name.")
  V(REAL, ns, NEEDED, "Mean time of a call.", .unit = "ns")
  V(REAL, times, NEEDED, "How often a call enters it.")
END(budget_part)

OBJECT(budget, "Where the time of a call goes on the thread that serves, when stages are counted: "
  "the parts follow each other.")
  V(REAL, call_ns, NEEDED, "Mean time of a call, by the clock of the harness.", .unit = "ns")
  V(REAL, rest_ns, NEEDED, "What the parts leave of it: the harness, and the way into the engine.",
    .unit = "ns")
  L(budget_part, parts, NEEDED, "The parts.")
END(budget)

OBJECT(warmup, "How warming up went.")
  V(WHOLE, cycles, OPTIONAL, "Cycles through the warm-up users.")
  V(WHOLE, queries, OPTIONAL, "Requests served in them.")
  V(TEXT, ended, OPTIONAL, "Why it ended.")
  V(FLAG, steady, OPTIONAL, "False: it ended at its bound, not at a steady state.")
END(warmup)

OBJECT(peak, "Multiply-adds in registers on the workers of a round, a moment later: the best of all "
  "instruction sets that can make products of the precision.")
  V(REAL, gops, NEEDED, "Products and sums.", .unit = "10^9/s")
  V(TEXT, precision, NEEDED, "Of the products: the engine's.")
  V(TEXT, instructions, NEEDED, "The fastest set.")
END(peak)

OBJECT(rank, "A rank of those that hold a catalogue together, and its part in the timed part of the "
  "round.")
  V(TEXT, host, NEEDED, "Name of its host.")
  V(WHOLE, items, NEEDED, "Items whose vectors and scores are its own.", LEAST(1))
  V(WHOLE, sent_bytes, NEEDED, "What it handed to others.", .unit = "bytes", LEAST(0))
  V(WHOLE, messages, NEEDED, "In how many messages.", LEAST(0))
  V(WHOLE, wait_ns, NEEDED, "Time in calls with the others: of rank 0 until it had their answers, of "
    "the others also until the next request came.", .unit = "ns", LEAST(0))
  V(WHOLE, weights_bytes, NEEDED, "Weights that it holds.", .unit = "bytes", LEAST(0))
  V(WHOLE, resident_bytes, NEEDED, "Resident memory of its process after the timed part.",
    .unit = "bytes", LEAST(0))
END(rank)

OBJECT(round, "One round: a process of its own that opened the engine and was measured.")
  V(REAL, mean_ns, NEEDED, "Mean time of a user.", .unit = "ns")
  V(WHOLE, p50_ns, NULLABLE, "Median of its queries; null where calls are not queries.", .unit =
    "ns")
  V(WHOLE, p99_ns, NULLABLE, "99th percentile of its queries; null where calls are not queries.",
    .unit = "ns")
  V(REAL, users_per_second, NEEDED, "Users served a second.", .unit = "users/s")
  V(WHOLE, peak_rss_bytes, NEEDED, "Largest resident memory of the process.", .unit = "bytes")
  V(WHOLE, cold_ns, OPTIONAL, "The first request of the process.", .unit = "ns")
  V(REAL, open_seconds, OPTIONAL, "Until the engine could be asked; of a peer with what it is "
    "fed, item vectors above all.", .unit = "s")
  V(WHOLE, load_ns, OPTIONAL, "Of a peer alone, by its own clock: from its program's start until "
    "it was ready. Absent where it did not say.", .unit = "ns", LEAST(1))
  V(WHOLE, permutations, OPTIONAL, "How often it served the sample of users.", LEAST(1))
  V(REAL, timed_seconds, OPTIONAL, "How long the timed part lasted, what is between its calls "
    "included.", .unit = "s", LEAST(0))
  V(TEXT, ended, OPTIONAL, "Why the timed part ended.", .choices = "minimum count|minimum "
    "time|sample limit")
  V(WHOLE, allocations, OPTIONAL, "Allocations of our own code in the timed part.")
  L(counter, counters, OPTIONAL, "Counters of the timed part.")
  L(timer, timers, OPTIONAL, "The engine's timers.")
  V(REAL, memory_gb_per_s, OPTIONAL, "Speed of reading memory on the same workers, a moment "
    "later.", .unit = "GB/s")
  V(REAL, overhead_ns, OPTIONAL, "What the harness spends on a request beside the engine.", .unit =
    "ns")
  V(REAL, overhead_inside_ns, OPTIONAL, "The part of it that a latency contains.", .unit = "ns")
  V(WHOLE, echo_ns, OPTIONAL, "What the way to the engine's process and back costs when nobody "
    "computes, JSON included.", .unit = "ns")
  V(REAL, own_mean_ns, OPTIONAL, "What the engine says a call took.", .unit = "ns")
  V(REAL, unexplained_mean_ns, OPTIONAL, "What our clock, without waiting for a processor, or "
    "the engine's processor time says more of a call.", .unit = "ns")
  V(WHOLE, novel_inside, OPTIONAL, "Requests that no file holds, served between the timed ones "
    "and counted by the counters with them.")
  P(usage, usage, OPTIONAL, "Who computed in the timed part.")
  L(tail, tails, OPTIONAL, "The slowest calls, slowest first.")
  P(tail_readings, tail_readings, OPTIONAL, "What was read for the tails.")
  P(watch, machine, OPTIONAL, "What went on beside the serving; absent in records made before it "
    "was measured.")
  P(stage_counters, stage_counters, OPTIONAL, "Counters by stage, on request alone.")
  P(budget, budget, OPTIONAL, "Where the time of a call goes, on request alone.")
  V(WHOLE, round, OPTIONAL, "Number of the round, from 0.", LEAST(0))
  V(WHOLE, place, OPTIONAL, "In the order of arms, which turns from round to round.", LEAST(0))
  V(REAL, sgemm_gflops, OPTIONAL, "Speed of a large sgemm on the same workers, a moment later.",
    .unit = "Gflop/s")
  P(peak, peak, OPTIONAL, "The ceiling of computation.", .since = "2026-11-29")
  V(REAL, l1_gb_per_s, OPTIONAL, "Speed of reading the first-level cache likewise.", .unit = "GB/s",
    .since = "2026-11-29")
  V(REAL, l2_gb_per_s, OPTIONAL, "Of the second level.", .unit = "GB/s", .since = "2026-11-29")
  V(REAL, l3_gb_per_s, OPTIONAL, "Of the third level; absent where a worker has no share of its "
    "own.", .unit = "GB/s", .since = "2026-11-29")
  P(warmup, warmup, OPTIONAL, "How warming up went.")
  L(rank, ranks, OPTIONAL, "The ranks that served together, of an arm with shards=R.",
    .since = "2026-11-29")
END(round)
/* clang-format on */
