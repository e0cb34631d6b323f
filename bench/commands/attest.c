/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec attest: a statement over all that figures rest on, for somebody to sign. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/derive/door.h"
#include "bench/export/statement.h"
#include "bench/record/text.h"
#include "bench/run/found.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

struct cli_args {
  const char *out, *check, *label;
  struct l4r_argument_list models, data, program;
};

/* The predicate of a test: what was tried (configuration), how it ended, and which tests passed. */
static const char predicate_type[] = "https://in-toto.io/attestation/test-result/v0.1";

/* The program that measured a record is among those given, or else this one. */
static int add_program(struct l4r_statement *statement, const struct cli_args *args,
                       const struct l4r_record *record) {
  const char *stated = record->data.manifest.program_sha256;
  const int given = args->program.count;
  char where[1100], hash[65];
  if (!stated) return L4R_OK; /* records of old say only of which commit it was */
  for (int p = 0; p < (given ? given : 1); p++) {
    const char *path = given ? args->program.value[p] : "/proc/self/exe";
    const int status = l4r_sha256_file(path, hash);
    if (status) return status;
    if (!strcmp(hash, stated)) return l4r_statement_add(statement, path, "program", NULL, NULL);
  }
  return l4r_fail(L4R_INPUT,
                  "%s was measured by a program of SHA-256 %.12s..., which is %s; --program FILE "
                  "names the one that measured, and repeats where there were several",
                  l4r_record_where(record, where, sizeof where), stated,
                  given ? "none of those of --program" : "not this one");
}

static int add_samples(struct l4r_statement *statement, const struct l4r_record *record,
                       const char *name) {
  char path[L4R_PATH_MAX];
  const int status = l4r_record_sibling_path(record, name, path);
  return status ? status : l4r_statement_add(statement, path, "samples", NULL, NULL);
}

static int add_record(struct l4r_statement *statement, const struct cli_args *args,
                      const struct l4r_record *record) {
  const struct l4r_places places = {&args->models, &args->data};
  const struct l4r_record_record *data = &record->data;
  char model[L4R_PATH_MAX], folder[L4R_PATH_MAX], where[1100];
  int status = l4r_statement_add(statement, record->from.path, "record", NULL, NULL);
  if (!status) status = add_samples(statement, record, data->samples);
  if (!status) status = add_samples(statement, record, data->accuracy.samples);
  if (!status) status = add_program(statement, args, record);
  if (status) return status;
  status = l4r_find_model(&places, record, model);
  if (!status) status = l4r_find_data(&places, record, folder);
  if (status) return l4r_fail_context(status, "%s", l4r_record_where(record, where, sizeof where));
  status = l4r_statement_add_listed(statement, model, "config.json", "model");
  return status ? status : l4r_statement_add_listed(statement, folder, "dataset.json", "data");
}

/* What was tried, as the records have it: an arm and its data set each. */
static json_t *configuration_of(const struct l4r_records *records, const char *label) {
  json_t *list = json_array();
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record_record *data = &records->at[r].data;
    char name[512];
    l4r_text_set(name, sizeof name, "%.200s on %.100s, %.60s, %lld threads",
                 l4r_text_or_none(data->arm), l4r_text_or_none(data->dataset.name),
                 l4r_text_or_none(data->scenario), (long long)data->threads);
    json_array_append_new(
        list,
        json_pack("{s:s, s:{s:s}, s:{s:s, s:s, s:s, s:s, s:f, s:f}}", "name", name, "digest",
                  "sha256", l4r_text_or_none(data->sha256), "annotations", "label", label,
                  "dataset_sha256", l4r_text_or_none(data->dataset.sha256), "model_sha256",
                  l4r_text_or_none(data->model.sha256), "git", l4r_text_or_none(data->manifest.git),
                  "HR@10 keep", data->accuracy.keep.hr10, "HR@10 mask", data->accuracy.mask.hr10));
  }
  return list;
}

static int write_statement(const struct l4r_statement *statement, const struct cli_args *args,
                           const struct l4r_records *records) {
  json_t *predicate = json_pack("{s:s, s:o, s:[s]}", "result", "PASSED", "configuration",
                                configuration_of(records, args->label), "passedTests",
                                "lite4rec verify: every figure of the records follows from their "
                                "samples");
  if (!predicate) return l4r_fail(L4R_USAGE, "--label, or an arm's name, is not valid UTF-8");
  const int status = l4r_statement_write(statement, predicate_type, predicate);
  if (status) return status;
  printf("%s/%s: %zu files of %lld records, unsigned\n%s/%s: the same for sha256sum -c\n",
         args->out, L4R_STATEMENT_FILE, json_array_size(statement->subjects),
         (long long)records->count, args->out, L4R_SUMS_FILE);
  return L4R_OK;
}

static int attest(const struct cli_args *args, const struct l4r_argument_list *paths) {
  struct l4r_records records = {.count = 0};
  struct l4r_statement statement = {.subjects = NULL};
  struct l4r_door door = {.need_samples = 1};
  int status = l4r_records_admit(&door, paths->value, paths->count, &records);
  l4r_door_close(&door);
  if (!status) status = l4r_statement_open(&statement, args->out);
  for (int64_t r = 0; r < records.count && !status; r++)
    status = add_record(&statement, args, &records.at[r]);
  if (!status) status = write_statement(&statement, args, &records);
  l4r_statement_free(&statement);
  l4r_records_free(&records);
  return status;
}

static void print_fault(void *context, const char *name, const char *what) {
  (void)context;
  printf("%s: %s\n", name, what);
}

static int check(const char *path) {
  int64_t files;
  const int status = l4r_statement_check(path, print_fault, NULL, &files);
  if (!status) printf("%s: %lld files, all as attested\n", path, (long long)files);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "FOLDER", "folder for " L4R_STATEMENT_FILE " and " L4R_SUMS_FILE,
     AT(out)},
    {"models", L4R_ARG_LIST, "FOLDER", "where the records' models are, in any folder below",
     AT(models), .shown = "as the record's command has it, and models"},
    {"data", L4R_ARG_LIST, "FOLDER", "where their data sets are", AT(data),
     .shown = "as the record's command has it, and data"},
    {"program", L4R_ARG_LIST, "FILE", "program that measured them; repeatable", AT(program),
     .shown = "this one"},
    {"label", L4R_ARG_TEXT, "TEXT", "what the statement says of who measured", AT(label),
     .preset = "maintainer-published, not independently reproduced"},
    {"check", L4R_ARG_TEXT, "FILE", "hash the files of a statement again, and name those edited",
     AT(check)},
    {0}};

const struct l4r_usage l4r_usage_attest = {
    .command = "attest",
    .positional = "FILE|FOLDER ...",
    .summary =
        "Writes an in-toto statement (version 1) with the SHA-256 of all that the figures of "
        "records rest on: records, samples, models, data sets and the program, and a list of the "
        "same for sha256sum -c. Records that do not verify, and files that were edited since they "
        "were made, are refused by name. Nothing is signed: ssh-keygen -Y sign does that.",
    .examples = "  lite4rec attest runs --models models --data data --out attested\n"
                "  (cd attested && sha256sum -c --quiet " L4R_SUMS_FILE ")\n"
                "  ssh-keygen -Y sign -n lite4rec -f ~/.ssh/id_ed25519 attested/" L4R_SUMS_FILE "\n"
                "  lite4rec attest --check attested/" L4R_STATEMENT_FILE "\n",
    .arguments = arguments};

int l4r_command_attest(int argc, char **argv) {
  struct cli_args args = {.out = NULL};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_attest, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (args.check && (args.out || parsed.words.count))
    return l4r_fail(L4R_USAGE, "--check takes a statement alone: no records and no --out");
  if (args.check) return check(args.check);
  if (!parsed.words.count) return l4r_fail(L4R_USAGE, "attest needs files or folders of records");
  if (!args.out) return l4r_fail(L4R_USAGE, "attest wants --out FOLDER");
  return attest(&args, &parsed.words);
}
