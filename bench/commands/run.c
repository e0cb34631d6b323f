/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec run: measures arms and prints accuracy and latency of each in one row. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/run/run.h"
#include "bench/table/table.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

static const int64_t UNSET = INT64_MIN;

struct cli_args { /* what the command line says, before it is validated */
  struct l4r_argument_list arms;
  const char *data, *scenario, *threads, *pin, *counters, *out, *users, *row, *floor, *rate;
  int64_t settings_tried, rounds, seed, k, batch, min_count;
  double budget, min_time, bound;
  int json, quiet, find_peak_rate, strict;
};

static int parse_threads(const char *text, struct l4r_run_options *options) {
  char copy[256], *rest = copy, *word;
  snprintf(copy, sizeof copy, "%s", text);
  while ((word = strsep(&rest, ","))) {
    int64_t threads;
    if (l4r_parse_int(word, &threads) || threads < 1 || threads > L4R_PIN_THREADS)
      return l4r_fail(L4R_USAGE, "--threads wants numbers like 1,2, not '%s'", text);
    if (options->thread_counts == L4R_RUN_THREADS)
      return l4r_fail(L4R_USAGE, "--threads takes at most %d counts", L4R_RUN_THREADS);
    options->threads[options->thread_counts++] = (int)threads;
  }
  return L4R_OK;
}

static int parse_rates(const char *text, struct l4r_run_options *options) {
  char copy[256], *rest = copy, *word;
  snprintf(copy, sizeof copy, "%s", text ? text : "");
  while (text && (word = strsep(&rest, ","))) {
    if (options->rates == L4R_RUN_RATES)
      return l4r_fail(L4R_USAGE, "--rate takes at most %d rates", L4R_RUN_RATES);
    if (l4r_parse_double(word, &options->rate[options->rates++]))
      return l4r_fail(L4R_USAGE, "--rate wants users a second, like 50 or 50,100, not '%s'", text);
  }
  return L4R_OK;
}

/* Queries of MLPerf's multi-stream hold 8; offline fills a product of matrices. */
static int64_t default_batch(enum l4r_scenario scenario) {
  return scenario == L4R_MULTI_STREAM ? 8 : 64;
}

static int parse_users(const char *text, int64_t *users) {
  if (!strcmp(text, "all")) {
    *users = 0;
    return L4R_OK;
  }
  if (!l4r_parse_int(text, users) && *users > 0) return L4R_OK;
  return l4r_fail(L4R_USAGE, "--users wants a number or 'all', not '%s'", text);
}

/* "mask:HR@10:.30" as {"convention", "metric", "at_least"}. */
static int parse_floor(const char *text, json_t *row) {
  static const char *const metrics[] = {"HR@10", "NDCG@10"};
  char convention[8] = "", metric[16] = "";
  double least = -1;
  const char *number = strrchr(text, ':');
  int known = 0;
  if (number && sscanf(text, "%7[a-z]:%15[A-Z@0-9]:", convention, metric) == 2 &&
      !l4r_parse_double(number + 1, &least))
    for (int m = 0; m < 2; m++) known |= !strcmp(metric, metrics[m]);
  if (!known || (strcmp(convention, "keep") && strcmp(convention, "mask")) || !(least >= 0) ||
      least > 1)
    return l4r_fail(L4R_USAGE, "--floor wants keep|mask:HR@10|NDCG@10:SHARE, not '%s'", text);
  json_object_set_new(
      row, "floor",
      json_pack("{s:s, s:s, s:f}", "convention", convention, "metric", metric, "at_least", least));
  return L4R_OK;
}

/* What a table of trained rows needs to know beyond the model: which row this is a seed of. */
static int make_row(const struct cli_args *args, json_t **row) {
  *row = NULL;
  if (!args->row) {
    if (args->floor || args->settings_tried)
      return l4r_fail(L4R_USAGE, "--floor and --settings-tried belong to --row NAME");
    return L4R_OK;
  }
  if (args->arms.count != 1)
    return l4r_fail(L4R_USAGE, "--row names one arm, and there are %d", args->arms.count);
  if (args->settings_tried < 0) return l4r_fail(L4R_USAGE, "--settings-tried cannot be negative");
  if (!(*row = json_pack("{s:s}", "name", args->row)))
    return l4r_fail(L4R_USAGE, "--row is not valid UTF-8");
  if (args->settings_tried)
    json_object_set_new(*row, "settings_tried", json_integer(args->settings_tried));
  return args->floor ? parse_floor(args->floor, *row) : L4R_OK;
}

static int validate(const struct cli_args *args, struct l4r_run_options *options) {
  if (!args->data) return l4r_fail(L4R_USAGE, "--data is missing: the data set's folder");
  if (args->arms.count > L4R_RUN_ARMS)
    return l4r_fail(L4R_USAGE, "at most %d arms in a run", L4R_RUN_ARMS);
  options->data = args->data;
  options->pin = args->pin;
  options->counters = args->counters;
  options->out = args->out;
  options->rounds = args->rounds;
  options->k = args->k;
  options->min_count = args->min_count;
  options->min_seconds = args->min_time;
  options->budget = args->budget;
  options->seed = (uint64_t)args->seed;
  options->arms = args->arms.count;
  options->bound_ms = args->bound;
  options->find_peak_rate = args->find_peak_rate;
  int status = l4r_scenario_parse(args->scenario, &options->scenario);
  options->batch = args->batch == UNSET ? default_batch(options->scenario) : args->batch;
  if (!status) status = parse_rates(args->rate, options);
  if (!status) status = parse_threads(args->threads, options);
  if (!status) status = parse_users(args->users, &options->users);
  for (int a = 0; a < args->arms.count && !status; a++)
    status = l4r_arm_parse(args->arms.value[a], &options->arm[a]);
  if (!status) l4r_arms_name(options->arm, args->arms.count);
  return status;
}

static void command_line(int argc, char **argv, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "lite4rec");
  for (int i = 0; i < argc; i++) l4r_text_add(out, size, &used, " %s", argv[i]);
}

/* --strict: the verdict of every record of the open loop decides the exit code. */
static int judge(const json_t *records) {
  size_t index, passed = 0, of = 0;
  const json_t *record, *first = NULL;
  json_array_foreach(records, index, record) {
    const json_t *server = json_object_get(record, "server");
    of++;
    if (!strcmp(l4r_text_at(server, "verdict"), "PASS"))
      passed++;
    else if (!first)
      first = record;
  }
  if (passed == of && of) return L4R_OK;
  return l4r_fail(
      L4R_CHECK, "%zu of %zu records do not PASS; the first: %s at %g users/s, %s", of - passed, of,
      l4r_text_at(first, "arm"),
      json_number_value(json_object_get(json_object_get(first, "server"), "rate_asked")),
      l4r_text_in(first, "server", "reason"));
}

static int run(const struct cli_args *args, int argc, char **argv) {
  char command[4096], path[L4R_PATH_MAX] = "";
  struct l4r_arm *arms = l4r_alloc(L4R_RUN_ARMS, sizeof *arms, "arms");
  if (!arms) return L4R_ENVIRONMENT;
  command_line(argc, argv, command, sizeof command);
  struct l4r_run_options options = {.arm = arms, .command = command};
  json_t *records = NULL;
  l4r_log_quiet(args->quiet);
  l4r_blas_choose(); /* clears what would choose other kernels, once and with one warning */
  int status = validate(args, &options);
  if (!status && args->strict && (options.scenario != L4R_SERVER || args->find_peak_rate))
    status = l4r_fail(L4R_USAGE, "--strict belongs to --scenario server with --rate");
  if (!status) status = make_row(args, &options.row);
  if (!status) status = l4r_run(&options, &records, path);
  size_t index;
  json_t *record;
  if (args->json)
    json_array_foreach(records, index, record) {
      json_dumpf(record, stdout, JSON_COMPACT | JSON_SORT_KEYS);
      printf("\n");
    }
  else {
    const int printed = l4r_table_run(stdout, records);
    if (!status) status = printed;
  }
  if (*path && !args->json) printf("records: %s\n", path);
  if (!status && args->strict) status = judge(records);
  json_decref(records);
  json_decref(options.row);
  l4r_free(arms);
  return status;
}

static const char examples[] =
    "  lite4rec run --arm heuristic@models/pop --arm blis@models/lite --data data/ml-1m \\\n"
    "               --threads 1,2 --pin core --out runs\n"
    "  lite4rec run --arm blis@models/lite --data data/ml-1m --scenario server --rate 500,1000 \\\n"
    "               --bound 10 --out runs\n";

int l4r_command_run(int argc, char **argv) {
  struct cli_args args = {.scenario = "single-stream",
                          .threads = "1",
                          .pin = "core",
                          .counters = "auto",
                          .out = "runs",
                          .users = "600",
                          .rounds = 5,
                          .seed = 1,
                          .k = 20,
                          .batch = UNSET,
                          .budget = 20,
                          .min_time = 1};
  const struct l4r_argument arguments[] = {
      {"arm", L4R_ARG_LIST, "ARM", "ENGINE@MODEL[:key=value,...], repeatable", &args.arms},
      {"data", L4R_ARG_TEXT, "FOLDER", "the data set", &args.data},
      {"scenario", L4R_ARG_TEXT, "NAME", "single-stream (default), multi-stream, offline, server",
       &args.scenario},
      {"rate", L4R_ARG_TEXT, "R,...", "server: users a second, each rate measured", &args.rate},
      {"bound", L4R_ARG_REAL, "MS", "server: PASS when p99 is below it", &args.bound},
      {"find-knee", L4R_ARG_FLAG, "", "server: search the highest rate that passes, within 5 %",
       &args.find_peak_rate},
      {"strict", L4R_ARG_FLAG, "", "server: exit 1 unless every rate passes", &args.strict},
      {"threads", L4R_ARG_TEXT, "N,...", "thread counts, each measured (1)", &args.threads},
      {"pin", L4R_ARG_TEXT, "POLICY", "core (default), smt, l3, numa, none, or a list 0,2-3",
       &args.pin},
      {"counters", L4R_ARG_TEXT, "GROUPS",
       "auto (default), none, or groups like default,cache (info --counters lists them); stages: "
       "of "
       "each stage too",
       &args.counters},
      {"out", L4R_ARG_TEXT, "FOLDER", "where records and samples go (runs)", &args.out},
      {"rounds", L4R_ARG_INT, "N", "processes per combination (5)", &args.rounds},
      {"users", L4R_ARG_TEXT, "N|all", "users of the timed sample (600)", &args.users},
      {"min-time", L4R_ARG_REAL, "SECONDS", "timed part of a round, at least (1)", &args.min_time},
      {"min-count", L4R_ARG_INT, "N", "queries of a round, at least (one per user)",
       &args.min_count},
      {"k", L4R_ARG_INT, "N", "items asked for, beside the history's (20)", &args.k},
      {"batch", L4R_ARG_INT, "N",
       "requests of a query in multi-stream (8), of a call in offline (64)", &args.batch},
      {"budget", L4R_ARG_REAL, "MINUTES", "refuse to start a longer run (20)", &args.budget},
      {"row", L4R_ARG_TEXT, "NAME", "the row that the arm is one training seed of; for one arm",
       &args.row},
      {"settings-tried", L4R_ARG_INT, "N", "how many settings the row's were chosen from",
       &args.settings_tried},
      {"floor", L4R_ARG_TEXT, "C:M:X", "what the row must reach: mask:HR@10:.30", &args.floor},
      {"seed", L4R_ARG_INT, "N", "of sample and orders (1)", &args.seed},
      {"json", L4R_ARG_FLAG, "", "print the records instead of the table", &args.json},
      {"quiet", L4R_ARG_FLAG, "", "no progress", &args.quiet},
      {0}};
  const struct l4r_usage usage = {
      "lite4rec run",
      "Measures arms: accuracy over all users, latency over a sample, in one table.", examples,
      arguments};
  struct l4r_argument_list words = {0};
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  if (words.count) return l4r_fail(L4R_USAGE, "run takes no words: '%s'", words.value[0]);
  return run(&args, argc, argv);
}
