/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/blis/remembered.h"

#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 32, HEX = 64 };
struct entry {
  char hash[HEX + 1];
  double ns[L4R_KERNELS_MAX];
};
static struct entry entries[MOST];
static int count;

int l4r_remembered_find(const char *hash, struct l4r_kernel_times *times) {
  for (int i = 0; i < count; i++)
    if (!strcmp(entries[i].hash, hash)) {
      memcpy(times->ns, entries[i].ns, sizeof times->ns);
      return 1;
    }
  return 0;
}

static void add(const struct entry *entry) {
  struct l4r_kernel_times known;
  if (count < MOST && !l4r_remembered_find(entry->hash, &known)) entries[count++] = *entry;
}

void l4r_remembered_add(const char *hash, const struct l4r_kernel_times *times) {
  struct entry entry;
  l4r_text_set(entry.hash, sizeof entry.hash, "%s", hash);
  memcpy(entry.ns, times->ns, sizeof entry.ns);
  add(&entry);
}

void l4r_remembered_clear(void) {
  count = 0;
}

char *l4r_remembered_write(void) {
  enum { NUMBER = 26 }; /* " %.17g" at its longest */
  const size_t size = (size_t)count * (HEX + 1 + L4R_KERNELS_MAX * NUMBER) + 1;
  char *text = l4r_alloc(size, 1, "what was measured of kernels");
  size_t used = 0;
  if (!text) return NULL;
  text[0] = '\0';
  for (int i = 0; i < count; i++) {
    l4r_text_add(text, size, &used, "%s%s", i ? ";" : "", entries[i].hash);
    for (int k = 0; k < L4R_KERNELS_MAX; k++)
      l4r_text_add(text, size, &used, " %.17g", entries[i].ns[k]);
  }
  return text;
}

/* One entry at *at, which moves behind it; 0 where there is none. */
static int parse(const char **at, struct entry *entry) {
  if (strspn(*at, "0123456789abcdef") != HEX) return 0;
  memcpy(entry->hash, *at, HEX);
  entry->hash[HEX] = '\0';
  *at += HEX;
  for (int k = 0; k < L4R_KERNELS_MAX; k++) {
    char *end;
    if (**at != ' ') return 0;
    entry->ns[k] = strtod(*at + 1, &end);
    if (end == *at + 1 || !(entry->ns[k] >= 0 && entry->ns[k] < 1e15)) return 0;
    *at = end;
  }
  if (**at == ';') return (*at)++, **at != '\0';
  return **at == '\0';
}

int l4r_remembered_read(const char *text) {
  struct entry entry;
  for (const char *at = text; *at;)
    if (!parse(&at, &entry)) return 0;
  for (const char *at = text; *at;) {
    parse(&at, &entry);
    add(&entry);
  }
  return 1;
}
