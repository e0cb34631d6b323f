/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/journal.h"

#include "bench/machine/machine_key.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/tidy.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char prefix[] = "unfinished-";

/* --- what a run is ------------------------------------------------------------------------------
 */

static json_t *machine_key(void) {
  char key[65];
  json_t *shape = l4r_machine_shape("");
  l4r_machine_key(shape, key);
  json_decref(shape);
  return json_string(key);
}

static json_t *program_hash(void) {
  char hash[65];
  return l4r_sha256_file("/proc/self/exe", hash) ? json_null() : json_string(hash);
}

/* The options that a round hangs on: those that jobs are sent, and what draws the requests. */
static json_t *options_of(const struct l4r_run_options *options) {
  json_t *all = json_object();
  for (const struct l4r_argument *row = l4r_run_arguments; all && row->name; row++)
    if (row->in && strcmp(row->name, "rounds") != 0)
      json_object_set_new(all, row->json, l4r_option_json(row, options));
  return all;
}

static json_t *arms_of(const struct l4r_run *run) {
  json_t *arms = json_array();
  for (int a = 0; arms && a < run->options->arms; a++)
    json_array_append_new(arms,
                          json_pack("{s:s, s:s, s:O}", "arm", run->arm[a].arm->text, "file",
                                    run->arm[a].arm->file_sha256, "model", run->arm[a].model));
  return arms;
}

static json_t *configs_of(const struct l4r_run *run) {
  json_t *configs = json_array();
  for (int c = 0; configs && c < run->configs; c++)
    json_array_append_new(configs,
                          json_pack("{s:i, s:i, s:f}", "arm", run->config[c].arm, "threads",
                                    run->config[c].pin.threads, "rate", run->config[c].rate));
  return configs;
}

static json_t *identity_of(const struct l4r_run *run) {
  return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o}", "options", options_of(run->options),
                   "arms", arms_of(run), "configs", configs_of(run), "pin", run->options->pin,
                   "dataset", run->dataset->sha256, "machine", machine_key(), "program",
                   program_hash());
}

/* --- its folder ---------------------------------------------------------------------------------
 */

static int path_of(const struct l4r_run *run, char *path, const char *format, int a, int b) {
  char name[64];
  snprintf(name, sizeof name, format, a, b);
  return l4r_path_join(path, run->journal, name);
}

static int is_there(const struct l4r_run *run, const char *format, int a, int b) {
  char path[L4R_PATH_MAX];
  return !path_of(run, path, format, a, b) && !access(path, F_OK);
}

static int count_entries(const char *folder, const char *begin) {
  DIR *listing = opendir(folder);
  struct dirent *entry;
  int count = 0;
  while (listing && (entry = readdir(listing)))
    count += !strncmp(entry->d_name, begin, strlen(begin));
  if (listing) closedir(listing);
  return count;
}

/* Whether the run of that folder is of the arms of the command line. */
static int has_arms(const char *folder, const struct l4r_argument_list *texts) {
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, "run.json")) return 0;
  json_t *identity = json_load_file(path, 0, NULL), *arms = json_object_get(identity, "arms");
  int alike = json_array_size(arms) == (size_t)texts->count;
  for (int a = 0; a < texts->count && alike; a++)
    alike = !strcmp(l4r_text_at(json_array_get(arms, (size_t)a), "arm"), texts->value[a]);
  json_decref(identity);
  return alike;
}

void l4r_journal_choose_blis(const struct l4r_run_options *options) {
  char folder[L4R_PATH_MAX], path[L4R_PATH_MAX], *kernels;
  size_t bytes;
  DIR *listing = opendir(options->out);
  struct dirent *entry;
  while (listing && (entry = readdir(listing))) {
    if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
    if (l4r_path_join(folder, options->out, entry->d_name) ||
        !has_arms(folder, &options->arm_texts) || l4r_path_join(path, folder, "blis") ||
        access(path, R_OK) || l4r_read_file(path, 0, &kernels, &bytes))
      continue;
    setenv(L4R_BLAS_VARIABLE, kernels, 0);
    l4r_free(kernels);
    break;
  }
  if (listing) closedir(listing);
}

static int begin_anew(struct l4r_run *run, const char *identity) {
  char path[L4R_PATH_MAX];
  const int rounds = count_entries(run->journal, "round-");
  if (rounds)
    l4r_warn("an interrupted run of the same arms left %d rounds in %s; they are measured anew "
             "(--resume would have gone on with them)",
             rounds, run->journal);
  l4r_remove_tree(run->journal);
  int status = l4r_make_folders(run->journal);
  if (!status) status = l4r_path_join(path, run->journal, "run.json");
  if (!status) status = l4r_write_file(path, identity, strlen(identity));
  const char *kernels = l4r_blas_choose()->asked;
  if (!status) status = l4r_path_join(path, run->journal, "blis");
  return status ? status : l4r_write_file(path, kernels, strlen(kernels));
}

static int refuse(const struct l4r_run *run) {
  const int others = count_entries(run->options->out, prefix);
  return l4r_fail(L4R_INPUT,
                  "--resume: %s holds no unfinished run of these arms, options, models and data by "
                  "this program on this machine%s; leave --resume out to begin",
                  run->options->out,
                  others ? ", but of others (unfinished-*/run.json says what each measured)" : "");
}

static int read_accuracy(struct l4r_run *run, int a) {
  char path[L4R_PATH_MAX];
  if (!is_there(run, "accuracy-%d", a, 0)) return L4R_OK;
  const int status = path_of(run, path, "accuracy-%d", a, 0);
  return status ? status : l4r_bundle_read(path, &run->arm[a].accuracy);
}

static int read_rounds(struct l4r_run *run, int c) {
  struct l4r_run_config *config = &run->config[c];
  char path[L4R_PATH_MAX];
  int status = L4R_OK;
  config->written = is_there(run, "written-%d", c, 0);
  for (int r = 0; r < (int)run->options->rounds && !status; r++) {
    if (!is_there(run, "round-%d-%d", c, r)) continue;
    status = path_of(run, path, "round-%d-%d", c, r);
    if (!status) status = l4r_bundle_read(path, &config->round[config->done]);
    if (!status) config->done++;
  }
  config->resumed = config->done;
  return status;
}

static int read_back(struct l4r_run *run) {
  int status = L4R_OK;
  for (int a = 0; a < run->options->arms && !status; a++) status = read_accuracy(run, a);
  for (int c = 0; c < run->configs && !status; c++) status = read_rounds(run, c);
  if (status) return l4r_fail_context(status, "--resume: %s is damaged, remove it", run->journal);
  l4r_info("going on with %d rounds of %s", l4r_journal_rounds(run), run->journal);
  return L4R_OK;
}

int l4r_journal_open(struct l4r_run *run) {
  char hash[65], name[64];
  json_t *identity = identity_of(run);
  char *text = identity ? json_dumps(identity, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
  json_decref(identity);
  if (!text) return l4r_fail(L4R_ENVIRONMENT, "no memory for what a run measures");
  l4r_sha256(text, strlen(text), hash);
  snprintf(name, sizeof name, "%s%.12s", prefix, hash);
  int status = l4r_path_join(run->journal, run->options->out, name);
  if (!status && !run->options->resume)
    status = begin_anew(run, text);
  else if (!status && access(run->journal, F_OK))
    status = refuse(run);
  else if (!status)
    status = read_back(run);
  free(text);
  return status;
}

/* --- what it takes ------------------------------------------------------------------------------
 */

static void give_up(struct l4r_run *run) {
  l4r_warn("what is measured cannot be kept for --resume: %s", l4r_error_message());
  *run->journal = '\0';
}

static void keep(struct l4r_run *run, const struct l4r_bundle *bundle, const char *format, int a,
                 int b) {
  char path[L4R_PATH_MAX];
  if (!*run->journal) return;
  int status = path_of(run, path, format, a, b);
  if (!status) status = l4r_bundle_write(bundle, path);
  if (status) give_up(run);
}

void l4r_journal_accuracy(struct l4r_run *run, int arm) {
  keep(run, &run->arm[arm].accuracy, "accuracy-%d", arm, 0);
}

void l4r_journal_round(struct l4r_run *run, const struct l4r_run_config *config, int round,
                       const struct l4r_bundle *result) {
  keep(run, result, "round-%d-%d", (int)(config - run->config), round);
}

void l4r_journal_written(struct l4r_run *run, const struct l4r_run_config *config) {
  char path[L4R_PATH_MAX];
  if (!*run->journal) return;
  int status = path_of(run, path, "written-%d", (int)(config - run->config), 0);
  if (!status) status = l4r_write_file(path, "", 0);
  if (status) give_up(run);
}

int l4r_journal_has_round(const struct l4r_run_config *config, int round) {
  for (int r = 0; r < config->resumed; r++)
    if (json_integer_value(json_object_get(config->round[r].meta, "round")) == round) return 1;
  return 0;
}

int l4r_journal_rounds(const struct l4r_run *run) {
  int rounds = 0;
  for (int c = 0; c < run->configs; c++) rounds += run->config[c].done;
  return rounds;
}

void l4r_journal_remove(struct l4r_run *run) {
  if (*run->journal) l4r_remove_tree(run->journal);
  *run->journal = '\0';
}
