/* SPDX-License-Identifier: BSD-3-Clause */
/* The only file that names the implementations. */
#include "bench/engines.h"

#include "baselines/beam/engine.h"
#include "baselines/beam/server_open.h"
#include "baselines/controls/largest_id.h"
#include "baselines/heuristics/engine.h"
#include "baselines/peers/peer.h"
#include "baselines/peers/plugin.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"
#include "impl/lite/lite.h"
#include "impl/lite/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  enum l4r_kind kind;
  const struct l4r_engine *engine;
  const char *about;
} table[] = {
    {L4R_KIND_LITE, &l4r_engine_lite_reference, "plain loops, an oracle; time it at tiny and mini"},
    {L4R_KIND_LITE, &l4r_engine_lite_blis, "optimised, GEMM through BLIS"},
    {L4R_KIND_SASREC, &l4r_engine_lite_reference, "plain loops over SASRec's blocks"},
    {L4R_KIND_SASREC, &l4r_engine_lite_blis, "the same, optimised"},
    {L4R_KIND_P5, &l4r_engine_beam, "beam search over item ids, [stack=blis|reference]"},
    {L4R_KIND_P5_HEAD, &l4r_engine_beam_head, "prompt in, head on the decoder's first position"},
    {L4R_KIND_LITE_BEAM, &l4r_engine_beam, "item vectors in, item id generated"},
    {L4R_KIND_P5, &l4r_engine_largest_id,
     "control: what the model's numbering of items gives away"},
    {L4R_KIND_P5_HEAD, &l4r_engine_largest_id, "the same"},
    {L4R_KIND_LITE_BEAM, &l4r_engine_largest_id, "the same"},
    {L4R_KIND_POP, &l4r_engine_heuristic, "training popularity"},
    {L4R_KIND_MARKOV, &l4r_engine_heuristic, "adjacent pairs"},
    {L4R_KIND_ITEMKNN, &l4r_engine_heuristic, "item k-nearest-neighbours"},
};
enum { ROWS = sizeof table / sizeof table[0] };

/* Adds a word to a list "a, b, c" unless it stands there. */
static void add_word(char *list, size_t size, const char *word) {
  size_t used = strlen(list);
  const char *found = strstr(list, word);
  const size_t n = strlen(word);
  if (found && (found[n] == '\0' || found[n] == ',')) return;
  l4r_text_add(list, size, &used, "%s%s", used ? ", " : "", word);
}

int l4r_engine_find(const char *name, enum l4r_kind kind, const struct l4r_engine **engine) {
  if (l4r_peer_of(name)) { /* what models it serves is its own to say */
    *engine = &l4r_engine_peer;
    return L4R_OK;
  }
  char names[256] = "", kinds[256] = "", servers[256] = "";
  for (int i = 0; i < ROWS; ++i) {
    const int same_name = strcmp(table[i].engine->name, name) == 0;
    if (same_name && table[i].kind == kind) {
      *engine = table[i].engine;
      return L4R_OK;
    }
    add_word(names, sizeof names, table[i].engine->name);
    if (same_name) add_word(kinds, sizeof kinds, l4r_kind_name(table[i].kind));
    if (table[i].kind == kind) add_word(servers, sizeof servers, table[i].engine->name);
  }
  if (!*kinds) return l4r_fail(L4R_USAGE, "unknown engine '%s'; there are: %s", name, names);
  return l4r_fail(L4R_USAGE, "engine %s does not serve models of kind %s (it serves: %s); use: %s",
                  name, l4r_kind_name(kind), kinds, *servers ? servers : "none yet");
}

void l4r_engines_serving(enum l4r_kind kind, char *out, size_t size) {
  *out = '\0';
  for (int i = 0; i < ROWS; i++)
    if (table[i].kind == kind) add_word(out, size, table[i].engine->name);
}

void l4r_engines_list(void) {
  for (int i = 0; i < ROWS; ++i)
    printf("  %-10s %-10s %s\n", table[i].engine->name, l4r_kind_name(table[i].kind),
           table[i].about);
  printf("  %-10s %-10s %s\n", "peer:NAME", "any", "a program of another project, by JSON lines");
  printf("  %-10s %-10s %s\n", "so:FILE", "any", "a shared object with the contract of engine.h");
}

int l4r_engine_products(const struct l4r_model_config *config, struct l4r_products *products) {
  if (!l4r_kind_has_weights(config->kind))
    return l4r_fail(L4R_USAGE, "a model of kind %s consists of counts and multiplies nothing",
                    l4r_kind_name(config->kind));
  if (config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_SASREC)
    l4r_lite_products(config, products);
  else
    l4r_beam_products(config, L4R_BEAMS, products);
  return L4R_OK;
}

int l4r_engine_shards(const struct l4r_engine *engine, const void *handle) {
  const int divides = engine->recommend == l4r_engine_lite_blis.recommend;
  return divides ? l4r_lite_shards(handle) : 0;
}

int l4r_engine_shard_reports(const struct l4r_engine *engine, void *handle,
                             struct l4r_shard_report *all) {
  return l4r_engine_shards(engine, handle) ? l4r_lite_shard_reports(handle, all) : L4R_OK;
}

const char *l4r_peer_of(const char *name) {
  return strncmp(name, "peer:", 5) || !name[5] ? NULL : name + 5;
}

const char *l4r_shared_object_of(const char *name) {
  return strncmp(name, "so:", 3) || !name[3] ? NULL : name + 3;
}

int l4r_engine_is_foreign(const char *name) {
  return l4r_peer_of(name) || l4r_shared_object_of(name);
}

int l4r_engine_hash(const char *file, char sha256[65]) {
  return l4r_plugin_hash(file, sha256);
}

int l4r_engine_load(const char *file, const struct l4r_engine **engine) {
  return l4r_plugin_load(file, engine);
}

const struct l4r_engine *l4r_engine_control(void) {
  return &l4r_engine_largest_id;
}

static struct l4r_engine registered[L4R_ENGINES_REGISTERED];
static int registered_count;

void l4r_engine_register(const struct l4r_engine *engine) {
  int at = 0;
  while (at < registered_count && strcmp(registered[at].name, engine->name)) at++;
  if (at == L4R_ENGINES_REGISTERED) abort();
  if (at == registered_count) registered_count++;
  registered[at] = *engine;
}

const struct l4r_engine *l4r_engine_registered(const char *name) {
  for (int i = 0; i < registered_count; i++)
    if (!strcmp(registered[i].name, name)) return &registered[i];
  return NULL;
}

const struct l4r_engine *l4r_engine_without_kind(const char *name, const char *folder) {
  char config[L4R_PATH_MAX];
  const struct l4r_engine *engine = l4r_engine_registered(name);
  if (engine || strcmp(name, l4r_engine_control()->name)) return engine;
  const int has_model = l4r_path_join(config, folder, "config.json") || !access(config, F_OK);
  return has_model ? NULL : l4r_engine_control();
}
