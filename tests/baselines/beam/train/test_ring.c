/* SPDX-License-Identifier: BSD-3-Clause */
/* A ring of items that the beam kinds must learn. */
#include "baselines/beam/train/task.h"
#include "baselines/beam/train/validate.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/baselines/beam/chain.h"

#include <criterion/criterion.h>

static void learn_by(struct l4r_beam_train_options options, int64_t epochs) {
  const struct l4r_dataset *dataset = options.dataset;
  options.config.dropout = 0;
  options.prefixes = 8;
  options.answers = 2; /* training parts are ten items long */
  options.validation_users = 40;
  options.train.epochs = epochs;
  options.train.patience = 0;
  options.train.warmup = 20;
  options.train.learning_rate = 3e-3;
  int interrupted;
  cr_assert_eq(l4r_beam_train(&options, &interrupted), L4R_OK, "%s", l4r_error_message());
  struct l4r_model_config config;
  cr_assert_eq(l4r_config_read(options.train.out, &config), L4R_OK);
  cr_expect_gt(config.epoch, 1);
  struct beam_task task;
  cr_assert_eq(l4r_beam_task_open(&options, &config, &task), L4R_OK);
  struct l4r_model *model;
  cr_assert_eq(l4r_model_open(options.train.out, dataset, &model), L4R_OK, "%s",
               l4r_error_message());
  float *values = l4r_alloc((size_t)task.tensors.floats, sizeof *values, "test");
  for (int64_t t = 0; t < task.tensors.count; t++) {
    const struct l4r_tensor *tensor = &task.tensors.tensor[t];
    cr_assert_eq(l4r_safetensors_copy(model->safetensors, tensor->name, tensor->rows,
                                      tensor->columns, values + tensor->offset),
                 L4R_OK);
  }
  struct l4r_validation validation;
  cr_assert_eq(l4r_beam_validate(&task, NULL, values, &validation), L4R_OK, "%s",
               l4r_error_message());
  cr_expect_eq(validation.users, 40);
  cr_expect_gt(validation.hr10, 0.9, "HR@10 %.3f; chance is about .3", validation.hr10);
  cr_expect_gt(validation.ndcg10, 0.7, "NDCG@10 %.3f", validation.ndcg10);
  l4r_model_close(model);
  l4r_free(values);
  l4r_beam_task_close(&task);
}

static void learn(enum l4r_kind kind, enum l4r_id_form form, int64_t epochs) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, kind, "model");
  options.config.id_form = form;
  learn_by(options, epochs);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_sequences) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.config.id_scheme = L4R_IDS_COLLABORATIVE;
  options.config.id_form = L4R_IDS_ITEMS;
  options.config.p5.tied = 0;
  options.answers_follow = 1;
  learn_by(options, 5);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_codes) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_pretrained *encoder;
  struct l4r_beam_train_options options = chain_semantic(dataset, L4R_KIND_P5, "model", 8,
                                                         &encoder);
  learn_by(options, 8);
  l4r_pretrained_close(encoder);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring_by_long_prompts) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5, "model");
  options.config.id_form = L4R_IDS_TOKENS;
  options.config.prompt = L4R_PROMPTS_OPENP5;
  options.pieces = 400;
  learn_by(options, 6);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_head_learns_a_ring_by_sequences) {
  struct l4r_dataset *dataset = chain_dataset("data", 0);
  struct l4r_beam_train_options options = chain_options(dataset, L4R_KIND_P5_HEAD, "model");
  options.answers_follow = 1;
  learn_by(options, 5);
  l4r_dataset_close(dataset);
}

Test(beam_train, p5_learns_a_ring) {
  learn(L4R_KIND_P5, L4R_IDS_TOKENS, 4);
}
Test(beam_train, p5_head_learns_a_ring) {
  learn(L4R_KIND_P5_HEAD, L4R_IDS_DIGITS, 5);
}
Test(beam_train, lite_beam_learns_a_ring) {
  learn(L4R_KIND_LITE_BEAM, L4R_IDS_DIGITS, 11);
}
