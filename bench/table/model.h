/* SPDX-License-Identifier: BSD-3-Clause */
/* A table as data, independent of the format in which bench/table/sheet.h prints it.
 *
 * A builder adds the columns, then row by row the cells in the order of the columns:
 *
 *   struct l4r_table table = {.layout = {.gap = 2}};
 *   l4r_table_column(&table, (struct l4r_column){"arm", "arm", .align = L4R_LEFT});
 *   l4r_table_column(&table, (struct l4r_column){"p50", "p50", "ns", .align = L4R_FIGURE});
 *   l4r_row(&table);
 *   l4r_cell(&table, "%s", arm);
 *   l4r_cell_time(&table, (struct l4r_shown){ns, lo, hi}, L4R_UNDER);
 *   l4r_sheet_table(sheet, &table);
 *
 * All texts are copied. When memory is short, or a row gets more cells than there are columns, the
 * table stores the error in `status`, ignores further cells and is never printed, so a builder need
 * not check each call. A table begins as {0} and is freed by l4r_table_free or by printing it. Not
 * thread-safe. */
#ifndef L4R_BENCH_TABLE_MODEL_H
#define L4R_BENCH_TABLE_MODEL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Marks within texts, which each printer writes in its own way. Other control characters are
 * printed as blanks, so that no text of a record can make a line or a row. */
#define L4R_STRONG  "\x01" /* begins and ends an important part */
#define L4R_CODE    "\x02" /* begins and ends a name as the user types it */
#define L4R_BRACKET "\x03" /* the '[' of a footnote or of an interval */
#define L4R_BREAK   "\x04" /* a blank where a long remark may continue on the next line */
#define L4R_LINE    "\x05" /* begins a new line */

/* L4R_FIGURE is right-aligned in documents, where units are below each other, and left-aligned in
 * text, where an interval begins below its figure. */
enum l4r_align { L4R_LEFT, L4R_RIGHT, L4R_FIGURE };

struct l4r_column {
  const char *key;   /* for programs: JSON member, CSV column */
  const char *title; /* for people; NULL: the key */
  const char *unit;  /* of the cells' numbers: "ns", "bytes", ""; for programs */
  enum l4r_align align;
  int width; /* least characters in text, 0: as wide as the widest cell; a first cell that is longer
                than a given width gets a line of its own */
  int interval; /* 1: CSV has the ends of intervals in columns KEY_lo and KEY_hi */
};

struct l4r_shown { /* a number with its interval; NaN where there is none */
  double value, lo, hi;
};
/* The position of an interval: below its figure, or beside it in one of two forms. */
enum l4r_place { L4R_UNDER, L4R_BRACKETS, L4R_WORDS };

struct l4r_table_cell {
  const char *text;     /* as people read it, with marks; may be "" */
  const char *interval; /* likewise; NULL: none */
  int beside;           /* 1: the interval is beside the text in every format */
  struct l4r_shown number;
  double key; /* the sort key in the base of its unit (seconds, bytes); NaN: sort by text */
};

struct l4r_table_row {
  size_t first; /* its first cell; it has as many as there are columns */
  int cells;
  const char *across;  /* not NULL: instead of cells, a line across the table */
  const char **remark; /* [remarks] lines below the row */
  size_t remarks, room;
};

struct l4r_table {
  struct { /* only for text */
    int indent, gap;
    int below; /* 1: intervals are in a line of their own below the figures */
    int wrap;  /* columns at which title, notes and foot are folded; 0: they are not */
  } layout;
  int status;               /* L4R_OK, or why the table cannot be printed */
  const char *title, *foot; /* a paragraph before and after the table, or NULL */
  struct l4r_column *column;
  struct l4r_table_row *row;
  struct l4r_table_cell *cell;
  const char **note; /* footnotes, numbered from 1 */
  size_t columns, rows, cells, notes;
  size_t column_room, row_room, cell_room, note_room; /* private */
  struct l4r_table_text *texts;                       /* private: memory of all texts */
};

void l4r_table_free(struct l4r_table *table);

/* Makes a text (printf format, UTF-8) in the table's memory; "" when memory is short. */
const char *l4r_table_text(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *l4r_table_text_list(struct l4r_table *table, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* Returns `text` with more text added; use the result in place of `text`. */
const char *l4r_table_more(struct l4r_table *table, const char *text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void l4r_table_title(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a line directly below the table. */
void l4r_table_foot(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void l4r_table_column(struct l4r_table *table, struct l4r_column column);
void l4r_table_columns(struct l4r_table *table, const struct l4r_column *column, size_t columns);

/* Adds columns for programs alone: keys separated by blanks; "KEY+" is a column with an
 * interval. */
void l4r_table_keys(struct l4r_table *table, const char *keys);

/* Begins a row. */
void l4r_row(struct l4r_table *table);
/* Adds a line across the table, before the next row. */
void l4r_row_across(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a line below the last row; does nothing where there is none. */
void l4r_row_remark(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* These add the next cell of the row: a text; a whole number; a number with that many decimals and
 * a suffix such as " %", or with up to ten digits ('-' for NaN); an absent value with its reason as
 * a footnote (NULL: no footnote). A row whose first cell is "" belongs to the row above. */
void l4r_cell(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_count(struct l4r_table *table, int64_t count);
void l4r_cell_fixed(struct l4r_table *table, double value, int decimals, const char *unit);
void l4r_cell_exact(struct l4r_table *table, struct l4r_shown number);
void l4r_cell_absent(struct l4r_table *table, const char *reason);
/* These add a time in ns, bytes, or a bare number of three digits (`decimals` at most, 2 or 3), in
 * the unit that suits the value, with the interval in the same unit; '-' for NaN. */
void l4r_cell_time(struct l4r_table *table, struct l4r_shown ns, enum l4r_place place);
void l4r_cell_bytes(struct l4r_table *table, double bytes);
void l4r_cell_digits(struct l4r_table *table, struct l4r_shown number, int decimals,
                     enum l4r_place place);

/* These change the cell added last: replace its text and drop its number, set its number, set its
 * interval as printed, add text, add a footnote's number. */
void l4r_cell_text(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_value(struct l4r_table *table, struct l4r_shown number);
void l4r_cell_interval(struct l4r_table *table, int beside, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void l4r_cell_add(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_note(struct l4r_table *table, const char *text);
/* Returns the number of a footnote, which is added when it is new, for a text that refers to it:
 * L4R_BRACKET "%d]". Beyond 4,096 notes, the last one says that there are more. */
int l4r_table_note(struct l4r_table *table, const char *text);

#endif
