/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec verify: recomputes every derived figure of records from raw samples. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/record/check.h"
#include "bench/record/read.h"
#include "bench/derive/verify.h"
#include "impl/base/error.h"

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

static int verify(const struct l4r_argument_list *paths) {
  struct l4r_records records;
  struct l4r_verified verified = {.figures = 0};
  int status = l4r_records_read(paths->value, paths->count, &records);
  if (status) return status;
  struct faults faults = {.count = 0};
  for (int64_t r = 0; r < records.count && !status; r++) {
    faults.record = &records.at[r];
    l4r_record_check(faults.record, print_fault, &faults);
    status = l4r_record_verify(faults.record, print_difference, NULL, &verified);
    print_below(faults.record);
  }
  const int64_t count = records.count;
  l4r_records_free(&records);
  json_decref(verified.accuracy);
  if (status) return status;
  if (faults.count)
    return l4r_fail(L4R_INPUT,
                    "%lld members of %lld records are missing or none of what they may be "
                    "(results/schema.json; lite4rec info --members)",
                    (long long)faults.count, (long long)count);
  if (verified.differences)
    return l4r_fail(L4R_CHECK, "%lld differences in %lld records", (long long)verified.differences,
                    (long long)count);
  printf("%lld records, %lld figures recomputed from raw samples: all as stated. This finds "
         "accidents, not forgery.\n",
         (long long)count, (long long)verified.figures);
  if (verified.unbound)
    printf("%lld of them have samples of an older version: not bound to arm and model, so that "
           "samples which changed\nplaces, or a round that was left out, would not show.\n",
           (long long)verified.unbound);
  return tell_ceilings(&verified);
}

static const struct l4r_argument arguments[] = {{0}};
const struct l4r_usage l4r_usage_verify = {
    .command = "verify",
    .positional = "FILE|FOLDER ...",
    .summary =
        "Recomputes every derived figure of records from their raw samples, prints file, line and "
        "field of each difference, and exits with 1 if there is one; with 3 if a record lacks a "
        "member that it must have.",
    .examples = "  lite4rec verify runs\n",
    .arguments = arguments};

int l4r_command_verify(int argc, char **argv) {
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_verify, argc, argv, NULL, &parsed);
  if (status || parsed.helped) return status;
  if (!parsed.words.count) return l4r_fail(L4R_USAGE, "verify needs files or folders of records");
  return verify(&parsed.words);
}
