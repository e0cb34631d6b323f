/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/ceilings_print.h"

#include "bench/record/text.h"
#include "bench/table/share.h"

#include <string.h>

static double number(const json_t *row, const char *name) {
  return json_number_value(json_object_get(row, name));
}

static long long whole(const json_t *row, const char *name) {
  return (long long)json_integer_value(json_object_get(row, name));
}

/* The entry of a list at place i, of the row of ceilings for the thread count at place t. */
static const json_t *entry(const json_t *ceilings, size_t t, const char *list, size_t i) {
  return json_array_get(json_object_get(json_array_get(ceilings, t), list), i);
}

/* A column a number of threads. */
static void add_threads(struct l4r_table *table, const json_t *ceilings, const char *key,
                        const char *unit) {
  size_t t;
  const json_t *row;
  json_array_foreach(ceilings, t, row) {
    const long long threads = whole(row, "threads");
    l4r_table_column(table, (struct l4r_column){l4r_table_text(table, "%s_%lld", key, threads),
                                                l4r_table_text(table, "%lld thread%s", threads,
                                                               threads == 1 ? "" : "s"),
                                                unit, .align = L4R_RIGHT});
  }
}

/* The figure, or that there is none, and why. */
static void add_figure(struct l4r_table *table, const json_t *row, const char *name) {
  const char *absent = l4r_text_at(row, "absent");
  if (*absent)
    l4r_cell_absent(table, absent);
  else if (json_is_number(json_object_get(row, name)))
    l4r_cell_fixed(table, number(row, name), 1, "");
  else
    l4r_cell_absent(table, NULL);
}

static void add_units(struct l4r_sheet *sheet, const json_t *ceilings) {
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i, t;
  const json_t *unit;
  l4r_table_title(&table, "multiply-adds in registers, 10^9 operations/s");
  l4r_table_column(&table, (struct l4r_column){"precision", "operands", .align = L4R_LEFT});
  l4r_table_column(&table, (struct l4r_column){"instructions", "instructions", .align = L4R_LEFT});
  add_threads(&table, ceilings, "gops", "10^9/s");
  json_array_foreach(json_object_get(json_array_get(ceilings, 0), "units"), i, unit) {
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(unit, "precision"));
    l4r_cell(&table, "%s", l4r_text_at(unit, "instructions"));
    for (t = 0; t < json_array_size(ceilings); t++)
      add_figure(&table, entry(ceilings, t, "units", i), "gops");
  }
  l4r_sheet_table(sheet, &table);
}

/* Of each precision the fastest way to make its products. */
static void add_best(struct l4r_sheet *sheet, const json_t *ceilings) {
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  json_t *of = json_object_get(json_array_get(ceilings, 0), "best"), *best;
  const char *precision;
  l4r_table_title(&table,
                  "ceilings, 10^9 operations/s: the best of the above for a figure's precision "
                  "(bf16 and int8 may be done" L4R_LINE
                  "in fp32 too; bf16x3 makes six bf16 products of one)");
  l4r_table_column(&table, (struct l4r_column){"precision", "precision", .align = L4R_LEFT});
  add_threads(&table, ceilings, "gops", "10^9/s");
  l4r_table_column(&table, (struct l4r_column){"by", "by", .align = L4R_LEFT});
  json_object_foreach(of, precision, best) {
    const json_t *last = NULL;
    l4r_row(&table);
    l4r_cell(&table, "%s", precision);
    for (size_t t = 0; t < json_array_size(ceilings); t++) {
      last = json_object_get(json_object_get(json_array_get(ceilings, t), "best"), precision);
      add_figure(&table, last, "gops");
    }
    l4r_cell(&table, "%s", l4r_text_at(last, "instructions"));
  }
  l4r_sheet_table(sheet, &table);
}

static void add_rivals(struct l4r_sheet *sheet, const json_t *ceilings) {
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i, t;
  const json_t *rival;
  l4r_table_title(
      &table, "rivals, not ceilings: fp32 products of 1,024 x 1,024 x 1,024, GFLOP/s; a library "
              "packs its weights in every call");
  l4r_table_column(&table, (struct l4r_column){"library", "library", .align = L4R_LEFT});
  add_threads(&table, ceilings, "gflops", "GFLOP/s");
  l4r_table_column(&table,
                   (struct l4r_column){"version", "version and kernels", .align = L4R_LEFT});
  json_array_foreach(json_object_get(json_array_get(ceilings, 0), "rivals"), i, rival) {
    const char *version = l4r_text_at(rival, "version"), *note = l4r_text_at(rival, "note");
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(rival, "name"));
    for (t = 0; t < json_array_size(ceilings); t++)
      add_figure(&table, entry(ceilings, t, "rivals", i), "gflops");
    l4r_cell(&table, "%s%s%s", version, *version && *note ? "; " : "", note);
  }
  l4r_sheet_table(sheet, &table);
}

static void add_reads(struct l4r_sheet *sheet, const json_t *ceilings) {
  static const struct l4r_column columns[] = {
      {"threads", "threads", .align = L4R_RIGHT},
      {"from", "from", .align = L4R_LEFT},
      {"kilobytes", "KB a worker", "kB", .align = L4R_RIGHT},
      {"gb_per_s", "GB/s", "GB/s", .align = L4R_RIGHT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i, j;
  const json_t *row, *read;
  l4r_table_title(&table, "ceilings of reading");
  l4r_table_columns(&table, columns, 4);
  json_array_foreach(ceilings, i, row)
    json_array_foreach(json_object_get(row, "read"), j, read) {
      l4r_row(&table);
      l4r_cell_fixed(&table, number(row, "threads"), 0, "");
      l4r_cell(&table, "%s", l4r_text_at(read, "from"));
      l4r_cell_fixed(&table, number(read, "bytes_a_worker") / 1000, 0, "");
      l4r_cell_fixed(&table, number(read, "gb_per_s"), 1, "");
    }
  l4r_sheet_table(sheet, &table);
}

/* A share, or why there is none. */
static void add_share(struct l4r_table *table, const json_t *row) {
  if (json_object_get(row, "absent"))
    add_figure(table, row, "share");
  else
    l4r_cell_share(table, number(row, "share"));
}

static void add_streams(struct l4r_sheet *sheet, const json_t *streams) {
  static const struct l4r_column columns[] = {{"what", "what", .align = L4R_LEFT},
                                              {"precision", "precision", .align = L4R_LEFT},
                                              {"threads", "threads", .align = L4R_RIGHT},
                                              {"from", "weights in", .align = L4R_LEFT},
                                              {"megabytes", "MB", "MB", .align = L4R_RIGHT},
                                              {"gb_per_s", "GB/s", "GB/s", .align = L4R_RIGHT},
                                              {"share", "of reading it", "%", .align = L4R_RIGHT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i;
  const json_t *row;
  l4r_table_title(&table,
                  "what streams: one user's state times the head of a catalogue of width 512, "
                  "against reading from where the weights lie");
  l4r_table_columns(&table, columns, 7);
  json_array_foreach(streams, i, row) {
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(row, "what"));
    l4r_cell(&table, "%s", l4r_text_at(row, "precision"));
    l4r_cell_fixed(&table, number(row, "threads"), 0, "");
    l4r_cell(&table, "%s", l4r_text_at(row, "from"));
    if (json_object_get(row, "absent"))
      l4r_cell_absent(&table, NULL);
    else
      l4r_cell_fixed(&table, number(row, "bytes") * 1e-6, 1, "");
    add_figure(&table, row, "gb_per_s");
    add_share(&table, row);
  }
  l4r_sheet_table(sheet, &table);
}

static void add_shares(struct l4r_sheet *sheet, const json_t *root) {
  static const struct l4r_column columns[] = {
      {"size", "size", .align = L4R_LEFT},
      {"precision", "precision", .align = L4R_LEFT},
      {"batch", "batch", .align = L4R_RIGHT},
      {"threads", "threads", .align = L4R_RIGHT},
      {"users_per_second", "users/s", "users/s", .align = L4R_RIGHT},
      {"gflops", "GFLOP/s", "GFLOP/s", .align = L4R_RIGHT},
      {"share", "of the ceiling", "%", .align = L4R_RIGHT},
      {"instructions", "which is by", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 3}};
  size_t i;
  const json_t *row;
  l4r_table_title(
      &table,
      "Lite on the blis stack, history %lld, %lld items, random weights; medians of %lld "
      "rounds in which the" L4R_LINE
      "ceiling and the work take turns; share: operations really carried out",
      whole(root, "history"), whole(root, "items"), whole(root, "rounds"));
  l4r_table_columns(&table, columns, 8);
  json_array_foreach(json_object_get(root, "lite"), i, row) {
    l4r_row(&table);
    l4r_cell(&table, "%s", l4r_text_at(row, "size"));
    l4r_cell(&table, "%s", l4r_text_at(row, "precision"));
    l4r_cell_fixed(&table, number(row, "batch"), 0, "");
    l4r_cell_fixed(&table, number(row, "threads"), 0, "");
    add_figure(&table, row, "users_per_second");
    add_figure(&table, row, "gflops");
    add_share(&table, row);
    l4r_cell(&table, "%s", l4r_text_at(row, "instructions"));
  }
  l4r_sheet_table(sheet, &table);
}

/* What others did meanwhile. */
static void add_company(struct l4r_sheet *sheet, const json_t *root) {
  const json_t *load = json_object_get(root, "load_average");
  const json_t *others = json_object_get(json_object_get(root, "machine"), "others_share");
  if (json_array_size(load))
    l4r_sheet_text(sheet,
                   "load average at the begin: %.2f; other programs took %.0f %% of all "
                   "processors' time meanwhile.",
                   json_number_value(json_array_get(load, 0)), 100 * json_number_value(others));
}

void l4r_info_ceilings_print(struct l4r_sheet *sheet, const json_t *root) {
  const json_t *ceilings = json_object_get(root, "ceilings");
  add_units(sheet, ceilings);
  add_best(sheet, ceilings);
  add_rivals(sheet, ceilings);
  add_reads(sheet, ceilings);
  add_streams(sheet, json_object_get(root, "streams"));
  add_shares(sheet, root);
  add_company(sheet, root);
}
