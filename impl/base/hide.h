/* SPDX-License-Identifier: BSD-3-Clause */
/* Hides files from code that is to compute answers, not to read them. */
#ifndef L4R_BASE_HIDE_H
#define L4R_BASE_HIDE_H

#include <stddef.h>

enum l4r_hide_way { /* a set of bits */
                    /* Landlock (Linux 5.13): the thread and all that comes from it are refused
                     * reading the files, by whatever path. Files that are made later directly in
                     * one of the folders above them cannot be read either. It cannot be undone. */
                    L4R_HIDE_LANDLOCK = 1,
                    /* The thread gets a mount namespace in which the files are empty. This is
                     * weaker, because /proc/PID/root shows another process's view of them. */
                    L4R_HIDE_MOUNTS = 2,
};

/* Hides the files of `path`[count] that exist, from the calling thread, the threads that it makes
 * from then on and the processes that it starts; from no other thread. Takes the first of `ways`
 * that works. Returns 1 and which it was in `how`, or 0 and why none could be taken. Hard links in
 * other folders, copies and other mounts of the same file system stay in sight. */
int l4r_hide_files(const char *const *path, int count, unsigned ways, char *how, size_t size);

/* Opens a ward. A process that enters it, and all its descendants, can neither read the memory of
 * processes outside, nor trace them, nor (from Linux 6.12 on) send them signals. Returns -1 where
 * the kernel has no such thing. */
int l4r_ward_open(void);
/* Enters the ward, between fork and exec. Async-signal-safe. */
void l4r_ward_enter(int ward);

#endif
