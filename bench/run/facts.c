/* SPDX-License-Identifier: BSD-3-Clause */
/* The facts that a record states about its model and its data set. */
#include "bench/run/facts.h"

#include "bench/record/training.h"
#include "bench/derive/whole.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/model.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* The hash of the file that holds what was learned. */
static json_t *weights_hash(const char *folder) {
  static const char *const names[] = {"model.safetensors", "counts.bin"};
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    char path[L4R_PATH_MAX], hash[65];
    if (l4r_path_join(path, folder, names[n]) || access(path, R_OK)) continue;
    if (!l4r_sha256_file(path, hash)) return json_string(hash);
  }
  return json_null();
}

/* What distinguishes one way of training a kind from another: all of config.json but what a seed, a
 * data set or the training itself leaves there. */
static json_t *settings_of(const char *path) {
  static const char *const elsewhere[] = {
      "schema",           "kind",          "size",  "dataset_name", "dataset_sha256", "items",
      "items_sha256",     "id_map_sha256", "loss",  "init",         "seed",           "epoch",
      "training_seconds", "max_id_tokens", "files", "sha256",       "sentencepiece"};
  json_t *settings = json_load_file(path, 0, NULL);
  for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
    json_object_del(settings, elsewhere[i]);
  return settings;
}

static json_t *number_or_null(double value) {
  return isnan(value) ? json_null() : json_real(value);
}

/* Adds how the epoch was chosen, and where the curve stood at its end. */
static int add_training(const char *folder, json_t *facts) {
  char path[L4R_PATH_MAX];
  struct l4r_training_log log;
  struct l4r_trend trend;
  int status = l4r_path_join(path, folder, "training.jsonl");
  if (status || access(path, F_OK)) return status;
  status = l4r_training_read(path, &log);
  if (!status) status = l4r_training_trend(&log, &trend);
  const struct l4r_training_epoch *best = status ? NULL : l4r_training_best(&log);
  if (best)
    json_object_set_new(facts, "validation",
                        json_pack("{s:o, s:o, s:o}", "HR@10", number_or_null(best->hr10), "NDCG@10",
                                  number_or_null(best->ndcg10), "users",
                                  number_or_null(best->users)));
  if (!status)
    json_object_set_new(
        facts, "curve",
        json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "metric", "validation NDCG@10", "state",
                  l4r_trend_name(trend.state), "epochs", (json_int_t)log.epochs, "points",
                  (json_int_t)trend.points, "end", number_or_null(trend.end), "at_twice_the_time",
                  number_or_null(trend.twice), "limit", number_or_null(trend.limit)));
  l4r_training_free(&log);
  return status;
}

int l4r_model_facts(const struct l4r_arm *arm, json_t **facts) {
  char base[256], path[L4R_PATH_MAX];
  l4r_base_name(arm->model, base, sizeof base);
  int status = l4r_path_join(path, arm->model, "config.json");
  if (status) return status;
  if (!*arm->model || access(path, F_OK)) {
    *facts = json_pack("{s:s}", "name", *arm->model ? base : "none");
    return *facts ? L4R_OK : l4r_fail(L4R_USAGE, "model '%s' is not valid UTF-8", arm->model);
  }
  struct l4r_model_config config;
  status = l4r_config_read(arm->model, &config);
  if (status) return status;
  *facts = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:f, s:o}", "name", base, "kind",
                     l4r_kind_name(config.kind), "size", config.size, "seed",
                     (json_int_t)config.seed, "init", config.init, "loss", config.loss, "epoch",
                     (json_int_t)config.epoch, "training_seconds", config.training_seconds,
                     "sha256", weights_hash(arm->model));
  if (!*facts) return l4r_fail(L4R_USAGE, "model '%s' is not valid UTF-8", arm->model);
  char hash[65];
  status = l4r_sha256_file(path, hash);
  if (status) return status;
  json_object_set_new(*facts, "config_sha256", json_string(hash));
  json_object_set_new(*facts, "dataset_sha256", json_string(config.dataset_sha256));
  json_object_set_new(*facts, "settings", settings_of(path));
  if (config.leaky)
    l4r_warn("%s was trained with --leaky, on data that hold test items: what it reaches is no "
             "accuracy",
             arm->model);
  if (*config.sentencepiece)
    json_object_set_new(*facts, "sentencepiece", json_string(config.sentencepiece));
  return add_training(arm->model, *facts);
}

/* Those with an item to test on, as the accuracy pass takes them. */
static json_t *evaluated_of(const struct l4r_dataset *dataset) {
  int64_t count = 0, *user = l4r_alloc((size_t)dataset->users, sizeof *user, "evaluated users");
  char hash[65];
  if (!user) return NULL;
  for (int64_t u = 0; u < dataset->users; u++)
    if (dataset->test[u]) user[count++] = u;
  l4r_users_hash(user, count, hash);
  l4r_free(user);
  return json_pack("{s:I, s:s}", "users", (json_int_t)count, "sha256", hash);
}

json_t *l4r_dataset_facts(const struct l4r_dataset *dataset) {
  json_t *facts = json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "name", dataset->name,
                            "sha256", dataset->sha256, "users", (json_int_t)dataset->users, "items",
                            (json_int_t)dataset->items, "interactions",
                            (json_int_t)dataset->interactions, "filters", dataset->filters, "tie",
                            dataset->tie, "split", dataset->split);
  if (facts && dataset->test) json_object_set_new(facts, "evaluated", evaluated_of(dataset));
  if (facts && dataset->cut[0])
    json_object_set_new(
        facts, "cut",
        json_pack("[I, I]", (json_int_t)dataset->cut[0], (json_int_t)dataset->cut[1]));
  return facts;
}
