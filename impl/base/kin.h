/* SPDX-License-Identifier: BSD-3-Clause */
/* Descendants of processes, as /proc shows them. A process that is listed may have ended since. */
#ifndef L4R_BASE_KIN_H
#define L4R_BASE_KIN_H

#include <sys/types.h>

enum { L4R_KIN_MOST = 4096 };

/* Writes the children of `parent`, or with `all` all its descendants, to kin[L4R_KIN_MOST] and
 * returns how many there are; 0 also where there is no /proc. Allocates nothing but what opendir
 * does. Any thread. */
int l4r_kin_find(pid_t parent, int all, pid_t *kin);

/* Kills every descendant of the calling process but those whose ancestor among its children is in
 * spared[count], and waits for its own children among them: processes that left their group or
 * session are found too, if the caller adopts orphans (PR_SET_CHILD_SUBREAPER). Returns how many it
 * killed. */
int l4r_kin_end(const pid_t *spared, int count);

#endif
