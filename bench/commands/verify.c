/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec verify: recomputes every derived figure of records from raw samples. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/record/read.h"
#include "bench/derive/verify.h"
#include "impl/base/error.h"

#include <stdio.h>

static void print_difference(void *context, const char *where, const char *field,
                             const char *what) {
  printf("%s: %s: %s\n", where, field, what);
}

static int verify(const struct l4r_argument_list *paths) {
  struct l4r_records records;
  struct l4r_verified verified = {.figures = 0};
  int status = l4r_records_read(paths->value, paths->count, &records);
  if (status) return status;
  for (int64_t r = 0; r < records.count && !status; r++)
    status = l4r_record_verify(&records.at[r], print_difference, NULL, &verified);
  const int64_t count = records.count;
  l4r_records_free(&records);
  json_decref(verified.accuracy);
  if (status) return status;
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
  return L4R_OK;
}

static const struct l4r_argument arguments[] = {{0}};
const struct l4r_usage l4r_usage_verify = {
    .command = "verify",
    .positional = "FILE|FOLDER ...",
    .summary =
        "Recomputes every derived figure of records from their raw samples, prints file, line and "
        "field of each difference, and exits with 1 if there is one.",
    .examples = "  lite4rec verify runs\n",
    .arguments = arguments};

int l4r_command_verify(int argc, char **argv) {
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_verify, argc, argv, NULL, &parsed);
  if (status || parsed.helped) return status;
  if (!parsed.words.count)
    return l4r_fail(L4R_USAGE, "verify what? Name files or folders of records");
  return verify(&parsed.words);
}
