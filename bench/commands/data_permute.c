/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec data permute: the same data set under other item ids. */
#include "bench/commands/data.h"
#include "bench/import/permute.h"
#include "impl/base/error.h"

#include <inttypes.h>
#include <stdio.h>

struct cli_args {
  const char *out;
  int64_t seed;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "FOLDER", "data set folder to write", AT(out), .is_needed = 1},
    {"seed", L4R_ARG_INT, "N", "random seed of the permutation", AT(seed), .preset = "1",
     .range = L4R_AT_LEAST(0)},
    {0}};

const struct l4r_usage l4r_usage_data_permute = {
    .command = "data permute",
    .positional = "FOLDER",
    .summary = "Writes the same data set with its item ids permuted, and the texts with them. It "
               "is a control: what a model reaches on the two may differ by noise only.",
    .examples = "  lite4rec data permute data/beauty --seed 7 --out data/beauty-permuted\n",
    .arguments = arguments};

int l4r_data_permute(int argc, char **argv) {
  struct cli_args args = {.out = NULL};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_data_permute, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (parsed.words.count != 1)
    return l4r_fail(L4R_USAGE, "data permute takes one data set folder and --out FOLDER");
  const char *folder = parsed.words.value[0];
  status = l4r_dataset_permute(folder, args.out, (uint64_t)args.seed);
  if (!status)
    printf("%s: the item ids of %s permuted with seed %" PRId64 "\n", args.out, folder, args.seed);
  return status;
}
