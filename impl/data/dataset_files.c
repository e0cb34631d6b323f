/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of a data set folder: their names, the identity computed from their hashes, where a
 * user's parts end, and reading a file against its stated hash. */
#include "impl/data/dataset_files.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"

#include <inttypes.h>
#include <string.h>

const char *const l4r_dataset_file[L4R_DATASET_FILES] = {
    "train.txt", "validation.txt", "test.txt", "items.tsv", "times.txt", "users.tsv"};

void l4r_dataset_identity(char hash[L4R_DATASET_FILES][65], const int64_t *cut, char identity[65]) {
  char list[(L4R_DATASET_FILES + 1) * 96];
  size_t used = 0;
  for (int i = 0; i < L4R_DATASET_FILES; i++)
    if (hash[i][0] && i != L4R_FILE_USERS)
      l4r_text_add(list, sizeof list, &used, "%s %s\n", l4r_dataset_file[i], hash[i]);
  if (cut && cut[0])
    l4r_text_add(list, sizeof list, &used, "split time %" PRId64 " %" PRId64 "\n", cut[0], cut[1]);
  l4r_sha256(list, used, identity);
}

void l4r_dataset_split(const int64_t *time, int64_t n, const int64_t *cut, int64_t *train,
                       int64_t *validation) {
  if (!cut || !cut[0]) {
    *train = n - 2;
    *validation = 1;
    return;
  }
  int64_t end[2] = {0, 0};
  for (int c = 0; c < 2; c++)
    while (end[c] < n && time[end[c]] < cut[c]) end[c]++;
  *train = end[0];
  *validation = end[1] - end[0];
}

static struct l4r_dataset_storage *storage_of(const struct l4r_dataset *dataset) {
  return dataset->storage;
}

int l4r_dataset_has(const struct l4r_dataset *dataset, int file) {
  return storage_of(dataset)->hash[file][0] != '\0';
}

int l4r_dataset_read_part(const struct l4r_dataset *dataset, int file, char *path, char **content,
                          size_t *bytes) {
  int status = l4r_path_join(path, dataset->path, l4r_dataset_file[file]);
  if (!status) status = l4r_read_file(path, 1, content, bytes);
  if (status) return status;
  char hash[65];
  l4r_sha256(*content, *bytes, hash);
  if (!strcmp(hash, storage_of(dataset)->hash[file])) return 0;
  l4r_free(*content);
  *content = NULL;
  return l4r_fail(L4R_INPUT,
                  "%s: its SHA-256 is %s, but dataset.json beside it states %s: the file changed "
                  "after the import; import the data set again",
                  path, hash, storage_of(dataset)->hash[file]);
}
