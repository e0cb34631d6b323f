/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec run: measures arms and prints accuracy and latency of each in one row. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/fleet/fleet.h"
#include "bench/fleet/texts.h"
#include "bench/run/journal.h"
#include "bench/run/ranks.h"
#include "bench/run/run.h"
#include "bench/table/brief.h"
#include "bench/table/remarks.h"
#include "bench/table/table.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/comm/comm.h"

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

/* --ab names the first build, the word behind it the second. */
static int validate_builds(struct l4r_run_options *options, const struct l4r_argument_list *words) {
  if (!options->ab && words->count)
    return l4r_fail(L4R_USAGE, "run takes no positional arguments (got '%s')", words->value[0]);
  if (!options->ab) return L4R_OK;
  if (words->count != 1)
    return l4r_fail(L4R_USAGE, "--ab wants two programs, --ab BINARY_A BINARY_B, not %d",
                    words->count + 1);
  if (options->find_peak_rate)
    return l4r_fail(L4R_USAGE,
                    "--ab measures in turns, and --find-knee searches; give one of them");
  options->build[0] = options->ab;
  options->build[1] = words->value[0];
  return L4R_OK;
}

static int validate(struct l4r_run_options *options, const struct l4r_argument_list *words) {
  const struct l4r_argument_list *texts = &options->arm_texts;
  int status = validate_builds(options, words);
  if (status) return status;
  const int builds = options->build[0] ? 2 : 1;
  if (builds * texts->count > L4R_RUN_ARMS)
    return l4r_fail(L4R_USAGE, "at most %d arms in a run%s", L4R_RUN_ARMS / builds,
                    builds > 1 ? " of two builds" : "");
  if (options->strict && (options->scenario != L4R_SERVER || options->find_peak_rate))
    return l4r_fail(L4R_USAGE, "--strict belongs to --scenario server with --rate");
  size_t bad;
  if (options->label && (!*options->label || strlen(options->label) > LABEL ||
                         l4r_utf8_valid(options->label, strlen(options->label), &bad) != 1))
    return l4r_fail(L4R_USAGE, "--label is a name of 1 to %d bytes of UTF-8", LABEL);
  status = options->batch ? L4R_OK : default_batch(options->scenario, &options->batch);
  options->arms = builds * texts->count;
  for (int a = 0; a < options->arms && !status; a++)
    status = l4r_arm_parse(texts->value[a % texts->count], &options->arm[a]);
  for (int b = 0; b < builds && !status; b++)
    l4r_arms_name(options->arm + b * texts->count, texts->count);
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

/* A table of each build, and the command that holds them beside each other. */
static int print_builds(const struct l4r_run_options *options, const struct l4r_records *records) {
  struct l4r_sheet sheet;
  char *chosen = l4r_alloc((size_t)records->count + 1, 1, "a table");
  if (!chosen) return L4R_ENVIRONMENT;
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "run");
  int status = L4R_OK;
  for (int b = 0; b < 2 && !status; b++) {
    const struct l4r_record *first = NULL;
    for (int64_t r = 0; r < records->count; r++) {
      chosen[r] = !strcmp(l4r_text_or_none(records->at[r].data.build), b ? "b" : "a");
      if (chosen[r] && !first) first = &records->at[r];
    }
    if (!first) continue;
    l4r_sheet_text(&sheet, "build %s: %s, commit %s", b ? "b" : "a", options->build[b],
                   l4r_text_or_none(first->data.manifest.git));
    status = l4r_table_run_among(&sheet, records, chosen);
  }
  l4r_free(chosen);
  status = l4r_sheet_end(&sheet, status);
  if (!status)
    printf("records: %s/a and %s/b; next: lite4rec compare %s/a %s/b --gate auto\n", options->out,
           options->out, options->out, options->out);
  return status;
}

/* What the short table has no column for. */
static void print_instructions(const struct l4r_records *records) {
  char text[256];
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record_record *data = &records->at[r].data;
    if (data->instructions.is_there)
      printf("%s: %s\n", l4r_text_or_none(data->arm),
             l4r_instructions_text(&data->instructions, text, sizeof text));
  }
}

static int print_records(const struct l4r_run_options *options, const json_t *records,
                         const struct l4r_records *typed, const char *path) {
  if (options->json) {
    print_json(records);
    return L4R_OK;
  }
  if (options->build[0]) return print_builds(options, typed);
  const int status = options->verbose ? l4r_table_run(stdout, typed)
                                      : l4r_table_brief(stdout, typed);
  if (!options->verbose) print_instructions(typed);
  if (*path)
    printf("records: %s\nnext: lite4rec report %s --out report.html\n", path, options->out);
  return status;
}

/* What is wrong with the options is wrong on every rank: the first says it. */
static int check(struct l4r_run_options *options, const struct l4r_argument_list *words,
                 const struct l4r_comm *comm) {
  int status = validate(options, words);
  if (!status) status = make_row(options, &options->row);
  if (!status && options->one_host_at_a_time && l4r_comm_size(comm) == 1)
    status = l4r_fail(L4R_USAGE, "--one-host-at-a-time needs several: mpirun -H a,b lite4rec run");
  return status;
}

/* On this machine, or on all that were begun together; or here, with the others as servers of their
 * part of a catalogue. */
static int measure(struct l4r_run_options *options, struct l4r_comm *comm) {
  char path[L4R_PATH_MAX] = "";
  const int divided = l4r_ranks_wanted(options->arm, options->arms);
  const int fleet = l4r_comm_size(comm) > 1 && !divided;
  json_t *records = NULL;
  int served = 0, status = divided ? l4r_ranks_begin(comm, options->pin, &served) : L4R_OK;
  if (status || served) return status;
  status = fleet ? l4r_fleet_run(comm, options, &records) : l4r_run(options, &records, path);
  if (divided) l4r_ranks_end();
  struct l4r_records typed = {0};
  int printed = l4r_records_of(records, &typed);
  if (!printed && (!fleet || (options->json && records)))
    printed = print_records(options, records, &typed, path);
  if (!status) status = printed;
  if (!status && options->strict) status = judge(&typed);
  l4r_records_free(&typed);
  json_decref(records);
  return status;
}

static int run(struct l4r_run_options *options, const struct l4r_argument_list *words,
               struct l4r_comm *comm, const char *command) {
  options->arm = l4r_alloc(L4R_RUN_ARMS, sizeof *options->arm, "arms");
  if (!options->arm) return L4R_ENVIRONMENT;
  options->command = command;
  l4r_log_quiet(options->quiet || l4r_comm_rank(comm));
  if (options->resume) l4r_journal_choose_blis(options);
  l4r_blas_choose(); /* clears what would choose other kernels, once and with one warning */
  int status = check(options, words, comm);
  if (l4r_comm_size(comm) > 1) status = l4r_fleet_agree(comm, status);
  if (!status) status = measure(options, comm);
  json_decref(options->row);
  l4r_free(options->arm);
  return l4r_comm_rank(comm) ? L4R_OK : status;
}

const struct l4r_usage l4r_usage_run = {
    .command = "run",
    .positional = "", /* the second word of --ab */
    .summary = "Measures arms: accuracy over all users, latency over a sample, in one table.",
    .examples = "  lite4rec run --arm heuristic@models/pop --arm blis@models/lite \\\n"
                "    --data data/ml-1m --threads 1,2 --pin core --out runs\n"
                "  lite4rec run --arm blis@models/lite --data data/ml-1m --scenario server \\\n"
                "    --rate 500,1000 --bound 10 --out runs\n"
                "  lite4rec run --ab ./before ./after --arm blis@models/lite --data data/ml-1m \\\n"
                "    --rounds 20 --out ab && lite4rec compare ab/a ab/b --gate auto\n"
                "  mpirun -n 2 lite4rec run --arm blis@models/lite:shards=2 --data data/ml-1m\n",
    .arguments = l4r_run_arguments};

int l4r_command_run(int argc, char **argv) {
  struct l4r_run_options options = {.arms = 0};
  struct l4r_parsed parsed;
  struct l4r_comm *comm = NULL;
  char command[4096];
  int status = l4r_arguments_parse(&l4r_usage_run, argc, argv, &options, &parsed);
  if (status || parsed.helped) return status;
  command_line(argc, argv, command, sizeof command);
  status = l4r_comm_open(&comm);
  if (status) return status;
  status = run(&options, &parsed.words, comm, command);
  l4r_comm_end(comm, L4R_OK); /* rank 0 has the failures of all (bench/fleet) */
  return status;
}
