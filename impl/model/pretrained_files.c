/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/pretrained_files.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int add_file(const char *path, const char *name, struct l4r_model_config *config,
                    size_t *used) {
  char sha256[65];
  if (access(path, F_OK)) return L4R_OK;
  const int status = l4r_sha256_file(path, sha256);
  if (!status)
    l4r_text_add(config->init_files, sizeof config->init_files, used, "%s%s %s", *used ? ", " : "",
                 name, sha256);
  return status;
}

/* "license: apache-2.0" between the lines "---" at the begin of a model card. */
static void find_licence(const char *card, char *licence, size_t room) {
  static const char name[] = "license:";
  const char *line = strncmp(card, "---", 3) ? NULL : strchr(card, '\n');
  for (; line && strncmp(line + 1, "---", 3) != 0; line = strchr(line + 1, '\n')) {
    if (strncmp(line + 1, name, sizeof name - 1) != 0) continue;
    const char *text = line + sizeof name;
    text += strspn(text, " \t");
    l4r_text_set(licence, room, "%.*s", (int)strcspn(text, "\r\n"), text);
    return;
  }
}

int l4r_pretrained_provenance(const struct l4r_pretrained *pretrained,
                              struct l4r_model_config *config) {
  static const char *const names[] = {
      "config.json",    "model.safetensors", "model.safetensors.index.json",
      "tokenizer.json", "vocab.txt",         "tokenizer_config.json",
      "spiece.model",   "modules.json",      "1_Pooling/config.json"};
  char path[L4R_PATH_MAX], *card;
  size_t used = 0, bytes;
  int status = L4R_OK;
  config->init_files[0] = 0;
  for (size_t n = 0; n < sizeof names / sizeof *names && !status; n++) {
    status = l4r_path_join(path, pretrained->path, names[n]);
    if (!status) status = add_file(path, names[n], config, &used);
  }
  if (!status) status = l4r_path_join(path, pretrained->path, "README.md");
  if (status || access(path, F_OK)) return status;
  status = l4r_read_file(path, 0, &card, &bytes);
  if (status) return status;
  find_licence(card, config->init_licence, sizeof config->init_licence);
  l4r_free(card);
  return L4R_OK;
}
