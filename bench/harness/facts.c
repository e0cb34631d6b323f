/* What a record says about its model and its data set. */
#include "bench/harness/run.h"

#include "impl/base/error.h"
#include "impl/model/model.h"

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

int l4r_model_facts(const struct l4r_arm *arm, json_t **facts) {
  char base[256], path[L4R_PATH_MAX];
  l4r_base_name(arm->model, base, sizeof base);
  int status = l4r_path_join(path, arm->model, "config.json");
  if (status) return status;
  if (access(path, F_OK)) {
    *facts = json_pack("{s:s}", "name", base);
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
  return *facts ? L4R_OK : l4r_fail(L4R_USAGE, "model '%s' is not valid UTF-8", arm->model);
}

json_t *l4r_dataset_facts(const struct l4r_dataset *dataset) {
  json_t *facts = json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "name", dataset->name,
                            "sha256", dataset->sha256, "users", (json_int_t)dataset->users, "items",
                            (json_int_t)dataset->items, "interactions",
                            (json_int_t)dataset->interactions, "filters", dataset->filters, "tie",
                            dataset->tie, "split", dataset->split);
  if (facts && dataset->cut[0])
    json_object_set_new(
        facts, "cut",
        json_pack("[I, I]", (json_int_t)dataset->cut[0], (json_int_t)dataset->cut[1]));
  return facts;
}
