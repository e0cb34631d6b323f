/* SPDX-License-Identifier: BSD-3-Clause */
/* Files are written whole or not at all and read to their end or not; what stands in them: lines,
 * numbers, UTF-8, and their hash. */
#include "impl/base/file.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/random.h"
#include "impl/base/text.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

Test(file, committed_output_appears_whole_and_aborted_one_not_at_all) {
  const char *path = test_path("out.txt");
  struct l4r_output output;
  cr_assert_eq(l4r_output_open(&output, path), 0);
  fputs("half", output.stream);
  cr_assert_eq(access(path, F_OK), -1);
  l4r_output_abort(&output);
  cr_assert_eq(access(path, F_OK), -1);
  cr_assert_eq(l4r_write_file(path, "whole", 5), 0);
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0);
  cr_assert_str_eq(content, "whole");
  l4r_free(content);
  unlink(path);
  cr_assert_eq(rmdir(test_folder()), 0, "something was left behind");
}

Test(file, a_kill_in_mid_write_leaves_the_old_file_alone) {
  const char *path;
  char *content;
  size_t bytes;
  const int probe = open(test_folder(), O_TMPFILE | O_WRONLY, 0600);
  if (probe < 0) cr_skip_test("this file system has no files without a name (O_TMPFILE)");
  close(probe);
  path = test_path("out.txt");
  for (int old = 0; old < 2; old++) {
    const pid_t child = fork();
    if (!child) {
      struct l4r_output output;
      if (l4r_output_open(&output, path)) _exit(1);
      fputs("half", output.stream);
      fflush(output.stream);
      raise(SIGKILL);
    }
    int state;
    cr_assert_eq(waitpid(child, &state, 0), child);
    cr_assert(WIFSIGNALED(state));
    cr_assert_eq(test_entries("."), old);
    cr_assert_eq(l4r_write_file(path, old ? "newer" : "whole", 5), 0); /* over the old one, too */
    cr_assert_eq(test_entries("."), 1);
    cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0);
    cr_assert_str_eq(content, old ? "newer" : "whole");
    l4r_free(content);
  }
  struct stat info;
  const mode_t mask = umask(0);
  umask(mask);
  cr_assert_eq(stat(path, &info), 0);
  cr_assert_eq(info.st_mode & 0777, 0666 & ~mask);
  path = test_path("taken");
  mkdir(path, 0777);
  cr_assert_eq(l4r_write_file(path, "", 0), L4R_ENVIRONMENT);
  cr_assert_eq(test_entries("."), 2, "a file that could not get its name was left behind");
}

Test(file, devices_and_pipes_are_written_to_as_they_are) {
  const char *path = test_path("pipe");
  char text[8] = "";
  struct stat info;
  cr_assert_eq(mkfifo(path, 0600), 0);
  const int reader = open(path, O_RDONLY | O_NONBLOCK);
  cr_assert_eq(l4r_write_file(path, "whole", 5), 0, "%s", l4r_error_message());
  cr_assert_eq(read(reader, text, sizeof text), 5);
  cr_assert_str_eq(text, "whole");
  close(reader);
  cr_assert_eq(stat(path, &info), 0);
  cr_assert(S_ISFIFO(info.st_mode));
  cr_assert_eq(test_entries("."), 1);
  cr_assert_eq(l4r_write_file("/dev/null", "x", 1), 0, "%s", l4r_error_message());
  cr_assert_eq(stat("/dev/null", &info), 0);
  cr_assert(S_ISCHR(info.st_mode));
}

static int pass_line(void *context, int64_t number, char *line) {
  return 0;
}

/* 100 MB of one byte in a file of 100 kB: neither the whole nor a line of it may take the memory.
 */
Test(file, what_decompresses_without_end_is_not_read_to_it) {
  enum { PART = 1 << 20, PARTS = 100 };
  const char *path = test_path("samples.gz");
  char *content;
  static char part[PART];
  size_t bytes;
  memset(part, 'a', sizeof part);
  gzFile file = gzopen(path, "wb9");
  for (int p = 0; p < PARTS; p++) cr_assert_eq(gzwrite(file, part, PART), PART);
  cr_assert_eq(gzclose(file), Z_OK);
  cr_expect_eq(l4r_read_file(path, 1, &content, &bytes), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "more than 200 times as many"), "%s", l4r_error_message());
  cr_expect_eq(l4r_read_lines(path, pass_line, NULL), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "more than 200 times as many"), "%s", l4r_error_message());
  file = gzopen(path, "wb9");
  for (int p = 0; p < 60; p++) cr_assert_eq(gzwrite(file, part, PART), PART);
  cr_assert_eq(gzclose(file), Z_OK);
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0, "%s", l4r_error_message());
  cr_expect_eq(bytes, (size_t)60 * PART);
  l4r_free(content);
}

/* A pipe in a folder of samples, a model or a data set would wait for a writer for ever, and a
 * device has no end. */
Test(file, pipes_and_devices_are_not_read_as_files, .timeout = 240) {
  const char *pipe = test_path("pipe"), *link = test_path("link");
  char hash[65], *content;
  size_t bytes;
  cr_assert_eq(mkfifo(pipe, 0600), 0);
  cr_assert_eq(symlink("/dev/zero", link), 0);
  const char *const names[] = {pipe, link};
  for (int n = 0; n < 2; n++) {
    cr_expect_eq(l4r_read_file(names[n], 0, &content, &bytes), L4R_INPUT);
    cr_expect(strstr(l4r_error_message(), names[n]), "%s", l4r_error_message());
    cr_expect(strstr(l4r_error_message(), "a pipe or a device"), "%s", l4r_error_message());
    cr_expect_eq(l4r_sha256_file(names[n], hash), L4R_INPUT);
    cr_expect(strstr(l4r_error_message(), names[n]), "%s", l4r_error_message());
  }
}

/* What is no device below /dev is written aside as everywhere; what a name of an open file leads to
 * is no reason to replace that name. */
Test(file, what_is_a_device_is_asked_not_read_from_its_name) {
  char folder[] = "/dev/shm/l4r-XXXXXX", path[64], text[8] = "";
  if (!mkdtemp(folder)) cr_skip_test("there is no /dev/shm to write to");
  snprintf(path, sizeof path, "%s/out.txt", folder);
  cr_assert_eq(l4r_write_file(path, "old", 3), 0);
  struct l4r_output output;
  cr_assert_eq(l4r_output_open(&output, path), 0);
  fputs("half", output.stream);
  fflush(output.stream);
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file);
  cr_assert_eq(fread(text, 1, sizeof text, file), 3, "the old file was written over");
  fclose(file);
  l4r_output_abort(&output);
  cr_assert_eq(unlink(path), 0);
  cr_assert_eq(rmdir(folder), 0, "something was left behind");

  FILE *open_file = tmpfile();
  snprintf(path, sizeof path, "/dev/fd/%d", fileno(open_file));
  cr_assert_eq(l4r_write_file(path, "whole", 5), 0, "%s", l4r_error_message());
  rewind(open_file);
  cr_assert_eq(fread(text, 1, sizeof text, open_file), 5);
  cr_assert_str_eq(text, "whole");
  fclose(open_file);
}

/* In this program the names of nameless files, and exchanges, fail on request. */
static int linkat_error, exchange_error;
int linkat(int from, const char *path, int to, const char *name, int flags) {
  if (!linkat_error) return (int)syscall(SYS_linkat, from, path, to, name, flags);
  errno = linkat_error;
  return -1;
}
int renameat2(int from, const char *path, int to, const char *name, unsigned flags) {
  if (!exchange_error || !(flags & RENAME_EXCHANGE))
    return (int)syscall(SYS_renameat2, from, path, to, name, flags);
  errno = exchange_error;
  return -1;
}
void test_exchange_fails(int error); /* test_folder.c */
void test_exchange_fails(int error) {
  exchange_error = error;
}

Test(file, a_nameless_file_that_gets_no_name_is_copied) {
  static const int errors[] = {EXDEV, ENOENT, EOPNOTSUPP, EPERM, EINVAL};
  const char *path = test_path("out.txt");
  char *content;
  size_t bytes;
  for (size_t e = 0; e < sizeof errors / sizeof *errors; e++) {
    char text[8];
    snprintf(text, sizeof text, "new %zu", e);
    linkat_error = errors[e];
    cr_assert_eq(l4r_write_file(path, text, 5), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0);
    cr_assert_str_eq(content, text);
    cr_assert_eq(test_entries("."), 1);
    l4r_free(content);
  }
}

/* A kill between the side file and its renaming leaves it; a living writer's is not touched. */
Test(file, a_side_file_of_a_killed_process_goes_with_the_next_writing) {
  const char *path, *aside;
  const char *left[] = {"out.txt.99999999.tmp", "out.txt.1.tmp", "other.txt.1.tmp", "out.txt.tmp"};
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
    path = test_path(left[i]);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fclose(file);
  }
  aside = test_path("out.txt.77.tmp");
  const int alive = open(aside, O_WRONLY | O_CREAT, 0666);
  cr_assert_eq(flock(alive, LOCK_EX), 0);
  path = test_path("out.txt");
  cr_assert_eq(l4r_write_file(path, "whole", 5), 0, "%s", l4r_error_message());
  cr_assert_eq(test_entries("."), 4, "out.txt, other.txt.1.tmp, out.txt.tmp, out.txt.77.tmp");
  cr_assert_eq(access(aside, F_OK), 0, "a living writer's side file is gone");
  close(alive);
}

Test(file, a_nul_byte_is_named_with_its_line) {
  const char *path = test_path("bad.txt");
  cr_assert_eq(l4r_write_file(path, "a\nb\0c\n", 6), 0);
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "bad.txt:2"));
  cr_assert_eq(l4r_write_file(path, "", 0), 0);
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "empty"));
}

Test(file, lines_without_carriage_return_or_last_newline) {
  char text[] = "one\r\ntwo\n\nfour";
  struct l4r_lines lines;
  l4r_lines_init(&lines, "t", text, strlen(text));
  const char *expected[] = {"one", "two", "", "four"};
  char *line;
  for (int i = 0; i < 4; ++i) {
    cr_assert(l4r_lines_next(&lines, &line));
    cr_assert_str_eq(line, expected[i]);
    cr_assert_eq(lines.number, i + 1);
  }
  cr_assert_not(l4r_lines_next(&lines, &line));
}

struct visited {
  int64_t lines, bytes, stop_at;
};

static int visit_line(void *context, int64_t number, char *line) {
  struct visited *visited = context;
  cr_assert_eq(number, ++visited->lines);
  if (number == visited->stop_at) return L4R_CHECK;
  /* Line n of the texts below has n * 37 % 500 times the same letter. */
  const size_t length = strlen(line);
  cr_assert_eq(length, (size_t)(number * 37 % 500));
  cr_assert_eq(strspn(line, (const char[]){(char)('a' + number % 26), 0}), length);
  visited->bytes += (int64_t)length + 1;
  return L4R_OK;
}

/* Lines that fall on the ends of the parts in which a large file is read. */
Test(file, lines_of_a_file_larger_than_a_part) {
  enum { LINES = 20002, BYTES = LINES * 251 };
  const char *path, *zipped;
  char *text = malloc(BYTES + 4000), *at = text;
  for (int n = 1; n <= LINES; n++) {
    memset(at, 'a' + n % 26, (size_t)(n * 37 % 500));
    at += n * 37 % 500;
    if (n < LINES) *at++ = '\n'; /* the last line has none */
  }
  path = test_path("lines.txt");
  zipped = test_path("lines.gz");
  cr_assert_eq(l4r_write_file(path, text, (size_t)(at - text)), 0);
  gzFile file = gzopen(zipped, "wb1");
  cr_assert_eq(gzwrite(file, text, (unsigned)(at - text)), at - text);
  cr_assert_eq(gzclose(file), Z_OK);
  const char *const paths[] = {path, zipped};
  for (int p = 0; p < 2; p++) {
    struct visited visited = {.stop_at = 0};
    cr_assert_eq(l4r_read_lines(paths[p], visit_line, &visited), 0, "%s", l4r_error_message());
    cr_assert_eq(visited.lines, LINES);
    cr_assert_eq(visited.bytes, at - text + 1);
    visited = (struct visited){.stop_at = 15000};
    cr_assert_eq(l4r_read_lines(paths[p], visit_line, &visited), L4R_CHECK);
    cr_assert_eq(visited.lines, 15000);
  }
  /* A NUL byte in the fifth megabyte, on the last line but one; a file that ends early. */
  char *last = at - LINES * 37 % 500 - 2;
  *last = '\0';
  char where[64];
  snprintf(where, sizeof where, "lines.txt:%d: a NUL byte (byte %td ", LINES - 1, last - text);
  cr_assert_eq(l4r_write_file(path, text, (size_t)(at - text)), 0);
  struct visited visited = {.stop_at = 0};
  cr_assert_eq(l4r_read_lines(path, visit_line, &visited), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), where), "%s", l4r_error_message());
  cr_assert_eq(truncate(zipped, 5000), 0);
  visited = (struct visited){.stop_at = 0};
  cr_assert_eq(l4r_read_lines(zipped, visit_line, &visited), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "lines.gz: the compressed data end early"));
  cr_assert_gt(visited.lines, 0);
  cr_assert_eq(l4r_write_file(path, "", 0), 0);
  cr_assert_eq(l4r_read_lines(path, visit_line, &visited), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "lines.txt: the file is empty"));
  unlink(path);
  unlink(zipped);
  rmdir(test_folder());
  free(text);
}

Test(file, sha256_of_a_known_text) {
  char hex[65];
  l4r_sha256("abc", 3, hex);
  cr_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(file, sha256_in_parts_is_that_of_the_whole) {
  char whole[65], parts[65];
  static char content[1000];
  for (size_t i = 0; i < sizeof content; i++) content[i] = (char)(i * 7);
  l4r_sha256(content, sizeof content, whole);
  struct l4r_sha256_parts *sum = l4r_sha256_begin();
  for (size_t at = 0, next; at < sizeof content; at = next) {
    next = at + 1 + at / 3 < sizeof content ? at + 1 + at / 3 : sizeof content;
    l4r_sha256_add(sum, content + at, next - at);
  }
  l4r_sha256_end(sum, parts);
  cr_assert_str_eq(parts, whole);
  l4r_sha256_end(NULL, parts);
  cr_assert_str_eq(parts, "");
}

static void count_reading(void *context, const char *path) {
  (void)path;
  ++*(int *)context;
}

Test(file, a_file_read_in_parts_is_told_and_nothing_else_is_opened) {
  const char *path = test_path("values.bin");
  FILE *stream = NULL;
  int told = 0;
  l4r_on_read(count_reading, &told);
  cr_expect_eq(l4r_file_open(path, &stream), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), path), "%s", l4r_error_message());
  cr_expect_eq(l4r_file_open(test_folder(), &stream), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "not a regular file"), "%s", l4r_error_message());
  cr_assert_eq(l4r_write_file(path, "\x1f\x8b", 2), 0);
  cr_assert_eq(told, 0);
  cr_assert_eq(l4r_file_open(path, &stream), 0, "%s", l4r_error_message());
  cr_expect_eq(getc(stream), 0x1f, "nothing is decompressed");
  cr_expect_eq(told, 1);
  fclose(stream);
  l4r_on_read(NULL, NULL);
}

Test(file, utf8_rejects_overlong_surrogate_and_cut_sequences) {
  size_t bad;
  cr_assert(l4r_utf8_valid("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x8e\xac", 15, &bad));
  cr_assert_not(l4r_utf8_valid("ab\xc0\xaf", 4, &bad));
  cr_assert_eq(bad, 2u);
  cr_assert_not(l4r_utf8_valid("\xed\xa0\x80", 3, &bad));
  cr_assert_not(l4r_utf8_valid("a\xe2\x82", 3, &bad));
  cr_assert_not(l4r_utf8_valid("caf\xe9", 4, &bad));
}

Test(file, numbers_are_whole_tokens) {
  int64_t n;
  double x;
  cr_assert_eq(l4r_parse_int("-12", &n), 0);
  cr_assert_eq(n, -12);
  cr_assert_eq(l4r_parse_int("12x", &n), L4R_INPUT);
  cr_assert_eq(l4r_parse_int("", &n), L4R_INPUT);
  cr_assert_eq(l4r_parse_int("99999999999999999999", &n), L4R_INPUT);
  cr_assert_eq(l4r_parse_double("4.5", &x), 0);
  cr_assert_eq(l4r_parse_double("nan", &x), L4R_INPUT);
}
