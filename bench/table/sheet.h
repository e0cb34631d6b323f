/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints tables and paragraphs one after another in one of several formats. A format is a file with
 * a struct l4r_printer and an entry in the list below. */
#ifndef L4R_BENCH_TABLE_SHEET_H
#define L4R_BENCH_TABLE_SHEET_H

#include "bench/table/model.h"

#include <stdio.h>

struct l4r_sheet;

struct l4r_printer {
  const char *name; /* as in --format NAME */
  int document; /* 1 for documents: builders format names as code and print changes as a column */
  /* What is printed before and after everything; may be NULL. */
  void (*begin)(struct l4r_sheet *sheet);
  void (*end)(struct l4r_sheet *sheet);
  /* Prints a paragraph, or an item of a list; NULL: the format has only tables. */
  void (*text)(struct l4r_sheet *sheet, const char *text, int item);
  /* Prints a whole table; returns 0, or L4R_ENVIRONMENT without memory. */
  int (*table)(struct l4r_sheet *sheet, const struct l4r_table *table);
};

/* All formats; a new one is a file and an entry here. */
#define L4R_PRINTERS(X)            X(text) X(markdown) X(html) X(csv) X(tsv) X(json)
#define L4R_PRINTER_DECLARED(NAME) extern const struct l4r_printer l4r_print_##NAME;
L4R_PRINTERS(L4R_PRINTER_DECLARED)
#define L4R_PRINTER_NAMED(NAME) "|" #NAME
#define L4R_PRINTER_NAMES       (&(L4R_PRINTERS(L4R_PRINTER_NAMED))[1]) /* "text|markdown|.." */
extern const struct l4r_printer *const l4r_printers[]; /* all of them, ended by NULL */
/* Returns the format of that name, or NULL. */
const struct l4r_printer *l4r_printer_named(const char *name);

struct l4r_sheet {
  FILE *stream;
  const struct l4r_printer *printer;
  const char *prefix; /* HTML: a prefix of the ids of footnotes, unique on the page */
  int anchors;        /* HTML: rows that have a name get ids, PREFIX-TABLE-rN, N from 0 */
  int named;          /* of them, in the table being printed */
  int tables, blocks; /* printed so far; blocks: tables, paragraphs, lists */
  size_t notes;       /* of the table being printed */
  int in_list;        /* 1: the last block was an item of a list */
  int in_parts; /* CSV: set by a caller that prints a long table as several parts, so that it need
                   not be in memory; the first part has the keys and may have no rows */
  int status;
};

/* Begins to print on `stream`. Never fails. */
void l4r_sheet_begin(struct l4r_sheet *sheet, const struct l4r_printer *printer, FILE *stream,
                     const char *prefix);
/* Prints a paragraph (printf format; marks as in model.h), or an item of a list, which is a plain
 * line in text. */
void l4r_sheet_text(struct l4r_sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_sheet_item(struct l4r_sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints a paragraph that must not be lost: a warning where the format has only tables. */
void l4r_sheet_remark(struct l4r_sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints and frees a table. A table with an error (`status` in model.h) is not printed and makes
 * the sheet fail. */
void l4r_sheet_table(struct l4r_sheet *sheet, struct l4r_table *table);
/* Ends the sheet. Returns `status` where that is an error, else the first error of the sheet:
 * L4R_ENVIRONMENT where memory was short or the stream could not be written. */
int l4r_sheet_end(struct l4r_sheet *sheet, int status);

#endif
