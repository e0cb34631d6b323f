/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines and records out of a window over a file, and files that are something else. */
#include "bench/import/collect/source.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/import/readers/csv.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

static void open_text(struct l4r_source *source, const char *text) {
  cr_assert_eq(l4r_source_open(source, test_file("t.csv", text), L4R_UTF8_OR_1252), 0, "%s",
               l4r_error_message());
}

static const struct l4r_csv commas = {.separator = ",", .quotes = 1};

Test(source, records_span_lines_and_know_where_they_start) {
  static const char *const expected[][3] = {
      {"a", "b,c", ""}, {"x\ny\"z\"", "", ""}, {"last", "1", "2"}};
  static const int64_t line[] = {1, 2, 6};
  struct l4r_source source;
  char *field[3];
  int count;
  open_text(&source, "a,\"b,c\",\r\n\"x\ny\"\"z\"\"\",,\"\"\n\n,,\nlast,1,2");
  for (int r = 0; r < 3; r++) {
    cr_assert_eq(l4r_source_record(&source, &commas, field, 3, &count), 1);
    cr_assert_eq(count, 3);
    cr_assert_eq(source.number, line[r], "%d", (int)source.number);
    for (int i = 0; i < 3; i++) cr_assert_str_eq(field[i], expected[r][i]);
  }
  cr_assert_eq(l4r_source_record(&source, &commas, field, 3, &count), 0);
  cr_assert_eq(source.blank, 2);
  l4r_source_close(&source);
}

/* A window is a megabyte: records lie across its ends, and one is longer than it. */
Test(source, windows_end_anywhere) {
  enum { ROWS = 60000, LONG = 3000000 };
  char *text = malloc(ROWS * 64 + LONG + 64), *at = text;
  for (int i = 0; i < ROWS; i++) {
    at += sprintf(at, i % 3 ? "row %d,plain,%d\n" : "\"row %d\",\"quo\nted \"\"x\"\"\",%d\n", i,
                  i * 7);
    if (i != ROWS / 2) continue;
    at += sprintf(at, "long,\"");
    memset(at, 'x', LONG);
    at += LONG;
    at += sprintf(at, "\",0\n");
  }
  struct l4r_source source;
  char *field[3], expected[32];
  int count, longs = 0;
  open_text(&source, text);
  for (int i = 0; i < ROWS; i++) {
    cr_assert_eq(l4r_source_record(&source, &commas, field, 3, &count), 1);
    cr_assert_eq(count, 3, "row %d has %d fields", i, count);
    if (!strcmp(field[0], "long")) {
      cr_assert_eq(strlen(field[1]), LONG);
      longs++;
      i--;
      continue;
    }
    sprintf(expected, "row %d", i);
    cr_assert_str_eq(field[0], expected);
    cr_assert_str_eq(field[1], i % 3 ? "plain" : "quo\nted \"x\"");
    cr_assert_eq(atoi(field[2]), i * 7);
  }
  cr_assert_eq(longs, 1);
  cr_assert_eq(l4r_source_record(&source, &commas, field, 3, &count), 0);
  l4r_source_close(&source);
  free(text);
}

Test(source, other_separators_and_loose_quotes) {
  static const struct {
    const char *separator, *text, *field[4];
  } cases[] = {
      {"\t", "a\t\"b\tc\"\t\"Weird Al\" Y\n", {"a", "b\tc", "\"Weird Al\" Y", NULL}},
      {"\t", "x\t\"Heroes\ty\nnext\t1\t2\n", {"x", "\"Heroes", "y", NULL}},
      {" ", "  1   20\t3  \n", {"1", "20", "3", NULL}},
      {"::", "1::2::3\n", {"1", "2", "3", NULL}},
      {"|", "1|\"2|3\"|4", {"1", "2|3", "4", NULL}},
      {";", "1;\"2\"\";\";\r\n", {"1", "2\";", "", NULL}},
      {";", "\"a \\\"b\\\" c\";\"C:\\\";\"\"\n", {"a \"b\" c", "C:\\", "", NULL}},
      {",", "\"a\\\"\"b\",\"\"\"\",x\n", {"a\\\"b", "\"", "x", NULL}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct l4r_source source;
    struct l4r_csv csv = {.quotes = 1};
    char *field[4];
    int count;
    strcpy(csv.separator, cases[i].separator);
    open_text(&source, cases[i].text);
    cr_assert_eq(l4r_source_record(&source, &csv, field, 4, &count), 1, "%s", l4r_error_message());
    for (int f = 0; cases[i].field[f]; f++)
      cr_assert(f < count && !strcmp(field[f], cases[i].field[f]), "case %zu: %s", i, field[f]);
    cr_assert_eq(count, 3, "case %zu: %d", i, count);
    l4r_source_close(&source);
  }
}

Test(source, lines_that_are_not_utf8_are_windows_1252_or_bad) {
  static const char text[] = "caf\xc3\xa9\ncaf\xe9 \x93x\x94\nplain\n";
  struct l4r_source source;
  char *line;
  open_text(&source, text);
  cr_assert_eq(l4r_source_line(&source, &line), 1);
  cr_assert_str_eq(line, "caf\xc3\xa9");
  cr_assert_eq(l4r_source_line(&source, &line), 1);
  cr_assert_str_eq(line, "caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d");
  cr_assert_eq(source.decoded, 1);
  l4r_source_close(&source);
  cr_assert_eq(l4r_source_open(&source, test_path("t.csv"), L4R_UTF8), 0);
  cr_assert_eq(l4r_source_line(&source, &line), 1);
  cr_assert_eq(l4r_source_line(&source, &line), L4R_INPUT);
  cr_assert(strstr(l4r_error_message(), "t.csv:2: byte 10 of the file"), "%s", l4r_error_message());
  cr_assert_eq(source.fatal, 0);
  cr_assert_eq(l4r_source_line(&source, &line), 1, "the next line is read");
  cr_assert_str_eq(line, "plain");
  l4r_source_close(&source);
}

Test(source, files_that_are_no_text_are_named_with_what_helps) {
  static const struct {
    const char *bytes;
    size_t length;
    const char *is, *command;
  } files[] = {
      {"BZh91AY&SY", 10, "bzip2", "bunzip2"},
      {"\xfd"
       "7zXZ\0\0\4",
       8, "xz", "xz -d"},
      {"\x28\xb5\x2f\xfd\4\0", 6, "zstd", "zstd -d"},
      {"PK\3\4\24\0\0\0x.csv", 13, "a zip archive", "unzip"},
      {"PK\3\4\24\0[Content_Types].xml", 25, "Excel", "CSV"},
      {"7z\xbc\xaf\x27\x1c\0\4", 8, "7-Zip", "7z x"},
      {"SQLite format 3\0", 16, "SQLite", "sqlite3"},
      {"PAR1\25\4\25", 7, "Parquet", "pandas.read_parquet("},
      {"ARROW1\0\0", 8, "Arrow", "pandas.read_feather("},
      {"\xff\xfeu\0s\0", 6, "UTF-16", "iconv -f UTF-16 -t UTF-8"},
      {"\xfe\xff\0u\0s", 6, "UTF-16", "iconv"},
      {"u\0s\0e\0r\0", 8, "UTF-16LE", "iconv -f UTF-16LE"},
      {"\0u\0s\0e\0r", 8, "UTF-16BE", "iconv -f UTF-16BE"},
      {"\xff\xfe\0\0u\0\0\0", 8, "UTF-32", "iconv -f UTF-32"},
      {"u\0\0\0s\0\0\0", 8, "UTF-32LE", "iconv"},
      {"\n <!DOCTYPE html><html>", 23, "web page", "fetch"},
      {"<html><body>404", 15, "web page", "fetch"},
      {"version https://git-lfs.github.com/spec/v1\n", 43, "Git LFS", "git lfs pull"},
      {"%PDF-1.4\n", 9, "PDF", ""},
      {"\x89HDF\r\n\x1a\n", 8, "HDF5", "to_csv"},
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    struct l4r_source source;
    const char *path = test_bytes("packed", files[i].bytes, files[i].length);
    cr_assert_eq(l4r_source_open(&source, path, L4R_UTF8), L4R_INPUT, "case %zu", i);
    cr_assert(strstr(l4r_error_message(), files[i].is), "case %zu: %s", i, l4r_error_message());
    cr_assert(strstr(l4r_error_message(), files[i].command), "case %zu: %s", i,
              l4r_error_message());
    l4r_source_close(&source);
  }
}
