/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/same.h"

#include "bench/fleet/texts.h"
#include "bench/run/facts.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"
#include "impl/model/config_files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALL_SEQUENCES = L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST };

/* --- this host's
 * -----------------------------------------------------------------------------------
 */

static int add(json_t *facts, const char *what, const char *name, const char *value) {
  char key[L4R_ARM_TEXT + 64];
  l4r_text_set(key, sizeof key, "%s%s%s%s", what, *name ? " '" : "", name, *name ? "'" : "");
  return json_object_set_new(facts, key, json_string(value))
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for what hosts are compared by")
             : L4R_OK;
}

static int add_data(json_t *facts, const char *folder) {
  struct l4r_dataset *dataset = NULL;
  int status = l4r_dataset_open(folder, ALL_SEQUENCES, &dataset); /* checks the hashes it states */
  if (!status) status = add(facts, "data set", folder, dataset->sha256);
  if (dataset) l4r_dataset_close(dataset);
  return status;
}

/* A model is its configuration, which states the hashes of its other files, and these are so. */
static int add_model(json_t *facts, const struct l4r_arm *arm) {
  char path[L4R_PATH_MAX], hash[65] = "none";
  struct l4r_model_config config;
  json_t *model = NULL;
  int status = l4r_path_join(path, arm->model, "config.json");
  const int is_there = !status && *arm->model && !access(path, F_OK);
  if (!status && is_there) status = l4r_config_read(arm->model, &config);
  if (!status && is_there) status = l4r_config_check_files(arm->model, &config, NULL, NULL);
  if (!status && is_there) status = l4r_sha256_file(path, hash);
  if (!status) status = l4r_model_facts(arm, &model);
  if (!status) status = add(facts, "configuration of arm", arm->text, hash);
  const char *weights = json_string_value(json_object_get(model, "sha256"));
  if (!status) status = add(facts, "weights of arm", arm->text, weights ? weights : "none");
  if (!status && arm->file) status = add(facts, "engine of arm", arm->text, arm->file_sha256);
  json_decref(model);
  return status;
}

static int facts_of(const struct l4r_run_options *options, json_t *facts) {
  char hash[65];
  int status = l4r_sha256_file("/proc/self/exe", hash);
  if (!status) status = add(facts, "program", "", hash);
  if (!status) status = add(facts, "command", "", options->command);
  if (!status) status = add_data(facts, options->data);
  for (int a = 0; a < options->arms && !status; a++) {
    status = l4r_arm_resolve(&options->arm[a]);
    if (!status) status = add_model(facts, &options->arm[a]);
  }
  return status;
}

/* --- all together
 * ----------------------------------------------------------------------------------
 */

static const char *value_of(const json_t *facts, const char *key) {
  const char *value = json_string_value(json_object_get(facts, key));
  return value ? value : "nothing";
}

/* The first of the values that as many hosts as possible have. */
static const char *usual(const json_t *const *facts, int hosts, const char *key) {
  int most = 0;
  const char *value = "";
  for (int h = 0; h < hosts; h++) {
    int count = 0;
    for (int o = 0; o < hosts; o++)
      count += !strcmp(value_of(facts[h], key), value_of(facts[o], key));
    if (count > most) value = value_of(facts[h], key);
    if (count > most) most = count;
  }
  return value;
}

int l4r_fleet_differ(const json_t *const *facts, const char *const *names, int hosts) {
  enum { SHOWN = 8 };
  char text[1900] = "";
  size_t used = 0;
  int differ = 0;
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)facts[0], key, value) {
    const char *most = usual(facts, hosts, key);
    for (int h = 0; h < hosts; h++) {
      const char *own = value_of(facts[h], key);
      if (!strcmp(own, most) || differ++ >= SHOWN) continue;
      const int is_hash = strlen(own) == 64;
      l4r_text_add(text, sizeof text, &used, "\n  host %s: the %.200s is %.*s, elsewhere %.*s",
                   names[h], key, is_hash ? 12 : 100, own, is_hash ? 12 : 100, most);
    }
  }
  if (!differ) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "the hosts would not measure the same thing; copy program, data and models from "
                  "one to the others:%s%s",
                  text, differ > SHOWN ? "\n  ..." : "");
}

static int compare(const struct l4r_comm *comm, char **texts) {
  const int size = l4r_comm_size(comm);
  const json_t **facts = l4r_alloc((size_t)size, sizeof *facts, "hosts");
  const char **names = l4r_alloc((size_t)size, sizeof *names, "hosts");
  char(*name)[L4R_FLEET_NAME] = l4r_alloc((size_t)size, sizeof *name, "hosts");
  int status = facts && names && name ? L4R_OK : L4R_ENVIRONMENT;
  for (int r = 0; r < size && !status; r++) {
    names[r] = l4r_fleet_name(comm, r, name[r]);
    if (!(facts[r] = json_loads(texts[r], 0, NULL)))
      status = l4r_fail(L4R_ENVIRONMENT, "what host %s told is not JSON", names[r]);
  }
  if (!status) status = l4r_fleet_differ(facts, names, size);
  for (int r = 0; facts && r < size; r++) json_decref((json_t *)facts[r]);
  l4r_free(facts);
  l4r_free(names);
  l4r_free(name);
  return status;
}

int l4r_fleet_same(struct l4r_comm *comm, const struct l4r_run_options *options) {
  json_t *facts = json_object();
  char **texts = NULL;
  int status = facts ? facts_of(options, facts) : L4R_ENVIRONMENT;
  status = l4r_fleet_agree(comm, status);
  char *mine = status ? NULL : json_dumps(facts, JSON_COMPACT);
  if (!status) status = l4r_fleet_texts(comm, mine ? mine : "", &texts);
  if (!status && texts) status = compare(comm, texts);
  l4r_fleet_texts_free(comm, texts);
  free(mine);
  json_decref(facts);
  int64_t agreed = status;
  const int sent = l4r_comm_broadcast(comm, 0, &agreed, sizeof agreed);
  return sent ? sent : (int)agreed;
}
