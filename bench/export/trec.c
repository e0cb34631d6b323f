/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/trec.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"

#include <math.h>

/* Prints a source id as one field, or the number where there is none. */
static void print_id(FILE *stream, const char *source_id, int64_t number) {
  if (!source_id || !*source_id) {
    fprintf(stream, "%lld", (long long)number);
    return;
  }
  for (const unsigned char *c = (const unsigned char *)source_id; *c; c++)
    fprintf(stream, *c <= 32 || *c >= 127 || *c == '%' ? "%%%02X" : "%c", *c);
}

static void print_user(FILE *stream, const struct l4r_dataset *dataset, int64_t user) {
  print_id(stream, dataset->user_id ? dataset->user_id[user] : NULL, user + 1);
}

/* Items have their source ids only where users do, so that a folder follows one rule. */
static void print_item(FILE *stream, const struct l4r_dataset *dataset, int64_t item) {
  const int own = dataset->user_id && dataset->text;
  print_id(stream, own ? dataset->text[item].source_id : NULL, item);
}

int l4r_trec_qrels(const struct l4r_dataset *dataset, const char *folder) {
  char path[L4R_PATH_MAX];
  struct l4r_output output;
  int status = l4r_make_folders(folder);
  if (!status) status = l4r_path_join(path, folder, "qrels.txt");
  if (!status) status = l4r_output_open(&output, path);
  if (status) return status;
  for (int64_t u = 0; u < dataset->users; u++)
    if (dataset->test[u]) {
      print_user(output.stream, dataset, u);
      fputs(" 0 ", output.stream);
      print_item(output.stream, dataset, dataset->test[u]);
      fputs(" 1\n", output.stream);
    }
  return l4r_output_commit(&output);
}

/* Makes one user's scores strictly decreasing, best first. */
static void falling(const int64_t *bits, int64_t count, float *score) {
  int whole = 1;
  for (int64_t r = 0; r < count; r++) {
    score[r] = l4r_bits_float(bits[r]);
    if (r && !(score[r] < score[r - 1])) score[r] = nextafterf(score[r - 1], -INFINITY);
    whole &= isfinite(score[r]) != 0;
  }
  for (int64_t r = 0; r < count && !whole; r++) score[r] = (float)(count - r);
}

static int one_run(const struct l4r_dataset *dataset, const struct l4r_bundle *accuracy,
                   const char *convention, int64_t k, const char *folder, const char *slug) {
  const struct l4r_array *user, *part[3];
  static const char *const parts[3] = {"count", "item", "score"};
  char name[300], path[L4R_PATH_MAX];
  struct l4r_output output;
  int status = l4r_bundle_need(accuracy, "user", &user);
  for (int p = 0; p < 3 && !status; p++) {
    snprintf(name, sizeof name, "top_%s_%s", convention, parts[p]);
    status = l4r_bundle_need(accuracy, name, &part[p]);
  }
  snprintf(name, sizeof name, "%s.%s.run", slug, convention);
  if (!status) status = l4r_path_join(path, folder, name);
  float *score = status ? NULL : l4r_alloc((size_t)k, sizeof *score, "scores of a ranking");
  if (!status && !score) status = L4R_ENVIRONMENT;
  if (!status) status = l4r_output_open(&output, path);
  for (int64_t u = 0; u < user->count && !status; u++) {
    falling(part[2]->value + u * k, part[0]->value[u], score);
    for (int64_t r = 0; r < part[0]->value[u]; r++) {
      print_user(output.stream, dataset, user->value[u]);
      fputs(" Q0 ", output.stream);
      print_item(output.stream, dataset, part[1]->value[u * k + r]);
      fprintf(output.stream, " %lld %.9g %s\n", (long long)r + 1, (double)score[r], slug);
    }
  }
  l4r_free(score);
  return status ? status : l4r_output_commit(&output);
}

int l4r_trec_runs(const struct l4r_dataset *dataset, const struct l4r_bundle *accuracy, int64_t k,
                  const char *folder, const char *slug) {
  int status = l4r_make_folders(folder);
  if (!status) status = one_run(dataset, accuracy, "keep", k, folder, slug);
  return status ? status : one_run(dataset, accuracy, "mask", k, folder, slug);
}
