/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/model.h"

#include "baselines/beam/ids/ids.h"
#include "bench/cli/fold.h"
#include "bench/commands/info/kernels.h"
#include "bench/engines.h"
#include "bench/record/text.h"
#include "bench/run/facts.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/model/model.h"

#include <string.h>
#include <sys/stat.h>

static int64_t bytes_of(const char *folder, const char *name) {
  char path[L4R_PATH_MAX];
  struct stat what;
  if (l4r_path_join(path, folder, name) || stat(path, &what)) return 0;
  return what.st_size;
}

/* Opening checks every tensor and every hash; counts are checked where they are served. */
static int add_weights(const char *folder, const struct l4r_model_config *config, json_t *facts) {
  struct l4r_model *model = NULL;
  int64_t parameters = 0;
  const int has_weights = l4r_kind_has_weights(config->kind);
  const int status = has_weights ? l4r_model_open(folder, NULL, &model) : L4R_OK;
  if (status) return status;
  if (model) {
    parameters = model->tensors.floats;
    l4r_model_close(model);
  }
  const int64_t bytes = bytes_of(folder, has_weights ? "model.safetensors" : "counts.bin");
  json_object_set_new(facts, "parameters", json_integer(parameters));
  json_object_set_new(facts, "weights_bytes", json_integer(bytes));
  return L4R_OK;
}

/* Of kinds that have item ids: how they are chosen and written, and of semantic ones how many items
 * share their codes. */
static int add_ids(const char *folder, const struct l4r_model_config *config, json_t *facts) {
  struct l4r_id_map map;
  if (!*config->id_map_sha256) return L4R_OK;
  int status = l4r_id_map_read(folder, config->items, config->id_map_sha256, &map);
  if (status) return status;
  json_t *ids = json_pack("{s:s, s:s, s:I}", "scheme", l4r_id_scheme_names[config->id_scheme],
                          "form", l4r_id_form_names[config->id_form], "longest",
                          (json_int_t)config->max_id_tokens);
  if (map.levels) {
    int64_t shared, most;
    l4r_id_map_shared(&map, &shared, &most);
    json_object_set_new(ids, "from", json_string(config->ids_from));
    json_object_set_new(ids, "levels", json_integer(map.levels));
    json_object_set_new(ids, "sharing_codes", json_integer(shared));
    json_object_set_new(ids, "most_of_same_codes", json_integer(most));
  }
  l4r_id_map_free(&map);
  json_object_set_new(facts, "ids", ids);
  return L4R_OK;
}

static int add_config(const char *folder, json_t *facts) {
  struct l4r_model_config config;
  char engines[256];
  int status = l4r_config_read(folder, &config);
  if (status) return status;
  l4r_engines_serving(config.kind, engines, sizeof engines);
  json_object_set_new(facts, "folder", json_string(folder));
  json_object_set_new(facts, "items", json_integer(config.items));
  json_object_set_new(facts, "history", json_integer(config.history));
  json_object_set_new(facts, "dataset_name", json_string(config.dataset_name));
  json_object_set_new(facts, "training", json_string(config.training));
  json_object_set_new(facts, "leaky", json_boolean(config.leaky));
  json_object_set_new(facts, "engines", json_string(engines));
  status = add_weights(folder, &config, facts);
  if (!status) status = add_ids(folder, &config, facts);
  if (!status && l4r_kind_has_weights(config.kind)) {
    json_t *kernels;
    status = l4r_info_kernels(&config, &kernels);
    json_object_set_new(facts, "kernels", kernels);
  }
  return status;
}

int l4r_info_model(const char *folder, json_t **facts) {
  struct l4r_arm *arm = l4r_alloc(1, sizeof *arm, "a model's name");
  *facts = NULL;
  if (!arm) return L4R_ENVIRONMENT;
  l4r_text_set(arm->model, sizeof arm->model, "%s", folder);
  int status = l4r_model_facts(arm, facts);
  if (!status) status = add_config(folder, *facts);
  l4r_free(arm);
  return status;
}

/* --- the page ------------------------------------------------------------------------------------
 */

static long long whole(const json_t *object, const char *key) {
  return (long long)json_integer_value(json_object_get(object, key));
}

static double real(const json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static void print_weights(FILE *stream, const json_t *facts) {
  const double bytes = real(facts, "weights_bytes");
  const struct l4r_unit unit = l4r_unit_of_bytes(bytes);
  char size[32], count[32];
  const double parameters = real(facts, "parameters");
  l4r_digits(size, bytes / unit.scale, 2);
  l4r_digits(count, parameters / (parameters >= 1e6 ? 1e6 : 1e3), 2);
  if (parameters > 0)
    l4r_fold_fact(stream, "weights", "%s %s parameters, %s %s, SHA-256 %.12s", count,
                  parameters >= 1e6 ? "million" : "thousand", size, unit.name,
                  l4r_text_at(facts, "sha256"));
  else
    l4r_fold_fact(stream, "counts", "%s %s, SHA-256 %.12s", size, unit.name,
                  l4r_text_at(facts, "sha256"));
}

/* "rec_llm    width 64, 4 heads of 16, feed 256, 2 blocks" */
static void print_part(FILE *stream, const char *name, const json_t *part) {
  char blocks[64];
  const long long encoder = whole(part, "encoder_blocks"), decoder = whole(part, "decoder_blocks");
  if (!part) return;
  if (decoder)
    l4r_text_set(blocks, sizeof blocks, "%lld encoder and %lld decoder blocks", encoder, decoder);
  else
    l4r_text_set(blocks, sizeof blocks, "%lld block%s", encoder, encoder == 1 ? "" : "s");
  l4r_fold_fact(stream, name, "%s, width %lld, %lld heads of %lld, feed-forward %lld%s", blocks,
                whole(part, "width"), whole(part, "heads"), whole(part, "key"), whole(part, "feed"),
                json_is_true(json_object_get(part, "causal")) ? ", causal" : "");
}

/* "semantic of all-MiniLM-L6-v2, as tokens, at most 5 tokens with </s>" */
static void print_ids(FILE *stream, const json_t *ids) {
  const char *from = l4r_text_at(ids, "from");
  if (!ids) return;
  l4r_fold_fact(stream, "item ids", "%s%s%s, as %s, at most %lld tokens with </s>",
                l4r_text_at(ids, "scheme"), *from ? " of " : "", from, l4r_text_at(ids, "form"),
                whole(ids, "longest"));
  if (*from)
    l4r_fold_fact(stream, "", "%lld codes and a place; %lld items share their codes, at most %lld",
                  whole(ids, "levels"), whole(ids, "sharing_codes"),
                  whole(ids, "most_of_same_codes"));
}

/* As config.json has them, the tokenizer by the first digits of its hash. */
static void print_settings(FILE *stream, const char *settings) {
  static const char name[] = "tokenizer=";
  enum { DIGITS = 12 };
  const char *at = strstr(settings, name);
  const size_t before = at ? (size_t)(at - settings) + strlen(name) : strlen(settings);
  const char *hash = settings + before;
  const size_t digits = strcspn(hash, " ");
  l4r_fold_fact(stream, "settings", "%.*s%.*s%s", (int)before, settings,
                (int)(digits < DIGITS ? digits : DIGITS), hash, hash + digits);
}

static void print_training(FILE *stream, const json_t *facts) {
  const json_t *validation = json_object_get(facts, "validation");
  const json_t *curve = json_object_get(facts, "curve");
  l4r_fold_fact(stream, "data set", "%s (%.12s), %lld items",
                *l4r_text_at(facts, "dataset_name") ? l4r_text_at(facts, "dataset_name")
                                                    : "unknown",
                l4r_text_at(facts, "dataset_sha256"), whole(facts, "items"));
  if (!real(facts, "parameters")) return;
  l4r_fold_fact(stream, "training",
                "seed %lld, loss %s, began from %s, %.4g s, epoch %lld is kept%s",
                whole(facts, "seed"), l4r_text_at(facts, "loss"), l4r_text_at(facts, "init"),
                real(facts, "training_seconds"), whole(facts, "epoch"),
                json_is_true(json_object_get(facts, "leaky"))
                    ? "; --leaky: the data held test items, what it reaches is no accuracy"
                    : "");
  if (validation)
    l4r_fold_fact(stream, "validation", "HR@10 %.4f, NDCG@10 %.4f of %lld users",
                  real(validation, "HR@10"), real(validation, "NDCG@10"),
                  (long long)real(validation, "users"));
  else
    l4r_fold_fact(stream, "validation", "no epoch was judged: the training was too short");
  if (curve && strcmp(l4r_text_at(curve, "state"), "unknown") != 0)
    l4r_fold_fact(stream, "", "the curve: %s", l4r_text_at(curve, "state"));
  print_settings(stream, l4r_text_at(facts, "training"));
}

void l4r_info_model_print(FILE *stream, const json_t *facts) {
  static const char *const parts[] = {"item_llm", "rec_llm", "p5"};
  const json_t *settings = json_object_get(facts, "settings");
  const char *engines = l4r_text_at(facts, "engines"), *kind = l4r_text_at(facts, "kind");
  char first[64];
  l4r_fold_fact(stream, "model", "%s%s%s; %s", kind, *l4r_text_at(facts, "size") ? ", size " : "",
                l4r_text_at(facts, "size"), l4r_text_at(facts, "folder"));
  print_weights(stream, facts);
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
    print_part(stream, parts[p], json_object_get(settings, parts[p]));
  if (real(facts, "parameters") > 0)
    l4r_fold_fact(stream, "reads", "the newest %lld interactions of a history",
                  whole(facts, "history"));
  print_ids(stream, json_object_get(facts, "ids"));
  print_training(stream, facts);
  l4r_fold_fact(stream, "served by", "%s", engines);
  if (json_object_get(facts, "kernels"))
    l4r_info_kernels_print(stream, json_object_get(facts, "kernels"));
  const char *last = strrchr(engines, ' '); /* the optimised one comes after the oracle */
  l4r_text_set(first, sizeof first, "%s", last ? last + 1 : engines);
  if (strstr(engines, "beam")) l4r_text_set(first, sizeof first, "beam");
  l4r_fold_fact(stream, "next", "lite4rec run --arm %s@%s --data DATA", first,
                l4r_text_at(facts, "folder"));
}
