/* SPDX-License-Identifier: BSD-3-Clause */
/* What must not stay behind: folders removed with all they hold, and paths that go when SIGINT,
 * SIGTERM or SIGHUP ends the process. */
#ifndef L4R_BASE_TIDY_H
#define L4R_BASE_TIDY_H

/* Removes a file, or a folder with all that is in it; links are not followed. What cannot be
 * removed stays, without a message. May be called from a signal handler. */
void l4r_remove_tree(const char *path);

/* From now on a signal that would end this process (not one that forked from it) first removes
 * `path`, unless the file `unless` is there (NULL: in any case). Gives a number for l4r_tidy_drop;
 * -1 when no more can be kept, and the path is then left to the next writer. A handler that is
 * installed already, and a signal that is ignored, stay as they are. Main thread only. */
int l4r_tidy_add(const char *path, const char *unless);
/* The path stays, or is gone already. -1 is fine. */
void l4r_tidy_drop(int number);

/* A fresh folder $TMPDIR/NAME-XXXXXX (/tmp where TMPDIR is not set), which a signal removes, into
 * folder[L4R_PATH_MAX]. Folders of that name whose process was killed are removed first. Ends with
 * l4r_scratch_remove. L4R_ENVIRONMENT. */
struct l4r_scratch {
  int held, tidy; /* descriptor, by whose lock others know that the folder is in use */
};
int l4r_scratch_make(const char *name, char *folder, struct l4r_scratch *scratch);
void l4r_scratch_remove(const char *folder, struct l4r_scratch *scratch);

#endif
