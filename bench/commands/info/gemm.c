/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of the models' shapes: one table of engines. See bench/ceiling/gemm.h for how. */
#include "bench/commands/info/gemm.h"

#include "bench/ceiling/gemm.h"
#include "bench/ceiling/gemm_libraries.h"
#include "bench/machine/affinity.h"
#include "bench/machine/pin.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/model/config.h"
#include "impl/model/config_sizes.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 3416, ROUNDS = 5, WEIGHTS = 5, ROWS = 4 };
static const char *const layouts[L4R_GEMM_LAYOUTS] = {"[n][k]", "[k][n]", "[k][n padded]"};

static json_t *describe_library(const struct l4r_gemm_library *library) {
  char hex[65];
  const int known = library->path[0] && !l4r_sha256_file(library->path, hex);
  return json_pack("{s:s, s:s, s:s, s:o, s:s}", "name", library->name, "version", library->version,
                   "path", library->path, "sha256", known ? json_string(hex) : json_null(), "note",
                   library->note);
}

/* Those that are not there stand behind, with the reason. */
static json_t *describe_libraries(const struct l4r_gemm_libraries *libraries) {
  json_t *list = json_array();
  for (int i = 0; i < libraries->count; i++)
    json_array_append_new(list, describe_library(&libraries->library[i]));
  for (int i = 0; i < libraries->absent; i++)
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", libraries->missing[i].name,
                                          "absent", libraries->missing[i].why));
  return list;
}

static json_t *describe_speed(const struct l4r_gemm_shape *shape, int threads,
                              const char *precision, const struct l4r_gemm_libraries *libraries,
                              const struct l4r_gemm_speed *speed) {
  json_t *row = json_pack("{s:s, s:s, s:i, s:I, s:I, s:I, s:f, s:f}", "weights", shape->what,
                          "precision", precision, "threads", threads, "m", (json_int_t)shape->m,
                          "n", (json_int_t)shape->n, "k", (json_int_t)shape->k, "gflops",
                          speed->own, "differs", speed->differs);
  json_t *others = json_array();
  for (int i = 0; i < libraries->count; i++)
    json_array_append_new(others,
                          json_pack("{s:s, s:f, s:f, s:s}", "name", libraries->library[i].name,
                                    "gflops", speed->library[i], "ratio", speed->ratio[i], "layout",
                                    layouts[speed->layout[i]]));
  json_object_set_new(row, "libraries", others);
  return row;
}

/* Weight by weight, at the row counts of a beam step of one user, a history, and 64 users. */
static int list_shapes(const char *size, struct l4r_gemm_shape shape[WEIGHTS * ROWS]) {
  static const int64_t rows[ROWS] = {1, 20, 50, 3200};
  struct l4r_model_config config;
  const int status = l4r_config_defaults(L4R_KIND_LITE, size, &config);
  if (status) return status;
  const struct l4r_t5_shape *t5 = &config.rec_llm;
  const int64_t inner = t5->heads * t5->d_kv;
  const struct l4r_gemm_shape weights[WEIGHTS] = {{"q, k, v", 0, 3 * inner, t5->d_model},
                                                  {"o", 0, t5->d_model, inner},
                                                  {"feed-forward in", 0, t5->d_ff, t5->d_model},
                                                  {"feed-forward out", 0, t5->d_model, t5->d_ff},
                                                  {"head", 0, ITEMS, t5->d_model}};
  int count = 0;
  for (int w = 0; w < WEIGHTS; w++)
    for (int r = 0; r < ROWS; r++) {
      if (w == WEIGHTS - 1 && r == ROWS - 1) continue; /* the head sees a row a user, not 3,200 */
      shape[count] = weights[w];
      shape[count++].m = w == WEIGHTS - 1 && r == ROWS - 2 ? 64 : rows[r];
    }
  return L4R_OK;
}

enum { SHAPES = WEIGHTS * ROWS - 1 };

/* Rows for one number of threads, in front of those that are there. */
static int measure_threads(int64_t threads, const char *size, const char *precision, json_t *rows,
                           json_t **libraries) {
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "a pinning plan");
  struct l4r_gemm_libraries opened = {0};
  struct l4r_gemm_shape shape[WEIGHTS * ROWS];
  int status = pin ? l4r_pin_cores(threads, pin) : L4R_ENVIRONMENT;
  if (!status) status = list_shapes(size, shape);
  if (!status) status = l4r_affinity_narrow(pin);
  if (!status) l4r_gemm_libraries_open(pin->threads, &opened);
  if (!status && !*libraries) *libraries = describe_libraries(&opened);
  for (int i = 0; !status && i < SHAPES; i++) {
    const struct l4r_gemm_bench bench = {.threads = pin->threads,
                                         .processor = pin->processor,
                                         .precision = precision,
                                         .rounds = ROUNDS,
                                         .seconds = .1};
    struct l4r_gemm_speed speed;
    status = l4r_bench_gemm(&bench, &shape[i], opened.library, opened.count, &speed);
    if (!status)
      json_array_insert_new(rows, (size_t)i,
                            describe_speed(&shape[i], pin->threads, precision, &opened, &speed));
  }
  l4r_free(pin);
  return status;
}

static double number(const json_t *row, const char *name) {
  return json_number_value(json_object_get(row, name));
}

static void add_library(struct l4r_sheet *sheet, const json_t *library) {
  const char *sha256 = json_string_value(json_object_get(library, "sha256"));
  const char *note = l4r_text_at(library, "note"), *absent = l4r_text_at(library, "absent");
  if (*absent) {
    l4r_sheet_item(sheet, "%s: absent: %s", l4r_text_at(library, "name"), absent);
    return;
  }
  l4r_sheet_item(sheet, "%s: %s, %s, SHA-256 %.16s%s%s", l4r_text_at(library, "name"),
                 l4r_text_at(library, "version"), l4r_text_at(library, "path"),
                 sha256 ? sha256 : "unknown", *note ? L4R_LINE "  note: " : "", note);
}

static void begin_table(struct l4r_table *table, const json_t *libraries, const json_t *first) {
  static const struct l4r_column columns[] = {
      {"weights", "weights", .align = L4R_LEFT},
      {"m", "m", .align = L4R_RIGHT},
      {"n", "n", .align = L4R_RIGHT},
      {"k", "k", .align = L4R_RIGHT},
      {"lite4rec_gflops", "lite4rec", "GFLOP/s", .align = L4R_RIGHT}};
  const char *precision = l4r_text_at(first, "precision");
  const double threads = number(first, "threads");
  size_t i;
  const json_t *library;
  *table = (struct l4r_table){.layout = {.gap = 2}};
  const char *whose = !*precision || !strcmp(precision, "fp32")
                          ? ""
                          : l4r_table_text(table, ", lite4rec in %s, the libraries in fp32",
                                           precision);
  l4r_table_title(table, "%.0f thread%s, GFLOP/s%s (times lite4rec is faster)", threads,
                  threads == 1 ? "" : "s", whose);
  l4r_table_columns(table, columns, 5);
  json_array_foreach(libraries, i, library) {
    if (json_object_get(library, "absent")) continue;
    /* of its note only what it is, without the remedy that follows a colon */
    const char *name = l4r_text_at(library, "name"), *note = l4r_text_at(library, "note");
    const char *title = *note ? l4r_table_text(table, "%s (%.*s)", name, (int)strcspn(note, ":;"),
                                               note)
                              : name;
    l4r_table_column(table, (struct l4r_column){name, title, "GFLOP/s", .align = L4R_RIGHT});
  }
}

void l4r_info_gemm_print(struct l4r_sheet *sheet, const json_t *libraries, const json_t *rows) {
  size_t i, j;
  const json_t *row, *library;
  struct l4r_table table = {.status = L4R_OK};
  double threads = 0, differs = 0;
  json_array_foreach(libraries, i, library) add_library(sheet, library);
  json_array_foreach(rows, i, row) {
    if (number(row, "threads") != threads) {
      if (i) l4r_sheet_table(sheet, &table);
      threads = number(row, "threads");
      begin_table(&table, libraries, row);
    }
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(row, "weights"));
    for (const char *name = "m\0n\0k\0"; *name; name += 2)
      l4r_cell_fixed(&table, number(row, name), 0, "");
    l4r_cell_fixed(&table, number(row, "gflops"), 1, "");
    json_array_foreach(json_object_get(row, "libraries"), j, library) {
      l4r_cell_fixed(&table, number(library, "gflops"), 1, "");
      l4r_cell_interval(&table, 1, "(%.2f)", number(library, "ratio"));
    }
    if (number(row, "differs") > differs) differs = number(row, "differs");
  }
  if (json_array_size(rows)) l4r_sheet_table(sheet, &table);
  l4r_sheet_text(sheet,
                 "Medians of %d rounds in which the engines take turns. lite4rec's weights are "
                 "packed once; a library gets" L4R_LINE "them as " L4R_BRACKET "n]" L4R_BRACKET
                 "k], " L4R_BRACKET "k]" L4R_BRACKET "n] or " L4R_BRACKET "k]" L4R_BRACKET
                 "n padded], whichever is fastest. Largest difference of a result: %.1e of the "
                 "largest.",
                 ROUNDS, differs);
}

static int print(FILE *stream, const json_t *libraries, const json_t *rows) {
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_markdown, stream, "gemm");
  l4r_info_gemm_print(&sheet, libraries, rows);
  return l4r_sheet_end(&sheet, L4R_OK);
}

int l4r_info_gemm(int64_t threads, const char *size, const char *precision, int json) {
  json_t *rows = json_array(), *libraries = NULL;
  l4r_blas_choose(); /* before there are threads */
  int status = measure_threads(threads, size, precision, rows, &libraries);
  if (!status && json_integer_value(json_object_get(json_array_get(rows, 0), "threads")) != 1)
    status = measure_threads(1, size, precision, rows, &libraries);
  if (!status) status = print(json ? stderr : stdout, libraries, rows);
  if (!status && json) {
    json_t *root = json_pack("{s:s, s:i, s:O, s:O}", "size", size, "rounds", ROUNDS, "libraries",
                             libraries, "products", rows);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text) printf("%s\n", text);
    free(text);
    json_decref(root);
  }
  json_decref(rows);
  json_decref(libraries);
  return status;
}
