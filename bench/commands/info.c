/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info: this machine as the harness sees it, and what keeps it from seeing more. */
#include "bench/commands/commands.h"
#include "bench/commands/info/folder.h"
#include "bench/commands/info/machine.h"
#include "bench/commands/info/ceilings.h"
#include "bench/commands/info/counters.h"
#include "bench/commands/info/gemm.h"
#include "bench/cli/options.h"
#include "bench/engines.h"
#include "bench/record/describe.h"
#include "impl/base/error.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static int print_machine(int json) {
  json_t *machine = l4r_info_machine();
  int status = machine ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && json && (json_dumpf(machine, stdout, JSON_INDENT(1)) || putchar('\n') == EOF))
    status = l4r_fail(L4R_ENVIRONMENT, "the machine could not be written as JSON");
  else if (!status && !json)
    l4r_info_machine_print(stdout, machine);
  json_decref(machine);
  return status;
}

/* What records are, which needs no machine. */
static int print_record_format(int members) {
  char *text = members ? l4r_describe_members() : l4r_describe_schema();
  if (!text) return L4R_ENVIRONMENT;
  printf("%s%s", text, members ? "" : "\n");
  free(text);
  return L4R_OK;
}

struct cli_args {
  int ceilings, gemm, counters, engines, schema, members, json;
  const char *size, *precision;
  int64_t threads;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"ceilings", L4R_ARG_FLAG, NULL,
     "measure the ceilings of fp32, bf16, int8 and reading memory, and Lite's share of them",
     AT(ceilings)},
    {"gemm", L4R_ARG_FLAG, NULL, "time a model's products and those of the BLAS libraries here",
     AT(gemm)},
    {"counters", L4R_ARG_FLAG, NULL, "list what can be counted, group by group, and why not more",
     AT(counters)},
    {"engines", L4R_ARG_FLAG, NULL, "list the engines and the kinds of model they serve",
     AT(engines)},
    {"schema", L4R_ARG_FLAG, NULL, "print the JSON Schema of a record (results/schema.json)",
     AT(schema)},
    {"members", L4R_ARG_FLAG, NULL, "print what each member of a record says, in Markdown",
     AT(members)},
    {"size", L4R_ARG_TEXT, "tiny|mini|base|t5-small", "size of the model for --gemm", AT(size),
     .preset = "t5-small"},
    {"precision", L4R_ARG_TEXT, "fp32|bf16|int8|bf16x3",
     "precision of this project's products for --gemm; the libraries' are fp32", AT(precision),
     .preset = "fp32"},
    {"threads", L4R_ARG_INT, "N", "number of threads that measure", AT(threads),
     .shown = "all cores"},
    {"json", L4R_ARG_FLAG, NULL,
     "print one JSON object; what is measured is also printed to stderr", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_info = {
    .command = "info",
    .positional = "[MODEL|DATA]",
    .summary = "Prints this machine on one screen: processor, sets of instructions, clock, BLAS, "
               "what cannot be counted and what would change it. Given the folder of a model or of "
               "a data set, prints what it holds.",
    .examples = "  lite4rec info\n  lite4rec info --json\n  lite4rec info models/lite\n"
                "  lite4rec info data/ml-1m\n  lite4rec info --counters --json\n"
                "  lite4rec info --ceilings\n",
    .arguments = arguments};

static int check(const struct cli_args *args, const struct l4r_parsed *parsed) {
  const int asked = args->ceilings + args->gemm + args->counters + args->engines + args->schema +
                    args->members;
  if (asked > 1)
    return l4r_fail(L4R_USAGE, "--ceilings, --gemm, --counters, --engines, --schema and --members: "
                               "one at a time");
  if (args->json && (args->members || args->engines))
    return l4r_fail(L4R_USAGE, "--%s has no JSON; info --schema prints the members as JSON Schema",
                    args->members ? "members" : "engines");
  if (parsed->words.count > 1 || (parsed->words.count && asked))
    return l4r_fail(L4R_USAGE,
                    "info takes one folder, and no option beside it but --json (got "
                    "'%s')",
                    parsed->words.value[parsed->words.count - 1]);
  return L4R_OK;
}

int l4r_command_info(int argc, char **argv) {
  struct cli_args args = {.json = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_info, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = check(&args, &parsed);
  if (status) return status;
  if (parsed.words.count) return l4r_info_folder(parsed.words.value[0], args.json);
  if (args.schema || args.members) return print_record_format(args.members);
  if (args.counters) return l4r_info_counters(args.json);
  if (args.ceilings) return l4r_info_ceilings(args.threads, args.json);
  if (args.gemm) return l4r_info_gemm(args.threads, args.size, args.precision, args.json);
  if (!args.engines) return print_machine(args.json);
  printf("engines (name, kind of model it serves)\n");
  l4r_engines_list();
  return L4R_OK;
}
