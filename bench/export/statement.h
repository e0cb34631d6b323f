/* SPDX-License-Identifier: BSD-3-Clause */
/* An in-toto statement (https://in-toto.io/Statement/v1) over files, each with its SHA-256, and the
 * same list as sha256sum reads it. Neither is signed: whose word it is is the signer's to say. */
#ifndef L4R_BENCH_EXPORT_STATEMENT_H
#define L4R_BENCH_EXPORT_STATEMENT_H

#include "impl/base/file.h"

#include <jansson.h>
#include <stdint.h>

#define L4R_STATEMENT_FILE "attestation.intoto.json"
#define L4R_SUMS_FILE      "SHA256SUMS"

struct l4r_statement {
  char folder[L4R_PATH_MAX]; /* real path of the folder that both files go to */
  json_t *subjects;          /* [{name, digest: {sha256}, annotations}] */
  json_t *names;             /* private: what is listed */
};

/* Makes the folder where it is missing. Free with l4r_statement_free, also after a failure. */
int l4r_statement_open(struct l4r_statement *statement, const char *folder);
void l4r_statement_free(struct l4r_statement *statement);

/* Adds a file by its path relative to the folder; one that is listed already is not listed twice.
 * `stated` is the SHA-256 that it must have and `by` who says so; both may be NULL. `what` goes to
 * the annotations: "record", "data". L4R_INPUT when it cannot be read, was edited (the message
 * names it), or has a name that sha256sum would not read back. */
int l4r_statement_add(struct l4r_statement *statement, const char *path, const char *what,
                      const char *stated, const char *by);
/* Adds the files that a JSON file in `folder` lists as "files": {name: SHA-256}, each of which must
 * have that hash, and the JSON file itself. */
int l4r_statement_add_listed(struct l4r_statement *statement, const char *folder, const char *list,
                             const char *what);

/* Writes both files. The predicate's reference is stolen. */
int l4r_statement_write(const struct l4r_statement *statement, const char *type, json_t *predicate);

/* Hashes the files of a statement, whose names are relative to its folder. Calls `report` for each
 * that was edited or is missing. *files counts them all. L4R_INPUT when the file is no such
 * statement; L4R_CHECK, naming the first, when one differs. */
typedef void l4r_statement_fault(void *context, const char *name, const char *what);
int l4r_statement_check(const char *path, l4r_statement_fault *report, void *context,
                        int64_t *files);

#endif
