/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/input.h"

#include "impl/base/error.h"
#include "impl/base/log.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  return remove(path);
}

static void remove_folder(void) {
  nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static _Noreturn void die(const char *what) {
  perror(what);
  abort();
}

const char *fuzz_folder(void) {
  if (*folder) return folder;
  snprintf(folder, sizeof folder, "%s/l4r-fuzz-XXXXXX",
           access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
  if (!mkdtemp(folder)) die(folder);
  atexit(remove_folder);
  return folder;
}

const char *fuzz_file(int slot, const char *name, const uint8_t *data, size_t size) {
  static char path[4][256];
  snprintf(path[slot], sizeof path[slot], "%s/%s", fuzz_folder(), name);
  FILE *file = fopen(path[slot], "wb");
  if (!file || (size && fwrite(data, 1, size, file) != size) || fclose(file)) die(path[slot]);
  return path[slot];
}

size_t fuzz_cut(const uint8_t *data, size_t size, const uint8_t **rest, size_t *rest_size) {
  static const char mark[] = "-----\n";
  const size_t width = sizeof mark - 1;
  for (size_t i = 0; i + width <= size; i++)
    if ((!i || data[i - 1] == '\n') && !memcmp(data + i, mark, width)) {
      *rest = data + i + width;
      *rest_size = size - i - width;
      return i;
    }
  *rest = data + size;
  *rest_size = 0;
  return size;
}

void fuzz_check(int status) {
  if (status && !*l4r_error_message()) abort(); /* a failure without a word */
}
