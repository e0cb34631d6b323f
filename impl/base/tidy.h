/* SPDX-License-Identifier: BSD-3-Clause */
/* Cleaning up: removes folders with all that they hold, and paths when SIGINT, SIGTERM or SIGHUP
 * ends the process. */
#ifndef L4R_BASE_TIDY_H
#define L4R_BASE_TIDY_H

/* Removes a file, or a folder with all that is in it; it does not follow links. What it cannot
 * remove stays, without a message. May be called from a signal handler. */
void l4r_remove_tree(const char *path);

/* From now on a signal that would end this process (not one that forked from it) first removes
 * `path`, unless the file `unless` is there (NULL: in any case). Gives a number for l4r_tidy_drop;
 * -1 when no more can be kept, and the path is then left to the next writer. A handler that is
 * installed already, and a signal that is ignored, stay as they are. Main thread only. */
int l4r_tidy_add(const char *path, const char *unless);
/* Forgets a path that is to stay, or that is gone already. `number` may be -1. */
void l4r_tidy_drop(int number);

/* Makes a fresh folder $TMPDIR/NAME-XXXXXX (/tmp where TMPDIR is not set), which a signal removes,
 * and writes its path to folder[L4R_PATH_MAX]. It first removes folders of that name that a killed
 * process has left. End it with l4r_scratch_remove. L4R_ENVIRONMENT. */
struct l4r_scratch {
  int held, tidy; /* descriptor, by whose lock others know that the folder is in use */
};
int l4r_scratch_make(const char *name, char *folder, struct l4r_scratch *scratch);
void l4r_scratch_remove(const char *folder, struct l4r_scratch *scratch);

#endif
