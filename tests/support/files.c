/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/files.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 4096, BUFFERS = 16 };
static char folder[ROOM];

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

/* Texts given out, freed when the process ends. */
static struct text {
  struct text *before;
  char *content;
} *given;

static void remove_folder(void) {
  while (given) {
    struct text *before = given->before;
    free(given->content);
    free(given);
    given = before;
  }
  nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void) {
  if (*folder) return folder;
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/l4r-XXXXXX", base && *base ? base : P_tmpdir);
  cr_assert_not_null(mkdtemp(folder), "no scratch folder %s", folder);
  atexit(remove_folder);
  return folder;
}

const char *test_path(const char *name) {
  static char buffer[BUFFERS][ROOM + 256];
  static int next;
  char *path = buffer[next++ % BUFFERS];
  snprintf(path, sizeof *buffer, "%s/%s", test_folder(), name);
  return path;
}

const char *test_bytes(const char *name, const void *content, size_t bytes) {
  const char *path = test_path(name);
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file, "cannot write %s", path);
  cr_assert_eq(fwrite(content, 1, bytes, file), bytes);
  cr_assert_eq(fclose(file), 0);
  return path;
}

const char *test_file(const char *name, const char *content) {
  return test_bytes(name, content, strlen(content));
}

char *test_read(const char *name) {
  FILE *file = fopen(test_path(name), "rb");
  cr_assert_not_null(file, "cannot open %s", name);
  char *content = NULL;
  size_t capacity = 0;
  /* A text holds no NUL, so reading up to one is reading all. */
  if (getdelim(&content, &capacity, '\0', file) < 0) {
    free(content);
    content = calloc(1, 1);
  }
  fclose(file);
  struct text *text = malloc(sizeof *text);
  cr_assert(text && content);
  *text = (struct text){given, content};
  given = text;
  return content;
}

int test_entries(const char *name) {
  DIR *directory = opendir(test_path(name));
  if (!directory) return -1;
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
    count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
  closedir(directory);
  return count;
}

const char *test_shared(const char *name) {
  static char buffer[BUFFERS][ROOM];
  static int next;
  char *path = buffer[next++ % BUFFERS];
  const char *base = getenv("L4R_SHARED");
  snprintf(path, ROOM, "%s/data/%s", base && *base ? base : "../shared", name);
  return access(path, R_OK) ? NULL : path;
}

const char *test_machine(const char *name) {
  char path[512], line[200], parent[1024]; /* a longer line comes in pieces */
  FILE *out = NULL;
  snprintf(path, sizeof path, "tests/fixtures/machine/%s.tree", name);
  FILE *tree = fopen(path, "r");
  cr_assert(tree, "no fixture %s", path);
  while (fgets(line, sizeof line, tree)) {
    if (strncmp(line, "== ", 3) != 0) {
      cr_assert(out, "%s begins without a path", path);
      fputs(line, out);
      continue;
    }
    if (out) fclose(out);
    line[strcspn(line, "\n")] = '\0';
    snprintf(parent, sizeof parent, "%s", test_path(line + 3));
    *strrchr(parent, '/') = '\0';
    cr_assert_eq(l4r_make_folders(parent), 0, "%s", l4r_error_message());
    out = fopen(test_path(line + 3), "w");
    cr_assert(out, "cannot write %s", line + 3);
  }
  if (out) fclose(out);
  fclose(tree);
  return test_folder();
}

void test_hash(const char *name, char hex[65]) {
  cr_assert_eq(l4r_sha256_file(test_path(name), hex), 0, "%s", l4r_error_message());
}

void test_assert_unchanged(const char *name, const char *before) {
  char now[65];
  test_hash(name, now);
  cr_assert_str_eq(now, before, "%s changed", name);
}

/* The set that is asked for computes the same as a processor that has no more. */
