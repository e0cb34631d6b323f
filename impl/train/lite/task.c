/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens and closes Lite's training: the tokenizer, open fields of the configuration, the flat list
 * of tensors, and all buffers, whose sizes are reported before they are allocated. */
#include "impl/train/lite/task.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/model/config_check.h"
#include "impl/model/item_tokens.h"
#include "impl/model/model.h"
#include "impl/model/pretrained_copy.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/lite/head.h"
#include "impl/train/lite/memory.h"
#include "impl/train/lite/pretrained.h"
#include "impl/train/lite/sampled.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/lite/sizes.h"
#include "impl/train/lite/step.h"
#include "impl/train/lite/validate.h"
#include "impl/train/lite/validate_divided.h"
#include "impl/train/loop/tensors_divided.h"
#include "impl/train/loop/validation_users.h"
#include "impl/train/loop/vocabulary.h"

#include <stdio.h>
#include <string.h>

/* What a step needs of a divided table must be few rows, because every rank receives them. */
static int check_divided(const struct l4r_lite_train_options *options) {
  const struct l4r_model_config *config = &options->config;
  if (config->items_input != L4R_ITEMS_ID || !config->tied_head)
    return l4r_fail(L4R_USAGE,
                    "--shard-items divides the table of item ids, from which scores are "
                    "computed too: it goes with sasrec, and with lite --items id --tied");
  if (options->loss == L4R_LOSS_CROSS_ENTROPY || options->each)
    return l4r_fail(L4R_USAGE, "--shard-items goes with --loss sampled-softmax or gbce and "
                               "--sample piece: a step of any other loss needs the whole table");
  if (options->update == L4R_UPDATE_DENSE)
    return l4r_fail(L4R_USAGE,
                    "--shard-items goes with --update rows: ranks exchange the rows that "
                    "a step used");
  if (l4r_comm_size(options->train.comm) > options->dataset->items)
    return l4r_fail(L4R_USAGE,
                    "--shard-items: %d ranks for %lld items: begin at most as many ranks "
                    "as there are items",
                    l4r_comm_size(options->train.comm), (long long)options->dataset->items);
  return L4R_OK;
}

static int check(const struct l4r_lite_train_options *options) {
  const struct l4r_model_config *config = &options->config;
  if (config->kind != L4R_KIND_LITE && config->kind != L4R_KIND_SASREC)
    return l4r_fail(L4R_USAGE, "a model of kind %s is not trained here",
                    l4r_kind_name(config->kind));
  if (config->rec_llm.causal && config->readout == L4R_READ_MEAN)
    return l4r_fail(L4R_USAGE, "readout=mean needs attention=bidirectional: causal training reads "
                               "every position out");
  if (config->rec_llm.causal && options->prefixes != 0)
    return l4r_fail(L4R_USAGE, "prefixes need attention=bidirectional: causal training "
                               "predicts from every position anyhow");
  if (options->batch < 0 || config->history < 1 || config->text_length < 1)
    return l4r_fail(L4R_USAGE, "--batch, --history and --text-length must be at least 1");
  if (!(options->item_share >= 0 && options->item_share <= 1))
    return l4r_fail(L4R_USAGE, "--item-share is a share of 0 to 1, not %g", options->item_share);
  if (config->adapter && !options->init)
    return l4r_fail(L4R_USAGE, "an adapter stands behind a pretrained Item LLM, and none is given");
  if (config->frozen && options->item_share > 0 && options->item_share < 1)
    return l4r_fail(L4R_USAGE, "--item-share goes with --item-llm tuned: a frozen one encodes "
                               "nothing anew");
  if (options->negatives < 0 || !(options->calibration <= 1))
    return l4r_fail(L4R_USAGE, "--negatives must be at least 1, and --gbce-t 0 to 1");
  if (options->each && options->update == L4R_UPDATE_ROWS)
    return l4r_fail(L4R_USAGE, "--update rows goes with --sample piece: positions that each draw "
                               "their own items name too many rows");
  if (options->shard_items) {
    const int status = check_divided(options);
    if (status) return status;
  }
  if (l4r_team_size(options->train.team) > L4R_MOST_WORKERS)
    return l4r_fail(L4R_USAGE, "training uses at most %d threads", L4R_MOST_WORKERS);
  if (!options->dataset->validation)
    return l4r_fail(L4R_USAGE, "the data set was opened without its validation part");
  return L4R_OK;
}

/* Puts tokenizer.model into the folder and tokenises all texts with it. */
static int read_texts(const struct l4r_lite_train_options *options, struct l4r_model_config *config,
                      struct l4r_train_items_spec *items, char sha256[65]) {
  const struct l4r_train_ranks *ranks = &items->ranks;
  const struct l4r_vocabulary_options vocabulary = {.dataset = options->dataset,
                                                    .tokenizer = options->tokenizer,
                                                    .pieces = options->pieces,
                                                    .keep = options->train.resume ||
                                                            ranks->rank > 0};
  struct l4r_tokenizer *tokenizer = NULL;
  int status = l4r_ranks_after_first_begin(ranks);
  if (!status) status = l4r_vocabulary_open(&vocabulary, options->train.out, sha256, &tokenizer);
  if (status) return status;
  status = l4r_ranks_after_first_end(ranks);
  if (status) {
    l4r_tokenizer_close(tokenizer);
    return status;
  }
  status = l4r_pretrained_rows(options->init, l4r_tokenizer_size(tokenizer),
                               &config->item_llm.vocabulary);
  if (!status)
    status = l4r_item_tokens(tokenizer, options->dataset, config->text_length, &items->token,
                             &items->token_start);
  l4r_tokenizer_close(tokenizer);
  return status;
}

static void complete_config(const struct l4r_lite_train_options *options,
                            struct l4r_model_config *config) {
  l4r_model_take_dataset(config, options->dataset);
  snprintf(config->loss, sizeof config->loss, "%s", l4r_lite_loss_name(options->loss));
  snprintf(config->init, sizeof config->init, "%s", options->init ? options->init->name : "random");
}

/* --- buffers --- */

static int open_worker(struct l4r_lite_task *lite, int worker) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  size_t width = (size_t)lite->sizes.width, positions = (size_t)lite->sizes.rec_positions;
  own->rec_start = l4r_alloc(positions + 1, sizeof(int64_t), "sequence places");
  own->rec_vector = l4r_alloc(positions * width, sizeof(float), "input vectors");
  own->rec_hidden = l4r_alloc(positions * width, sizeof(float), "hidden states");
  own->rec_d_hidden = l4r_alloc(positions * width, sizeof(float), "gradients of hidden states");
  own->state = l4r_alloc(positions * width, sizeof(float), "user states");
  own->d_state = l4r_alloc(positions * width, sizeof(float), "gradients of user states");
  own->target = l4r_alloc(positions, sizeof(int32_t), "targets");
  own->logits = l4r_alloc((size_t)l4r_lite_logits(&lite->sizes), sizeof(float),
                          "a block of logits");
  own->mark = l4r_alloc((size_t)lite->sizes.items + 1, 1, "item marks");
  if (worker > 0)
    own->gradients = l4r_alloc((size_t)lite->tensors->trained, sizeof(float), "gradients");
  if (!own->rec_start || !own->rec_vector || !own->rec_hidden || !own->rec_d_hidden ||
      !own->state || !own->d_state || !own->target || !own->logits || !own->mark ||
      (worker > 0 && !own->gradients))
    return L4R_ENVIRONMENT;
  struct l4r_train_spec spec = l4r_lite_rec_spec(lite);
  return l4r_encoder_layers_open(&spec, &own->rec);
}

/* Finds the largest need of items in the first epoch, so that memory is reported before it is
 * allocated. */
static int tell_memory(struct l4r_lite_task *lite, const struct l4r_lite_train_options *options) {
  int64_t most_tokens = 0, most_slots = 0, steps;
  int status = l4r_lite_draw_epoch(lite, options->train.seed, 0);
  if (status) return status;
  if (options->batch > lite->epoch.windows)
    return l4r_fail(
        L4R_USAGE,
        "%s is too small for --batch %lld: an epoch has %lld windows; give at most that "
        "many",
        lite->dataset->path, (long long)options->batch, (long long)lite->epoch.windows);
  steps = l4r_lite_steps(lite);
  for (int64_t s = 0; s < steps; s++) {
    l4r_lite_prepare_step(lite, s);
    int64_t tokens = l4r_slots_tokens(&lite->items, 0, lite->items.encoded);
    if (tokens > most_tokens) most_tokens = tokens;
    if (lite->items.slots > most_slots) most_slots = lite->items.slots;
    if (!lite->items.spec.token && lite->items.slots == lite->sizes.items)
      break; /* no step has more */
  }
  l4r_info("%lld windows an epoch in %lld steps of up to %lld items and %lld tokens",
           (long long)lite->epoch.windows, (long long)steps, (long long)most_slots,
           (long long)most_tokens);
  return l4r_lite_memory_check(lite, most_tokens);
}

static int open_buffers(struct l4r_lite_task *lite, const struct l4r_lite_train_options *options) {
  int status = l4r_lite_memory_check(lite, -1);
  if (status) return status;
  const size_t all = (size_t)lite->sizes.ranks.workers;
  lite->step.bound = l4r_alloc(all + 1, sizeof(int64_t), "shares of windows");
  lite->step.load = l4r_alloc(all, sizeof(int64_t), "shares of windows");
  lite->step.place = l4r_alloc(all, sizeof(int64_t), "shares of windows");
  lite->step.window = l4r_alloc((size_t)lite->sizes.batch, sizeof *lite->step.window, "windows");
  lite->worker = l4r_alloc((size_t)lite->sizes.workers, sizeof *lite->worker, "workers");
  if (!lite->step.bound || !lite->step.load || !lite->step.place || !lite->step.window ||
      !lite->worker)
    return L4R_ENVIRONMENT;
  status = l4r_train_items_open(&lite->items);
  if (!status) status = l4r_lite_sampled_open(lite);
  if (!status) status = l4r_lite_head_open(lite);
  if (!status)
    status = l4r_validation_users(lite->dataset, options->train.seed, options->validation_users,
                                  &lite->validation_user, &lite->validation_users);
  if (!status) status = tell_memory(lite, options);
  if (!status) status = l4r_train_items_open_vectors(&lite->items, lite->sizes.step_slots);
  for (int w = 0; w < lite->sizes.workers && !status; w++) status = open_worker(lite, w);
  if (!status && options->shard_items) status = l4r_lite_judged_open(lite);
  return status;
}

static void close_buffers(struct l4r_lite_task *lite) {
  for (int w = 0; lite->worker && w < lite->sizes.workers; w++) {
    struct l4r_lite_worker *own = &lite->worker[w];
    l4r_encoder_layers_close(own->rec);
    void *const all[] = {own->rec_start, own->rec_vector, own->rec_hidden, own->rec_d_hidden,
                         own->state,     own->d_state,    own->target,     own->gradients,
                         own->logits,    own->mark};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  }
  l4r_free(lite->epoch.window);
  l4r_free(lite->step.bound);
  l4r_free(lite->step.load);
  l4r_free(lite->step.place);
  l4r_train_sums_free(&lite->sums);
  l4r_lite_judged_close(lite);
  l4r_free(lite->validation_user);
  l4r_free(lite->step.window);
  l4r_lite_sampled_close(lite);
  l4r_lite_head_close(lite);
  l4r_free(lite->worker);
  l4r_train_items_close(&lite->items);
}

static int initialise(void *state, float *values) {
  const struct l4r_lite_task *lite = state;
  return lite->init ? l4r_pretrained_copy(lite->init, lite->config, lite->tensors, values) : L4R_OK;
}

static int begin_epoch(void *state, uint64_t seed, int64_t epoch, int64_t *steps) {
  struct l4r_lite_task *lite = state;
  int status = l4r_lite_draw_epoch(lite, seed, epoch);
  *steps = l4r_lite_steps(lite);
  return status;
}

static void describe_loss(const struct l4r_lite_sampled *sampled, char *text, size_t size) {
  size_t used = strlen(text);
  if (sampled->loss == L4R_LOSS_CROSS_ENTROPY) return;
  l4r_text_add(text, size, &used, " negatives=%lld update=%s", (long long)sampled->negatives,
               sampled->update_rows ? "rows" : "dense");
  if (sampled->each) l4r_text_add(text, size, &used, " sample=position");
  if (sampled->uncorrected) l4r_text_add(text, size, &used, " correction=off");
  if (sampled->loss == L4R_LOSS_GBCE)
    l4r_text_add(text, size, &used, " t=%g", sampled->calibration);
}

/* What a model's vectors come from, where that is a pretrained encoder. */
static void describe_pretrained(const struct l4r_model_config *config, char *text, size_t size) {
  static const char *const pooling[] = {"mean", "last", "first"};
  char sha256[65];
  size_t used = strlen(text);
  if (!config->adapter) return;
  l4r_sha256(config->init_files, strlen(config->init_files), sha256);
  l4r_text_add(text, size, &used, " item-llm=%s adapter=%s whiten=%d pooling=%s folder=%.16s",
               config->frozen ? "frozen" : "tuned",
               config->adapter == L4R_ADAPTER_LINEAR ? "linear" : "two-layer", config->whiten,
               pooling[config->pooling], sha256);
}

static void fill_task(const struct l4r_lite_train_options *options, struct l4r_lite_run *run) {
  struct l4r_lite_task *lite = &run->lite;
  snprintf(run->settings, sizeof run->settings, "%s batch=%lld prefixes=%lld share=%g tokenizer=%s",
           l4r_kind_name(run->config.kind), (long long)lite->sizes.batch,
           (long long)lite->sizes.prefixes, lite->items.spec.share, lite->tokenizer_sha256);
  describe_pretrained(&run->config, run->settings, sizeof run->settings);
  describe_loss(&lite->sampled, run->settings, sizeof run->settings);
  size_t used = strlen(run->settings);
  if (options->validation_users > 0)
    l4r_text_add(run->settings, sizeof run->settings, &used, " judged=%lld",
                 (long long)options->validation_users);
  run->task = (struct l4r_train_task){
      .state = lite,
      .config = &run->config,
      .tensors = &run->tensors,
      .users = options->dataset->users,
      .rows = lite->sampled.update_rows ? &lite->sampled.rows : NULL,
      .settings = run->settings,
      .extra = lite->items.kept_bytes ? lite->items.stamp : NULL,
      .extra_bytes = lite->items.kept_bytes,
      .initialise = initialise,
      .prepare = l4r_lite_prepare,
      .begin_epoch = begin_epoch,
      .forward_backward = l4r_lite_forward_backward,
      .validate = l4r_lite_validate,
  };
}

int l4r_lite_open(const struct l4r_lite_train_options *options, struct l4r_lite_run *run) {
  struct l4r_lite_task *lite = &run->lite;
  *run = (struct l4r_lite_run){.config = options->config,
                               .lite = {.dataset = options->dataset,
                                        .config = &run->config,
                                        .tensors = &run->tensors,
                                        .init = options->init}};
  struct l4r_train_items_spec items = {
      .config = &run->config,
      .tensors = &run->tensors,
      .workers = l4r_team_size(options->train.team),
      .ranks = l4r_train_ranks_of(options->train.comm, options->train.wire, options->train.team),
      .bf16 = options->train.bf16,
      .kernels = options->train.kernels,
      .share = options->item_share > 0 ? options->item_share : 1};
  l4r_blas_open();
  int status = check(options);
  if (!status && !options->train.resume && items.ranks.rank == 0)
    status = l4r_make_folders(options->train.out);
  if (status) return status;
  complete_config(options, &run->config);
  if (run->config.items_input != L4R_ITEMS_ID)
    status = read_texts(options, &run->config, &items, lite->tokenizer_sha256);
  if (!status && run->config.adapter)
    status = l4r_config_check(&run->config, options->train.out, l4r_kind_name(run->config.kind));
  if (!status) status = l4r_tensors_of(&run->config, &run->tensors);
  if (!status && options->shard_items)
    l4r_tensors_divide(&run->tensors, "item_llm.id.weight", items.ranks.rank, items.ranks.size);
  l4r_train_items_init(&items, &lite->items); /* even after a failure, because it frees the texts */
  if (!status) {
    lite->sizes = l4r_lite_sizes_of(options, &run->config, l4r_train_items_rows(&lite->items));
    l4r_lite_sampled_size(lite, options);
    if (options->shard_items) lite->items.most_slots = lite->sizes.step_slots;
    lite->head_weight = l4r_tensors_offset(&run->tensors, "item_head.weight");
    lite->head_bias = l4r_tensors_offset(&run->tensors, "item_head.bias");
    l4r_lite_step_open(lite);
  }
  if (!status && options->train.epochs != 0) status = open_buffers(lite, options);
  if (!status) fill_task(options, run);
  if (status) l4r_lite_close(run);
  return status;
}

void l4r_lite_close(struct l4r_lite_run *run) {
  close_buffers(&run->lite);
  l4r_tensors_free(&run->tensors);
}
