/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of the program's own commands: what --help calls a default is what the code behind it
 * does, and an option of `run` is in every file that its row names. */
#include "bench/commands/commands.h"
#include "bench/commands/data.h"
#include "bench/commands/train_options.h"
#include "bench/commands/train_settings.h"
#include "bench/import/synth.h"
#include "bench/record/fields.h"
#include "bench/run/job.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"
#include "impl/model/config_sizes.h"
#include "impl/train/loop/state.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct l4r_usage *const usages[] = {
    &l4r_usage_train,        &l4r_usage_run,        &l4r_usage_eval,    &l4r_usage_recommend,
    &l4r_usage_claims,       &l4r_usage_compare,    &l4r_usage_history, &l4r_usage_info,
    &l4r_usage_verify,       &l4r_usage_export,     &l4r_usage_report,  &l4r_usage_data_import,
    &l4r_usage_data_permute, &l4r_usage_data_synth, &l4r_usage_attest};

/* Every default can be written on the command line, so that --help does not promise what is
 * refused; names are there once, and the bits of what was given reach all rows. */
Test(rows, defaults_are_values_that_the_option_takes) {
  static char into[1 << 16];
  for (size_t u = 0; u < sizeof usages / sizeof *usages; u++) {
    const struct l4r_argument *rows = usages[u]->arguments;
    int count = 0;
    for (; rows[count].name; count++) {
      const struct l4r_argument *row = &rows[count];
      for (int other = 0; other < count; other++)
        cr_expect_str_neq(rows[other].name, row->name, "%s", usages[u]->command);
      cr_expect(row->help && row->help[strlen(row->help) - 1] != '.', "%s --%s", usages[u]->command,
                row->name);
      cr_expect(row->type != L4R_ARG_CHOICE || row->choices, "%s --%s", usages[u]->command,
                row->name);
      cr_expect((row->type != L4R_ARG_INTS && row->type != L4R_ARG_REALS) || row->like, "%s",
                row->name);
    }
    cr_expect_leq(count, L4R_ARG_ROWS, "%s", usages[u]->command);
    for (int kind = -1; kind < L4R_KINDS; kind++) /* asserts */
      l4r_arguments_preset(rows, kind, into);
  }
}

Test(rows, formats_of_export_are_the_printers) {
  char list[128] = "";
  for (int p = 0; l4r_printers[p]; p++)
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", p ? "|" : "",
             l4r_printers[p]->name);
  const struct l4r_argument *row = l4r_usage_export.arguments;
  while (strcmp(row->name, "format")) row++;
  cr_expect_str_eq(row->meta, list);
}

static struct l4r_train_settings settings_of(const char *kind, const char *size) {
  char *argv[] = {(char *)"train", (char *)kind, (char *)"--data", (char *)"d",
                  (char *)"--out", (char *)"o",  (char *)"--size", (char *)size};
  struct l4r_train_settings settings;
  int helped;
  cr_assert_eq(l4r_train_settings_parse(8, argv, &settings, &helped), 0, "%s", l4r_error_message());
  return settings;
}

/* A library's user who asks for a model's defaults gets what the command line makes. */
Test(rows, defaults_of_train_are_those_of_the_model) {
  static const char *const sizes[] = {"tiny", "mini", "base"};
  for (int kind = 0; kind <= L4R_KIND_SASREC; kind++)
    for (int s = 0; s < 3; s++) {
      const char *name = l4r_kind_name((enum l4r_kind)kind);
      const struct l4r_train_settings settings = settings_of(name, sizes[s]);
      struct l4r_model_config made, wanted;
      cr_assert_eq(l4r_train_settings_config(&settings, &made), 0, "%s", l4r_error_message());
      cr_assert_eq(l4r_config_defaults((enum l4r_kind)kind, sizes[s], &wanted), 0);
      cr_expect_eq(made.history, wanted.history, "%s", name);
      cr_expect_eq(made.rec_llm.positions, wanted.rec_llm.positions, "%s", name);
      cr_expect_eq(made.text_length, wanted.text_length, "%s", name);
      cr_expect_eq(made.dropout, wanted.dropout, "%s", name);
      cr_expect_eq(made.embedding_deviation, wanted.embedding_deviation, "%s", name);
      cr_expect_eq(made.tied_scale, wanted.tied_scale, "%s", name);
      cr_expect_eq(made.pooling, wanted.pooling, "%s", name);
      cr_expect_eq(made.readout, wanted.readout, "%s", name);
      cr_expect_eq(made.items_input, wanted.items_input, "%s", name);
      cr_expect_eq(made.rec_llm.causal, wanted.rec_llm.causal, "%s", name);
      cr_expect_eq(made.id_scheme, wanted.id_scheme, "%s", name);
      cr_expect_eq(made.id_form, wanted.id_form, "%s", name);
      cr_expect_eq(made.tied_head, wanted.tied_head, "%s", name);
      cr_expect_eq(made.whole_word + made.projection, 0, "%s", name);
    }
}

Test(rows, defaults_of_the_training_loop) {
  static const struct {
    const char *kind;
    double minutes, rate, decay;
    int64_t patience;
    enum l4r_schedule schedule;
  } row[] = {{"lite", 40, 3e-3, .01, 10, L4R_SCHEDULE_COSINE},
             {"sasrec", 60, 1e-3, 0, 10, L4R_SCHEDULE_CONSTANT},
             {"p5", 60, 1e-3, .01, 40, L4R_SCHEDULE_COSINE},
             {"p5-head", 60, 1e-3, .01, 40, L4R_SCHEDULE_COSINE},
             {"lite-beam", 60, 1e-3, .01, 40, L4R_SCHEDULE_COSINE}};
  struct l4r_train_options plain, made;
  l4r_train_defaults(&plain);
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    struct l4r_train_settings settings = settings_of(row[i].kind, "mini");
    cr_assert_eq(l4r_train_settings_options(&settings, &made), 0, "%s", l4r_error_message());
    cr_expect_eq(made.minutes, row[i].minutes, "%s", row[i].kind);
    cr_expect_eq(made.learning_rate, row[i].rate, "%s", row[i].kind);
    cr_expect_eq(made.weight_decay, row[i].decay, "%s", row[i].kind);
    cr_expect_eq(made.patience, row[i].patience, "%s", row[i].kind);
    cr_expect_eq(made.schedule, row[i].schedule, "%s", row[i].kind);
    cr_expect(made.epochs == plain.epochs && made.warmup == plain.warmup &&
              made.clip == plain.clip && made.seed == plain.seed &&
              made.embedding_rate == plain.embedding_rate && !made.bf16);
    settings = settings_of(row[i].kind, "tiny");
    cr_assert_eq(l4r_train_settings_options(&settings, &made), 0);
    cr_expect_float_eq(made.minutes, 1.0 / 3, 1e-12);
  }
}

Test(rows, defaults_of_synth_are_those_of_its_library) {
  struct l4r_synth_options wanted;
  struct {
    struct l4r_synth_options options;
    const char *out;
    int64_t seed;
  } made = {.out = NULL}; /* as in data_synth.c */
  l4r_synth_defaults(&wanted);
  l4r_arguments_preset(l4r_usage_data_synth.arguments, -1, &made);
  made.options.seed = (uint64_t)made.seed;
  cr_expect_eq(made.options.users, wanted.users);
  cr_expect_eq(made.options.items, wanted.items);
  cr_expect_eq(made.options.clusters, wanted.clusters);
  cr_expect_eq(made.options.shortest, wanted.shortest);
  cr_expect_eq(made.options.longest, wanted.longest);
  cr_expect_eq(made.options.zipf, wanted.zipf);
  cr_expect_eq(made.options.leak, wanted.leak);
  cr_expect_eq(made.options.follow, wanted.follow);
  cr_expect_eq(made.options.seed, wanted.seed);
}

/* A row that says so is a member of the job and of the record's settings, with its value. */
Test(rows, an_option_of_run_stands_in_job_and_record) {
  struct l4r_run_options options = {.arms = 0};
  l4r_arguments_preset(l4r_run_arguments, -1, &options);
  options.batch = 3;
  options.scenario = L4R_MULTI_STREAM;
  struct l4r_job job = {.arm = "blis@m",
                        .data = "d",
                        .pin = {.asked = "core", .threads = 1, .processor = {0}},
#define JOB(KIND, member, ...)        .member = options.member,
#define JOB_RECORD(KIND, member, ...) .member = options.member,
#include "bench/record/run_options.inc.h"
                        .round = 1};
  struct l4r_bundle bundle;
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  cr_assert_eq(l4r_job_put(&job, &bundle), 0, "%s", l4r_error_message());
  json_t *settings = l4r_options_settings(&options);
  int jobs = 0, records = 0;
  for (const struct l4r_argument *row = l4r_run_arguments; row->name; row++) {
    const json_t *travels = json_object_get(bundle.meta, row->json);
    const json_t *recorded = json_object_get(settings, row->json);
    json_t *wanted = row->in ? l4r_option_json(row, &options) : NULL;
    if (row->in & L4R_IN_JOB) cr_expect(json_equal(travels, wanted), "--%s", row->name);
    cr_expect_eq(recorded != NULL, (row->in & L4R_IN_RECORD) != 0, "--%s", row->name);
    if (recorded) cr_expect(json_equal(recorded, wanted), "--%s", row->name);
    if (recorded)
      cr_expect_not_null(l4r_field_at(l4r_shape_settings(), row->json), "--%s", row->name);
    jobs += (row->in & L4R_IN_JOB) != 0;
    records += recorded != NULL;
    json_decref(wanted);
  }
  cr_expect_eq((int)json_object_size(settings), records);
  cr_expect_geq(jobs, 7);
  cr_expect_geq(records, 7);
  struct l4r_job read;
  cr_assert_eq(l4r_job_get(&bundle, &read), 0, "%s", l4r_error_message());
  cr_expect(read.batch == 3 && read.k == 20 && read.min_seconds == 1 && read.seed == 1);
  json_decref(settings);
  l4r_bundle_free(&bundle);
}
