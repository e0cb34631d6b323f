/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec export: records and training logs as tables, for figures, documents and other tools;
 * models in the formats of other programs. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/convert/hf.h"
#include "bench/convert/onnx.h"
#include "bench/convert/vectors.h"
#include "bench/export/accuracy.h"
#include "bench/export/croissant.h"
#include "bench/export/curves.h"
#include "bench/export/google_benchmark.h"
#include "bench/export/growth.h"
#include "bench/export/peers.h"
#include "bench/export/plot_tables.h"
#include "bench/export/predict.h"
#include "bench/export/speed.h"
#include "bench/export/table.h"
#include "bench/export/tracking.h"
#include "bench/derive/door.h"
#include "bench/record/read.h"
#include "bench/record/tables.h"
#include "impl/base/error.h"
#include "impl/base/nearest.h"

#include <string.h>

enum kind {
  TABLES,
  CSV,
  TABLE,
  SPEED,
  GROWTH,
  PREDICT,
  PEERS,
  ACCURACY,
  BENCHMARK,
  BENCHER,
  GITHUB,
  CURVES,
  HF,
  ONNX,
  VECTORS,
  CROISSANT,
  KINDS
};
static const char *const kinds[KINDS + 1] = {"tables",
                                             "csv",
                                             "table",
                                             "speed",
                                             "growth",
                                             "predict",
                                             "peers",
                                             "accuracy",
                                             "google-benchmark",
                                             "bencher",
                                             "github-benchmark",
                                             "curves",
                                             "hf",
                                             "onnx",
                                             "vectors",
                                             "croissant",
                                             NULL};

struct cli_args {
  const char *out, *data, *format;
  int markdown, groups, bigger;
  const struct l4r_printer *printer; /* of --format, --markdown or, where there is neither, usual */
  struct l4r_door door;
  const char *ceilings;
  struct l4r_ceilings machine; /* of that file */
};

/* What is exported is a model, not a measurement. */
static int is_of_a_model(enum kind kind) {
  return kind == HF || kind == ONNX || kind == VECTORS;
}

static int parse_kind(const struct l4r_argument_list *words, enum kind *kind) {
  for (int k = 0; words->count && k < KINDS; k++)
    if (!strcmp(words->value[0], kinds[k])) {
      *kind = (enum kind)k;
      return L4R_OK;
    }
  char meant[320] = "";
  struct l4r_nearest nearest = {.word = words->count ? words->value[0] : ""};
  for (int k = 0; k < KINDS; k++) l4r_nearest_try(&nearest, kinds[k], k);
  return l4r_fail(
      L4R_USAGE,
      "export wants one of tables, csv, table, speed, growth, predict, peers, accuracy, "
      "google-benchmark, bencher, github-benchmark, curves, hf, onnx, vectors, "
      "croissant%s%s%s",
      words->count ? ", not " : " first", words->count ? words->value[0] : "",
      words->count && !strcmp(words->value[0], "trec")
          ? " (records hold no rankings; lite4rec eval --trec FOLDER ranks and writes them)"
          : l4r_nearest_text(&nearest, "", meant, sizeof meant));
}

static int check_model(enum kind kind, const struct cli_args *args, int paths) {
  if (paths != 1)
    return l4r_fail(L4R_USAGE, "export %s wants one model folder, not %d", kinds[kind], paths);
  if (!args->out)
    return l4r_fail(L4R_USAGE, "export %s wants --out %s", kinds[kind],
                    kind == HF        ? "FOLDER"
                    : kind == VECTORS ? "PATH"
                                      : "FILE");
  if (kind == VECTORS && !args->data)
    return l4r_fail(L4R_USAGE, "export vectors wants --data FOLDER, whose users it is of");
  if (kind == VECTORS && args->format && strcmp(args->format, "npy") &&
      strcmp(args->format, "safetensors"))
    return l4r_fail(L4R_USAGE, "export vectors --format wants npy or safetensors, not '%s'",
                    args->format);
  if (args->markdown || args->groups || (args->format && kind != VECTORS))
    return l4r_fail(L4R_USAGE, "--markdown, --format and --groups are for tables, not export %s",
                    kinds[kind]);
  return L4R_OK;
}

/* Kinds whose tables are made from the model, in any format. */
static int has_formats(enum kind kind) {
  return kind >= TABLE && kind <= ACCURACY;
}

static int choose_printer(enum kind kind, struct cli_args *args) {
  const int for_reading = kind == TABLE || kind == ACCURACY;
  args->printer = args->markdown || !for_reading ? &l4r_print_markdown : &l4r_print_text;
  if (!args->format) return L4R_OK;
  if (!has_formats(kind))
    return l4r_fail(L4R_USAGE,
                    "--format belongs to export table, speed, growth, predict, peers and accuracy, "
                    "not export %s",
                    kinds[kind]);
  if (args->markdown) return l4r_fail(L4R_USAGE, "give --markdown or --format, not both");
  if ((args->printer = l4r_printer_named(args->format))) return L4R_OK;
  return l4r_fail(L4R_USAGE, "--format wants %s, not '%s'", L4R_PRINTER_NAMES, args->format);
}

static int check(enum kind kind, const struct cli_args *args, int paths) {
  if (kind == CROISSANT && paths != 1)
    return l4r_fail(L4R_USAGE, "export croissant wants one data set folder, not %d", paths);
  if (kind == CROISSANT && (args->markdown || args->groups || args->format || args->data))
    return l4r_fail(L4R_USAGE, "export croissant takes --out FILE and no other option");
  if (kind == CROISSANT) return L4R_OK;
  if (is_of_a_model(kind)) return check_model(kind, args, paths);
  const int writes = kind == TABLES || kind == CURVES;
  if (kind == PREDICT && !args->ceilings)
    return l4r_fail(L4R_USAGE, "export predict wants --ceilings FILE, which lite4rec info "
                               "--ceilings --json > FILE writes on the machine to predict for");
  if (!paths)
    return l4r_fail(L4R_USAGE, "export %s wants %s", kinds[kind],
                    kind == CURVES ? "model folders" : "files or folders of records");
  if (writes && !args->out)
    return l4r_fail(L4R_USAGE, "export %s wants --out FOLDER: it makes several files", kinds[kind]);
  if (!writes && args->out && kind != GROWTH)
    return l4r_fail(L4R_USAGE,
                    "export %s prints to the standard output; redirect it in place of --out",
                    kinds[kind]);
  if (args->data)
    return l4r_fail(L4R_USAGE, "--data belongs to exports of models, not export %s", kinds[kind]);
  if (args->markdown && kind != TABLE && kind != ACCURACY)
    return l4r_fail(L4R_USAGE, "--markdown belongs to export table and export accuracy");
  if (args->bigger && kind != GITHUB)
    return l4r_fail(L4R_USAGE, "--bigger belongs to export github-benchmark");
  if (args->groups && (kind != TABLE || args->markdown || args->format))
    return l4r_fail(L4R_USAGE, "--groups belongs to export table, without --markdown");
  return L4R_OK;
}

static void print_csv(const struct l4r_records *records) {
  l4r_csv_head(stdout);
  for (int64_t r = 0; r < records->count; r++) l4r_csv_line(stdout, &records->at[r]);
}

/* What was not checked of the records. */
static void add_checked(struct l4r_sheet *sheet, const struct l4r_records *records) {
  char line[L4R_CHECKS][256];
  const int lines = l4r_checked_lines(records, line);
  for (int l = 0; l < lines; l++) l4r_sheet_remark(sheet, "%s", line[l]);
}

static int export_sheet(enum kind kind, const struct cli_args *args, const struct l4r_rows *rows,
                        const struct l4r_records *records) {
  const int for_reading = args->printer == &l4r_print_text;
  struct l4r_sheet sheet;
  int status = L4R_OK;
  l4r_sheet_begin(&sheet, args->printer, stdout, kinds[kind]);
  if (kind == ACCURACY)
    status = l4r_export_accuracy(rows, &sheet);
  else if (kind == SPEED)
    status = l4r_export_speed(rows, &sheet);
  else if (kind == GROWTH)
    status = l4r_export_growth(rows, &sheet, args->out);
  else if (kind == PREDICT)
    status = l4r_export_predict(rows, &args->machine, &sheet);
  else if (kind == PEERS)
    status = l4r_export_peers(rows, &sheet);
  else if (for_reading)
    status = l4r_export_text(rows, records, args->groups, &sheet); /* which says so itself */
  else
    status = l4r_export_table(rows, &sheet);
  if (!status && !(kind == TABLE && for_reading)) add_checked(&sheet, records);
  return l4r_sheet_end(&sheet, status);
}

static int export_rows(enum kind kind, const struct cli_args *args,
                       const struct l4r_records *records) {
  struct l4r_rows rows = {0};
  int status = l4r_rows_make(records, &rows);
  if (!status && kind == TABLES)
    status = l4r_export_plot_tables(&rows, args->out);
  else if (!status && kind == BENCHMARK)
    status = l4r_export_google_benchmark(&rows, stdout);
  else if (!status && kind == BENCHER)
    status = l4r_export_bencher(&rows, stdout);
  else if (!status && kind == GITHUB)
    status = l4r_export_github_benchmark(&rows, args->bigger, stdout);
  else if (!status)
    status = export_sheet(kind, args, &rows, records);
  l4r_rows_free(&rows);
  return status;
}

static int export_records(enum kind kind, struct cli_args *args, const char *const *path,
                          int paths) {
  struct l4r_records records;
  int status = l4r_records_admit(&args->door, path, paths, &records);
  l4r_door_close(&args->door);
  if (status) return status;
  if (kind == CSV)
    print_csv(&records);
  else
    status = export_rows(kind, args, &records);
  l4r_records_free(&records);
  return status;
}

#define AT(member) .offset = offsetof(struct cli_args, member)
enum { /* sets of kinds */
       WRITES = 1 << TABLES | 1 << CURVES | 1 << GROWTH | 1 << HF | 1 << ONNX | 1 << VECTORS |
                1 << CROISSANT,
       MODELS = 1 << HF | 1 << ONNX | 1 << VECTORS,
       MARKDOWN = 1 << TABLE | 1 << ACCURACY,
       PRINTED = MARKDOWN | 1 << SPEED | 1 << GROWTH | 1 << PREDICT | 1 << PEERS,
       RECORDS = ~(MODELS | 1 << CURVES | 1 << CROISSANT),
};
static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "PATH",
     "folder where the files are written; of onnx and croissant the file itself", AT(out),
     .kinds = WRITES},
    {"data", L4R_ARG_TEXT, "FOLDER",
     "data set whose item texts make the item vectors of a lite model that has none cached",
     AT(data), .kinds = MODELS},
    {"markdown", L4R_ARG_FLAG, NULL, "print the table in Markdown", AT(markdown),
     .kinds = MARKDOWN},
    {"format", L4R_ARG_TEXT, L4R_PRINTER_NAMES,
     "form of the table; of vectors npy (a folder) or safetensors (a file)", AT(format),
     .shown = "text for table and accuracy, npy for vectors, else markdown",
     .kinds = PRINTED | 1 << VECTORS},
    {"groups", L4R_ARG_FLAG, NULL,
     "print accuracy by history length and popularity of the target too", AT(groups),
     .kinds = 1 << TABLE},
    {"bigger", L4R_ARG_FLAG, NULL,
     "write the figures of which more is better (users/s, accuracy), for customBiggerIsBetter, in "
     "place of the others, for customSmallerIsBetter",
     AT(bigger), .kinds = 1 << GITHUB},
    {"unsealed", L4R_ARG_FLAG, NULL, L4R_UNSEALED_HELP, AT(door.unsealed), .kinds = RECORDS},
    {"ceilings", L4R_ARG_TEXT, "FILE",
     "what lite4rec info --ceilings --json printed on the other machine", AT(ceilings),
     .kinds = 1 << PREDICT},
    {0}};

static int kind_word(int i, struct l4r_kind_word *word) {
  static const char *const about[KINDS] = {
      [TABLES] = "RECORDS...: tab-separated files that figures are drawn from",
      [CSV] = "RECORDS...: one row a record",
      [TABLE] = "RECORDS...: the table that lite4rec run prints",
      [SPEED] = "RECORDS...: time and speed of each stage, and how many times faster an option is",
      [GROWTH] = "RECORDS...: time by history, items, beams, batch and threads",
      [PREDICT] = "RECORDS...: what another machine would give, from its ceilings (--ceilings "
                  "FILE), and how well that predicts the machines of the records",
      [PEERS] =
          "RECORDS...: engines of other projects beside this project's, a column a precision: "
          "times, how many times as long, and what ran",
      [ACCURACY] = "RECORDS...: a row for each way of training, with mean and range over training "
                   "seeds, loss, epoch and minutes; exits with 1 when one is below its floor",
      [BENCHMARK] = "RECORDS...: Google Benchmark's JSON, for its compare.py, with a repetition a "
                    "round and their mean, median, stddev and cv",
      [BENCHER] = "RECORDS...: Bencher Metric Format, for bencher run --adapter json --file",
      [GITHUB] = "RECORDS...: JSON for github-action-benchmark, tool customSmallerIsBetter (with "
                 "--bigger customBiggerIsBetter)",
      [CURVES] = "MODEL...: loss and validation figures by epoch, tab-separated",
      [HF] = "MODEL: the model as Hugging Face transformers loads it; lite4rec.json beside it says "
             "what transformers cannot know",
      [VECTORS] =
          "MODEL: vectors of items and users of a lite or sasrec model, whose products are its "
          "scores; .npy files or safetensors",
      [ONNX] = "MODEL: one ONNX graph of a lite model, item numbers in, all scores out",
      [CROISSANT] = "DATA: a data set's Croissant 1.1 descriptor (JSON-LD): files with checksums, "
                    "and what their lines mean",
  };
  *word = (struct l4r_kind_word){i < KINDS ? kinds[i] : NULL, i < KINDS ? about[i] : NULL};
  return i < KINDS;
}

const struct l4r_usage l4r_usage_export = {
    .command = "export",
    .positional = "PATH...",
    .kinds = kind_word,
    .usual = RECORDS,
    .summary =
        "Makes tables of records (files, or folders, which are searched) and of training logs, and "
        "files of models for other programs. What has no --out is printed to the standard output. "
        "TREC files are made by lite4rec eval --trec.",
    .examples = "  lite4rec export csv runs > runs.csv\n"
                "  lite4rec export table results --markdown\n"
                "  lite4rec export google-benchmark runs > runs.json\n"
                "  lite4rec export peers results/zen4-2core-peers --format text\n"
                "  lite4rec export bencher runs > bmf.json\n"
                "  lite4rec export github-benchmark runs > smaller.json\n"
                "  lite4rec export predict results --ceilings other-machine.json\n"
                "  lite4rec export curves models/lite models/p5 --out curves\n"
                "  lite4rec export hf models/p5 --out p5-hf\n"
                "  lite4rec export vectors models/lite --data data/ml-1m --out vectors\n"
                "  lite4rec export onnx models/lite --data data/ml-1m --out lite.onnx\n"
                "  lite4rec export croissant data/ml-1m --out data/ml-1m/croissant.json\n",
    .arguments = arguments};

int l4r_command_export(int argc, char **argv) {
  struct cli_args args = {.out = NULL};
  struct l4r_parsed parsed;
  enum kind kind = TABLES;
  int status = l4r_arguments_parse(&l4r_usage_export, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  status = parse_kind(&parsed.words, &kind);
  if (!status) status = check(kind, &args, parsed.words.count - 1);
  if (!status && kind != VECTORS) status = choose_printer(kind, &args);
  if (status) return status;
  const char *const *paths = parsed.words.value + 1;
  if (kind == PREDICT && (status = l4r_ceilings_read(args.ceilings, &args.machine))) return status;
  if (kind == HF) return l4r_export_hf(*paths, args.data, args.out);
  if (kind == ONNX) return l4r_export_onnx(*paths, args.data, args.out);
  if (kind == VECTORS)
    return l4r_export_vectors(*paths, args.data,
                              args.format && !strcmp(args.format, "safetensors")
                                  ? L4R_VECTORS_SAFETENSORS
                                  : L4R_VECTORS_NPY,
                              args.out);
  if (kind == CROISSANT) return l4r_export_croissant(*paths, args.out);
  if (kind == CURVES) return l4r_export_curves(paths, parsed.words.count - 1, args.out);
  return export_records(kind, &args, paths, parsed.words.count - 1);
}
