/* SPDX-License-Identifier: BSD-3-Clause */
/* Where files go that may be lost at any time, because they can be worked out again. */
#ifndef L4R_BASE_CACHE_H
#define L4R_BASE_CACHE_H

/* Writes the path of `name` in this user's cache folder to out[L4R_PATH_MAX]:
 * $XDG_CACHE_HOME/lite4rec, or where that is not an absolute path $HOME/.cache/lite4rec (XDG Base
 * Directory Specification 0.8). It makes no folder. L4R_ENVIRONMENT where neither is set. */
int l4r_cache_path(const char *name, char *out);

#endif
