/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec eval: the accuracy part of a run alone, in a child process as there. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/run/ranks.h"
#include "bench/engines.h"
#include "bench/eval/beyond.h"
#include "bench/run/accuracy.h"
#include "bench/run/child.h"
#include "bench/run/job.h"
#include "bench/table/table.h"
#include "bench/export/trec.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/comm/comm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int64_t NOT_GIVEN = INT64_MIN;

struct cli_args {
  struct l4r_argument_list arms;
  const char *data, *trec, *pin;
  int64_t k, threads, shuffle; /* shuffle: a seed, or NOT_GIVEN */
  int json, quiet, controls;
  struct l4r_argument_ints at;
  struct l4r_beyond beyond;  /* with --at */
  struct l4r_dataset *named; /* with --trec: for what users and items are called */
};

/* Controls have no part in the tests of significance. */
static int add_depths(struct cli_args *args, const struct l4r_arm *arm,
                      const struct l4r_bundle *result, json_t *row) {
  char name[L4R_ARM_TEXT + 32];
  const json_t *control = json_object_get(row, "control");
  l4r_text_set(name, sizeof name, "%s%s%.20s", arm->label, control ? ", control: " : "",
               l4r_text_at(control, "name"));
  return l4r_beyond_add(&args->beyond, name, control != NULL, result, args->k, row);
}

static int eval_arm(struct cli_args *args, struct l4r_arm *arm, const struct l4r_pin *pin,
                    int shuffle, json_t *rows) {
  struct l4r_job job = {.task = L4R_TASK_ACCURACY,
                        .arm = arm->text,
                        .data = args->data,
                        .pin = *pin,
                        .k = args->k,
                        .batch = 1,
                        .counters = "none",
                        .seed = shuffle ? (uint64_t)args->shuffle : 0,
                        .shuffle = shuffle,
                        .rankings = args->trec != NULL || args->at.count};
  struct l4r_bundle bundle = {0}, result = {0};
  json_t *accuracy = NULL;
  int died = 0, status = l4r_bundle_init(&bundle);
  if (!status) status = l4r_job_put(&job, &bundle);
  if (!status) status = l4r_child_run(&bundle, &result, &died);
  l4r_bundle_free(&bundle);
  if (!status) status = l4r_accuracy_derive(&result, &accuracy);
  if (!status && args->trec) {
    char slug[128];
    l4r_arm_slug(arm, slug);
    if (shuffle) strncat(slug, "-shuffled", sizeof slug - strlen(slug) - 1);
    status = l4r_trec_runs(args->named, &result, args->k, args->trec, slug);
  }
  if (!status) {
    json_object_set(accuracy, "mode", json_object_get(result.meta, "mode"));
    json_object_set(accuracy, "seconds", json_object_get(result.meta, "seconds"));
    json_t *row = json_pack("{s:s, s:O}", "arm", arm->label, "accuracy", accuracy);
    json_t *control = json_object_get(result.meta, "control");
    if (arm->engine == l4r_engine_control())
      json_object_set_new(row, "control", json_pack("{s:s}", "name", "largest id"));
    else if (control)
      json_object_set(row, "control", control);
    if (args->at.count) status = add_depths(args, arm, &result, row);
    json_array_append_new(rows, row);
  }
  json_decref(accuracy);
  l4r_bundle_free(&result);
  return status;
}

/* The control is named as the model of the arm that it belongs to. */
static void name_control(struct l4r_arm *control, const struct l4r_arm *owner) {
  const char *at = strchr(owner->text, '@'), *shown = strchr(owner->label, '@');
  const size_t options = strlen(at + 1) - strlen(owner->model), length = strlen(shown);
  snprintf(control->label, sizeof control->label, "%s%.*s", control->name,
           (int)(length > options ? length - options : 0), shown);
}

/* largest-id over the numbering that `folder` holds: a model's (of arm `owner`), or the data set's
 * own (NULL). */
static int eval_largest_id(struct cli_args *args, const char *folder, const struct l4r_arm *owner,
                           const struct l4r_pin *pin, json_t *rows) {
  char text[L4R_ARM_TEXT];
  struct l4r_arm *arm = l4r_alloc(1, sizeof *arm, "a control");
  if (!arm) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  if (snprintf(text, sizeof text, "%s@%s", l4r_engine_control()->name, folder) >= (int)sizeof text)
    status = l4r_fail(L4R_USAGE, "the path is too long: %.80s...", folder);
  if (!status) status = l4r_arm_parse(text, arm);
  if (!status) status = l4r_arm_resolve(arm);
  if (!status && owner) name_control(arm, owner);
  if (!status) status = eval_arm(args, arm, pin, 0, rows);
  l4r_free(arm);
  return status;
}

/* An arm's row, then those of the controls that belong to it. */
static int eval_with_controls(struct cli_args *args, struct l4r_arm *arm, const struct l4r_pin *pin,
                              json_t *rows) {
  char map[L4R_PATH_MAX];
  int status = eval_arm(args, arm, pin, 0, rows);
  if (!status && args->shuffle != NOT_GIVEN) status = eval_arm(args, arm, pin, 1, rows);
  if (!status) status = l4r_path_join(map, arm->model, "id_map.tsv");
  if (!status && args->controls && !access(map, F_OK))
    status = eval_largest_id(args, arm->model, arm, pin, rows);
  return status;
}

static int write_qrels(struct cli_args *args) {
  const unsigned parts = L4R_PART_TRAIN | L4R_PART_TEST | L4R_PART_TEXT | L4R_PART_USERS;
  int status = l4r_dataset_open(args->data, parts, &args->named);
  return status ? status : l4r_trec_qrels(args->named, args->trec);
}

/* The data set and its tie rule, which results stand and fall with. */
static int print_table(const struct cli_args *args, const json_t *rows,
                       const json_t *significance) {
  struct l4r_dataset *dataset;
  struct l4r_sheet sheet;
  char label[256];
  const int status = l4r_dataset_open(args->data, 0, &dataset);
  if (status) return status;
  l4r_dataset_label(dataset->name, dataset->tie, dataset->filters, label, sizeof label);
  l4r_dataset_close(dataset);
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "eval");
  const int printed = l4r_table_accuracy(&sheet, label, rows);
  if (!printed && args->at.count) l4r_beyond_print(&sheet, &args->beyond, significance);
  return l4r_sheet_end(&sheet, printed);
}

/* Depths are of rankings as deep. */
static int open_depths(struct cli_args *args) {
  if (!args->at.count) return L4R_OK;
  const int status = l4r_beyond_open(args->data, args->at.value, args->at.count, &args->beyond);
  if (!status && args->beyond.depth[args->at.count - 1] > args->k)
    args->k = args->beyond.depth[args->at.count - 1];
  return status;
}

/* A line an arm; of several, a last line with their tests. */
static void print_json(const json_t *rows, const json_t *significance) {
  size_t index;
  json_t *row;
  json_array_foreach(rows, index, row) {
    json_dumpf(row, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    printf("\n");
  }
  if (!json_array_size(significance)) return;
  json_t *last = json_pack("{s:O}", "significance", significance);
  json_dumpf(last, stdout, JSON_COMPACT | JSON_SORT_KEYS);
  printf("\n");
  json_decref(last);
}

static int eval_all(struct cli_args *args, struct l4r_arm *arms, json_t *rows,
                    json_t **significance) {
  struct l4r_pin pin;
  int status = l4r_pin_plan(args->pin, (int)args->threads, &pin);
  if (!status) status = open_depths(args);
  if (!status && args->trec) status = write_qrels(args);
  if (!status && args->controls) status = eval_largest_id(args, args->data, NULL, &pin, rows);
  for (int a = 0; a < args->arms.count && !status; a++)
    status = eval_with_controls(args, &arms[a], &pin, rows);
  if (!status && args->at.count) status = l4r_beyond_significance(&args->beyond, significance);
  return status;
}

static int eval(struct cli_args *args) {
  if (!args->arms.count && !args->controls)
    return l4r_fail(L4R_USAGE, "nothing to rank: give --arm ENGINE@MODEL");
  l4r_log_quiet(args->quiet);
  l4r_blas_open();
  struct l4r_arm *arms = l4r_alloc((size_t)args->arms.count + 1, sizeof *arms, "arms");
  json_t *rows = json_array(), *significance = NULL;
  int status = arms && rows ? L4R_OK : L4R_ENVIRONMENT;
  for (int a = 0; a < args->arms.count && !status; a++) {
    status = l4r_arm_parse(args->arms.value[a], &arms[a]);
    if (!status) status = l4r_arm_resolve(&arms[a]);
  }
  if (!status) l4r_arms_name(arms, args->arms.count);
  struct l4r_comm *comm = NULL;
  const int divided = !status && l4r_ranks_wanted(arms, args->arms.count);
  int served = 0;
  if (divided) status = l4r_comm_open(&comm);
  if (divided && !status) status = l4r_ranks_begin(comm, args->pin, &served);
  if (!status && !served) status = eval_all(args, arms, rows, &significance);
  l4r_ranks_end();
  l4r_comm_end(comm, L4R_OK);
  if (args->json && !served) {
    print_json(rows, significance);
  } else if (json_array_size(rows)) {
    const int printed = print_table(args, rows, significance);
    if (!status) status = printed;
  }
  json_decref(rows);
  json_decref(significance);
  l4r_beyond_close(&args->beyond);
  l4r_free(arms);
  if (args->named) l4r_dataset_close(args->named);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"arm", L4R_ARG_LIST, "ARM", "arm to rank with, ENGINE@MODEL[:key=value,...]; repeatable",
     AT(arms)},
    {"data", L4R_ARG_TEXT, "FOLDER", "data set to rank for", AT(data), .is_needed = 1},
    {"threads", L4R_ARG_INT, "N", "number of threads", AT(threads), .preset = "1",
     .range = {1, L4R_PIN_THREADS, 0}},
    {"pin", L4R_ARG_TEXT, "POLICY", "processors to pin threads to, as in lite4rec run", AT(pin),
     .preset = "core"},
    {"at", L4R_ARG_INTS, "N,...",
     "also print HR, NDCG and MRR at these depths, with coverage, Gini index, popularity bias and "
     "diversity of the rankings, and test each arm against the first",
     AT(at), .like = "1,5,10,20,50,100", .range = {1, L4R_DEPTH_MOST, 0}},
    {"k", L4R_ARG_INT, "N", "number of items in a TREC ranking", AT(k), .preset = "20",
     .range = {1, INT32_MAX, 0}},
    {"trec", L4R_ARG_TEXT, "FOLDER",
     "write TREC runs and qrels there, with users and items under their own ids", AT(trec)},
    {"controls", L4R_ARG_FLAG, NULL,
     "rank by \"largest id of the history + 1\" too, under every numbering of items", AT(controls)},
    {"shuffle-history", L4R_ARG_INT, "SEED",
     "rank a second time with every history in an order drawn from SEED", AT(shuffle),
     .range = L4R_AT_LEAST(0)},
    {"json", L4R_ARG_FLAG, NULL, "print one JSON object per arm instead of the table", AT(json)},
    {"quiet", L4R_ARG_FLAG, NULL, "print no progress", AT(quiet)},
    {0}};

const struct l4r_usage l4r_usage_eval = {
    .command = "eval",
    .summary = "Prints the accuracy of arms over all users, with seen items kept and removed, and "
               "by history length and popularity of the target. Controls have rows of their own, "
               "marked as such.",
    .examples = "  lite4rec eval --arm heuristic@models/pop --data data/ml-1m --trec trec\n"
                "  lite4rec eval --arm heuristic@models/pop --arm blis@models/lite \\\n"
                "    --data data/ml-1m --at 1,5,10,20,50,100\n",
    .arguments = arguments};

int l4r_command_eval(int argc, char **argv) {
  struct cli_args args = {.shuffle = NOT_GIVEN};
  struct l4r_parsed parsed;
  const int status = l4r_arguments_parse(&l4r_usage_eval, argc, argv, &args, &parsed);
  return status || parsed.helped ? status : eval(&args);
}
