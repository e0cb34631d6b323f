/* lite4rec export: tables from records, for other tools. */
#include "bench/commands/commands.h"
#include "bench/commands/options.h"
#include "bench/harness/table.h"
#include "bench/record/read.h"
#include "bench/record/tables.h"
#include "impl/base/error.h"

#include <stdio.h>
#include <string.h>

static int print_csv(const json_t *records) {
  l4r_export_csv(stdout, records);
  return L4R_OK;
}

static int print_latency(const json_t *records) {
  return l4r_export_latency(stdout, records);
}

static int print_benchmark(const json_t *records) {
  l4r_export_benchmark(stdout, records);
  return L4R_OK;
}

static int print_table(const json_t *records) {
  l4r_table_run(stdout, records);
  return L4R_OK;
}

static const struct {
  const char *name;
  int (*print)(const json_t *records);
} formats[] = {
    {"csv", print_csv},
    {"latency", print_latency},
    {"benchmark", print_benchmark},
    {"table", print_table},
};

int l4r_command_export(int argc, char **argv) {
  const struct l4r_argument arguments[] = {{0}};
  const struct l4r_usage usage = {
      "lite4rec export FORMAT FILE|FOLDER ...",
      "Prints records as csv (a row a record), latency (their distributions, csv), benchmark\n"
      "(Google Benchmark's JSON, a row a round) or table (what run printed). TREC files are made "
      "by\nlite4rec eval --trec.",
      "  lite4rec export csv runs >runs.csv\n", arguments};
  struct l4r_argument_list words = {0};
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  if (words.count < 2) return l4r_fail(L4R_USAGE, "export wants a format and files or folders");
  for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
    if (strcmp(words.value[0], formats[f].name)) continue;
    json_t *records;
    status = l4r_records_read(words.value + 1, words.count - 1, &records);
    if (status) return status;
    status = formats[f].print(records);
    json_decref(records);
    return status;
  }
  return l4r_fail(L4R_USAGE, "unknown format '%s'; there are: csv, latency, benchmark, table",
                  words.value[0]);
}
