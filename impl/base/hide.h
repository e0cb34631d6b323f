/* SPDX-License-Identifier: BSD-3-Clause */
/* Files out of sight: for code that is to compute answers, not to read them. */
#ifndef L4R_BASE_HIDE_H
#define L4R_BASE_HIDE_H

#include <stddef.h>

enum l4r_hide_way { /* a set of bits */
                    /* Landlock (Linux 5.13): the thread and all that comes from it are refused
                     * reading the files, by whatever path. Also refused is reading files that are
                     * made later directly in one of the folders above them. Cannot be undone. */
                    L4R_HIDE_LANDLOCK = 1,
                    /* A mount namespace of its own in which the files are empty. Weaker: another
                     * process's view of them is in /proc/PID/root. */
                    L4R_HIDE_MOUNTS = 2,
};

/* Hides the files of `path`[count] that exist, from the calling thread, the threads that it makes
 * from then on and the processes that it starts; from no other thread. Takes the first of `ways`
 * that works. Returns 1 and which it was in `how`, or 0 and why none could be taken. Hard links in
 * other folders, copies and other mounts of the same file system stay in sight. */
int l4r_hide_files(const char *const *path, int count, unsigned ways, char *how, size_t size);

/* A ward: what enters it, and all that comes from it, can neither read the memory of processes
 * outside, nor trace them, nor (Linux 6.12) send them signals. -1 where the kernel has none. */
int l4r_ward_open(void);
/* Between fork and exec; async-signal-safe. */
void l4r_ward_enter(int ward);

#endif
