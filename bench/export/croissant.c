/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of sequences hold a user and items a line, which is no table: so a line is read whole, and
 * two patterns take it apart. items.tsv is a table with a heading. */
#include "bench/export/croissant.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/json.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* As the specification prints it; readers warn of anything else. */
static const char context_text[] =
    "{\"@language\": \"en\", \"@vocab\": \"https://schema.org/\", \"arrayShape\": "
    "\"cr:arrayShape\","
    "\"citeAs\": \"cr:citeAs\", \"column\": \"cr:column\", \"conformsTo\": \"dct:conformsTo\","
    "\"containedIn\": \"cr:containedIn\", \"cr\": \"http://mlcommons.org/croissant/\","
    "\"rai\": \"http://mlcommons.org/croissant/RAI/\","
    "\"data\": {\"@id\": \"cr:data\", \"@type\": \"@json\"},"
    "\"dataType\": {\"@id\": \"cr:dataType\", \"@type\": \"@vocab\"},"
    "\"dct\": \"http://purl.org/dc/terms/\", \"description\": {\"@container\": \"@language\"},"
    "\"equivalentProperty\": \"cr:equivalentProperty\","
    "\"examples\": {\"@id\": \"cr:examples\", \"@type\": \"@json\"}, \"extract\": \"cr:extract\","
    "\"field\": \"cr:field\", \"fileProperty\": \"cr:fileProperty\","
    "\"fileObject\": \"cr:fileObject\", \"fileSet\": \"cr:fileSet\", \"format\": \"cr:format\","
    "\"includes\": \"cr:includes\", \"isArray\": \"cr:isArray\","
    "\"isLiveDataset\": \"cr:isLiveDataset\", \"jsonPath\": \"cr:jsonPath\", \"key\": \"cr:key\","
    "\"md5\": \"cr:md5\", \"name\": {\"@container\": \"@language\"},"
    "\"parentField\": \"cr:parentField\", \"path\": \"cr:path\", \"recordSet\": \"cr:recordSet\","
    "\"references\": \"cr:references\", \"regex\": \"cr:regex\", \"repeated\": \"cr:repeated\","
    "\"replace\": \"cr:replace\", \"samplingRate\": \"cr:samplingRate\","
    "\"sc\": \"https://schema.org/\", \"separator\": \"cr:separator\", \"source\": \"cr:source\","
    "\"subField\": \"cr:subField\", \"transform\": \"cr:transform\"}";

static const struct {
  const char *name, *type, *about;
} files[] = {
    {"train.txt", "text/plain",
     "A line a user: the user's number and the items of the training "
     "part, oldest first"},
    {"validation.txt", "text/plain",
     "A line a user: the user's number and the items of the "
     "validation part, whose first is the target"},
    {"test.txt", "text/plain",
     "A line a user: the user's number and the items of the test part, "
     "whose first is the target"},
    {"items.tsv", "text/tab-separated-values",
     "A line an item: its number, the number or key that "
     "its source has for it, and its texts"},
    {"users.tsv", "text/tab-separated-values", "A line a user: the number here and the source's"},
    {"times.txt", "text/plain",
     "A line a user: the user's number and the times of all of the "
     "user's interactions"}};
enum { FILES = sizeof files / sizeof *files };

static int file_of(const char *name) {
  for (int f = 0; f < FILES; f++)
    if (!strcmp(files[f].name, name)) return f;
  return -1;
}

/* One file, once its hash has proved to be the one stated. */
static int add_file(const char *folder, const char *name, const char *stated, json_t *list) {
  const int known = file_of(name);
  char path[L4R_PATH_MAX], hash[65], size[32];
  struct stat info;
  int status = l4r_path_join(path, folder, name);
  if (!status) status = l4r_sha256_file(path, hash);
  if (status) return status;
  if (strcmp(hash, stated))
    return l4r_fail(L4R_INPUT,
                    "%s was edited: its SHA-256 is %.12s..., and dataset.json states %.12s...; "
                    "import the data set again",
                    path, hash, stated);
  if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "%s", path);
  l4r_text_set(size, sizeof size, "%lld B", (long long)info.st_size);
  json_t *file = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "@type", "cr:FileObject", "@id",
                           name, "name", name, "contentUrl", name, "contentSize", size,
                           "encodingFormat", known < 0 ? "text/plain" : files[known].type, "sha256",
                           hash);
  if (known >= 0) json_object_set_new(file, "description", json_string(files[known].about));
  return json_array_append_new(list, file) ? l4r_fail(L4R_ENVIRONMENT, "no memory for a descriptor")
                                           : L4R_OK;
}

static json_t *line_field(const char *file, const char *name, const char *about, json_t *transform,
                          int is_list) {
  char id[64];
  l4r_text_set(id, sizeof id, "%.*s/%s", (int)strcspn(file, "."), file, name);
  json_t *field = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:{s:s}, s:{s:s}, s:o}}", "@type",
                            "cr:Field", "@id", id, "name", name, "description", about, "dataType",
                            "cr:Int64", "source", "fileObject", "@id", file, "extract",
                            "fileProperty", "lines", "transform", transform);
  if (!is_list) return field;
  json_object_set_new(field, "isArray", json_true());
  json_object_set_new(field, "arrayShape", json_string("-1"));
  return field;
}

/* A user, and the items behind it. */
static json_t *sequences(const char *file, const char *about) {
  char id[32];
  l4r_text_set(id, sizeof id, "%.*s", (int)strcspn(file, "."), file);
  return json_pack("{s:s, s:s, s:s, s:s, s:[o, o]}", "@type", "cr:RecordSet", "@id", id, "name", id,
                   "description", about, "field",
                   line_field(file, "user", "Number of the user, from 1",
                              json_pack("{s:s}", "regex", "^(\\d+) .*$"), 0),
                   line_field(file, "items", "Numbers of the items, oldest first",
                              json_pack("[{s:s}, {s:s}]", "regex", "^\\d+ (.*)$", "separator", " "),
                              1));
}

static json_t *column(const char *name, const char *type, const char *about) {
  char id[64];
  l4r_text_set(id, sizeof id, "items/%s", name);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:{s:s}, s:{s:s}}}", "@type", "cr:Field", "@id",
                   id, "name", name, "description", about, "dataType", type, "source", "fileObject",
                   "@id", "items.tsv", "extract", "column", name);
}

static json_t *catalogue(void) {
  return json_pack(
      "{s:s, s:s, s:s, s:s, s:{s:s}, s:[o, o, o, o, o]}", "@type", "cr:RecordSet", "@id", "items",
      "name", "items", "description", files[file_of("items.tsv")].about, "key", "@id", "items/item",
      "field", column("item", "cr:Int64", "Number of the item, from 1"),
      column("source_id", "sc:Text", "What its source calls it"),
      column("title", "sc:Text", "Its title"), column("brand", "sc:Text", "Its brand, or nothing"),
      column("categories", "sc:Text", "Its categories, or nothing"));
}

static json_t *record_sets(void) {
  return json_pack("[o, o, o, o]", sequences("train.txt", files[0].about),
                   sequences("validation.txt", files[1].about),
                   sequences("test.txt", files[2].about), catalogue());
}

/* The tie rule and the split are of what the data set is: another one is another data set. */
static void describe(const struct l4r_dataset *data, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(
      out, size, &used,
      "Interactions of %lld users with %lld items (%lld in all) as lite4rec imported them: "
      "%s%s%sties in time by %s, split %s. SHA-256 of the files' hashes: %s.",
      (long long)data->users, (long long)data->items, (long long)data->interactions,
      *data->filters ? "filters " : "no filters, ", data->filters, *data->filters ? ", " : "",
      data->tie, data->split, data->sha256);
}

static json_t *descriptor_of(const struct l4r_dataset *data, json_t *list) {
  char about[1024];
  describe(data, about, sizeof about);
  json_t *context = json_loads(context_text, 0, NULL);
  return json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "@context", context, "@type",
                   "sc:Dataset", "conformsTo", "http://mlcommons.org/croissant/1.1", "name",
                   data->name, "description", about, "version", "1.0.0", "distribution", list,
                   "recordSet", record_sets());
}

static int write_out(json_t *root, const char *out) {
  struct l4r_output output;
  int status = l4r_output_open(&output, out ? out : "/dev/stdout");
  if (status) return status;
  int failed = json_dumpf(root, output.stream, JSON_INDENT(2));
  failed |= fputc('\n', output.stream) == EOF;
  if (!failed) return l4r_output_commit(&output);
  l4r_output_abort(&output);
  return l4r_fail(L4R_ENVIRONMENT, "the descriptor cannot be written");
}

static int list_files(const char *folder, json_t *list) {
  char path[L4R_PATH_MAX];
  json_error_t error;
  const char *name;
  json_t *hash;
  int status = l4r_path_join(path, folder, "dataset.json");
  json_t *root = status ? NULL : json_load_file(path, 0, &error);
  if (!status && !root)
    status = l4r_fail(L4R_INPUT, "%s: line %d: %s", path, error.line, error.text);
  json_object_foreach(json_object_get(root, "files"), name, hash)
    if (!status) status = add_file(folder, name, json_string_value(hash), list);
  json_decref(root);
  return status;
}

int l4r_export_croissant(const char *folder, const char *out) {
  struct l4r_dataset *data;
  int status = l4r_dataset_open(folder, 0, &data);
  if (status) return status;
  json_t *list = json_array();
  status = list_files(folder, list);
  json_t *root = status ? NULL : descriptor_of(data, json_incref(list));
  if (!status && !root) status = l4r_fail(L4R_ENVIRONMENT, "no memory for a descriptor");
  if (!status) status = l4r_json_whole("the descriptor");
  if (!status) status = write_out(root, out);
  json_decref(list);
  json_decref(root);
  l4r_dataset_close(data);
  return status;
}
