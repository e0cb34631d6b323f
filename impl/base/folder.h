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

/* Returns 1 for the names (without folders) that a writer of such folders replaces or removes.
 * Everything else in the old folder belongs to a person and moves to the new one. */
typedef int l4r_folder_owns(const char *name);

/* Takes the lock of `target` and makes an empty folder aside. L4R_ENVIRONMENT: another process
 * writes there (its number is named), or one of the cases above. After a failure there is nothing
 * to end. */
int l4r_folder_begin(struct l4r_folder *folder, const char *target);
/* Takes the lock alone; `path` is the target, which need not exist yet. */
int l4r_folder_hold(struct l4r_folder *folder, const char *target);
/* Returns L4R_OK where what stands at the target could be exchanged as a whole, else
 * L4R_ENVIRONMENT with the reason and what to do. */
int l4r_folder_exchangeable(const struct l4r_folder *folder);
/* With status 0 it puts the folder at `path` into the target's place, synced, and removes the old
 * one. `last` is the file that makes such a folder whole (NULL: none does); with `owns` NULL the
 * writer owns only what is in the new folder. With another status it removes what was made. It
 * releases the lock in any case. Returns `status`, or L4R_ENVIRONMENT, and then the old folder
 * stays. */
int l4r_folder_end(struct l4r_folder *folder, int status, l4r_folder_owns *owns, const char *last);
/* Does as l4r_folder_end with status 0, but removes nothing after a failure and keeps the lock. */
int l4r_folder_commit(struct l4r_folder *folder, l4r_folder_owns *owns, const char *last);
/* Removes the folder `path` on the target's file system. It first gives the folder a name that
 * marks it as rubbish, so that the next writer removes what a kill may leave of it. */
void l4r_folder_discard(const struct l4r_folder *folder, const char *path);
/* Releases the lock, and removes folders that were made for the target if they are empty. */
void l4r_folder_release(struct l4r_folder *folder);

/* Gives the file `name` of folder `from` a second name in folder `to`, or copies it where the file
 * system has no second names. A file that does not exist is left out. L4R_ENVIRONMENT. */
int l4r_folder_link(const char *from, const char *to, const char *name);

#endif
