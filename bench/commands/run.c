/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec run: measures arms and prints accuracy and latency of each in one row. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/run/run.h"
#include "bench/table/brief.h"
#include "bench/table/table.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

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
    return l4r_fail(L4R_USAGE, "--floor needs keep|mask:HR@10|NDCG@10:SHARE, not '%s'", text);
  json_object_set_new(
      row, "floor",
      json_pack("{s:s, s:s, s:f}", "convention", convention, "metric", metric, "at_least", least));
  return L4R_OK;
}

/* What a table of trained rows needs to know beyond the model: which row this is a seed of. */
static int make_row(const struct l4r_run_options *options, json_t **row) {
  *row = NULL;
  if (!options->row_name) {
    if (options->floor || options->settings_tried)
      return l4r_fail(L4R_USAGE, "--floor and --settings-tried belong to --row NAME");
    return L4R_OK;
  }
  if (options->arm_texts.count != 1)
    return l4r_fail(L4R_USAGE, "--row names one arm, and there are %d", options->arm_texts.count);
  if (!(*row = json_pack("{s:s}", "name", options->row_name)))
    return l4r_fail(L4R_USAGE, "--row is not valid UTF-8");
  if (options->settings_tried)
    json_object_set_new(*row, "settings_tried", json_integer(options->settings_tried));
  return options->floor ? parse_floor(options->floor, *row) : L4R_OK;
}

static int default_batch(int scenario, int64_t *batch) {
  return l4r_parse_int(scenario == L4R_MULTI_STREAM ? L4R_BATCH_MULTI_STREAM : L4R_BATCH_OFFLINE,
                       batch);
}

enum { LABEL = 60 }; /* bytes of a machine's name: it heads a column */

static int validate(struct l4r_run_options *options) {
  const struct l4r_argument_list *texts = &options->arm_texts;
  if (texts->count > L4R_RUN_ARMS)
    return l4r_fail(L4R_USAGE, "at most %d arms in a run", L4R_RUN_ARMS);
  if (options->strict && (options->scenario != L4R_SERVER || options->find_peak_rate))
    return l4r_fail(L4R_USAGE, "--strict belongs to --scenario server with --rate");
  size_t bad;
  if (options->label && (!*options->label || strlen(options->label) > LABEL ||
                         l4r_utf8_valid(options->label, strlen(options->label), &bad) != 1))
    return l4r_fail(L4R_USAGE, "--label is a name of 1 to %d bytes of UTF-8", LABEL);
  int status = options->batch ? L4R_OK : default_batch(options->scenario, &options->batch);
  options->arms = texts->count;
  for (int a = 0; a < texts->count && !status; a++)
    status = l4r_arm_parse(texts->value[a], &options->arm[a]);
  if (!status) l4r_arms_name(options->arm, texts->count);
  return status;
}

static void command_line(int argc, char **argv, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "lite4rec");
  for (int i = 0; i < argc; i++) l4r_text_add(out, size, &used, " %s", argv[i]);
}

/* --strict: the verdict of every record of the open loop decides the exit code. */
static int judge(const struct l4r_records *records) {
  const struct l4r_record_record *first = NULL;
  int64_t passed = 0;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record_record *data = &records->at[r].data;
    if (!strcmp(l4r_text_or_none(data->server.verdict), "PASS"))
      passed++;
    else if (!first)
      first = data;
  }
  if (!first && records->count) return L4R_OK;
  return l4r_fail(L4R_CHECK, "%lld of %lld records do not PASS; the first: %s at %g users/s, %s",
                  (long long)(records->count - passed), (long long)records->count,
                  first ? l4r_text_or_none(first->arm) : "", first ? first->server.rate_asked : 0.,
                  first ? l4r_text_or_none(first->server.reason) : "");
}

static void print_json(const json_t *records) {
  size_t index;
  json_t *record;
  json_array_foreach(records, index, record) {
    json_dumpf(record, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    printf("\n");
  }
}

static int run(struct l4r_run_options *options, int argc, char **argv) {
  char command[4096], path[L4R_PATH_MAX] = "";
  options->arm = l4r_alloc(L4R_RUN_ARMS, sizeof *options->arm, "arms");
  if (!options->arm) return L4R_ENVIRONMENT;
  command_line(argc, argv, command, sizeof command);
  options->command = command;
  json_t *records = NULL;
  l4r_log_quiet(options->quiet);
  l4r_blas_choose(); /* clears what would choose other kernels, once and with one warning */
  int status = validate(options);
  if (!status) status = make_row(options, &options->row);
  if (!status) status = l4r_run(options, &records, path);
  struct l4r_records typed = {0};
  const int made = l4r_records_of(records, &typed);
  if (options->json) print_json(records);
  const int printed = made || options->json ? made
                      : options->verbose    ? l4r_table_run(stdout, &typed)
                                            : l4r_table_brief(stdout, &typed);
  if (!status) status = printed;
  if (*path && !options->json)
    printf("records: %s\nnext: lite4rec report %s --out report.html\n", path, options->out);
  if (!status && options->strict) status = judge(&typed);
  l4r_records_free(&typed);
  json_decref(records);
  json_decref(options->row);
  l4r_free(options->arm);
  options->command = NULL; /* ends with this call */
  return status;
}

const struct l4r_usage l4r_usage_run = {
    .command = "run",
    .summary = "Measures arms: accuracy over all users, latency over a sample, in one table.",
    .examples = "  lite4rec run --arm heuristic@models/pop --arm blis@models/lite \\\n"
                "    --data data/ml-1m --threads 1,2 --pin core --out runs\n"
                "  lite4rec run --arm blis@models/lite --data data/ml-1m --scenario server \\\n"
                "    --rate 500,1000 --bound 10 --out runs\n",
    .arguments = l4r_run_arguments};

int l4r_command_run(int argc, char **argv) {
  struct l4r_run_options options = {.arms = 0};
  struct l4r_parsed parsed;
  const int status = l4r_arguments_parse(&l4r_usage_run, argc, argv, &options, &parsed);
  return status || parsed.helped ? status : run(&options, argc, argv);
}
