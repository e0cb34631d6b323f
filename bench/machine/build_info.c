/* SPDX-License-Identifier: BSD-3-Clause */
/* The Makefile passes what it knows about the build to this file alone. */
#include "bench/machine/build_info.h"

#ifndef L4R_BUILD_CC
#define L4R_BUILD_CC ""
#endif
#ifndef L4R_BUILD_FLAGS
#define L4R_BUILD_FLAGS ""
#endif
#ifndef L4R_BUILD_GIT
#define L4R_BUILD_GIT ""
#endif

#ifndef L4R_VERSION
#define L4R_VERSION "unknown"
#endif

const char *const l4r_version = L4R_VERSION;
const char *const l4r_build_compiler = L4R_BUILD_CC, *const l4r_build_flags = L4R_BUILD_FLAGS;
const char *const l4r_build_git = L4R_BUILD_GIT;
