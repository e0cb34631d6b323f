/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/partial.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <string.h>

enum { PATH = 128, DIGITS = 64 };

struct scan {
  const char *const *members;
  const char *at;              /* in the line; NULL when the line is not as a writer writes it */
  char *out;                   /* end of the part that is kept */
  const char *seal, *seal_end; /* the member ,"sha256":"..." of the record itself; NULL: not seen */
  char path[PATH];             /* of the current object, with a dot at its end */
};

enum want { NOTHING, SOME, ALL };

static enum want wanted(const struct scan *scan, size_t length) {
  for (const char *const *member = scan->members; *member; member++)
    if (**member == *scan->path && !strncmp(*member, scan->path, length)) {
      const char next = (*member)[length];
      if (!next || next == '.') return next ? SOME : ALL;
    }
  return NOTHING;
}

/* Returns the place after the string whose opening quote is at `at`; NULL when it has no end. */
static const char *past_string(const char *at) {
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && at[1]) at++;
  return *at ? at + 1 : NULL;
}

/* Returns the comma or bracket after the value that begins at `at`; NULL when the text ends
 * before. */
static const char *past_value(const char *at) {
  int depth = 0;
  while (at && *at) {
    const char c = *at;
    if (c == '"') {
      at = past_string(at);
      continue;
    }
    if (!depth && (c == ',' || c == '}' || c == ']')) return at;
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    at++;
  }
  return NULL;
}

static void put(struct scan *scan, const char *text, size_t bytes) {
  memcpy(scan->out, text, bytes);
  scan->out += bytes;
}

static void keep_value(struct scan *scan) {
  const char *begin = scan->at;
  scan->at = past_value(begin);
  if (scan->at) put(scan, begin, (size_t)(scan->at - begin));
}

static void keep_some(struct scan *scan, size_t length);

/* Reads one member of the object whose path has `length` bytes; returns 1 when part of it was
 * kept. */
static int keep_member(struct scan *scan, size_t length, int comma) {
  const char *key = scan->at, *end = *key == '"' ? past_string(key) : NULL;
  scan->at = end && *end == ':' ? end + 1 : NULL;
  if (!scan->at) return 0;
  const size_t bytes = (size_t)(end - key) - 2;
  enum want want = NOTHING;
  if (length + bytes + 1 < PATH) { /* nobody asks for longer paths */
    memcpy(scan->path + length, key + 1, bytes);
    want = wanted(scan, length + bytes);
  }
  if (!length && bytes == 6 && !memcmp(key + 1, "sha256", 6)) {
    scan->seal = key[-1] == ',' ? key - 1 : NULL;
    scan->seal_end = past_value(scan->at);
  }
  if (want == NOTHING) {
    scan->at = past_value(scan->at);
    return 0;
  }
  if (comma) put(scan, ",", 1);
  put(scan, key, (size_t)(scan->at - key));
  if (want == SOME && (*scan->at == '{' || *scan->at == '[')) {
    scan->path[length + bytes] = '.';
    keep_some(scan, length + bytes + 1);
  } else {
    keep_value(scan);
  }
  return 1;
}

static void keep_object(struct scan *scan, size_t length) {
  int kept = 0;
  put(scan, scan->at++, 1);
  if (*scan->at == '}') {
    put(scan, scan->at++, 1);
    return;
  }
  for (;;) {
    kept |= keep_member(scan, length, kept);
    if (!scan->at || *scan->at != ',') break;
    scan->at++;
  }
  if (scan->at && *scan->at == '}')
    put(scan, scan->at++, 1);
  else
    scan->at = NULL;
}

/* Reads an object, or an array: its objects are filtered in the same way, other elements are
 * kept. */
static void keep_some(struct scan *scan, size_t length) {
  if (*scan->at == '{') {
    keep_object(scan, length);
    return;
  }
  do { /* the reader is at the bracket or at a comma */
    put(scan, scan->at++, 1);
    if (*scan->at == '{')
      keep_object(scan, length);
    else if (*scan->at != ']')
      keep_value(scan);
  } while (scan->at && *scan->at == ',');
  if (scan->at && *scan->at == ']')
    put(scan, scan->at++, 1);
  else
    scan->at = NULL;
}

/* `bare` must be large enough for the line. */
static int is_sealed(const struct scan *scan, const char *line, size_t bytes, char *bare) {
  if (!scan->seal || !scan->seal_end) return 0;
  const char *digits = strchr(scan->seal, ':') + 1;
  if (scan->seal_end - digits != DIGITS + 2 || *digits != '"') return 0;
  char hash[DIGITS + 1];
  const size_t before = (size_t)(scan->seal - line);
  const size_t after = bytes - (size_t)(scan->seal_end - line);
  memcpy(bare, line, before);
  memcpy(bare + before, scan->seal_end, after);
  l4r_sha256(bare, before + after, hash);
  return !memcmp(hash, digits + 1, DIGITS);
}

int l4r_partial_read(struct l4r_partial *partial, const char *line, const char **kept) {
  *kept = NULL;
  if (*line != '{') return L4R_OK;
  const size_t bytes = strlen(line);
  int status = l4r_grow(&partial->kept, &partial->kept_room, bytes + 1, 1, "a record");
  if (!status) status = l4r_grow(&partial->bare, &partial->bare_room, bytes + 1, 1, "a record");
  if (status) return status;
  struct scan scan = {.members = partial->members, .at = line, .out = partial->kept};
  keep_object(&scan, 0);
  if (!scan.at || *scan.at || !is_sealed(&scan, line, bytes, partial->bare)) return L4R_OK;
  *scan.out = '\0';
  *kept = partial->kept;
  return L4R_OK;
}

void l4r_partial_free(struct l4r_partial *partial) {
  l4r_free(partial->kept);
  l4r_free(partial->bare);
}
