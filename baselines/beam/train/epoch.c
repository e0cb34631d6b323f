/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws an epoch: for every user some random prefixes of the training part, or all of them, each
 * with a random wording, shuffled. Nothing is padded: a pass is a ragged batch. */
#include "baselines/beam/train/epoch.h"

#include "baselines/beam/train/flops.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <string.h>

/* Streams of the run's seed, distinct from Lite's purposes, which the item part uses. */
enum { STREAM_EPOCH = 0x6265616d };

static int64_t train_length(const struct l4r_dataset *dataset, int64_t user) {
  return dataset->train_start[user + 1] - dataset->train_start[user];
}

int64_t l4r_beam_most_samples(const struct beam_task *task) {
  const struct l4r_dataset *dataset = task->dataset;
  return task->prefixes < 0 ? dataset->train_start[dataset->users]
                            : dataset->users * task->prefixes;
}

static void shuffle(struct beam_sample *sample, int64_t count, struct l4r_random *random) {
  for (int64_t i = count - 1; i > 0; i--) {
    int64_t other = (int64_t)l4r_random_below(random, (uint64_t)i + 1);
    struct beam_sample kept = sample[i];
    sample[i] = sample[other];
    sample[other] = kept;
  }
}

int l4r_beam_draw_epoch(struct beam_task *task, uint64_t seed, int64_t epoch) {
  const struct l4r_dataset *dataset = task->dataset;
  const uint64_t wordings = (uint64_t)l4r_prompt_wordings(task->config->prompt);
  struct l4r_random random;
  l4r_random_stream(&random, seed, STREAM_EPOCH, (uint64_t)epoch);
  int status = l4r_grow(&task->sample, &task->sample_capacity, (size_t)l4r_beam_most_samples(task),
                        sizeof *task->sample, "an epoch's samples");
  if (status) return status;
  task->samples = 0;
  for (int64_t user = 0; user < dataset->users; user++) {
    int64_t length = train_length(dataset, user);
    if (length < 2) continue;
    const int64_t prefixes = task->prefixes < 0 ? length - 1 : task->prefixes;
    for (int64_t i = 0; i < prefixes; i++) {
      int64_t position = 1 + i;
      if (task->prefixes > 0)
        position = 1 + (int64_t)l4r_random_below(&random, (uint64_t)length - 1);
      task->sample[task->samples++] = (struct beam_sample){
          .user = user,
          .target = dataset->train_start[user] + position,
          .wording = (int64_t)l4r_random_below(&random, wordings)};
    }
  }
  if (!task->samples)
    return l4r_fail(L4R_INPUT, "%s/train.txt: no user has two training items to learn from",
                    dataset->path);
  shuffle(task->sample, task->samples, &random);
  return L4R_OK;
}

/* Returns the number of items in a sample's answer: the target and the user's next items, up to
 * `answers`. */
static int64_t answer_items(const struct beam_task *task, const struct beam_sample *sample) {
  int64_t left = task->dataset->train_start[sample->user + 1] - sample->target;
  return left < task->answers ? left : task->answers;
}

/* Returns the decoder positions of an answer's i-th item (from 0, of `items`): its first position,
 * and its id where later positions depend on it. p5-head names an item at the first position, so
 * only following answers read its id. */
static int64_t answer_positions(const struct beam_task *task, const struct beam_sample *sample,
                                int64_t i, int64_t items) {
  if (task->head && (!task->answers_follow || i + 1 == items)) return 1;
  l4r_item item = task->dataset->train_item[sample->target + i];
  return task->ids.start[item] - task->ids.start[item - 1] + 1;
}

static int64_t answer_length(const struct beam_task *task, const struct beam_sample *sample) {
  int64_t positions = 0, items = answer_items(task, sample);
  for (int64_t i = 0; i < items; i++) positions += answer_positions(task, sample, i, items);
  return positions;
}

static int64_t answer_targets(const struct beam_task *task, const struct beam_sample *sample) {
  return task->head ? answer_items(task, sample) : answer_length(task, sample);
}

/* Returns the work of a sample: an answer of ten items costs as much as its prompt. */
static double work_of(const struct beam_task *task, const struct beam_sample *sample) {
  int64_t begin, shown = beam_shown(task, sample, &begin);
  double input = task->prompts ? l4r_prompt_mean(task->prompts, shown) : (double)shown;
  return l4r_beam_sample_flops(task, input, (double)answer_length(task, sample),
                               (double)answer_targets(task, sample));
}

void l4r_beam_prepare_step(struct beam_task *task, int64_t step) {
  task->step_first = step * task->batch;
  int64_t left = task->samples - task->step_first;
  task->step_count = left < task->batch ? left : task->batch;
  task->step_targets = 0;
  double total = 0, done = 0;
  for (int64_t s = 0; s < task->step_count; s++) {
    total += work_of(task, &task->sample[task->step_first + s]);
    task->step_targets += answer_targets(task, &task->sample[task->step_first + s]);
  }
  const int workers = task->sums.ranks.workers;
  int next = 1;
  task->bound[0] = task->step_first;
  for (int64_t s = 0; s < task->step_count; s++) {
    for (; next < workers && done * workers >= total * next; next++)
      task->bound[next] = task->step_first + s;
    done += work_of(task, &task->sample[task->step_first + s]);
  }
  for (; next <= workers; next++) task->bound[next] = task->step_first + task->step_count;
}

/* Writes decoder inputs and targets of one sample's answers from position `at` on. Each answer is a
 * piece of its own that begins as in serving: the inputs are the start token and the id, the
 * targets the id and </s>. Answers in sequence are one piece, in which </s> begins all but the
 * first. The targets of p5-head are items, at the tokens that begin them. Returns the position
 * after them. */
static int64_t fill_answers(const struct beam_task *task, const struct beam_sample *sample,
                            struct beam_worker *own, int64_t at) {
  int64_t items = answer_items(task, sample);
  for (int64_t i = 0; i < items; i++) {
    l4r_item item = task->dataset->train_item[sample->target + i];
    const int32_t *id = task->ids.token + task->ids.start[item - 1];
    int32_t *input = own->answer_input + at, *target = own->answer_target + at;
    int64_t tokens = answer_positions(task, sample, i, items) - 1;
    input[0] = task->answers_follow && i > 0 ? L4R_END_TOKEN : L4R_START_TOKEN;
    memcpy(input + 1, id, (size_t)tokens * sizeof *input);
    if (task->head) {
      target[0] = item - 1;
      for (int64_t t = 1; t <= tokens; t++) target[t] = -1;
    } else {
      memcpy(target, id, (size_t)tokens * sizeof *target);
      target[tokens] = L4R_END_TOKEN;
    }
    at += tokens + 1;
    if (!task->answers_follow || i + 1 == items) own->answer_piece[++own->answer_pieces] = at;
  }
  return at;
}

int64_t l4r_beam_fill_pass(struct beam_task *task, struct beam_worker *own, int64_t first,
                           int64_t end) {
  int64_t positions = 0, answers = 0, at = first;
  own->start[0] = own->answer_start[0] = own->answer_piece[0] = own->answer_pieces = 0;
  for (; at < end && at - first < task->pass_count &&
         positions + task->input_longest <= task->pass_positions &&
         answers + task->answer_longest <= task->pass_answers;
       at++) {
    const struct beam_sample *sample = &task->sample[at];
    int64_t begin, shown = beam_shown(task, sample, &begin);
    const struct l4r_prompt_question question = {.wording = sample->wording,
                                                 .user = sample->user,
                                                 .history = task->dataset->train_item + begin,
                                                 .length = shown};
    if (task->prompts)
      positions += l4r_prompt_write(task->prompts, &question, own->token + positions,
                                    own->word ? own->word + positions : NULL);
    else
      positions += shown;
    answers = fill_answers(task, sample, own, answers);
    own->start[at - first + 1] = positions;
    own->answer_start[at - first + 1] = answers;
  }
  return at;
}
