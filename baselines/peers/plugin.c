/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/peers/plugin.h"

#include "impl/base/file.h"
#include "impl/base/hash.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

int l4r_plugin_hash(const char *file, char sha256[65]) {
  struct stat status;
  if (stat(file, &status)) return l4r_fail_errno(L4R_INPUT, "%s", file);
  if (!S_ISREG(status.st_mode))
    return l4r_fail(L4R_INPUT, "%s: a shared object is a regular file", file);
  return l4r_sha256_file(file, sha256);
}

/* dlsym gives an object's address where a function's is wanted: POSIX lets the bytes be copied. */
typedef const struct l4r_engine *l4r_plugin_symbol(void);
static l4r_plugin_symbol *symbol_of(void *object) {
  void *address = dlsym(object, "l4r_plugin_engine");
  l4r_plugin_symbol *symbol;
  memcpy(&symbol, &address, sizeof symbol);
  return symbol;
}

int l4r_plugin_load(const char *file, const struct l4r_engine **engine) {
  char here[L4R_PATH_MAX]; /* a name without '/' would be looked for in the system's folders */
  int status = l4r_path_join(here, ".", file);
  if (status) return status;
  void *object = dlopen(strchr(file, '/') ? file : here, RTLD_NOW | RTLD_LOCAL);
  if (!object)
    return l4r_fail(L4R_INPUT,
                    "%s cannot be loaded as a shared object (%s); compile it with -shared -fPIC, "
                    "and link what it needs",
                    file, dlerror());
  l4r_plugin_symbol *symbol = symbol_of(object);
  if (!symbol)
    return l4r_fail(L4R_INPUT,
                    "%s defines no function l4r_plugin_engine, which gives its engine (engine.h)",
                    file);
  *engine = symbol();
  status = l4r_engine_check(*engine);
  return status ? l4r_fail_context(status, "%s", file) : L4R_OK;
}
