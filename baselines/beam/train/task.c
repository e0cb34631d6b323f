/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens and closes the training of the beam baseline: tokenizer, id map, open fields of the
 * configuration, the flat list of tensors, and all buffers, whose sizes are reported before they
 * are allocated. */
#include "baselines/beam/train/task.h"

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/train/epoch.h"
#include "baselines/beam/train/item_ids.h"
#include "baselines/beam/train/items.h"
#include "baselines/beam/train/step.h"
#include "baselines/beam/train/validate.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/model/pretrained_copy.h"
#include "impl/train/layers/decoder.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/softmax.h"
#include "impl/train/loop/vocabulary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Positions that pass through a layer at once; activations of a pass should fit a core's caches. */
enum { PASS_POSITIONS = 2048, PASS_ANSWERS = 2048, PASS_COUNT = 64 };
/* The least number of samples in an epoch. A validation is worth its time only after some steps;
 * with one prefix per user, an epoch of ML-1M would have a hundred steps. */
enum { DEFAULT_BATCH = 64, DEFAULT_ANSWERS = 3, EPOCH_SAMPLES = 1 << 14 };
/* Vocabulary size for prompts alone, and for long ones, whose words should be pieces. */
enum { PROMPT_PIECES = 500, LONG_PROMPT_PIECES = 1000 };
/* Rows of t5-small's embedding: its pieces, 100 sentinels, 28 unused. */
enum { T5_PIECES = 32000, T5_ROWS = 32128, SENTINELS = 100 };

static int check(const struct l4r_beam_train_options *options) {
  enum l4r_kind kind = options->config.kind;
  if (kind != L4R_KIND_P5 && kind != L4R_KIND_P5_HEAD && kind != L4R_KIND_LITE_BEAM)
    return l4r_fail(L4R_USAGE, "a model of kind %s is not trained here", l4r_kind_name(kind));
  if (options->batch < 0 || options->prefixes < -1 || options->answers < 0 ||
      options->config.history < 1)
    return l4r_fail(L4R_USAGE, "--batch, --prefixes, --answers and --history must be at least 1");
  if (l4r_team_size(options->train.team) > L4R_MOST_WORKERS)
    return l4r_fail(L4R_USAGE, "training uses at most %d threads", L4R_MOST_WORKERS);
  if (!options->dataset->validation)
    return l4r_fail(L4R_USAGE, "the data set was opened without its validation part");
  return L4R_OK;
}

/* --- tokenizer, item ids, configuration --- */

static int open_tokenizer(struct beam_task *task) {
  const struct l4r_beam_train_options *options = task->options;
  if (!l4r_model_needs_tokenizer(task->config)) return L4R_OK;
  /* Where items have their own tokens, text is only a prompt's few words and the user's number;
   * every further piece would be a class of the output that no answer needs. */
  int worded = task->config->kind == L4R_KIND_LITE_BEAM || task->config->id_form == L4R_IDS_DIGITS;
  const int64_t prompts = task->config->prompt ? LONG_PROMPT_PIECES : PROMPT_PIECES;
  const char **sentence;
  int64_t sentences;
  int status = l4r_prompt_sentences(task->config->prompt, task->config->dataset_name, &sentence,
                                    &sentences);
  if (status) return status;
  const struct l4r_vocabulary_options vocabulary = {
      .dataset = options->dataset,
      .tokenizer = options->tokenizer,
      .pieces = options->pieces || worded ? options->pieces : prompts,
      .keep = options->train.resume || task->sums.ranks.rank > 0,
      .first_number = L4R_FIRST_ID,
      .numbers = worded ? options->dataset->items : 0,
      .sentence = sentence,
      .sentences = sentences};
  status = l4r_vocabulary_open(&vocabulary, options->train.out, task->tokenizer_sha256,
                               &task->tokenizer);
  l4r_free(sentence);
  return status;
}

/* Computes the rows of the embedding for text; own tokens of ids come after them. */
static int text_rows(const struct beam_task *task, int64_t pieces, int64_t *rows) {
  int status = l4r_pretrained_rows(task->options->init, pieces, rows);
  if (!strcmp(task->config->size, "t5-small") && *rows == T5_PIECES) *rows = T5_ROWS;
  return status;
}

static int open_ids(struct beam_task *task) {
  struct l4r_model_config *config = task->config;
  int64_t pieces = task->tokenizer ? l4r_tokenizer_size(task->tokenizer) : L4R_END_TOKEN + 1;
  int64_t rows;
  int status = text_rows(task, pieces, &rows);
  if (!status) status = l4r_beam_item_ids(task);
  if (!status)
    status = l4r_id_tokens_make(&task->map, config->id_form, task->tokenizer, rows, &task->ids);
  if (!status) status = l4r_prompt_answer(config, task->tokenizer, &task->ids);
  struct l4r_trie trie = {0};
  if (!status) status = l4r_trie_build(&task->ids, &trie); /* refuses equal ids */
  l4r_trie_free(&trie);
  if (status) return status;
  config->max_id_tokens = task->ids.longest + 1;
  int64_t vocabulary = rows + task->ids.own;
  if (config->kind == L4R_KIND_LITE_BEAM) {
    config->rec_llm.vocabulary = vocabulary;
    if (config->items_input != L4R_ITEMS_ID)
      config->item_llm.vocabulary = task->options->init ? rows : pieces;
  } else {
    config->p5.vocabulary = vocabulary;
  }
  if (pieces + SENTINELS >= rows || config->kind == L4R_KIND_P5_HEAD) return L4R_OK;
  task->mask = l4r_alloc((size_t)vocabulary, sizeof *task->mask, "unused rows");
  if (!task->mask) return L4R_ENVIRONMENT;
  for (int64_t row = pieces + SENTINELS; row < rows; row++) task->mask[row] = -1e9f;
  return L4R_OK;
}

static void complete_config(const struct l4r_beam_train_options *options,
                            struct l4r_model_config *config) {
  l4r_model_take_dataset(config, options->dataset);
  snprintf(config->loss, sizeof config->loss, "cross-entropy");
  snprintf(config->init, sizeof config->init, "%s", options->init ? options->init->name : "random");
}

static int open_prompts(struct beam_task *task) {
  task->input_longest = task->config->history;
  if (task->config->kind == L4R_KIND_LITE_BEAM) return L4R_OK;
  const struct l4r_prompt_spec spec = {.tokenizer = task->tokenizer,
                                       .ids = &task->ids,
                                       .users = task->dataset->users,
                                       .history = task->config->history,
                                       .style = task->config->prompt,
                                       .dataset = task->config->dataset_name};
  int status = l4r_prompts_open(&spec, &task->prompts);
  if (!status) task->input_longest = l4r_prompt_longest(task->prompts);
  return status;
}

/* --- buffers --- */

/* Returns the offset of a tensor of the encoder-decoder. */
static int64_t offset_of(const struct beam_task *task, const char *name) {
  char full[256];
  snprintf(full, sizeof full, "%s%s", task->prefix, name);
  return l4r_tensors_offset(&task->tensors, full);
}

static void size_task(struct beam_task *task) {
  const struct l4r_beam_train_options *options = task->options;
  int head = task->head = task->config->kind == L4R_KIND_P5_HEAD;
  task->width = task->shape->d_model;
  task->workers = l4r_team_size(options->train.team);
  task->batch = options->batch ? options->batch : DEFAULT_BATCH;
  int64_t users = task->dataset->users;
  task->prefixes = options->prefixes ? options->prefixes
                                     : (EPOCH_SAMPLES + users - 1) / users; /* -1: all */
  task->pass_positions = task->input_longest > PASS_POSITIONS ? task->input_longest
                                                              : PASS_POSITIONS;
  task->pass_count = task->batch < PASS_COUNT ? task->batch : PASS_COUNT;
  task->answers = options->answers ? options->answers : head ? 1 : DEFAULT_ANSWERS;
  task->answers_follow = options->answers_follow;
  int64_t positions = head && !task->answers_follow ? 1 : task->config->max_id_tokens;
  task->answer_longest = head ? (task->answers - 1) * positions + 1 : task->answers * positions;
  /* Long answers fill a pass before its prompts do. */
  task->pass_answers = task->pass_count * task->answer_longest;
  if (task->pass_answers > PASS_ANSWERS) task->pass_answers = PASS_ANSWERS;
  if (task->pass_answers < task->answer_longest) task->pass_answers = task->answer_longest;
  task->classes = head ? task->config->items : task->shape->vocabulary;
  task->embedding = offset_of(task, "shared.weight");
  task->whole_word = l4r_tensors_offset(&task->tensors, "whole_word.weight");
  task->output_bias = -1;
  task->output_scale = 1;
  if (head) {
    task->output_weight = l4r_tensors_offset(&task->tensors, "item_head.weight");
    task->output_bias = l4r_tensors_offset(&task->tensors, "item_head.bias");
    return;
  }
  task->output_weight = offset_of(task, task->shape->tied ? "shared.weight" : "lm_head.weight");
  task->output_scale = l4r_output_scale_of(task->shape);
}

static int open_layers(struct beam_task *task, int worker) {
  struct beam_worker *own = &task->worker[worker];
  const struct l4r_train_spec encoder = {
      .shape = task->shape,
      .tensors = &task->tensors,
      .prefix = task->prefix,
      .dropout = task->config->dropout,
      .bf16 = task->options->train.bf16,
      .kernels = task->options->train.kernels,
      .max_positions = task->pass_positions,
      .max_count = task->pass_count,
      .max_length = task->input_longest,
      .between = worker == 0 && task->sums.ranks.comm ? l4r_beam_advance : NULL,
      .context = task};
  struct l4r_train_spec decoder = encoder;
  decoder.max_positions = task->pass_answers;
  decoder.max_length = task->answer_longest;
  decoder.max_memory = task->pass_positions;
  decoder.max_memory_length = task->input_longest;
  decoder.between = NULL;
  int status = l4r_encoder_layers_open(&encoder, &own->encoder);
  return status ? status : l4r_decoder_layers_open(&decoder, &own->decoder);
}

static int open_worker(struct beam_task *task, int worker) {
  struct beam_worker *own = &task->worker[worker];
  size_t row = (size_t)task->width * sizeof(float), count = (size_t)task->pass_count;
  size_t positions = (size_t)task->pass_positions;
  size_t answers = (size_t)task->pass_answers;
  own->start = l4r_alloc(count + 1, sizeof *own->start, "prompt places");
  own->answer_start = l4r_alloc(count + 1, sizeof *own->answer_start, "answer places");
  own->answer_piece = l4r_alloc(answers + 1, sizeof *own->answer_piece, "answer places");
  own->answer_input = l4r_alloc(answers, sizeof *own->answer_input, "answers");
  own->answer_target = l4r_alloc(answers, sizeof *own->answer_target, "answers");
  own->memory = l4r_alloc(positions, row, "encoder outputs");
  own->d_memory = l4r_alloc(positions, row, "gradients of encoder outputs");
  own->hidden = l4r_alloc(answers, row, "decoder outputs");
  own->d_hidden = l4r_alloc(answers, row, "gradients of decoder outputs");
  own->logits = l4r_alloc((size_t)l4r_softmax_scratch(task->options->train.kernels, task->width,
                                                      task->classes, task->options->train.bf16),
                          sizeof *own->logits, "a block of logits");
  int taken = own->start && own->answer_start && own->answer_piece && own->answer_input &&
              own->answer_target && own->memory && own->d_memory && own->hidden && own->d_hidden &&
              own->logits;
  int worded = task->whole_word >= 0;
  if (task->prompts) own->token = l4r_alloc(positions, sizeof *own->token, "prompts");
  if (worded) own->word = l4r_alloc(positions, sizeof *own->word, "prompts");
  if (worded || !task->prompts) own->vector = l4r_alloc(positions, row, "input vectors");
  taken = taken && (!task->prompts || own->token) && (!worded || own->word) &&
          ((task->prompts && !worded) || own->vector);
  if (task->head) own->scored_target = l4r_alloc(answers, sizeof *own->scored_target, "answers");
  taken = taken && (!task->head || own->scored_target);
  if (task->mask) own->d_bias = l4r_alloc((size_t)task->classes, sizeof(float), "unused rows");
  if (worker > 0)
    own->gradients = l4r_alloc((size_t)task->tensors.floats, sizeof(float), "gradients");
  taken = taken && (!task->mask || own->d_bias) && (worker == 0 || own->gradients);
  return taken ? open_layers(task, worker) : L4R_ENVIRONMENT;
}

/* Returns about how many values per position all blocks of a stack keep for backward. */
static double kept_floats(const struct l4r_t5_shape *shape, double blocks, double attended) {
  double inner = (double)(shape->heads * shape->d_kv);
  return blocks *
         (6 * (double)shape->d_model + 4 * inner + (shape->gated ? 3 : 2) * (double)shape->d_ff +
          2 * (double)shape->heads * attended);
}

static void tell_memory(const struct beam_task *task) {
  double positions = (double)task->pass_positions, longest = (double)task->input_longest;
  double answers = (double)task->pass_answers;
  double floats = positions *
                      (kept_floats(task->shape, (double)task->shape->encoder_blocks, longest) +
                       (task->whole_word < 0 ? 3 : 4) * (double)task->width) +
                  2 * answers *
                      kept_floats(task->shape, (double)task->shape->decoder_blocks, longest) +
                  (double)l4r_softmax_scratch(task->options->train.kernels, task->width,
                                              task->classes, task->options->train.bf16) +
                  (double)task->tensors.floats;
  l4r_info("%lld steps of %lld prefixes an epoch, inputs of up to %lld tokens, answers of up to "
           "%lld; about %.0f MB for activations, logits and gradients of %d threads",
           (long long)((l4r_beam_most_samples(task) + task->batch - 1) / task->batch),
           (long long)task->batch, (long long)task->input_longest, (long long)task->answer_longest,
           task->workers * floats * sizeof(float) / 1e6, task->workers);
}

static int open_buffers(struct beam_task *task) {
  int64_t batch = task->options->batch, samples = l4r_beam_most_samples(task);
  if (batch > samples)
    return l4r_fail(
        L4R_USAGE,
        "%s is too small for --batch %lld: an epoch has %lld prompts (users x --prefixes);"
        " give at most that many",
        task->dataset->path, (long long)batch, (long long)samples);
  tell_memory(task);
  l4r_beam_step_open(task);
  task->bound = l4r_alloc((size_t)task->sums.ranks.workers + 1, sizeof *task->bound,
                          "shares of a step");
  task->worker = l4r_alloc((size_t)task->workers, sizeof *task->worker, "workers");
  int status = task->bound && task->worker ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && !task->prompts) status = l4r_beam_items_open(task);
  for (int w = 0; w < task->workers && !status; w++) status = open_worker(task, w);
  return status ? status : l4r_beam_draw_users(task, task->options->train.seed);
}

static void close_worker(struct beam_worker *own) {
  l4r_encoder_layers_close(own->encoder);
  l4r_decoder_layers_close(own->decoder);
  void *const all[] = {own->start,     own->token,        own->vector,       own->memory,
                       own->d_memory,  own->answer_start, own->answer_input, own->answer_target,
                       own->hidden,    own->d_hidden,     own->logits,       own->d_bias,
                       own->gradients, own->word,         own->answer_piece, own->scored_target};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

void l4r_beam_task_close(struct beam_task *task) {
  for (int w = 0; task->worker && w < task->workers; w++) close_worker(&task->worker[w]);
  l4r_train_items_close(&task->items);
  l4r_prompts_close(task->prompts);
  l4r_id_tokens_free(&task->ids);
  l4r_id_map_free(&task->map);
  if (task->tokenizer) l4r_tokenizer_close(task->tokenizer);
  l4r_tensors_free(&task->tensors);
  l4r_train_sums_free(&task->sums);
  void *const all[] = {task->mask, task->sample, task->bound, task->worker, task->validation_user};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
}

int l4r_beam_task_open(const struct l4r_beam_train_options *options,
                       struct l4r_model_config *config, struct beam_task *task) {
  *task = (struct beam_task){.options = options, .dataset = options->dataset, .config = config};
  int status = check(options);
  task->sums.ranks = l4r_train_ranks_of(options->train.comm, options->train.wire,
                                        options->train.team);
  const struct l4r_train_ranks *ranks = &task->sums.ranks;
  if (!status && !options->train.resume && ranks->rank == 0)
    status = l4r_make_folders(options->train.out);
  if (status) return status;
  complete_config(options, config);
  int prompted = config->kind != L4R_KIND_LITE_BEAM;
  task->shape = prompted ? &config->p5 : &config->rec_llm;
  task->prefix = prompted ? "" : "rec_llm.";
  status = l4r_ranks_after_first_begin(ranks);
  if (!status) status = open_tokenizer(task);
  if (!status) status = open_ids(task);
  if (!status) status = l4r_ranks_after_first_end(ranks);
  if (!status) status = open_prompts(task);
  if (!status) status = l4r_tensors_of(config, &task->tensors);
  if (!status) size_task(task);
  task->sums.trained = task->tensors.trained;
  if (!status && options->train.epochs != 0) status = open_buffers(task);
  return status;
}
