/* SPDX-License-Identifier: BSD-3-Clause */
/* A table as data: what stands in it, whatever it is printed as (bench/table/sheet.h prints).
 *
 * A builder makes the columns, then row by row the cells, in the order of the columns:
 *
 *   struct l4r_table table = {.layout = {.gap = 2}};
 *   l4r_table_column(&table, (struct l4r_column){"arm", "arm", .align = L4R_LEFT});
 *   l4r_table_column(&table, (struct l4r_column){"p50", "p50", "ns", .align = L4R_FIGURE});
 *   l4r_row(&table);
 *   l4r_cell(&table, "%s", arm);
 *   l4r_cell_time(&table, (struct l4r_shown){ns, lo, hi}, L4R_UNDER);
 *   l4r_sheet_table(sheet, &table);
 *
 * All texts are copied. When memory is short, or a row has more cells than there are columns, the
 * table remembers it (`status`), goes on taking cells, and is never printed: a builder need not ask
 * after each call. A table begins as {0} and is freed by l4r_table_free or by printing it. Not
 * thread-safe. */
#ifndef L4R_BENCH_TABLE_MODEL_H
#define L4R_BENCH_TABLE_MODEL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Marks within texts, which each printer writes in its own way. Other control characters are
 * printed as blanks, so that no record's word makes a line or a row of its own. */
#define L4R_STRONG  "\x01" /* begins and ends what is important */
#define L4R_CODE    "\x02" /* begins and ends a name as it is typed */
#define L4R_BRACKET "\x03" /* a '[' of our own: a footnote's, an interval's */
#define L4R_BREAK   "\x04" /* a blank at which a long remark may go on in the next line */
#define L4R_LINE    "\x05" /* begins a new line */

/* L4R_FIGURE: to the right in documents, where units stand below each other; to the left in text,
 * where an interval begins below its figure. */
enum l4r_align { L4R_LEFT, L4R_RIGHT, L4R_FIGURE };

struct l4r_column {
  const char *key;   /* for programs: JSON member, CSV column */
  const char *title; /* for people; NULL: the key */
  const char *unit;  /* of the cells' numbers: "ns", "bytes", ""; for programs */
  enum l4r_align align;
  int width;    /* characters at least, in text; a longer first cell stands on a line of its own
                   when a width is given; 0: as wide as the widest */
  int interval; /* 1: CSV has the ends of the intervals in columns KEY_lo and KEY_hi */
};

struct l4r_shown { /* a number with its interval; NaN where there is none */
  double value, lo, hi;
};
/* Where an interval stands: below its figure, or beside it in one of two forms. */
enum l4r_place { L4R_UNDER, L4R_BRACKETS, L4R_WORDS };

struct l4r_table_cell {
  const char *text;     /* as people read it, with marks; "" empty */
  const char *interval; /* the same; NULL: none */
  int beside;           /* 1: the interval stands beside the text in every format */
  struct l4r_shown number;
  double key; /* to sort by, in the base of its unit (seconds, bytes); NaN: by its text */
};

struct l4r_table_row {
  size_t first; /* of its cells; there are as many as columns */
  int cells;
  const char *across;  /* no cells: a line across the table */
  const char **remark; /* [remarks] lines below the row */
  size_t remarks, room;
};

struct l4r_table {
  struct { /* of text alone */
    int indent, gap;
    int below; /* 1: intervals stand in a line of their own below the figures */
  } layout;
  int status;               /* L4R_OK, or why it cannot be printed */
  const char *title, *foot; /* NULL: none; a paragraph before and after the table */
  struct l4r_column *column;
  struct l4r_table_row *row;
  struct l4r_table_cell *cell;
  const char **note; /* footnotes, from 1 */
  size_t columns, rows, cells, notes;
  size_t column_room, row_room, cell_room, note_room; /* private */
  struct l4r_table_text *texts;                       /* private: memory of all texts */
};

void l4r_table_free(struct l4r_table *table);

/* A text (printf format) in the table's memory: UTF-8; "" when memory is short. */
const char *l4r_table_text(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *l4r_table_text_list(struct l4r_table *table, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* The text with more at its end, which then takes its place. */
const char *l4r_table_more(struct l4r_table *table, const char *text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void l4r_table_title(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a line to what stands directly below the table. */
void l4r_table_foot(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void l4r_table_column(struct l4r_table *table, struct l4r_column column);
void l4r_table_columns(struct l4r_table *table, const struct l4r_column *column, size_t columns);

/* Columns for programs alone: keys separated by blanks, "KEY+" of one with an interval. */
void l4r_table_keys(struct l4r_table *table, const char *keys);

/* Begins a row. */
void l4r_row(struct l4r_table *table);
/* A line across the table, before the next row. */
void l4r_row_across(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A line below the row begun last; nothing where there is none. */
void l4r_row_remark(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next cell of the row: a text; a whole number; a number with so many decimals and what follows
 * it (" %"), or with up to ten digits, '-' for NaN; nothing, and why (a footnote; NULL: no word
 * about it). A row whose first cell is "" belongs to the row above. */
void l4r_cell(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_count(struct l4r_table *table, int64_t count);
void l4r_cell_fixed(struct l4r_table *table, double value, int decimals, const char *unit);
void l4r_cell_exact(struct l4r_table *table, struct l4r_shown number);
void l4r_cell_absent(struct l4r_table *table, const char *reason);
/* A time in ns, bytes, or a bare number of three digits (`decimals` at most, 2 or 3), in the unit
 * in which the value reads best, with its interval in the same unit; '-' for NaN. */
void l4r_cell_time(struct l4r_table *table, struct l4r_shown ns, enum l4r_place place);
void l4r_cell_bytes(struct l4r_table *table, double bytes);
void l4r_cell_digits(struct l4r_table *table, struct l4r_shown number, int decimals,
                     enum l4r_place place);

/* To the cell made last: another text, no number with it; its number; an interval as it is printed;
 * more text; a footnote's number. */
void l4r_cell_text(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_value(struct l4r_table *table, struct l4r_shown number);
void l4r_cell_interval(struct l4r_table *table, int beside, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void l4r_cell_add(struct l4r_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void l4r_cell_note(struct l4r_table *table, const char *text);
/* The number of a footnote, added when it is new, for a text that names it: L4R_BRACKET "%d]". Of
 * more than 4,096 the last says that there are more. */
int l4r_table_note(struct l4r_table *table, const char *text);

#endif
