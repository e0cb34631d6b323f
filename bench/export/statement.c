/* SPDX-License-Identifier: BSD-3-Clause */
/* The statement is that of the in-toto attestation framework, version 1: subjects are resource
 * descriptors with a name and a digest; what is said of them is the predicate. */
#include "bench/export/statement.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/json.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char statement_type[] = "https://in-toto.io/Statement/v1";

static int no_memory(void) {
  return l4r_fail(L4R_ENVIRONMENT, "no memory for a statement");
}

static int real_path(const char *path, char out[L4R_PATH_MAX]) {
  char *real = realpath(path, NULL);
  if (!real) return l4r_fail_errno(L4R_INPUT, "%s", path);
  const int cut = l4r_text_set(out, L4R_PATH_MAX, "%s", real);
  free(real);
  return cut ? l4r_fail(L4R_INPUT, "%.80s...: the path is too long", path) : L4R_OK;
}

int l4r_statement_open(struct l4r_statement *statement, const char *folder) {
  *statement = (struct l4r_statement){.subjects = json_array(), .names = json_object()};
  if (!statement->subjects || !statement->names) return no_memory();
  const int status = l4r_make_folders(folder);
  return status ? status : real_path(folder, statement->folder);
}

void l4r_statement_free(struct l4r_statement *statement) {
  json_decref(statement->subjects);
  json_decref(statement->names);
  *statement = (struct l4r_statement){.subjects = NULL};
}

/* The path of `file` from `folder`, both real: up to where they part, and down again. */
static int relative(const char *folder, const char *file, char out[L4R_PATH_MAX]) {
  size_t same = 0, used = 0;
  for (size_t i = 0; folder[i] == file[i] || (!folder[i] && file[i] == '/'); i++) {
    if (file[i] == '/') same = i + 1;
    if (!folder[i] || !file[i]) break;
  }
  *out = '\0';
  const char *rest = folder + (same > strlen(folder) ? strlen(folder) : same);
  int cut = 0;
  for (; *rest; rest += strcspn(rest, "/"), rest += *rest == '/')
    cut |= l4r_text_add(out, L4R_PATH_MAX, &used, "../");
  cut |= l4r_text_add(out, L4R_PATH_MAX, &used, "%s", file + same);
  return cut ? l4r_fail(L4R_INPUT, "%.80s...: the path is too long", file) : L4R_OK;
}

static int add_subject(struct l4r_statement *statement, const char *name, const char *hash,
                       const char *what) {
  json_t *subject = json_pack("{s:s, s:{s:s}, s:{s:s}}", "name", name, "digest", "sha256", hash,
                              "annotations", "kind", what);
  if (!subject)
    return l4r_fail(L4R_INPUT, "%s: a name that is not UTF-8 cannot stand in a statement", name);
  if (json_array_append_new(statement->subjects, subject)) return no_memory();
  return json_object_set_new(statement->names, name, json_true()) ? no_memory() : L4R_OK;
}

int l4r_statement_add(struct l4r_statement *statement, const char *path, const char *what,
                      const char *stated, const char *by) {
  char real[L4R_PATH_MAX], name[L4R_PATH_MAX], hash[65];
  int status = real_path(path, real);
  if (!status) status = relative(statement->folder, real, name);
  if (status) return status;
  if (strpbrk(name, "\n\r\\"))
    return l4r_fail(L4R_INPUT,
                    "%s: sha256sum would not read back a name with a line break or a backslash; "
                    "rename it",
                    path);
  status = l4r_sha256_file(real, hash);
  if (status) return status;
  if (stated && strcmp(stated, hash))
    return l4r_fail(L4R_INPUT,
                    "%s was edited: its SHA-256 is %.12s..., and %s states %.12s...; nothing is "
                    "attested",
                    path, hash, by, stated);
  return json_object_get(statement->names, name) ? L4R_OK
                                                 : add_subject(statement, name, hash, what);
}

int l4r_statement_add_listed(struct l4r_statement *statement, const char *folder, const char *list,
                             const char *what) {
  char path[L4R_PATH_MAX], file[L4R_PATH_MAX];
  json_error_t error;
  const char *name;
  json_t *hash;
  int status = l4r_path_join(path, folder, list);
  if (status) return status;
  json_t *root = json_load_file(path, 0, &error);
  if (!root) return l4r_fail(L4R_INPUT, "%s: line %d: %s", path, error.line, error.text);
  status = l4r_statement_add(statement, path, what, NULL, NULL);
  json_object_foreach(json_object_get(root, "files"), name, hash) {
    if (status || !json_is_string(hash)) continue;
    status = l4r_path_join(file, folder, name);
    if (!status) status = l4r_statement_add(statement, file, what, json_string_value(hash), path);
  }
  json_decref(root);
  return status;
}

static int write_json(const char *path, json_t *root) {
  struct l4r_output output;
  int status = l4r_output_open(&output, path);
  if (status) return status;
  int failed = json_dumpf(root, output.stream, JSON_INDENT(2));
  failed |= fputc('\n', output.stream) == EOF;
  if (!failed) return l4r_output_commit(&output);
  l4r_output_abort(&output);
  return l4r_fail(L4R_ENVIRONMENT, "%s cannot be written", path);
}

/* The statement is among the files that sha256sum checks, so that who signs the list signs both. */
static int write_sums(const struct l4r_statement *statement, const char *statement_path) {
  char path[L4R_PATH_MAX], hash[65];
  struct l4r_output output;
  size_t index;
  json_t *subject;
  int status = l4r_path_join(path, statement->folder, L4R_SUMS_FILE);
  if (!status) status = l4r_sha256_file(statement_path, hash);
  if (!status) status = l4r_output_open(&output, path);
  if (status) return status;
  fprintf(output.stream, "%s  %s\n", hash, L4R_STATEMENT_FILE);
  json_array_foreach(statement->subjects, index, subject)
    fprintf(output.stream, "%s  %s\n",
            json_string_value(json_object_get(json_object_get(subject, "digest"), "sha256")),
            json_string_value(json_object_get(subject, "name")));
  return l4r_output_commit(&output);
}

int l4r_statement_write(const struct l4r_statement *statement, const char *type,
                        json_t *predicate) {
  char path[L4R_PATH_MAX];
  json_t *root = json_pack("{s:s, s:O, s:s, s:o}", "_type", statement_type, "subject",
                           statement->subjects, "predicateType", type, "predicate", predicate);
  int status = root ? l4r_json_whole("the statement") : no_memory();
  if (!status) status = l4r_path_join(path, statement->folder, L4R_STATEMENT_FILE);
  if (!status) status = write_json(path, root);
  if (!status) status = write_sums(statement, path);
  json_decref(root);
  return status;
}

/* NULL when the file has the hash. */
static const char *fault_of(const char *folder, const char *name, const char *stated) {
  char path[L4R_PATH_MAX], hash[65];
  if (l4r_path_join(path, folder, name) || access(path, R_OK)) return "is not there";
  if (l4r_sha256_file(path, hash)) return "cannot be read";
  return strcmp(hash, stated) ? "was edited" : NULL;
}

static int check_subjects(const char *path, const json_t *subjects, l4r_statement_fault *report,
                          void *context, int64_t *files) {
  char folder[L4R_PATH_MAX], first[L4R_PATH_MAX + 64] = "";
  const char *slash = strrchr(path, '/');
  int64_t bad = 0;
  size_t index;
  json_t *subject;
  l4r_text_set(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
  json_array_foreach((json_t *)subjects, index, subject) {
    const char *name = json_string_value(json_object_get(subject, "name"));
    const char *stated = json_string_value(
        json_object_get(json_object_get(subject, "digest"), "sha256"));
    if (!name || !stated)
      return l4r_fail(L4R_INPUT, "%s: subject %zu has no name or no SHA-256", path, index);
    const char *fault = fault_of(folder, name, stated);
    ++*files;
    if (!fault) continue;
    report(context, name, fault);
    if (!bad++) l4r_text_set(first, sizeof first, "%s %s", name, fault);
  }
  if (!bad) return L4R_OK;
  return l4r_fail(L4R_CHECK, "%s: %lld of %lld files are not as attested; the first: %s", path,
                  (long long)bad, (long long)*files, first);
}

int l4r_statement_check(const char *path, l4r_statement_fault *report, void *context,
                        int64_t *files) {
  json_error_t error;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  *files = 0;
  if (!root) return l4r_fail(L4R_INPUT, "%s: line %d: %s", path, error.line, error.text);
  const char *type = json_string_value(json_object_get(root, "_type"));
  const json_t *subjects = json_object_get(root, "subject");
  int status = L4R_OK;
  if (!type || strcmp(type, statement_type) || !json_array_size(subjects))
    status = l4r_fail(L4R_INPUT, "%s is no in-toto statement (%s) with subjects", path,
                      statement_type);
  if (!status) status = check_subjects(path, subjects, report, context, files);
  json_decref(root);
  return status;
}
