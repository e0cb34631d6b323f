/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/blis/times_file.h"

#include "impl/base/cache.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const machine_lines[] = {
    "vendor_id", "cpu family",      "model\t",     "model name", "stepping",
    "microcode", "CPU implementer", "CPU variant", "CPU part",   "CPU revision"};

/* The first processor's lines of /proc/cpuinfo that tell machines apart. Read line by line, for on
 * machines with many processors the file is long. */
static void add_machine(char *key, size_t *used) {
  char line[1024];
  FILE *file = fopen("/proc/cpuinfo", "re");
  l4r_text_add(key, L4R_TIMES_KEY, used, "machine");
  while (file && fgets(line, sizeof line, file) && line[0] != '\n')
    for (size_t i = 0; i < sizeof machine_lines / sizeof *machine_lines; i++) {
      if (strncmp(line, machine_lines[i], strlen(machine_lines[i]))) continue;
      const char *value = strchr(line, ':');
      if (value)
        l4r_text_add(key, L4R_TIMES_KEY, used, ";%.*s", (int)strcspn(value + 1, "\n"), value + 1);
      break;
    }
  if (file) fclose(file);
  l4r_text_add(key, L4R_TIMES_KEY, used, "\n");
}

void l4r_times_key(const struct l4r_kernel_times *times, const struct l4r_products *products,
                   char key[L4R_TIMES_KEY]) {
  size_t used = 0;
  l4r_text_add(key, L4R_TIMES_KEY, &used, "lite4rec kernels 1\n");
  add_machine(key, &used);
  l4r_text_add(key, L4R_TIMES_KEY, &used, "kernels %s",
               l4r_precision_name(times->kernel[0]->layout.precision));
  for (int i = 0; i < times->count; i++)
    l4r_text_add(key, L4R_TIMES_KEY, &used, "; %s", times->kernel[i]->name);
  l4r_text_add(key, L4R_TIMES_KEY, &used, "\nproducts");
  for (int i = 0; i < products->count; i++) {
    const struct l4r_product_shape *p = &products->product[i];
    l4r_text_add(key, L4R_TIMES_KEY, &used, " %lldx%lldx%lldx%g", (long long)p->rows,
                 (long long)p->k, (long long)p->n, p->times);
  }
  l4r_text_add(key, L4R_TIMES_KEY, &used, "\n");
}

static int path_of(const char *key, char *path) {
  char hex[65], name[64];
  l4r_sha256(key, strlen(key), hex);
  snprintf(name, sizeof name, "kernels-%.16s.txt", hex);
  return l4r_cache_path(name, path);
}

/* What is wrong with a file's content, or NULL; then times->ns is filled. */
static const char *parse(const char *key, char *content, struct l4r_kernel_times *times) {
  const size_t length = strlen(key);
  char hex[65], *sum = strstr(content, "sha256 ");
  if (!sum || strlen(sum) < 7 + 64) return "it has no end";
  l4r_sha256(content, (size_t)(sum - content), hex);
  if (memcmp(hex, sum + 7, 64)) return "its checksum is wrong";
  if (strncmp(content, key, length)) return "it answers another question";
  double ns[L4R_KERNELS_MAX];
  char *at = content + length;
  for (int i = 0; i < times->count; i++) {
    const char *name = times->kernel[i]->name;
    if (strncmp(at, "took ", 5)) return "a kernel is missing";
    ns[i] = strtod(at + 5, &at);
    if (!(ns[i] > 0 && ns[i] < 1e15)) return "a time is none";
    if (*at != ' ' || strncmp(at + 1, name, strlen(name)) || at[1 + strlen(name)] != '\n')
      return "a kernel is another";
    at += strlen(name) + 2;
  }
  memcpy(times->ns, ns, (size_t)times->count * sizeof *ns);
  return NULL;
}

int l4r_times_read(const char *key, struct l4r_kernel_times *times) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  if (path_of(key, path) || access(path, F_OK)) return 0;
  if (l4r_read_file(path, 1, &content, &bytes)) {
    l4r_warn("%s; kernels are measured again", l4r_error_message());
    return 0;
  }
  const char *wrong = parse(key, content, times);
  if (wrong) l4r_warn("%s: %s; kernels are measured again", path, wrong);
  l4r_free(content);
  return !wrong;
}

void l4r_times_write(const char *key, const struct l4r_kernel_times *times) {
  char path[L4R_PATH_MAX], text[2 * L4R_TIMES_KEY], hex[65];
  size_t used = 0;
  l4r_text_add(text, sizeof text, &used, "%s", key);
  for (int i = 0; i < times->count; i++)
    l4r_text_add(text, sizeof text, &used, "took %.17g %s\n", times->ns[i], times->kernel[i]->name);
  l4r_sha256(text, used, hex);
  l4r_text_add(text, sizeof text, &used, "sha256 %s\n", hex);
  if (path_of(key, path)) return;
  char *slash = strrchr(path, '/');
  *slash = 0;
  if (l4r_make_folders(path)) return;
  *slash = '/';
  (void)l4r_write_file(path, text, used); /* lost, it is measured again */
}
