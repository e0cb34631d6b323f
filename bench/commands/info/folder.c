/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/folder.h"

#include "bench/commands/info/data.h"
#include "bench/commands/info/model.h"
#include "impl/base/error.h"
#include "impl/base/file.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int holds(const char *folder, const char *name) {
  char path[L4R_PATH_MAX];
  return !l4r_path_join(path, folder, name) && !access(path, F_OK);
}

static int holds_records(const char *folder) {
  DIR *listing = opendir(folder);
  struct dirent *entry;
  int found = 0;
  while (listing && !found && (entry = readdir(listing))) {
    const size_t n = strlen(entry->d_name);
    found = n > 6 && !strcmp(entry->d_name + n - 6, ".jsonl");
  }
  if (listing) closedir(listing);
  return found;
}

static int refuse(const char *folder) {
  struct stat what;
  if (stat(folder, &what))
    return l4r_fail(L4R_INPUT,
                    "%s: there is no such folder; info takes a model that train wrote, "
                    "or a data set that data import wrote",
                    folder);
  if (!S_ISDIR(what.st_mode))
    return l4r_fail(L4R_INPUT, "%s: a file; info takes the folder of a model or of a data set",
                    folder);
  if (holds_records(folder))
    return l4r_fail(L4R_INPUT, "%s: it holds records; lite4rec export table %s prints them", folder,
                    folder);
  return l4r_fail(L4R_INPUT,
                  "%s: neither a model (no config.json) nor a data set (no dataset.json); a "
                  "training that has not ended leaves no config.json, train --resume goes on with "
                  "it",
                  folder);
}

int l4r_info_folder(const char *folder, int json) {
  const int is_model = holds(folder, "config.json");
  json_t *facts = NULL;
  if (!is_model && !holds(folder, "dataset.json")) return refuse(folder);
  int status = is_model ? l4r_info_model(folder, &facts) : l4r_info_data(folder, &facts);
  if (!status && json)
    status = json_dumpf(facts, stdout, JSON_INDENT(1)) || fputc('\n', stdout) == EOF
                 ? l4r_fail(L4R_ENVIRONMENT, "the facts could not be written as JSON")
                 : L4R_OK;
  else if (!status)
    (is_model ? l4r_info_model_print : l4r_info_data_print)(stdout, facts);
  json_decref(facts);
  return status;
}
