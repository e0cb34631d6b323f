/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/convert/exported.h"

#include "bench/commands/commands.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/model/model.h"
#include "impl/stack.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int test_export(const char *word, ...) {
  char name[] = "export", *argv[16] = {name};
  int argc = 1;
  va_list more;
  va_start(more, word);
  for (const char *w = word; w; w = va_arg(more, const char *)) argv[argc++] = (char *)w;
  va_end(more);
  return l4r_command_export(argc, argv);
}

const char *test_export_model(const char *name, const struct l4r_model_config *config) {
  struct l4r_tensors tensors;
  struct l4r_random random;
  test_ok(l4r_tensors_of(config, &tensors));
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "a model of a test");
  cr_assert_not_null(values);
  l4r_tensors_init(&tensors, 11, values);
  l4r_random_seed(&random, 12);
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    float *value = values + tensor->offset;
    const int bias = strstr(tensor->name, "bias") != NULL; /* of positions, of the head */
    for (int64_t j = 0; !tensor->columns && !bias && j < tensor->count; j++)
      value[j] = (float)(0.6 + 0.8 * l4r_random_uniform(&random));
    for (int64_t j = 0; bias && j < tensor->count; j++)
      value[j] = (float)(0.7 * l4r_random_normal(&random));
  }
  const char *folder = test_path(name);
  if (l4r_model_needs_tokenizer(config)) {
    char path[L4R_PATH_MAX];
    test_ok(l4r_make_folders(folder));
    test_ok(l4r_path_join(path, folder, "tokenizer.model"));
    test_tokenizer(path);
  }
  test_ok(l4r_model_write(folder, config, &tensors, values)); /* it states the files beside it */
  l4r_free(values);
  l4r_tensors_free(&tensors);
  return folder;
}

static json_t *lines_of(FILE *pipe) {
  char *line = NULL;
  size_t room = 0;
  json_t *answers = json_array();
  while (getline(&line, &room, pipe) >= 0) {
    json_t *answer = json_loads(line, JSON_DECODE_ANY, NULL);
    cr_assert_not_null(answer, "not JSON: %s", line);
    json_array_append_new(answers, answer);
  }
  free(line);
  return answers;
}

json_t *test_python(const char *script, const char *argument, const char *input) {
  const char *folder = getenv("LITE4REC_PEERS");
  char python[2048], command[3 * 4096];
  snprintf(python, sizeof python, "%s/venv/bin/python", folder && *folder ? folder : "build/peers");
  if (access(python, X_OK)) cr_skip_test("no %s; `make peers` makes it", python);
  snprintf(command, sizeof command, "%s tests/convert/%s %s <%s", python, script, argument,
           test_file("requests", input));
  FILE *pipe = popen(command, "r");
  cr_assert_not_null(pipe);
  json_t *answers = lines_of(pipe);
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    cr_skip_test("%s: a package is missing in %s", script, python);
  cr_assert_eq(status, 0, "%s ended with status %d", command, status);
  return answers;
}

static void best_ten(const float *score, int64_t count, l4r_item *item) {
  static const int64_t nobody[1024]; /* equal popularity */
  float kept[10];
  struct l4r_ranking ranking = {.item = item, .score = kept};
  cr_assert_lt(count, 1024);
  l4r_top_k(score, count, nobody, 10, &ranking);
}

void test_same_scores(const char *what, const json_t *got, const float *want, int64_t count,
                      double tolerance) {
  cr_assert_eq((int64_t)json_array_size(got), count, "%s: %zu scores", what, json_array_size(got));
  float *score = l4r_alloc((size_t)count, sizeof *score, "scores");
  double largest = 0, worst = 0;
  int64_t place = 0;
  for (int64_t i = 0; i < count; i++) {
    score[i] = (float)json_number_value(json_array_get(got, (size_t)i));
    largest = fmax(largest, fabs((double)want[i]));
    const double error = fabs((double)score[i] - want[i]);
    if (error > worst) place = i;
    worst = fmax(worst, error);
  }
  cr_log_info("%s: largest error %.1e of %.3g", what, worst, largest);
  cr_assert(worst <= tolerance * largest, "%s: score %lld is %g, not %g", what, (long long)place,
            (double)score[place], (double)want[place]);
  l4r_item ours[10], theirs[10];
  best_ten(want, count, ours);
  best_ten(score, count, theirs);
  cr_assert_arr_eq(ours, theirs, (count < 10 ? (size_t)count : 10) * sizeof *ours, "%s: top 10",
                   what);
  l4r_free(score);
}

static void limit_files(rlim_t bytes) {
  const struct rlimit limit = {bytes, RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void test_full_disk(int64_t bytes) {
  limit_files((rlim_t)bytes);
}

void test_full_disk_ends(void) {
  limit_files(RLIM_INFINITY);
}
