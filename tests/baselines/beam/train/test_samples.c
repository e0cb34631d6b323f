/* SPDX-License-Identifier: BSD-3-Clause */
/* What an epoch of the beam kinds is trained on: samples, answers, and where a head scores. */
#include "baselines/beam/train/epoch.h"
#include "impl/base/memory.h"
#include "impl/lite/stacks.h"
#include "tests/baselines/beam/chain.h"
#include "tests/baselines/beam/train/tasks.h"

#include <criterion/criterion.h>

Test(beam_train, samples_are_prefixes_of_the_training_part) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.prefixes = 2;
  struct l4r_model_config config;
  struct beam_task task;
  beam_task_of(&options, &config, &task);
  cr_assert_eq(task.samples, 2 * CHAIN_USERS);
  int wordings[8] = {0}, of_user[CHAIN_USERS] = {0};
  for (int64_t s = 0; s < task.samples; s++) {
    const struct beam_sample *sample = &task.sample[s];
    cr_expect(sample->target > dataset->train_start[sample->user] &&
                  sample->target < dataset->train_start[sample->user + 1],
              "a target is a training item that has a history");
    wordings[sample->wording]++;
    of_user[sample->user]++;
  }
  for (int user = 0; user < CHAIN_USERS; user++) cr_expect_eq(of_user[user], 2);
  for (int w = 0; w < (int)l4r_prompt_wordings(L4R_PROMPTS_SHORT); w++)
    cr_expect_gt(wordings[w], 0);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* OpenP5's epoch: every position that has a history, once. */
Test(beam_train, all_prefixes_are_every_training_item_but_the_first) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.prefixes = -1;
  struct l4r_model_config config;
  struct beam_task task;
  beam_task_of(&options, &config, &task);
  const int64_t interactions = dataset->train_start[CHAIN_USERS];
  unsigned char *seen = l4r_alloc((size_t)interactions, 1, "test");
  cr_assert_eq(task.samples, interactions - CHAIN_USERS);
  for (int64_t s = 0; s < task.samples; s++) {
    cr_assert(task.sample[s].target > dataset->train_start[task.sample[s].user] &&
              task.sample[s].target < dataset->train_start[task.sample[s].user + 1]);
    cr_assert_eq(seen[task.sample[s].target]++, 0);
  }
  l4r_free(seen);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* Input and targets of all passes, taken apart again. */
static void check_answers(int64_t answers, int follow) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.answers = answers;
  options.answers_follow = follow;
  options.batch = 60;
  struct l4r_model_config config;
  struct beam_task task;
  beam_task_of(&options, &config, &task);
  l4r_beam_prepare_step(&task, 0);
  struct beam_worker *own = &task.worker[0];
  int64_t targets = 0, first = 0;
  struct l4r_trie trie;
  cr_assert_eq(l4r_trie_build(&task.ids, &trie), L4R_OK);
  for (int64_t end; first < task.step_count; first = end) {
    end = l4r_beam_fill_pass(&task, own, first, task.step_count);
    cr_assert_gt(end, first);
    cr_expect_leq(own->answer_start[end - first], task.pass_answers);
    cr_expect_eq(own->answer_piece[own->answer_pieces], own->answer_start[end - first]);
    int64_t piece = 0;
    cr_expect_leq(own->start[end - first], task.pass_positions);
    for (int64_t s = first; s < end; s++) {
      const struct beam_sample *sample = &task.sample[s];
      int64_t at = own->answer_start[s - first], last = dataset->train_start[sample->user + 1];
      int64_t item = sample->target, id = at;
      for (; at < own->answer_start[s - first + 1]; at++, targets++) {
        int begins = at == own->answer_piece[piece];
        cr_expect_eq(begins, at == (follow ? own->answer_start[s - first] : id),
                     "each answer, or all of a prompt's, is a piece");
        piece += begins;
        cr_expect_eq(own->answer_input[at], begins ? L4R_START_TOKEN : own->answer_target[at - 1],
                     "shifted by one");
        if (own->answer_target[at] != L4R_END_TOKEN) continue;
        cr_expect_eq(l4r_trie_find(&trie, own->answer_target + id, at - id),
                     dataset->train_item[item++]);
        id = at + 1;
      }
      cr_expect_eq(id, at, "the last item is ended too");
      cr_expect_eq(item, sample->target + answers < last ? sample->target + answers : last,
                   "never beyond the user's training part");
    }
  }
  cr_expect_eq(targets, task.step_targets);
  l4r_trie_free(&trie);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

/* p5-head: a target where each item begins, the id of the item before it, and no other target. */
static void check_head_answers(int follow) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5_HEAD, "model");
  options.answers = 3;
  options.answers_follow = follow;
  options.batch = 60;
  struct l4r_model_config config;
  struct beam_task task;
  beam_task_of(&options, &config, &task);
  l4r_beam_prepare_step(&task, 0);
  struct beam_worker *own = &task.worker[0];
  int64_t targets = 0;
  for (int64_t first = 0, end; first < task.step_count; first = end) {
    end = l4r_beam_fill_pass(&task, own, first, task.step_count);
    cr_assert_gt(end, first);
    cr_expect_leq(own->answer_start[end - first], task.pass_answers);
    cr_expect_eq(own->answer_piece[own->answer_pieces], own->answer_start[end - first]);
    for (int64_t s = first; s < end; s++) {
      int64_t position = task.sample[s].target, id = 0, left = 0;
      for (int64_t at = own->answer_start[s - first]; at < own->answer_start[s - first + 1]; at++) {
        if (left > 0) {
          cr_expect_eq(own->answer_target[at], -1);
          cr_expect_eq(own->answer_input[at], task.ids.token[id++]);
          left--;
          continue;
        }
        int begins = !follow || at == own->answer_start[s - first];
        cr_expect_eq(own->answer_input[at], begins ? L4R_START_TOKEN : L4R_END_TOKEN);
        l4r_item item = dataset->train_item[position++];
        cr_expect_eq(own->answer_target[at], item - 1);
        targets++;
        id = task.ids.start[item - 1];
        int last = at + 1 == own->answer_start[s - first + 1];
        left = follow && !last ? task.ids.start[item] - id : 0;
      }
      cr_expect_eq(left, 0);
      int64_t most = dataset->train_start[task.sample[s].user + 1];
      cr_expect_eq(position, task.sample[s].target + 3 < most ? task.sample[s].target + 3 : most);
    }
  }
  cr_expect_eq(targets, task.step_targets);
  l4r_beam_task_close(&task);
  l4r_dataset_close(dataset);
}

Test(beam_train, a_head_scores_where_items_begin) {
  check_head_answers(0);
  check_head_answers(1);
}

Test(beam_train, answers_name_the_following_items) {
  check_answers(3, 0);
  check_answers(3, 1);
}
/* More than a training part holds, and so long that a pass takes only a few of them. */
Test(beam_train, answers_may_name_all_that_follow) {
  check_answers(100, 0);
  check_answers(100, 1);
}
