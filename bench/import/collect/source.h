/* SPDX-License-Identifier: BSD-3-Clause */
/* Source files as lines and as records of fields, in memory for the longest of them: a file may be
 * larger than memory, packed by gzip, or standard input ("-"). */
#ifndef L4R_BENCH_IMPORT_COLLECT_SOURCE_H
#define L4R_BENCH_IMPORT_COLLECT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

enum l4r_encoding {
  L4R_UTF8,        /* a line that is not UTF-8 is a bad line */
  L4R_UTF8_OR_1252 /* such a line is taken for Windows-1252, of which Latin-1 is a part */
};

/* A file being read. Zero it or open it before closing; readers use path and number. */
struct l4r_source {
  const char *path; /* for messages; borrowed */
  int64_t number;   /* of the line on which the last line or record began, from 1 */
  int64_t decoded;  /* lines or fields taken for Windows-1252 */
  int64_t blank;    /* lines without anything on them, which are passed over */
  enum l4r_encoding encoding;
  void *file; /* gzFile */
  char *buffer;
  size_t begin, end, room, passed; /* in the buffer: what is unread; bytes of the file before it */
  int64_t breaks;                  /* line breaks before `begin` */
  int ended, high;                 /* the file; a byte above 0x7f is in the buffer */
  int fatal;                       /* what failed is not one line: nothing more comes */
  char *side;                      /* decoded text */
  size_t side_used, side_room;
  size_t record;         /* bytes of the line or record at hand */
  struct l4r_span *span; /* of a record's fields, before they are cut */
  size_t spans;
};

/* Opens a text file. L4R_INPUT for what cannot be opened, empty files, NUL bytes and files that are
 * something else (an archive, UTF-16, a web page, a data base): the message says what, and the
 * command that turns it into text. A mark of byte order is skipped. */
int l4r_source_open(struct l4r_source *source, const char *path, enum l4r_encoding encoding);
void l4r_source_close(struct l4r_source *source); /* a closed or zeroed one is fine */

/* The next line that is not blank, NUL-terminated, without its end; valid until the next call. 1,
 * 0 at the end, L4R_INPUT for a bad line, after which reading may go on unless source->fatal, or
 * L4R_ENVIRONMENT. */
int l4r_source_line(struct l4r_source *source, char **line);

/* A field as UTF-8: itself, or decoded into memory that lives until the next record; NULL with a
 * message (L4R_INPUT, or memory) where the encoding is refused. */
char *l4r_source_text(struct l4r_source *source, char *field);

/* The bytes that the next call will read from, as far as they are in memory: *bytes of them, at
 * least a first line of any sane file. Valid until the next call. */
const char *l4r_source_peek(const struct l4r_source *source, size_t *bytes);

/* L4R_INPUT "path:line: ..." */
int l4r_bad_line(const struct l4r_source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Cuts `line` in place at every `separator`; at most `most` fields are stored. Returns how many
 * there are. */
int l4r_cut(char *line, const char *separator, char **field, int most);

/* --- the window of a source, for source.c and csv.c --- */

struct l4r_span { /* of a field, in bytes from the record's first */
  size_t start, length;
  int quoted;
};

/* Moves what is unread to the front and reads more behind it: 1, 0 at the file's end, a status with
 * source->fatal set. What points into the buffer is void. */
int l4r_window_more(struct l4r_source *source);

/* The line that begins with what is unread, read until it is whole: 1 and its *length without the
 * break, 0 at the file's end, a status as above. It stays unread. */
int l4r_window_line(struct l4r_source *source, size_t *length);

/* Takes that line: moves on behind it, counts it and cuts its end ("\n", "\r\n") off. */
char *l4r_window_take(struct l4r_source *source, size_t length);

/* Nothing but blanks, tabs and DOS's end of file. */
int l4r_is_blank_line(const char *line);

#endif
