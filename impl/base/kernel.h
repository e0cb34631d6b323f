/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls of Linux for which older releases of musl have no function, made by their numbers.
 * The errors are those of the functions of that name (man 2 renameat2, statx). */
#ifndef L4R_BASE_KERNEL_H
#define L4R_BASE_KERNEL_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef STATX_TYPE /* glibc's and musl 1.2.5's <sys/stat.h> bear no second struct statx */
#include <linux/stat.h>
#endif
#ifndef STATX_ATTR_MOUNT_ROOT /* Linux 5.8 */
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

/* Exchanges the files or folders that two paths name, in one step. */
static inline int l4r_exchange_paths(const char *one, const char *other) {
#ifdef __GLIBC__ /* by name where possible: tests/kill looks for it */
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
#else
  return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
#endif
}

/* Returns 1 where a file system is mounted at the path, as far as the kernel says. */
static inline int l4r_is_mount_root(const char *path) {
  struct statx facts;
  return !syscall(SYS_statx, AT_FDCWD, path, 0, 0, &facts) &&
         facts.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

#endif
