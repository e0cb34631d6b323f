/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/tsv.h"

#include "impl/base/error.h"

void l4r_tsv_flush(struct l4r_tsv *tsv) {
  l4r_sheet_table(&tsv->sheet, &tsv->table);
  l4r_table_keys(&tsv->table, tsv->keys);
}

void l4r_tsv_begin(struct l4r_tsv *tsv, FILE *stream, const char *keys) {
  *tsv = (struct l4r_tsv){.keys = keys};
  l4r_sheet_begin(&tsv->sheet, &l4r_print_tsv, stream, "");
  tsv->sheet.in_parts = 1;
  l4r_table_keys(&tsv->table, keys);
  l4r_tsv_flush(tsv);
}

int l4r_tsv_end(struct l4r_tsv *tsv, int status) {
  if (!status) l4r_tsv_flush(tsv);
  l4r_table_free(&tsv->table);
  return l4r_sheet_end(&tsv->sheet, status);
}

int l4r_tsv_files_open(struct l4r_tsv_files *files, const char *folder,
                       const struct l4r_tsv_file *file, int count) {
  char path[L4R_PATH_MAX];
  int status = l4r_make_folders(folder);
  for (files->count = 0; files->count < count && !status;) {
    const int f = files->count;
    status = l4r_path_join(path, folder, file[f].name);
    if (!status) status = l4r_output_open(&files->output[f], path);
    if (status) break;
    l4r_tsv_begin(&files->tsv[f], files->output[f].stream, file[f].keys);
    files->count++;
  }
  return status;
}

int l4r_tsv_files_end(struct l4r_tsv_files *files, int status) {
  for (int f = 0; f < files->count; f++) status = l4r_tsv_end(&files->tsv[f], status);
  for (int f = 0; f < files->count; f++)
    if (!status)
      status = l4r_output_commit(&files->output[f]);
    else
      l4r_output_abort(&files->output[f]);
  return status;
}
