/* SPDX-License-Identifier: BSD-3-Clause */
/* Arms are read here and nowhere else, so that `run`, `eval` and the child processes they start
 * cannot disagree about what a text means. */
#include "bench/run/session/arm.h"

#include "bench/engines.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/model/model.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

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
  arm->file = l4r_shared_object_of(arm->storage);
  if (program) arm->option[arm->options++] = (struct l4r_option){"program", program};
  if (program || arm->file) l4r_base_name(program ? program : arm->file, base, sizeof base);
  const int length = snprintf(arm->name, sizeof arm->name, "%s%s",
                              program     ? "peer:"
                              : arm->file ? "so:"
                                          : arm->storage,
                              base);
  if (length > 0 && (size_t)length < sizeof arm->name) return L4R_OK;
  return l4r_fail(L4R_USAGE, "arm '%.200s': the engine's name is longer than %zu characters",
                  arm->text, sizeof arm->name - 1);
}

static int add_options(struct l4r_arm *arm, char *rest) {
  char *pair;
  while ((pair = strsep(&rest, ","))) {
    const int status = add_option(arm, pair);
    if (status) return status;
  }
  return L4R_OK;
}

/* Somebody else's engine that needs no model folder: "peer:./engine.py:beams=10". */
static int parse_without_model(const char *text, struct l4r_arm *arm) {
  strcpy(arm->text, text);
  strcpy(arm->storage, text);
  char *options = options_of(strchr(arm->storage, ':') + 1);
  const char *tail = options ? text + (options - arm->storage) : "";
  if (options) *options = '\0';
  const int status = name_engine(arm);
  if (status) return status;
  snprintf(arm->label, sizeof arm->label, "%s%s", arm->name, tail);
  return options ? add_options(arm, options + 1) : L4R_OK;
}

int l4r_arm_parse(const char *text, struct l4r_arm *arm) {
  memset(arm, 0, sizeof *arm);
  const char *at = strchr(text, '@');
  if (!at && strlen(text) < L4R_ARM_TEXT && l4r_engine_is_foreign(text))
    return parse_without_model(text, arm);
  if (strlen(text) >= L4R_ARM_TEXT || !at || at == text || !at[1])
    return l4r_fail(L4R_USAGE,
                    "'%.200s' is not an arm; write ENGINE@MODEL[:key=value,...], "
                    "for example blis@models/lite (peer: and so: may stand without @MODEL)",
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
  return options ? add_options(arm, options + 1) : L4R_OK;
}

/* The last `parts` parts of a path without "." among them, into out[size]. */
static void last_parts(const char *path, int parts, char *out, size_t size) {
  size_t end = strlen(path);
  while (end > 1 && path[end - 1] == '/') end--;
  size_t begin = end;
  for (int part = 0; part < parts && begin > 0; part++) {
    while (begin > 0 && path[begin - 1] == '/') begin--;
    while (begin > 0 && path[begin - 1] != '/') begin--;
  }
  snprintf(out, size, "%.*s", (int)(end - begin), path + begin);
}

static void relabel(struct l4r_arm *arm, int parts) {
  char base[L4R_ARM_TEXT], options[L4R_ARM_TEXT] = "";
  /* The options stand behind the model's base name, whatever that holds. */
  last_parts(arm->model, 1, base, sizeof base);
  const size_t head = strlen(arm->name) + 1 + strnlen(base, sizeof base / 2);
  const char *tail = head <= strlen(arm->label) ? arm->label + head : "";
  snprintf(options, sizeof options, "%s", tail);
  last_parts(arm->model, parts, base, sizeof base);
  snprintf(arm->label, sizeof arm->label, "%s@%.*s%.*s", arm->name, (int)sizeof base / 2, base,
           (int)sizeof options / 2 - (int)sizeof arm->name - 2, options);
}

void l4r_arms_name(struct l4r_arm *arms, int n) {
  for (int a = 0; a < n; a++) {
    int parts = 1, clash = 1;
    const char *mine = arms[a].model;
    while (clash && parts < 64) {
      char own[L4R_ARM_TEXT], other[L4R_ARM_TEXT];
      clash = 0;
      last_parts(mine, parts, own, sizeof own);
      for (int b = 0; b < n && !clash; b++) {
        last_parts(arms[b].model, parts, other, sizeof other);
        clash = strcmp(arms[b].model, mine) != 0 && !strcmp(own, other);
      }
      parts += clash;
    }
    if (parts > 1 && parts < 64) relabel(&arms[a], parts);
  }
}

/* What models it serves is its own to say, when it is opened. */
static int resolve_file(struct l4r_arm *arm) {
  int status = *arm->model && access(arm->model, R_OK | X_OK)
                   ? l4r_fail_errno(L4R_INPUT, "model folder %s", arm->model)
                   : l4r_engine_hash(arm->file, arm->file_sha256);
  return status ? l4r_fail_context(status, "arm %s", arm->text) : L4R_OK;
}

int l4r_arm_load(struct l4r_arm *arm) {
  char now[65];
  if (!arm->file) return L4R_OK;
  int status = l4r_engine_load(arm->file, &arm->engine);
  if (!status) status = l4r_engine_hash(arm->file, now);
  if (!status && strcmp(now, arm->file_sha256))
    status = l4r_fail(L4R_INPUT, "%s was exchanged while it was loaded", arm->file);
  return status ? l4r_fail_context(status, "arm %s", arm->text) : L4R_OK;
}

int l4r_arm_resolve(struct l4r_arm *arm) {
  enum l4r_kind kind;
  if (arm->file) return resolve_file(arm);
  if (!arm->engine) arm->engine = l4r_engine_without_kind(arm->name, arm->model);
  if (arm->engine) return L4R_OK;
  if (!*arm->model) return l4r_engine_find(arm->name, L4R_KIND_LITE, &arm->engine);
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
  enum { ROOM = 100, HASH = 8 }; /* behind it may come "-shuffled" and the file's ending */
  size_t n = 0;
  int lost = strlen(arm->label) > ROOM;
  for (const char *c = arm->label; *c && n < ROOM; c++) {
    slug[n] = isalnum((unsigned char)*c) || strchr(".=-", *c) ? *c : '_';
    lost |= slug[n] != *c && !strchr("@:,", *c);
    n++;
  }
  slug[n] = '\0';
  if (!lost) return;
  char hash[65];
  l4r_sha256(arm->label, strlen(arm->label), hash);
  snprintf(slug + n, 128 - n, "-%.*s", HASH, hash);
}
