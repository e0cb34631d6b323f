/* SPDX-License-Identifier: BSD-3-Clause */
/* Arms are read here and nowhere else, so that `run`, `eval` and the child processes they start
 * cannot disagree about what a text means. */
#include "bench/harness/arm.h"

#include "bench/engines.h"
#include "impl/base/error.h"
#include "impl/model/model.h"

#include <ctype.h>
#include <string.h>

void l4r_base_name(const char *path, char *out, size_t size) {
  size_t end = strlen(path);
  while (end > 1 && path[end - 1] == '/') end--;
  size_t begin = end;
  while (begin > 0 && path[begin - 1] != '/') begin--;
  if (end - begin == 0) begin = 0;
  snprintf(out, size, "%.*s", (int)(end - begin), path + begin);
}

/* Where the options begin (at their ':'), or NULL. */
static char *options_of(char *text) {
  for (char *at = text + strlen(text); at > text; at--) {
    if (at[-1] != ':') continue;
    const char *equals = strchr(at, '='), *slash = strchr(at, '/');
    if (equals && (!slash || equals < slash)) return at - 1;
    if (!*at) return at - 1; /* "blis@model:" gives nothing where options were promised */
  }
  return NULL;
}

static int add_option(struct l4r_arm *arm, char *pair) {
  char *equals = strchr(pair, '=');
  if (!equals || equals == pair || !equals[1])
    return l4r_fail(L4R_USAGE, "arm '%s': '%s' is not an option; write key=value", arm->text, pair);
  *equals = '\0';
  for (int o = 0; o < arm->options; o++)
    if (!strcmp(arm->option[o].key, pair))
      return l4r_fail(L4R_USAGE, "arm '%s': option '%s' is given twice", arm->text, pair);
  if (arm->options == L4R_ARM_OPTIONS)
    return l4r_fail(L4R_USAGE, "arm '%s' has more than %d options", arm->text, L4R_ARM_OPTIONS);
  arm->option[arm->options].key = pair;
  arm->option[arm->options++].value = equals + 1;
  return L4R_OK;
}

/* The engine's name, which ends in the storage where the '@' was. */
static int name_engine(struct l4r_arm *arm) {
  const char *program = l4r_peer_of(arm->storage);
  char base[sizeof arm->name] = "";
  if (program) {
    l4r_base_name(program, base, sizeof base);
    arm->option[arm->options++] = (struct l4r_option){"program", program};
  }
  const int length = program ? snprintf(arm->name, sizeof arm->name, "peer:%s", base)
                             : snprintf(arm->name, sizeof arm->name, "%s", arm->storage);
  if (length > 0 && (size_t)length < sizeof arm->name) return L4R_OK;
  return l4r_fail(L4R_USAGE, "arm '%.200s': the engine's name is longer than %zu characters",
                  arm->text, sizeof arm->name - 1);
}

int l4r_arm_parse(const char *text, struct l4r_arm *arm) {
  const struct l4r_engine *injected = arm->engine_injected;
  memset(arm, 0, sizeof *arm);
  arm->engine = arm->engine_injected = injected;
  const char *at = strchr(text, '@');
  if (strlen(text) >= L4R_ARM_TEXT || !at || at == text || !at[1])
    return l4r_fail(L4R_USAGE,
                    "'%.200s' is not an arm; write ENGINE@MODEL[:key=value,...], "
                    "for example blis@models/lite",
                    text);
  strcpy(arm->text, text);
  strcpy(arm->storage, text);
  arm->storage[at - text] = '\0';
  int named = name_engine(arm);
  if (named) return named;
  char *model = arm->storage + (at - text) + 1, *options = options_of(model);
  const char *tail = options ? text + (options - arm->storage) : "";
  if (options) *options = '\0';
  snprintf(arm->model, sizeof arm->model, "%s", model);
  if (!*model) return l4r_fail(L4R_USAGE, "arm '%s' names no model folder", text);
  char base[L4R_ARM_TEXT];
  l4r_base_name(model, base, sizeof base);
  snprintf(arm->label, sizeof arm->label, "%s@%.*s%s", arm->name, (int)sizeof base / 2, base, tail);
  if (!options) return L4R_OK;
  char *rest = options + 1, *pair;
  while ((pair = strsep(&rest, ","))) {
    int status = add_option(arm, pair);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_arm_resolve(struct l4r_arm *arm) {
  if (arm->engine) return L4R_OK;
  enum l4r_kind kind;
  int status = l4r_model_kind(arm->model, &kind);
  if (!status) status = l4r_engine_find(arm->name, kind, &arm->engine);
  return status ? l4r_fail_context(status, "arm %s", arm->text) : L4R_OK;
}

json_t *l4r_arm_options(const struct l4r_arm *arm) {
  json_t *object = json_object();
  for (int o = l4r_peer_of(arm->name) ? 1 : 0; o < arm->options; o++) /* a peer's name says it */
    json_object_set_new(object, arm->option[o].key, json_string(arm->option[o].value));
  return object;
}

void l4r_arm_slug(const struct l4r_arm *arm, char slug[128]) {
  size_t n = 0;
  for (const char *c = arm->label; *c && n < 127; c++)
    slug[n++] = isalnum((unsigned char)*c) || strchr(".=-", *c) ? *c : '_';
  slug[n] = '\0';
}
