/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of `lite4rec run`, one row each. A row makes the option on the command line (parsing,
 * defaults, checks, --help, manual, completion: bench/cli/options.h), the member of struct
 * l4r_run_options, and, by the word that it begins with,
 *
 *   HERE         nothing else
 *   JOB          a member of struct l4r_job too, which every child process is sent
 *   RECORD       a member of a record's "settings" too, with its line in results/schema.json
 *   JOB_RECORD   both
 *
 * under the name of the C member. So a new option is a new row here, and the code that uses it.
 *
 *   WORD(KIND, member, "name", "META" or NULL, "what it is for", ...)
 *
 * KIND is a name of enum l4r_argument_type. After the help text come the rest of the record's row
 * (fields.inc.h) in parentheses, for options that are recorded, and then the optional members of a
 * row of options. The file that includes this one defines those of the four words that it uses. */
/* clang-format off */
#ifndef HERE
#define HERE(...)
#endif
#ifndef JOB
#define JOB(...)
#endif
#ifndef RECORD
#define RECORD(...)
#endif
#ifndef JOB_RECORD
#define JOB_RECORD(...)
#endif

HERE(LIST, arm_texts, "arm", "ARM", "arm to measure, ENGINE@MODEL[:key=value,...]; repeatable")
HERE(TEXT, data, "data", "FOLDER", "data set", .is_needed = 1)
JOB(CHOICE, scenario, "scenario", NULL, "how requests arrive, as in MLPerf LoadGen",
  .preset = "single-stream", .choices = l4r_scenario_names)
HERE(REALS, rate, "rate", "R,...",
  "users per second that arrive in scenario server; each rate is measured",
  .like = "50 or 50,100")
HERE(REAL, bound_ms, "bound", "MS", "in scenario server, PASS when p99 is below it")
HERE(FLAG, find_peak_rate, "find-knee", NULL,
  "in scenario server, search for the highest rate that passes, to within 5 %")
HERE(FLAG, strict, "strict", NULL, "in scenario server, exit with 1 unless every rate passes")
HERE(INTS, threads, "threads", "N,...", "numbers of threads; each is measured",
  .preset = "1", .like = "1,2", .range = {1, L4R_PIN_THREADS, 0})
HERE(TEXT, pin, "pin", "POLICY",
  "where threads are pinned: core, smt, l3, numa, none, or processors such as 0,2-3",
  .preset = "core", .offers = "core smt l3 numa none")
JOB_RECORD(TEXT, counters, "counters", "GROUPS",
  "groups of hardware counters: auto, none, or names such as default,cache (info --counters lists "
  "them); stages among them counts each stage too, and instructions those of serving the sample "
  "once, which repeats on a busy machine: by the processor, or under callgrind where that cannot "
  "(callgrind: always)", (),
  .preset = "auto", .offers = "auto none default cache flops branch tlb memory os basic stages instructions callgrind")
HERE(TEXT, out, "out", "FOLDER", "folder where records and samples are written", .preset = "runs")
RECORD(INT, rounds, "rounds", "N", "number of processes that measure each combination", (),
  .preset = "5", .range = {1, 1000, 0})
RECORD(INT, users, "users", "N", "number of users in the timed sample (records say 0 for all)", (),
  .preset = "600", .word = "all", .word_is = 0, .range = L4R_AT_LEAST(1))
JOB_RECORD(REAL, min_seconds, "min-time", "SECONDS", "least length of a round's timed part, which ends sooner once it has 16,384 latencies",
  (.unit = "s"),
  .preset = "1", .range = L4R_AT_LEAST(0))
JOB_RECORD(INT, min_count, "min-count", "N", "least number of queries in a round", (),
  .preset = "0", .shown = "one per user", .range = L4R_AT_LEAST(0))
JOB_RECORD(INT, k, "k", "N", "number of items to ask for, beside those of the history",
  (.csv = "k", .place = 101),
  .preset = "20", .range = {1, INT32_MAX, 0})
JOB(INT, batch, "batch", "N", "number of requests in a query (multi-stream) or a call (offline)",
  .shown = L4R_BATCH_MULTI_STREAM " in multi-stream, " L4R_BATCH_OFFLINE " in offline",
  .range = {1, INT32_MAX, 0})
HERE(FLAG, resume, "resume", NULL,
  "go on with the same run that was interrupted in --out; rounds that it has measured are kept")
HERE(REAL, budget, "budget", "MINUTES", "refuse to start a run that would take longer",
  .preset = "20")
HERE(TEXT, row_name, "row", "NAME", "row of a table that the arm is one training seed of")
HERE(TEXT, label, "label", "NAME",
  "name of this machine, by which records of several machines are grouped and shown")
HERE(INT, settings_tried, "settings-tried", "N",
  "number of settings that those of --row were chosen from", .range = L4R_AT_LEAST(0))
HERE(TEXT, floor, "floor", "C:M:X",
  "accuracy that --row must reach, as convention, metric and share: mask:HR@10:.30")
JOB_RECORD(INT, seed, "seed", "N", "random seed of the user sample and of the order of rounds", (),
  .preset = "1")
HERE(TEXT, ab, "ab", "BINARY_A BINARY_B",
  "measure two builds of this program in turns, round by round; records go to OUT/a and OUT/b, which "
  "lite4rec compare holds beside each other")
HERE(FLAG, one_host_at_a_time, "one-host-at-a-time", NULL,
  "under mpirun or srun, hosts measure one after the other (not all at once), as where they share a "
  "network drive or a rack's power")
HERE(FLAG, verbose, "verbose", NULL,
  "print the whole table: both conventions, memory, and below each row counters, stages, slowest "
  "calls and warnings", .letter = 'v')
HERE(FLAG, json, "json", NULL, "print the records instead of the table")
HERE(FLAG, quiet, "quiet", NULL, "print nothing but the result and errors")

#undef HERE
#undef JOB
#undef RECORD
#undef JOB_RECORD
