/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads whole files, and writes outputs that appear only when they are complete. */
#include "impl/base/file.h"

#include "impl/base/error.h"
#include "impl/base/json.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <zlib.h>

static void (*read_listener)(void *context, const char *path);
static void *read_context;

void l4r_on_read(void (*listener)(void *context, const char *path), void *context) {
  read_listener = listener;
  read_context = context;
}

int l4r_path_join(char *out, const char *folder, const char *name) {
  const size_t n = strlen(folder);
  const char *slash = n && folder[n - 1] == '/' ? "" : "/";
  const int written = snprintf(out, L4R_PATH_MAX, "%s%s%s", folder, slash, name);
  if (written < 0 || written >= L4R_PATH_MAX)
    return l4r_fail(L4R_USAGE, "path too long: %.80s.../%s", folder, name);
  return L4R_OK;
}

static int ends_early(const char *path) {
  return l4r_fail(L4R_INPUT, "%s: the compressed data end early; fetch the file again", path);
}

/* Data and samples are at most some tens of times as long as their compressed file. What grows by
 * far more is made to fill memories: deflate can write a byte for a thousand. */
enum { MOST_TIMES = 200, ALWAYS_READ = 64 << 20 };

static int check_growth(gzFile file, const char *path, size_t compressed, size_t bytes) {
  if (bytes <= ALWAYS_READ || gzdirect(file) || bytes / MOST_TIMES <= compressed) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s: its %zu bytes decompress to more than %d times as many, and were read no "
                  "further: no file of this program does",
                  path, compressed, MOST_TIMES);
}

/* gzread reads plain files unchanged, so one loop serves both. */
static int read_stream(gzFile file, const char *path, size_t guess, char **content, size_t *bytes) {
  char *buffer = NULL;
  size_t capacity = 0, used = 0;
  int status = l4r_grow(&buffer, &capacity, guess + 2, 1, path);
  while (!status) {
    size_t room = capacity - used - 1;
    if (room > 1u << 30) room = 1u << 30;
    const int got = gzread(file, buffer + used, (unsigned)room);
    if (got < 0) {
      int code;
      status = l4r_fail(L4R_INPUT, "%s: cannot be read at byte %zu: %s", path, used,
                        gzerror(file, &code));
    }
    if (got <= 0) break;
    used += (size_t)got;
    status = check_growth(file, path, guess, used);
    if (!status && capacity - used < 2)
      status = l4r_grow(&buffer, &capacity, used + 65536, 1, path);
  }
  const int closed = gzclose_r(file);
  if (!status && closed != Z_OK) status = ends_early(path);
  if (status) {
    l4r_free(buffer);
    return status;
  }
  buffer[used] = '\0';
  *content = buffer;
  *bytes = used;
  return L4R_OK;
}

/* Checks a part of a text that has `lines` lines and `before` bytes before it. */
static int check_nul(const char *path, const char *content, size_t bytes, int64_t lines,
                     size_t before) {
  const char *nul = memchr(content, '\0', bytes);
  if (!nul) return L4R_OK;
  int64_t line = lines + 1;
  for (const char *c = content; c < nul; ++c) line += *c == '\n';
  return l4r_fail(L4R_INPUT,
                  "%s:%lld: a NUL byte (byte %zu of the file); it is damaged or not a text file",
                  path, (long long)line, before + (size_t)(nul - content));
}

static int check_text(const char *path, const char *content, size_t bytes) {
  if (bytes == 0) return l4r_fail(L4R_INPUT, "%s: the file is empty", path);
  return check_nul(path, content, bytes, 0, 0);
}

/* Gives the folder of a file. */
static void folder_of(const char *path, char folder[L4R_PATH_MAX]) {
  snprintf(folder, L4R_PATH_MAX, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash)
    slash[slash == folder] = '\0';
  else
    strcpy(folder, ".");
}

/* Returns 1 when a name is, through links, one of the kernel's for an open file: /dev/stdout,
 * /proc/self/fd/1. The target may be a file, but a rename would replace the name instead. */
static int is_descriptor(const char *path) {
  char name[L4R_PATH_MAX], next[L4R_PATH_MAX], folder[L4R_PATH_MAX];
  snprintf(name, sizeof name, "%s", path);
  for (int links = 0; links < 40; links++) {
    struct statfs system;
    folder_of(name, folder);
    if (!statfs(folder, &system) && system.f_type == PROC_SUPER_MAGIC) return 1;
    const ssize_t length = readlink(name, next, sizeof next - 1);
    if (length <= 0) return 0;
    next[length] = '\0';
    if (next[0] == '/')
      strcpy(name, next);
    else if (l4r_path_join(name, folder, next))
      return 0;
  }
  return 0;
}

static int open_stream(const char *path, gzFile *file, size_t *bytes) {
  struct stat info;
  if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  if (S_ISDIR(info.st_mode)) return l4r_fail(L4R_INPUT, "%s is a folder, not a file", path);
  if (!S_ISREG(info.st_mode) && !is_descriptor(path))
    return l4r_fail(L4R_INPUT, "%s is no file but a pipe or a device, which may never end", path);
  *file = gzopen(path, "rb");
  if (!*file && errno == EACCES && read_listener) {
    read_listener(read_context, path);
    errno = EACCES;
  }
  if (!*file) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  /* zlib allocates three times that much for every file, which for small files would take most of
   * the time. */
  const unsigned most = 1 << 18, least = 1 << 13;
  *bytes = info.st_size > 0 ? (size_t)info.st_size : 0;
  gzbuffer(*file, *bytes >= most ? most : *bytes >= least ? (unsigned)*bytes : least);
  if (read_listener) read_listener(read_context, path);
  return L4R_OK;
}

int l4r_read_file(const char *path, int text, char **content, size_t *bytes) {
  gzFile file;
  size_t guess;
  char *read = NULL;
  int status = open_stream(path, &file, &guess);
  if (status) return status;
  status = read_stream(file, path, guess, &read, bytes);
  if (!status && text) status = check_text(path, read, *bytes);
  if (status) {
    l4r_free(read);
    return status;
  }
  *content = read;
  return L4R_OK;
}

struct line_reader {
  gzFile file;
  const char *path;
  l4r_visit_line *visit;
  void *context;
  char *buffer;
  size_t compressed;         /* bytes of the file */
  size_t room, used, passed; /* room, used: of the buffer; passed: bytes of the lines before it */
  int64_t number;
};

/* Visits the whole lines in the buffer, at the file's end also one without a newline, and moves the
 * rest to the front. */
static int visit_lines(struct line_reader *reader, int at_end) {
  struct l4r_lines lines;
  size_t whole = reader->used;
  while (!at_end && whole && reader->buffer[whole - 1] != '\n') whole--;
  l4r_lines_init(&lines, reader->path, reader->buffer, whole);
  char *line;
  int status = L4R_OK;
  while (!status && l4r_lines_next(&lines, &line))
    status = reader->visit(reader->context, reader->number + lines.number, line);
  reader->number += lines.number;
  reader->passed += whole;
  reader->used -= whole;
  memmove(reader->buffer, reader->buffer + whole, reader->used);
  return status;
}

/* Reads once; sets *ended when there is nothing more. */
static int read_lines(struct line_reader *reader, int *ended) {
  int code = Z_OK;
  int status = check_growth(reader->file, reader->path, reader->compressed, reader->used);
  if (!status && reader->room - reader->used < 2)
    status = l4r_grow(&reader->buffer, &reader->room, 2 * reader->room, 1, reader->path);
  if (status) return status;
  size_t room = reader->room - reader->used - 1;
  if (room > 1u << 30) room = 1u << 30;
  char *fresh = reader->buffer + reader->used;
  const int got = gzread(reader->file, fresh, (unsigned)room);
  const size_t place = reader->passed + reader->used;
  if (got < 0)
    return l4r_fail(L4R_INPUT, "%s: cannot be read at byte %zu: %s", reader->path, place,
                    gzerror(reader->file, &code));
  *ended = got == 0;
  if (got == 0) gzerror(reader->file, &code);
  if (code == Z_BUF_ERROR) return ends_early(reader->path); /* the last line is incomplete */
  if (got == 0 && place == 0) return check_text(reader->path, "", 0);
  status = check_nul(reader->path, fresh, (size_t)got, reader->number, place);
  reader->used += (size_t)got;
  return status ? status : visit_lines(reader, *ended);
}

int l4r_read_lines(const char *path, l4r_visit_line *visit, void *context) {
  enum { PART = 1 << 20 };
  struct line_reader reader = {.path = path, .visit = visit, .context = context};
  size_t bytes;
  int ended = 0, status = open_stream(path, &reader.file, &bytes);
  if (status) return status;
  reader.compressed = bytes;
  status = l4r_grow(&reader.buffer, &reader.room, bytes < PART ? bytes + 2 : PART, 1, path);
  while (!status && !ended) status = read_lines(&reader, &ended);
  const int closed = gzclose_r(reader.file);
  if (!status && closed != Z_OK) status = ends_early(path);
  l4r_free(reader.buffer);
  return status;
}

int l4r_file_open(const char *path, FILE **stream) {
  struct stat info;
  if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  if (!S_ISREG(info.st_mode)) return l4r_fail(L4R_INPUT, "%s is not a regular file", path);
  *stream = fopen(path, "rb");
  const int error = errno;
  if (read_listener && (*stream || error == EACCES)) read_listener(read_context, path);
  errno = error;
  return *stream ? L4R_OK : l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
}

int l4r_make_folders(const char *path) {
  char part[L4R_PATH_MAX];
  const size_t n = strlen(path);
  if (n == 0 || n >= sizeof part)
    return l4r_fail(L4R_USAGE, "not a usable folder name: '%s'", path);
  memcpy(part, path, n + 1);
  for (size_t i = 1; i <= n; ++i) {
    if (part[i] != '/' && part[i] != '\0') continue;
    const char kept = part[i];
    part[i] = '\0';
    if (mkdir(part, 0777) && errno != EEXIST)
      return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make the folder %s", part);
    part[i] = kept;
  }
  struct stat info;
  if (stat(path, &info) || !S_ISDIR(info.st_mode))
    return l4r_fail(L4R_ENVIRONMENT, "%s exists and is not a folder", path);
  return L4R_OK;
}

/* Returns NULL where the file system has no nameless files, or no file can be made. */
static FILE *open_nameless(const char *path) {
  char folder[L4R_PATH_MAX];
  if (access("/proc/self/fd", X_OK)) return NULL; /* it is needed to name the file */
  folder_of(path, folder);
  const int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
  if (descriptor >= 0 && !stream) close(descriptor);
  return stream;
}

/* Returns 1 for a terminal, /dev/null, a pipe: they are written in place and must not be replaced
 * by a rename. */
static int is_device(const char *path) {
  struct stat info;
  if (is_descriptor(path)) return 1;
  return !stat(path, &info) && (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode));
}

/* --- side files ---------------------------------------------------------------------------------
 * NAME.PROCESS.tmp. Its process holds a lock on it while it lives, so one without a lock was left
 * by a kill. */

int l4r_output_is_aside(const char *name) {
  size_t end = strlen(name), begin;
  if (end < 7 || strcmp(name + end - 4, ".tmp") != 0) return 0;
  for (begin = end -= 4; begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9';) begin--;
  return begin < end && begin > 1 && name[begin - 1] == '.';
}

static FILE *open_aside(const char *aside) {
  unlink(aside); /* left by a killed process with the same number */
  const int descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return NULL;
  flock(descriptor, LOCK_EX | LOCK_NB);
  FILE *stream = fdopen(descriptor, "wb");
  if (!stream) close(descriptor);
  return stream;
}

static void remove_left(const char *path) {
  char folder[L4R_PATH_MAX];
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const size_t length = strlen(name);
  folder_of(path, folder);
  DIR *listing = opendir(folder);
  if (!listing) return;
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    if (strncmp(entry->d_name, name, length) != 0 || !l4r_output_is_aside(entry->d_name)) continue;
    if (strspn(entry->d_name + length, ".0123456789") + 3 != strlen(entry->d_name + length))
      continue; /* belongs to another file */
    const int left = openat(dirfd(listing), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (left < 0) continue;
    if (!flock(left, LOCK_EX | LOCK_NB)) unlinkat(dirfd(listing), entry->d_name, 0);
    close(left);
  }
  closedir(listing);
}

/* Copies a nameless file to a named one: some file systems can make nameless files but not name
 * them (overlays, network file systems). */
static int copy_aside(struct l4r_output *output) {
  char block[1 << 16];
  FILE *to = open_aside(output->aside);
  ssize_t got = 0;
  for (off_t at = 0; to && (got = pread(fileno(output->stream), block, sizeof block, at)) > 0;
       at += got)
    fwrite(block, 1, (size_t)got, to);
  const int bad = !to || got < 0 || ferror(to) || fflush(to) || fsync(fileno(to));
  const int error = errno;
  if (to) fclose(to);
  errno = error;
  return bad ? -1 : 0;
}

static int link_nameless(const struct l4r_output *output, const char *name) {
  char nameless[64];
  snprintf(nameless, sizeof nameless, "/proc/self/fd/%d", fileno(output->stream));
  return linkat(AT_FDCWD, nameless, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* Gives the file its name, directly or, where an older file has it, through a side name. */
static int give_name(struct l4r_output *output) {
  if (output->device) return 0;
  if (!output->nameless) return rename(output->aside, output->path);
  if (!link_nameless(output, output->path)) return 0;
  const int older = errno == EEXIST;
  if (older) {
    unlink(output->aside);
    flock(fileno(output->stream), LOCK_EX | LOCK_NB);
  }
  if ((!older || link_nameless(output, output->aside)) && copy_aside(output)) return -1;
  return rename(output->aside, output->path);
}

int l4r_output_open(struct l4r_output *output, const char *path) {
  *output = (struct l4r_output){0};
  if (strlen(path) >= sizeof output->path)
    return l4r_fail(L4R_USAGE, "path too long: %.80s...", path);
  strcpy(output->path, path);
  snprintf(output->aside, sizeof output->aside, "%s.%ld.tmp", path, (long)getpid());
  output->device = is_device(path);
  output->stream = output->device ? fopen(path, "wb") : open_nameless(path);
  output->nameless = !output->device && output->stream;
  if (!output->stream && !output->device) output->stream = open_aside(output->aside);
  if (!output->stream)
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot write %s (is its folder there and writable?)",
                          path);
  return L4R_OK;
}

void l4r_output_abort(struct l4r_output *output) {
  if (!output->stream) return;
  fclose(output->stream);
  output->stream = NULL;
  if (!output->nameless && !output->device) unlink(output->aside);
}

static void sync_folder(const char *path) {
  char folder[L4R_PATH_MAX];
  folder_of(path, folder);
  const int descriptor = open(folder, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return; /* the file is renamed; only durability is at stake */
  fsync(descriptor);
  close(descriptor);
}

int l4r_output_commit(struct l4r_output *output) {
  if (l4r_json_whole(output->path)) {
    l4r_output_abort(output);
    return L4R_ENVIRONMENT;
  }
  const int bad = ferror(output->stream) || fflush(output->stream) ||
                  (!output->device && fsync(fileno(output->stream))) || give_name(output);
  const int error = errno;
  const int not_closed = fclose(output->stream);
  output->stream = NULL;
  if (bad || not_closed) {
    errno = bad && error ? error : errno;
    const int status = l4r_fail_errno(
        L4R_ENVIRONMENT, "could not write %s (nothing was left there; the old file stays)",
        output->path);
    if (!output->device) unlink(output->aside);
    return status;
  }
  if (output->device) return L4R_OK;
  sync_folder(output->path);
  remove_left(output->path);
  return L4R_OK;
}

int l4r_write_file(const char *path, const void *content, size_t bytes) {
  struct l4r_output output;
  int status = l4r_output_open(&output, path);
  if (status) return status;
  fwrite(content, 1, bytes, output.stream); /* a short write is reported at commit */
  return l4r_output_commit(&output);
}
