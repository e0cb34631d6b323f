/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/templates/templates.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/folder.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define EMBED(symbol, file)                                                                        \
  __asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.text\n");               \
  extern const char symbol[] __attribute__((visibility("hidden")))
EMBED(l4r_template_peer_py, "bench/templates/peer.py");
EMBED(l4r_template_peer_c, "bench/templates/peer.c.in");
EMBED(l4r_template_peer_mk, "bench/templates/peer_c.mk");
EMBED(l4r_template_shared_c, "bench/templates/shared.c.in");
EMBED(l4r_template_shared_mk, "bench/templates/shared.mk");
EMBED(l4r_template_python_md, "bench/templates/python.md");
EMBED(l4r_template_c_md, "bench/templates/c.md");
EMBED(l4r_template_so_md, "bench/templates/so.md");
EMBED(l4r_template_engine_h, "impl/engine.h");
EMBED(l4r_template_error_h, "impl/base/error.h");
EMBED(l4r_template_team_h, "impl/base/team.h");
EMBED(l4r_template_item_h, "impl/data/item.h");

const char *const l4r_template_names[] = {"python", "c", "so", NULL};
const char *const l4r_template_about[L4R_TEMPLATES] = {
    "a program in Python, asked by lines of JSON (peer:./engine.py)",
    "a program in C, asked by lines of JSON (peer:./engine)",
    "a shared object in C, called within the measuring process (so:./engine.so)"};

struct part {
  const char *name, *text;
  int runs, is_header; /* 1: executable; 1: includes are those of installed headers */
};
enum { PARTS = 8 };
static const struct part parts[L4R_TEMPLATES][PARTS] = {
    {{"engine.py", l4r_template_peer_py, 1, 0}, {"README.md", l4r_template_python_md, 0, 0}},
    {{"engine.c", l4r_template_peer_c, 0, 0},
     {"Makefile", l4r_template_peer_mk, 0, 0},
     {"README.md", l4r_template_c_md, 0, 0}},
    {{"engine.c", l4r_template_shared_c, 0, 0},
     {"Makefile", l4r_template_shared_mk, 0, 0},
     {"README.md", l4r_template_so_md, 0, 0},
     {"include/lite4rec/engine.h", l4r_template_engine_h, 0, 1},
     {"include/lite4rec/base/error.h", l4r_template_error_h, 0, 1},
     {"include/lite4rec/base/team.h", l4r_template_team_h, 0, 1},
     {"include/lite4rec/data/item.h", l4r_template_item_h, 0, 1}}};

/* Headers include each other by the names that they have where they are installed. */
static void put(FILE *stream, const char *text, int is_header) {
  static const char ours[] = "#include \"impl/";
  const char *found;
  while (is_header && (found = strstr(text, ours))) {
    fwrite(text, 1, (size_t)(found - text), stream);
    fputs("#include \"lite4rec/", stream);
    text = found + sizeof ours - 1;
  }
  fputs(text, stream);
}

static int write_part(const char *folder, const struct part *part) {
  char path[L4R_PATH_MAX], *slash;
  struct l4r_output output;
  int status = l4r_path_join(path, folder, part->name);
  if (status) return status;
  if ((slash = strrchr(path, '/'))) {
    *slash = '\0';
    status = l4r_make_folders(path);
    *slash = '/';
  }
  if (!status) status = l4r_output_open(&output, path);
  if (status) return status;
  put(output.stream, part->text, part->is_header);
  status = l4r_output_commit(&output);
  if (!status && part->runs && chmod(path, 0755))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot make %s executable", path);
  return status;
}

/* What somebody has written there is not replaced. */
static int check_empty(const char *folder) {
  DIR *open = opendir(folder);
  int found = 0;
  for (const struct dirent *entry; open && (entry = readdir(open));)
    found |= strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
  if (open) closedir(open);
  return found ? l4r_fail(L4R_USAGE, "%s holds files; name a new folder", folder) : L4R_OK;
}

int l4r_template_write(enum l4r_template kind, const char *target) {
  struct l4r_folder folder;
  int status = check_empty(target);
  if (!status) status = l4r_folder_begin(&folder, target);
  if (status) return status;
  for (const struct part *part = parts[kind]; part->name && !status; part++)
    status = write_part(folder.path, part);
  return l4r_folder_end(&folder, status, NULL, NULL);
}
