/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders that are old or new, never a mixture: one is made aside, beside its target, and takes the
 * target's place in one step.
 *
 *   struct l4r_folder folder;
 *   int status = l4r_folder_begin(&folder, "data/ml-1m");
 *   ... files are written into folder.path ...
 *   status = l4r_folder_end(&folder, status, owns, "dataset.json");
 *
 * Between the two a lock keeps other writers away, and a kill leaves the old folder: what was made
 * aside is removed by SIGINT and SIGTERM at once, after SIGKILL by the next writer. Where a folder
 * stands already the two are exchanged (renameat2). What cannot be exchanged is refused before
 * anything is written: on a file system without that, at a mount point, below a folder that cannot
 * be written to, and where this process stands in the folder; there an empty folder can be filled
 * nevertheless, file by file, the one that makes it whole last. */
#ifndef L4R_BASE_FOLDER_H
#define L4R_BASE_FOLDER_H

#include "impl/base/file.h"

struct l4r_folder {
  char target[L4R_PATH_MAX]; /* absolute, without symbolic links */
  char path[L4R_PATH_MAX];   /* where files are to be written */
  char lock_path[L4R_PATH_MAX];
  size_t made; /* length of the shortest leading part of target that was made for it; 0: none */
  int lock;    /* descriptor, -1: none */
  int tidy;    /* l4r_tidy_add's */
  int exists;  /* the target is a folder, if an empty one */
  int within;  /* made within its target, for want of a place beside it */
};

/* 1 for the names (no folders in them) that a writer of such folders replaces or removes; all else
 * in the old folder is a person's and goes with the new one. */
typedef int l4r_folder_owns(const char *name);

/* Takes the lock of `target` and makes an empty folder aside. L4R_ENVIRONMENT: another process
 * writes there (its number is named), or one of the cases above. After a failure there is nothing
 * to end. */
int l4r_folder_begin(struct l4r_folder *folder, const char *target);
/* The lock alone; `path` is the target, which may not be there yet. */
int l4r_folder_hold(struct l4r_folder *folder, const char *target);
/* L4R_OK where what stands at the target could be exchanged as a whole, else L4R_ENVIRONMENT with
 * the reason and what to do. */
int l4r_folder_exchangeable(const struct l4r_folder *folder);
/* With status 0 puts the folder at `path` into the target's place, synced, and removes the old one;
 * `last` is the file that makes such a folder whole (NULL: none does), `owns` NULL: nothing but
 * what is in the new one. Else removes what was made. Releases the lock. Returns `status`, or
 * L4R_ENVIRONMENT: the old folder stays then. */
int l4r_folder_end(struct l4r_folder *folder, int status, l4r_folder_owns *owns, const char *last);
/* As l4r_folder_end with 0, without removing anything after a failure and keeping the lock. */
int l4r_folder_commit(struct l4r_folder *folder, l4r_folder_owns *owns, const char *last);
/* Removes the folder `path` on the target's file system, by way of a name that is known for
 * rubbish: what a kill leaves of it is taken for nothing else, and goes with the next writer. */
void l4r_folder_discard(const struct l4r_folder *folder, const char *path);
/* Releases the lock; folders that were made for the target go again if they are empty. */
void l4r_folder_release(struct l4r_folder *folder);

/* A second name in folder `to` for the file `name` of folder `from`, or a copy where there are no
 * second names; a file that is not there is left out. L4R_ENVIRONMENT. */
int l4r_folder_link(const char *from, const char *to, const char *name);

#endif
