/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec verify: recomputes every derived figure of records from raw samples. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/commands/verify_deep.h"
#include "bench/record/check.h"
#include "bench/record/read.h"
#include "bench/derive/verify.h"
#include "bench/machine/pin.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <stdio.h>

static void print_difference(void *context, const char *where, const char *field,
                             const char *what) {
  printf("%s: %s: %s\n", where, field, what);
}

struct faults {
  const struct l4r_record *record;
  int64_t count;
};

static void print_fault(void *context, const char *member, const char *what) {
  struct faults *faults = context;
  char where[1100];
  faults->count++;
  printf("%s: %s: %s\n", l4r_record_where(faults->record, where, sizeof where), member, what);
}

static void print_below(const struct l4r_record *record) {
  char where[1100];
  if (record->data.ceiling.fault)
    printf("%s: ceiling: %s\n", l4r_record_where(record, where, sizeof where),
           record->data.ceiling.fault);
}

/* What is as stated and still wrong, or not what a reader of today would take it for. */
static int tell_ceilings(const struct l4r_verified *verified) {
  if (verified->rivals)
    printf("%lld of them have sgemm's speed in place of a ceiling, as records of before 2026-11-29 "
           "do: a library's, which may\nbe passed. Their shares are multiples of it.\n",
           (long long)verified->rivals);
  if (!verified->below) return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "%lld records state a ceiling below the work (named above): measure again or "
                  "report a fault",
                  (long long)verified->below);
}

struct cli_args {
  struct l4r_argument_list models, data;
  int64_t threads;
  double allow;
  int deep, quiet;
};

/* What `verify` and `faults` hold of `count` records, as a message and a status. */
static int judge(const struct l4r_verified *verified, const struct faults *faults, int64_t count) {
  if (faults->count)
    return l4r_fail(L4R_INPUT,
                    "%lld members of %lld records are missing or none of what they may be "
                    "(results/schema.json; lite4rec info --members)",
                    (long long)faults->count, (long long)count);
  if (verified->differences)
    return l4r_fail(L4R_CHECK, "%lld differences in %lld records", (long long)verified->differences,
                    (long long)count);
  printf("%lld records, %lld figures recomputed from raw samples: all as stated. This finds "
         "accidents, not forgery.\n",
         (long long)count, (long long)verified->figures);
  if (verified->unbound)
    printf("%lld of them have samples of an older version: not bound to arm and model, so that "
           "samples which changed\nplaces, or a round that was left out, would not show.\n",
           (long long)verified->unbound);
  return tell_ceilings(verified);
}

static int verify(const struct cli_args *args, const struct l4r_argument_list *paths) {
  struct l4r_records records;
  struct l4r_verified verified = {.figures = 0};
  struct l4r_deep deep = {
      .places = {&args->models, &args->data}, .threads = (int)args->threads, .allow = args->allow};
  int status = l4r_records_read(paths->value, paths->count, &records);
  if (status) return status;
  struct faults faults = {.count = 0};
  for (int64_t r = 0; r < records.count && !status; r++) {
    faults.record = &records.at[r];
    l4r_record_check(faults.record, print_fault, &faults);
    status = l4r_record_verify(faults.record, print_difference, NULL, &verified);
    print_below(faults.record);
  }
  /* Ranking again takes minutes, and would be of no record that does not hold. */
  if (!status) status = judge(&verified, &faults, records.count);
  for (int64_t r = 0; args->deep && r < records.count && !status; r++)
    status = l4r_verify_deep(&deep, &records.at[r]);
  if (args->deep) status = l4r_verify_deep_end(&deep, status);
  l4r_records_free(&records);
  json_decref(verified.accuracy);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
static const struct l4r_argument arguments[] = {
    {"deep", L4R_ARG_FLAG, NULL,
     "rank for every user again, by the model and the data set that each record names, and compare "
     "user by user",
     AT(deep)},
    {"models", L4R_ARG_LIST, "FOLDER",
     "with --deep, where models are, in any folder below; repeatable", AT(models),
     .shown = "as the record's command has it, and models"},
    {"data", L4R_ARG_LIST, "FOLDER", "with --deep, where data sets are; repeatable", AT(data),
     .shown = "as the record's command has it, and data"},
    {"allow", L4R_ARG_REAL, "SHARE",
     "with --deep, share of users that may have another rank, as where another processor rounds "
     "otherwise",
     AT(allow), .preset = "0", .range = {0, 1, 2}},
    {"threads", L4R_ARG_INT, "N", "with --deep, number of threads", AT(threads), .preset = "1",
     .range = {1, L4R_PIN_THREADS, 0}},
    {"quiet", L4R_ARG_FLAG, NULL, "print no progress", AT(quiet)},
    {0}};

const struct l4r_usage l4r_usage_verify = {
    .command = "verify",
    .positional = "FILE|FOLDER ...",
    .summary =
        "Recomputes every derived figure of records from their raw samples, prints file, line and "
        "field of each difference, and exits with 1 if there is one; with 3 if a record lacks a "
        "member that it must have.\n"
        "With --deep it also recomputes the samples of accuracy: models and data sets are found by "
        "the hashes that the records state, every user is ranked again, and each rank is compared "
        "with the one beside the record. It exits with 1 when a rank differs, and with 3 when a "
        "model or a data set is not found.",
    .examples = "  lite4rec verify runs\n"
                "  lite4rec verify runs --deep --models build/accuracy/ml-1m/models --data data\n",
    .arguments = arguments};

static int validate(const struct cli_args *args, const struct l4r_parsed *parsed) {
  static const char *const of_deep[] = {"models", "data", "allow", "threads", "quiet"};
  if (!parsed->words.count) return l4r_fail(L4R_USAGE, "verify needs files or folders of records");
  for (size_t o = 0; o < sizeof of_deep / sizeof *of_deep && !args->deep; o++)
    if (l4r_argument_given(&l4r_usage_verify, parsed, of_deep[o]))
      return l4r_fail(L4R_USAGE, "--%s belongs to --deep", of_deep[o]);
  return L4R_OK;
}

int l4r_command_verify(int argc, char **argv) {
  struct cli_args args = {.deep = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_verify, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = validate(&args, &parsed);
  if (status) return status;
  l4r_log_quiet(args.quiet);
  return verify(&args, &parsed.words);
}
