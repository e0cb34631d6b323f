/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/path.h"

#include "impl/base/text.h"

size_t l4r_path_name(struct l4r_member_path *path, const char *name) {
  const size_t used = path->used;
  l4r_text_add(path->text, sizeof path->text, &path->used, "%s%s", used ? "." : "", name);
  return used;
}

size_t l4r_path_index(struct l4r_member_path *path, size_t index) {
  const size_t used = path->used;
  l4r_text_add(path->text, sizeof path->text, &path->used, "[%zu]", index);
  return used;
}

void l4r_path_cut(struct l4r_member_path *path, size_t used) {
  path->used = used;
  path->text[used] = '\0';
}
