/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec train KIND: opens the data set without its test part, makes the team, hands over. */
#include "baselines/beam/train/train.h"
#include "baselines/heuristics/count.h"
#include "baselines/heuristics/engine.h"
#include "bench/commands/commands.h"
#include "bench/commands/train_folder.h"
#include "bench/commands/train_options.h"
#include "bench/commands/train_presets.h"
#include "bench/commands/train_ranks.h"
#include "bench/commands/train_settings.h"
#include "bench/import/leak.h"
#include "bench/import/leak_apart.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/data/dataset.h"
#include "impl/model/model.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_copy.h"
#include "impl/train/lite/train.h"
#include "impl/train/loop/state.h"

#include <stdlib.h>
#include <string.h>

static int train_counts(const struct l4r_train_settings *settings,
                        const struct l4r_dataset *dataset, const char *out, int leaky) {
  const struct l4r_count_options options = {.kind = settings->kind,
                                            .leaky = leaky,
                                            .cosine = settings->kind == L4R_KIND_ITEMKNN &&
                                                      settings->norm};
  return l4r_counts_train(dataset, &options, out);
}

/* Workers wander freely: training shares the machine, and only measurements are pinned. */
static int make_team(struct l4r_comm *comm, int64_t asked, struct l4r_team **team) {
  int threads;
  const int status = l4r_train_ranks_threads(comm, asked, &threads);
  return status ? status : l4r_team_create(threads, NULL, team);
}

/* What the command line, the data set and the folder of --init come to. */
struct plan {
  const struct l4r_train_settings *settings;
  const struct l4r_dataset *dataset;
  struct l4r_model_config config;
  struct l4r_train_options options;
  struct l4r_pretrained *pretrained; /* NULL: the weights begin at random */
  struct l4r_pretrained *id_encoder; /* of --ids semantic; NULL: other ids */
  char id_tokenizer[L4R_PATH_MAX];   /* its tokenizer */
  const char *tokenizer;             /* --tokenizer's, else --init's; NULL: one is trained */
  char path[L4R_PATH_MAX];
};

/* The folder of --init-item: the Item LLM, with its tokenizer. */
static int open_item(struct plan *plan) {
  const struct l4r_train_settings *settings = plan->settings;
  int status = l4r_pretrained_open_item(settings->init_item, &plan->pretrained);
  if (status) return status;
  plan->pretrained->item_llm_only = 1;
  status = l4r_pretrained_item(plan->pretrained, l4r_train_given(settings, "pooling"),
                               &plan->config);
  if (status || plan->tokenizer) return status;
  plan->tokenizer = plan->path;
  return l4r_pretrained_tokenizer(plan->pretrained, plan->path);
}

static int open_pretrained(struct plan *plan) {
  const struct l4r_train_settings *settings = plan->settings;
  const int item_llm_only = settings->init_part;
  if (!settings->init && l4r_train_given(settings, "init-part"))
    return l4r_fail(L4R_USAGE, "--init-part needs --init FOLDER: it says what starts from it");
  if (settings->init_item && settings->kind == L4R_KIND_LITE) return open_item(plan);
  if (settings->init_item) {
    int status = l4r_pretrained_open_item(settings->init_item, &plan->id_encoder);
    if (!status) status = l4r_pretrained_tokenizer(plan->id_encoder, plan->id_tokenizer);
    if (status) return status;
  }
  if (!settings->init) return L4R_OK;
  if (item_llm_only && plan->config.items_input == L4R_ITEMS_ID)
    return l4r_fail(L4R_USAGE, "--init-part item: with --items id there is no Item LLM");
  int status = l4r_pretrained_open(settings->init, &plan->pretrained);
  if (status) return status;
  plan->pretrained->item_llm_only = item_llm_only;
  status = l4r_pretrained_shape(plan->pretrained, settings->size != NULL, &plan->config);
  if (status || plan->tokenizer || !l4r_model_needs_tokenizer(&plan->config)) return status;
  plan->tokenizer = plan->path;
  return l4r_pretrained_tokenizer(plan->pretrained, plan->path);
}

static int train_lite(const struct plan *plan, int *interrupted) {
  const struct l4r_train_settings *settings = plan->settings;
  struct l4r_lite_train_options lite = {.dataset = plan->dataset,
                                        .config = plan->config,
                                        .init = plan->pretrained,
                                        .tokenizer = plan->tokenizer,
                                        .pieces = settings->pieces,
                                        .validation_users = settings->validation_users,
                                        .batch = settings->batch,
                                        .prefixes = settings->prefixes,
                                        .item_share = settings->item_share,
                                        .train = plan->options};
  const int status = l4r_train_settings_loss(settings, &lite);
  return status ? status : l4r_lite_train(&lite, interrupted);
}

static int train_beam(const struct plan *plan, int *interrupted) {
  const struct l4r_train_settings *settings = plan->settings;
  struct l4r_beam_train_options beam = {.dataset = plan->dataset,
                                        .config = plan->config,
                                        .init = plan->pretrained,
                                        .tokenizer = plan->tokenizer,
                                        .batch = settings->batch,
                                        .prefixes = settings->prefixes,
                                        .answers = settings->answers,
                                        .answers_follow = settings->answer_form,
                                        .pieces = settings->pieces,
                                        .clusters = settings->clusters,
                                        .leaf = settings->leaf,
                                        .levels = settings->semantic_levels,
                                        .codes = settings->semantic_codes,
                                        .kept = settings->semantic_width,
                                        .id_encoder = plan->id_encoder,
                                        .id_tokenizer = plan->id_tokenizer,
                                        .train = plan->options};
  if (l4r_train_given(settings, "validation-users")) /* there 0 is the default, which logs name */
    beam.validation_users = settings->validation_users ? settings->validation_users : -1;
  return l4r_beam_train(&beam, interrupted);
}

/* Where two sets of BLIS are equally fast, the measurement of another process may choose the other,
 * whose sums differ in their last bits. A user's word stands. */
static void go_on_with_blas(const struct l4r_train_options *options) {
  const char *name = options->resume ? l4r_train_state_blas(options->out) : NULL;
  if (name) setenv(L4R_BLAS_VARIABLE, name, 0);
}

static int run_plan(struct plan *plan) {
  const struct l4r_train_settings *settings = plan->settings;
  int interrupted = 0;
  int status = open_pretrained(plan);
  if (status) return status;
  status = l4r_train_settings_precision(settings, &plan->config, &plan->options);
  if (!status) status = l4r_train_ranks_precision(plan->options.comm, &plan->options);
  if (status) return status;
  go_on_with_blas(&plan->options);
  status = l4r_train_ranks_blas(plan->options.comm);
  if (status) return status;
  l4r_info("BLIS kernels: %s", l4r_blas_choose()->kernels); /* before there are threads */
  status = make_team(plan->options.comm, settings->threads, &plan->options.team);
  if (status) return status;
  if (settings->kind == L4R_KIND_LITE || settings->kind == L4R_KIND_SASREC)
    status = train_lite(plan, &interrupted);
  else
    status = train_beam(plan, &interrupted);
  l4r_team_free(plan->options.team);
  if (!status && interrupted) /* not done: what follows in a script must not run on an old model */
    status = l4r_fail(L4R_ENVIRONMENT,
                      "interrupted; the checkpoint is in %s and no model was "
                      "written: go on with --resume",
                      plan->options.out);
  return status;
}

/* What this training has to do with, beside the command line. */
struct train_place {
  struct l4r_comm *comm;
  struct l4r_train_folder folder; /* of other ranks than 0 the path alone */
  int64_t leaked, started_ns;
};

static int train_model(const struct l4r_train_settings *given, const struct l4r_dataset *dataset,
                       const struct train_place *place) {
  struct l4r_train_settings own = *given, *settings = &own;
  struct plan plan = {.settings = settings, .dataset = dataset, .tokenizer = settings->tokenizer};
  int status = l4r_train_preset_apply(settings, dataset);
  if (!status) status = l4r_train_settings_config(settings, &plan.config);
  if (!status) status = l4r_train_settings_options(settings, &plan.options);
  plan.options.started_ns = place->started_ns;
  plan.options.comm = place->comm;
  plan.options.out = place->folder.path;
  plan.options.name = settings->out;
  plan.config.leaky = place->leaked > 0;
  if (!status) status = run_plan(&plan);
  l4r_pretrained_close(plan.pretrained);
  l4r_pretrained_close(plan.id_encoder);
  return status;
}

/* Proof, not promise: the files this process read are held against the data set's test part. */
static int check_reads(const char *data, int64_t leaked) {
  int64_t count;
  const int status = l4r_leak_verdict(data, &count);
  if (status) return l4r_fail_context(status, "leak scan of what the training read");
  if (leaked)
    l4r_info("leak scan: %lld files were read; the training part itself holds held-out items "
             "(--leaky): what this model reaches on them is no accuracy",
             (long long)count);
  else
    l4r_info("leak scan: %lld files were read, none of them held test items", (long long)count);
  return L4R_OK;
}

/* Texts are many: SASRec has no use for them, and Lite of ids has none. */
static unsigned parts_for(const struct l4r_train_settings *settings) {
  const enum l4r_kind kind = settings->kind;
  struct l4r_model_config config;
  if (!l4r_kind_has_weights(kind)) return L4R_PART_TRAIN;
  if ((kind == L4R_KIND_SASREC || kind == L4R_KIND_LITE) &&
      !l4r_train_settings_config(settings, &config) && !l4r_model_needs_texts(&config))
    return L4R_PART_TRAIN | L4R_PART_VALIDATION;
  return L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEXT;
}

static int train_checked(const struct l4r_train_settings *settings,
                         const struct train_place *place) {
  struct l4r_dataset *dataset;
  const int counts = !l4r_kind_has_weights(settings->kind);
  l4r_leak_watch();
  int status = l4r_dataset_open(settings->data, parts_for(settings), &dataset);
  if (status) return status;
  status = counts ? train_counts(settings, dataset, place->folder.path, place->leaked > 0)
                  : train_model(settings, dataset, place);
  l4r_dataset_close(dataset);
  return status ? status : check_reads(settings->data, place->leaked);
}

static void tell_next(const struct l4r_train_settings *settings) {
  const enum l4r_kind kind = settings->kind;
  const char *engine = !l4r_kind_has_weights(kind)                        ? "heuristic"
                       : kind == L4R_KIND_LITE || kind == L4R_KIND_SASREC ? "blis"
                                                                          : "beam";
  l4r_info("wrote %s; next: lite4rec run --arm %s@%s --data %s", settings->out, engine,
           settings->out, settings->data);
}

/* Looks for held-out items in the training part; --leaky trains nevertheless. */
static int check_leaks(const struct l4r_train_settings *settings, int64_t *leaked) {
  const int status = l4r_leak_check_apart(settings->data, leaked);
  if (status != L4R_CHECK) return status;
  if (!settings->leaky) return l4r_fail_context(status, "not trained (--leaky insists)");
  l4r_warn("%s; --leaky trains nevertheless", l4r_error_message());
  return L4R_OK;
}

static int train_here(const struct l4r_train_settings *settings, struct train_place *place) {
  struct l4r_train_folder *folder = &place->folder;
  const int first = l4r_comm_rank(place->comm) == 0;
  int status = first ? check_leaks(settings, &place->leaked) : L4R_OK;
  if (!status) status = l4r_train_ranks_leaked(place->comm, &place->leaked);
  if (!status && first) status = l4r_train_folder_open(settings, folder);
  if (status) return status;
  status = l4r_train_ranks_folder(place->comm, folder);
  if (!status) status = train_checked(settings, place);
  if (first) status = l4r_train_folder_close(folder, status);
  if (!status) tell_next(settings);
  return status;
}

int l4r_command_train(int argc, char **argv) {
  struct train_place place = {.started_ns = l4r_now_ns()};
  struct l4r_train_settings settings;
  int helped = 0;
  int status = l4r_train_ranks_open(&place.comm);
  if (!status) status = l4r_train_settings_parse(argc, argv, &settings, &helped);
  if (!status && !helped && l4r_comm_size(place.comm) > 1 && !l4r_kind_has_weights(settings.kind))
    status = l4r_fail(L4R_USAGE,
                      "a model of kind %s is counted in one pass; begin it without mpirun",
                      l4r_kind_name(settings.kind));
  if (!status && !helped) status = train_here(&settings, &place);
  l4r_train_ranks_close(place.comm, status);
  return status;
}
