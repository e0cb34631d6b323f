/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/cache.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <stdlib.h>

int l4r_cache_path(const char *name, char *out) {
  char folder[L4R_PATH_MAX];
  const char *base = getenv("XDG_CACHE_HOME"), *below = "lite4rec";
  if (!base || base[0] != '/') base = getenv("HOME"), below = ".cache/lite4rec";
  if (!base || base[0] != '/')
    return l4r_fail(L4R_ENVIRONMENT, "there is no cache folder: neither XDG_CACHE_HOME nor HOME "
                                     "holds an absolute path");
  const int status = l4r_path_join(folder, base, below);
  return status ? status : l4r_path_join(out, folder, name);
}
