/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec recommend: what an arm recommends to one person, in the words of the imported files. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/run/session/session.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset_names.h"
#include "impl/model/model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct cli_args {
  struct l4r_argument_list arms;
  const char *data, *user, *history, *pin;
  int64_t k, threads;
  int seen, json;
};

struct person {
  int64_t user; /* from 0 */
  l4r_item *item;
  int64_t length;
  int borrowed; /* the number of a user who is somebody else */
};

/* --- who
 * ----------------------------------------------------------------------------------------*/

/* All that the data set knows of a user, held-out interactions included: the command is for people,
 * not for figures. */
static int whole_history(const struct l4r_dataset *dataset, struct person *person) {
  const int64_t u = person->user, shorter = l4r_dataset_history_length(dataset, u, 1);
  const struct l4r_held_out *test = &dataset->test_part;
  const int64_t tested = test->start ? test->start[u + 1] - test->start[u] : 0;
  person->item = l4r_alloc((size_t)(shorter + tested) + 1, sizeof *person->item, "a history");
  if (!person->item) return L4R_ENVIRONMENT;
  person->length = l4r_dataset_history(dataset, u, 1, person->item, shorter);
  for (int64_t i = 0; i < tested; i++)
    person->item[person->length++] = test->item[test->start[u] + i];
  return L4R_OK;
}

/* --- items by name
 * ------------------------------------------------------------------------------*/

static char *trimmed(char *text) {
  while (isspace((unsigned char)*text)) text++;
  size_t n = strlen(text);
  while (n && isspace((unsigned char)text[n - 1])) text[--n] = '\0';
  return text;
}

static int named_history(const struct l4r_dataset *dataset, const char *text,
                         struct person *person) {
  char *copy = l4r_strdup(text), *rest = copy, *word;
  person->item = l4r_alloc(strlen(text) + 1, sizeof *person->item, "a history");
  int status = copy && person->item ? L4R_OK : L4R_ENVIRONMENT;
  while (!status && (word = strsep(&rest, ";")) != NULL) {
    word = trimmed(word);
    if (*word) status = l4r_dataset_item_named(dataset, word, &person->item[person->length]);
    if (*word && !status) person->length++;
  }
  l4r_free(copy);
  if (!status && !person->length)
    status = l4r_fail(L4R_USAGE, "--history needs items by id or title, separated by ';'");
  return status;
}

/* --- what
 * ---------------------------------------------------------------------------------------*/

static int is_seen(const struct person *person, l4r_item item) {
  for (int64_t i = 0; i < person->length; i++)
    if (person->item[i] == item) return 1;
  return 0;
}

static const char *title_of(const struct l4r_dataset *dataset, l4r_item item) {
  const char *title = dataset->text[item].title;
  return *title ? title : "(no title)";
}

static void print_person(const struct l4r_dataset *dataset, const struct cli_args *args,
                         const struct person *person) {
  enum { NEWEST = 5 };
  if (args->user)
    printf("%s: %lld interactions, the newest:\n", args->user, (long long)person->length);
  else
    printf("a history of %lld items%s:\n", (long long)person->length,
           person->length > NEWEST ? ", the newest" : "");
  const int64_t from = person->length > NEWEST ? person->length - NEWEST : 0;
  for (int64_t i = from; i < person->length; i++)
    printf("      %s\n", title_of(dataset, person->item[i]));
  if (person->borrowed)
    printf("note: this arm reads the user's number too, and is given that of the first user\n");
}

static json_t *row_of(const struct l4r_dataset *dataset, int64_t place, l4r_item item,
                      float score) {
  return json_pack("{s:I, s:s, s:s, s:f}", "place", (json_int_t)place, "item",
                   dataset->text[item].source_id, "title", dataset->text[item].title, "score",
                   (double)score);
}

static int print_ranking(const struct l4r_dataset *dataset, const struct cli_args *args,
                         const struct person *person, const char *label,
                         const struct l4r_ranking *ranking) {
  json_t *rows = json_array();
  int64_t place = 0;
  if (!args->json) printf("%s recommends:\n", label);
  for (int64_t r = 0; r < ranking->count && place < args->k; r++) {
    const l4r_item item = ranking->item[r];
    if (item < 1 || item > dataset->items)
      return l4r_fail(L4R_CHECK, "arm %s ranks item %d, which is not in the catalogue", label,
                      (int)item);
    if (!args->seen && is_seen(person, item)) continue;
    place++;
    json_array_append_new(rows, row_of(dataset, place, item, ranking->score[r]));
    if (!args->json)
      printf("%4lld  %-50.200s  %s\n", (long long)place, title_of(dataset, item),
             dataset->text[item].source_id);
  }
  if (args->json) {
    json_t *root = json_pack("{s:s, s:I, s:O}", "arm", label, "history", (json_int_t)person->length,
                             "items", rows);
    json_dumpf(root, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(root);
  }
  json_decref(rows);
  if (place < args->k && !args->json)
    printf("note: the arm ranked %lld items, and %lld of them were not seen before\n",
           (long long)ranking->count, (long long)place);
  return L4R_OK;
}

/* Engines of prompts read who asks. */
static int reads_users(const struct l4r_session *session) {
  enum l4r_kind kind;
  return !l4r_model_kind(session->arm.model, &kind) && l4r_kind_is_prompted(kind);
}

static int recommend(const struct cli_args *args, const struct l4r_dataset *dataset,
                     struct person *person) {
  struct l4r_job job = {.task = L4R_TASK_PROBE,
                        .arm = args->arms.value[0],
                        .data = args->data,
                        .k = args->k,
                        .batch = 1,
                        .counters = "none"};
  struct l4r_session session = {0};
  int64_t nanoseconds;
  int status = l4r_pin_plan(args->pin, (int)args->threads, &job.pin);
  if (!status) status = l4r_session_open(&job, 1, args->k + person->length, &session);
  const struct l4r_request request = {person->user, person->item, person->length};
  if (!status) {
    person->borrowed = args->history && reads_users(&session);
    if (!args->json) print_person(dataset, args, person);
    status = !args->seen && session.engine->recommend_unseen
                 ? l4r_session_serve_unseen(&session, &request, 1, args->k)
                 : l4r_session_serve(&session, &request, 1, args->k, &nanoseconds);
  }
  if (!status)
    status = print_ranking(dataset, args, person, session.arm.label, &session.ranking[0]);
  l4r_session_close(&session);
  return status;
}

static int check(const struct cli_args *args) {
  if (args->arms.count != 1)
    return l4r_fail(L4R_USAGE, "recommend needs one --arm ENGINE@MODEL, not %d", args->arms.count);
  if (!args->user == !args->history)
    return l4r_fail(L4R_USAGE, "give either --user ID or --history \"item; item\"");
  return L4R_OK;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"arm", L4R_ARG_LIST, "ARM", "arm that recommends, ENGINE@MODEL[:key=value,...]", AT(arms)},
    {"data", L4R_ARG_TEXT, "FOLDER", "data set that the model was trained on", AT(data),
     .is_needed = 1},
    {"user", L4R_ARG_TEXT, "ID", "user, named as in the imported files", AT(user)},
    {"history", L4R_ARG_TEXT, "ITEMS",
     "history to use instead of a user: ids or titles of items, oldest first, separated by ';'",
     AT(history)},
    {"k", L4R_ARG_INT, "N", "number of items to print", AT(k), .preset = "10",
     .range = {1, 1000, 0}},
    {"seen", L4R_ARG_FLAG, NULL, "recommend items of the history too", AT(seen)},
    {"threads", L4R_ARG_INT, "N", "number of threads", AT(threads), .preset = "1",
     .range = {1, L4R_PIN_THREADS, 0}},
    {"json", L4R_ARG_FLAG, NULL, "print one JSON object instead of lines", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_recommend = {
    .command = "recommend",
    .summary = "Prints what an arm recommends to one user of a data set, or after a history that "
               "you write: titles in, titles out. A user's whole history is used, held-out "
               "interactions included, and seen items are left out.",
    .examples = "  lite4rec recommend --arm blis@models/lite --data data/ml-1m --user 42\n"
                "  lite4rec recommend --arm blis@models/lite --data data/ml-1m \\\n"
                "    --history \"Toy Story (1995); Heat (1995)\"\n",
    .arguments = arguments};

int l4r_command_recommend(int argc, char **argv) {
  struct cli_args args = {.pin = "none"};
  const unsigned parts = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT |
                         L4R_PART_USERS;
  struct l4r_parsed parsed;
  struct person person = {0};
  struct l4r_dataset *dataset = NULL;
  int status = l4r_arguments_parse(&l4r_usage_recommend, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = check(&args);
  l4r_blas_open();
  if (!status) status = l4r_dataset_open(args.data, parts, &dataset);
  if (!status && args.user) status = l4r_dataset_user_named(dataset, args.user, &person.user);
  if (!status)
    status = args.user ? whole_history(dataset, &person)
                       : named_history(dataset, args.history, &person);
  if (!status) status = recommend(&args, dataset, &person);
  l4r_free(person.item);
  if (dataset) l4r_dataset_close(dataset);
  return status;
}
