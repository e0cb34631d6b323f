/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are no text, by their first bytes, and what makes a text of them. */
#include "bench/import/collect/kind_of_file.h"

#include <string.h>
#include <strings.h>

#include "impl/base/error.h"

static const struct magic {
  const char *bytes;
  size_t length, at;
  const char *is, *command; /* %s in the command is the file */
} magics[] = {
    {"BZh", 3, 0, "packed by bzip2", "unpack it: bunzip2 -k"},
    {"\xfd"
     "7zXZ",
     6, 0, "packed by xz", "unpack it: xz -dk"},
    {"\x28\xb5\x2f\xfd", 4, 0, "packed by zstd", "unpack it: zstd -d"},
    {"\x04\x22\x4d\x18", 4, 0, "packed by lz4", "unpack it: lz4 -d"},
    {"\x1f\x9d", 2, 0, "packed by compress", "unpack it: uncompress"},
    {"7z\xbc\xaf\x27\x1c", 6, 0, "a 7-Zip archive", "unpack it: 7z x"},
    {"Rar!\x1a", 5, 0, "a RAR archive", "unpack it: unrar x"},
    {"ustar", 5, 257, "a tar archive", "unpack it: tar -xf"},
    {"SQLite format 3", 15, 0, "an SQLite data base",
     "write a table of it as text: sqlite3 -header -csv"},
    {"\xd0\xcf\x11\xe0", 4, 0, "an old Office document (xls)",
     "save the sheet as CSV, or: libreoffice --convert-to csv"},
    {"%PDF-", 5, 0, "a PDF document", "find the data it tells of; what was fetched is"},
    {"\x89HDF\r\n", 6, 0, "an HDF5 file",
     "write its table as text with Python (pandas.read_hdf(...).to_csv('FILE.csv', index=False)):"},
    {"\x93NUMPY", 6, 0, "a NumPy array",
     "write it as text with Python (numpy.savetxt('FILE.txt', numpy.load(...), fmt='%d')):"},
    {"\x80\x04\x95", 3, 0, "a Python pickle",
     "write it as text with Python (pandas.read_pickle(...).to_csv('FILE.csv', index=False)):"},
};

static int fail_as(const char *path, const char *is, const char *command) {
  return l4r_fail(L4R_INPUT, "%s is %s, not a text; %s %s", path, is, command, path);
}

static int check_parquet(const char *path, const char *start, size_t bytes) {
  const int parquet = bytes >= 4 && !memcmp(start, "PAR1", 4);
  if (!parquet && (bytes < 6 || memcmp(start, "ARROW1", 6))) return 0;
  return l4r_fail(L4R_INPUT,
                  "%s is a%s file, not a text; one line of Python makes one of it: python3 -c "
                  "\"import pandas; pandas.read_%s('%s').to_csv('%s.csv', index=False)\" (pip "
                  "install pandas pyarrow), then import %s.csv",
                  path, parquet ? " Parquet" : "n Arrow (Feather)", parquet ? "parquet" : "feather",
                  path, path, path);
}

static int check_zip(const char *path, const char *start, size_t bytes) {
  if (bytes < 4 || (memcmp(start, "PK\3\4", 4) && memcmp(start, "PK\5\6", 4))) return 0;
  if (memmem(start, bytes, "[Content_Types].xml", 19) || memmem(start, bytes, "xl/", 3))
    return fail_as(path, "an Excel workbook (xlsx)",
                   "save the sheet as CSV, or: libreoffice --convert-to csv");
  return fail_as(path, "a zip archive", "unpack it: unzip");
}

/* UTF-16 and UTF-32 by their marks, or by the zeros that ASCII has in them. */
static int check_wide(const char *path, const char *start, size_t bytes) {
  const char *name = NULL;
  if (bytes >= 4 && (!memcmp(start, "\xff\xfe\0\0", 4) || !memcmp(start, "\0\0\xfe\xff", 4)))
    name = "UTF-32";
  else if (bytes >= 2 && (!memcmp(start, "\xff\xfe", 2) || !memcmp(start, "\xfe\xff", 2)))
    name = "UTF-16";
  else if (bytes >= 8 && !start[0] && !start[1] && !start[2] && start[3])
    name = "UTF-32BE";
  else if (bytes >= 8 && start[0] && !start[1] && !start[2] && !start[3] && start[4] && !start[5])
    name = "UTF-32LE";
  else if (bytes >= 4 && !start[0] && start[1] && !start[2] && start[3])
    name = "UTF-16BE";
  else if (bytes >= 4 && start[0] && !start[1] && start[2] && !start[3])
    name = "UTF-16LE";
  if (!name) return 0;
  return l4r_fail(
      L4R_INPUT,
      "%s is text in %s, which cannot be read; convert it: iconv -f %s -t UTF-8 %s >%s.txt", path,
      name, name, path, path);
}

static int check_page(const char *path, const char *start, size_t bytes) {
  while (bytes && (*start == ' ' || *start == '\n' || *start == '\r' || *start == '\t'))
    start++, bytes--;
  const int page = (bytes > 14 && !strncasecmp(start, "<!doctype html", 14)) ||
                   (bytes > 5 && !strncasecmp(start, "<html", 5));
  const int xml = !page && bytes > 5 && !strncasecmp(start, "<?xml", 5);
  const int lfs = bytes > 34 && !memcmp(start, "version https://git-lfs.github.com", 34);
  if (page)
    return l4r_fail(L4R_INPUT,
                    "%s is a web page (HTML), not the data: most likely what a server answered "
                    "instead of the file (a login, an error); look at it: less %s, and fetch the "
                    "file again",
                    path, path);
  if (xml)
    return l4r_fail(L4R_INPUT,
                    "%s is XML, which cannot be read; fetch the data as CSV or JSON lines", path);
  if (lfs)
    return l4r_fail(L4R_INPUT,
                    "%s is a Git LFS pointer, not the data; in its repository: git lfs pull", path);
  return 0;
}

/* Lines of the old Macintosh, which spreadsheets still write. */
static int check_lines(const char *path, const char *start, size_t bytes) {
  const char *first = memchr(start, '\r', bytes);
  if (!first || memchr(start, '\n', bytes)) return 0;
  if (!memchr(first + 1, '\r', bytes - (size_t)(first + 1 - start))) return 0;
  return l4r_fail(L4R_INPUT,
                  "%s is text whose lines end in CR alone, which is not read; convert it: tr '\\r' "
                  "'\\n' <%s >%s.txt",
                  path, path, path);
}

int l4r_check_kind_of_file(const char *path, const char *start, size_t bytes) {
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    const struct magic *magic = &magics[i];
    if (bytes >= magic->at + magic->length &&
        !memcmp(start + magic->at, magic->bytes, magic->length))
      return fail_as(path, magic->is, magic->command);
  }
  int status = check_parquet(path, start, bytes);
  if (!status) status = check_zip(path, start, bytes);
  if (!status) status = check_wide(path, start, bytes);
  if (!status) status = check_page(path, start, bytes);
  return status ? status : check_lines(path, start, bytes);
}
