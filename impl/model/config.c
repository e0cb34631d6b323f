/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and writes config.json of a model folder.
 *
 * Two tables describe the file, one for a T5 shape and one for the model. Reading, checking and
 * writing use the same rows, so that a field cannot be written and then forgotten in reading. A
 * file is refused when a field is missing, unknown, of another type or out of its range, because a
 * model served with settings other than those of its training silently gives wrong answers. */
#include "impl/model/config.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/nearest.h"
#include "impl/base/text.h"
#include "impl/model/config_check.h"
#include "impl/model/config_files.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA = 1, WIDEST = 1 << 20, MOST_ITEMS = 1 << 30 };

static const char *const KINDS[] = {"lite", "p5",     "p5-head", "lite-beam", "sasrec",
                                    "pop",  "markov", "itemknn", NULL};
static const char *const SIZES[] = {"tiny", "mini", "base", "t5-small", "custom", NULL};
static const char *const BLOCKS[] = {"t5", "sasrec", "bert", NULL};
static const char *const POOLINGS[] = {"mean", "last", "first", NULL};
static const char *const ADAPTERS[] = {"none", "linear", "two-layer", NULL};
static const char *const GATES[] = {"none", "ligr", NULL};
static const char *const SCORES[] = {"dot", "cosine", NULL};
static const char *const ITEMS_INPUTS[] = {"text", "id", "text+id", NULL};
static const char *const OUTPUT_SCALES[] = {"if tied", "width", "none", NULL};
const char *const l4r_id_scheme_names[] = {"random", "sequential", "collaborative", "semantic",
                                           NULL};
const char *const l4r_id_form_names[] = {"digits", "tokens", "items", NULL};

const char *const l4r_prompt_style_names[] = {"short", "openp5", NULL};

enum field_type { INTEGER, FLAG, REAL, WORD, TEXT, HASH };
/* WEIGHTS: kinds made of tensors. LATER: such kinds, in files of this version on; a flag, a word or
 * a number is written when it is set. SAID: flags of all kinds that are written when set. T5,
 * SASREC, BERT: shapes of such blocks. WHERE_KNOWN: such kinds, a text that is written unless it is
 * empty. */
enum field_group {
  ALWAYS = 1,
  WEIGHTS = 2,
  LATER = 4,
  T5 = 8,
  SASREC = 16,
  SAID = 32,
  WHERE_KNOWN = 64,
  BERT = 128
};

struct field {
  const char *name;
  size_t offset, bytes; /* bytes: size of TEXT and HASH */
  const char *const *words;
  double least, most;
  enum field_type type;
  enum field_group group;
};

#define SHAPE(member)  offsetof(struct l4r_t5_shape, member)
#define CONFIG(member) offsetof(struct l4r_model_config, member)
#define ROOM(member)   sizeof(((struct l4r_model_config *)0)->member)

/* Without "block" the blocks are T5's, because older models do not have that field. */
static const struct field SHAPE_FIELDS[] = {
    {"block", SHAPE(block), 0, BLOCKS, 0, 0, WORD, SASREC | BERT},
    {"width", SHAPE(d_model), 0, NULL, 1, WIDEST, INTEGER, ALWAYS},
    {"key", SHAPE(d_kv), 0, NULL, 1, WIDEST, INTEGER, ALWAYS},
    {"heads", SHAPE(heads), 0, NULL, 1, 4096, INTEGER, ALWAYS},
    {"feed", SHAPE(d_ff), 0, NULL, 1, WIDEST, INTEGER, ALWAYS},
    {"vocabulary", SHAPE(vocabulary), 0, NULL, 0, MOST_ITEMS, INTEGER, T5 | BERT},
    {"encoder_blocks", SHAPE(encoder_blocks), 0, NULL, 1, 256, INTEGER, ALWAYS},
    {"decoder_blocks", SHAPE(decoder_blocks), 0, NULL, 0, 256, INTEGER, T5},
    {"buckets", SHAPE(buckets), 0, NULL, 4, 4096, INTEGER, T5},
    {"max_distance", SHAPE(max_distance), 0, NULL, 3, WIDEST, INTEGER, T5},
    {"gated", SHAPE(gated), 0, NULL, 0, 1, FLAG, T5},
    {"gated", SHAPE(gated), 0, NULL, 0, 1, FLAG, LATER | SASREC},
    {"swiglu", SHAPE(swiglu), 0, NULL, 0, 1, FLAG, LATER | T5 | SASREC},
    {"gates", SHAPE(gates), 0, GATES, 0, 0, WORD, LATER | T5 | SASREC},
    {"tied", SHAPE(tied), 0, NULL, 0, 1, FLAG, T5},
    {"output_scale", SHAPE(output_scale), 0, OUTPUT_SCALES, 0, 0, WORD, LATER | T5},
    {"causal", SHAPE(causal), 0, NULL, 0, 1, FLAG, ALWAYS},
    {"epsilon", SHAPE(epsilon), 0, NULL, 0, 1, REAL, ALWAYS},
    {"positions", SHAPE(positions), 0, NULL, 1, WIDEST, INTEGER, SASREC | BERT},
    {"types", SHAPE(types), 0, NULL, 1, 4096, INTEGER, BERT},
};

static const struct field CONFIG_FIELDS[] = {
    {"items", CONFIG(items), 0, NULL, 1, MOST_ITEMS, INTEGER, ALWAYS},
    {"dataset_name", CONFIG(dataset_name), ROOM(dataset_name), NULL, 0, 0, TEXT, ALWAYS},
    {"dataset_sha256", CONFIG(dataset_sha256), ROOM(dataset_sha256), NULL, 0, 0, HASH, ALWAYS},
    {"items_sha256", CONFIG(items_sha256), ROOM(items_sha256), NULL, 0, 0, HASH, ALWAYS},
    {"training_seconds", CONFIG(training_seconds), 0, NULL, 0, 1e12, REAL, ALWAYS},
    {"text_length", CONFIG(text_length), 0, NULL, 1, WIDEST, INTEGER, WEIGHTS},
    {"history", CONFIG(history), 0, NULL, 1, WIDEST, INTEGER, WEIGHTS},
    {"pooling", CONFIG(pooling), 0, POOLINGS, 0, 0, WORD, WEIGHTS},
    {"readout", CONFIG(readout), 0, (const char *const[]){"last", "mean", NULL}, 0, 0, WORD,
     WEIGHTS},
    {"items_input", CONFIG(items_input), 0, ITEMS_INPUTS, 0, 0, WORD, WEIGHTS},
    {"projection", CONFIG(projection), 0, NULL, 0, 1, FLAG, WEIGHTS},
    {"normalize", CONFIG(normalize), 0, NULL, 0, 1, FLAG, LATER},
    {"whiten", CONFIG(whiten), 0, NULL, 0, 1, FLAG, LATER},
    {"adapter", CONFIG(adapter), 0, ADAPTERS, 0, 0, WORD, LATER},
    {"frozen", CONFIG(frozen), 0, NULL, 0, 1, FLAG, LATER},
    {"tied_head", CONFIG(tied_head), 0, NULL, 0, 1, FLAG, WEIGHTS},
    {"dropout", CONFIG(dropout), 0, NULL, 0, 0.99, REAL, WEIGHTS},
    {"id_scheme", CONFIG(id_scheme), 0, l4r_id_scheme_names, 0, 0, WORD, WEIGHTS},
    {"id_form", CONFIG(id_form), 0, l4r_id_form_names, 0, 0, WORD, WEIGHTS},
    {"max_id_tokens", CONFIG(max_id_tokens), 0, NULL, 0, 4096, INTEGER, WEIGHTS},
    {"id_map_sha256", CONFIG(id_map_sha256), ROOM(id_map_sha256), NULL, 0, 0, HASH, WEIGHTS},
    {"tied_scale", CONFIG(tied_scale), 0, NULL, 0, 1e6, REAL, LATER},
    {"scores", CONFIG(scores), 0, SCORES, 0, 0, WORD, LATER},
    {"temperature", CONFIG(temperature), 0, NULL, 0, 1e6, REAL, LATER},
    {"embedding_deviation", CONFIG(embedding_deviation), 0, NULL, 0, 100, REAL, LATER},
    {"prompt", CONFIG(prompt), 0, l4r_prompt_style_names, 0, 0, WORD, LATER},
    {"whole_word", CONFIG(whole_word), 0, NULL, 0, 1, FLAG, LATER},
    {"loss", CONFIG(loss), ROOM(loss), NULL, 0, 0, TEXT, WEIGHTS},
    {"init", CONFIG(init), ROOM(init), NULL, 0, 0, TEXT, WEIGHTS},
    {"ids_from", CONFIG(ids_from), ROOM(ids_from), NULL, 0, 0, TEXT, WHERE_KNOWN},
    {"init_files", CONFIG(init_files), ROOM(init_files), NULL, 0, 0, TEXT, WHERE_KNOWN},
    {"init_licence", CONFIG(init_licence), ROOM(init_licence), NULL, 0, 0, TEXT, WHERE_KNOWN},
    {"seed", CONFIG(seed), 0, NULL, -9.0e15, 9.0e15, INTEGER, WEIGHTS},
    {"epoch", CONFIG(epoch), 0, NULL, -1, 1e9, INTEGER, WEIGHTS},
    {"leaky", CONFIG(leaky), 0, NULL, 0, 1, FLAG, SAID},
    {"training", CONFIG(training), ROOM(training), NULL, 0, 0, TEXT, LATER},
    {"sentencepiece", CONFIG(sentencepiece), ROOM(sentencepiece), NULL, 0, 0, TEXT, WHERE_KNOWN},
};

enum {
  SHAPE_ROWS = sizeof SHAPE_FIELDS / sizeof *SHAPE_FIELDS,
  CONFIG_ROWS = sizeof CONFIG_FIELDS / sizeof *CONFIG_FIELDS,
};

struct shape_row { /* which kinds have which T5 (sasrec: which encoder) */
  const char *name;
  size_t offset;
  unsigned kinds;
};
static const struct shape_row SHAPES[] = {
    {"item_llm", CONFIG(item_llm), 1u << L4R_KIND_LITE | 1u << L4R_KIND_LITE_BEAM},
    {"rec_llm", CONFIG(rec_llm),
     1u << L4R_KIND_LITE | 1u << L4R_KIND_LITE_BEAM | 1u << L4R_KIND_SASREC},
    {"p5", CONFIG(p5), 1u << L4R_KIND_P5 | 1u << L4R_KIND_P5_HEAD},
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

static int find_word(const char *const *words, const char *word) {
  for (int i = 0; words[i]; i++) {
    if (strcmp(words[i], word) == 0) return i;
  }
  return -1;
}

/* Writes "a, b, c" to out. */
static void list_words(const char *const *words, char *out, size_t room) {
  size_t used = 0;
  out[0] = 0;
  for (int i = 0; words[i]; i++) {
    l4r_text_add(out, room, &used, "%s%s", i ? ", " : "", words[i]);
  }
}

const char *l4r_kind_name(enum l4r_kind kind) {
  return (unsigned)kind < L4R_KINDS ? KINDS[kind] : "unknown";
}

int l4r_kind_parse(const char *name, enum l4r_kind *kind) {
  int found = find_word(KINDS, name);
  if (found >= 0) {
    *kind = (enum l4r_kind)found;
    return L4R_OK;
  }
  char known[256], meant[320];
  struct l4r_nearest nearest = {.word = name};
  list_words(KINDS, known, sizeof known);
  for (int i = 0; KINDS[i]; i++) l4r_nearest_try(&nearest, KINDS[i], i);
  return l4r_fail(L4R_USAGE, "unknown model kind '%s'; known are %s%s", name, known,
                  l4r_nearest_text(&nearest, "", meant, sizeof meant));
}

int l4r_kind_is_prompted(enum l4r_kind kind) {
  return kind == L4R_KIND_P5 || kind == L4R_KIND_P5_HEAD;
}

int l4r_kind_has_weights(enum l4r_kind kind) {
  return kind == L4R_KIND_LITE || kind == L4R_KIND_P5 || kind == L4R_KIND_P5_HEAD ||
         kind == L4R_KIND_LITE_BEAM || kind == L4R_KIND_SASREC;
}

/* --- one field, both ways --- */

static int read_number(const struct field *field, const json_t *value, const char *path,
                       const char *owner, void *base) {
  void *at = (char *)base + field->offset;
  int fits = field->type == REAL
                 ? json_is_number(value)
                 : (field->type == FLAG ? json_is_boolean(value) : json_is_integer(value));
  if (!fits) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is not %s", path, owner, field->name,
                    field->type == REAL   ? "a number"
                    : field->type == FLAG ? "a boolean"
                                          : "an integer");
  }
  if (field->type == FLAG) {
    *(int *)at = json_is_true(value);
    return L4R_OK;
  }
  double number = json_number_value(value);
  if (!(number >= field->least && number <= field->most)) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is %g, outside %g..%g", path, owner, field->name,
                    number, field->least, field->most);
  }
  if (field->type == REAL) {
    *(double *)at = number;
  } else {
    *(int64_t *)at = json_integer_value(value);
  }
  return L4R_OK;
}

static int read_string(const struct field *field, const json_t *value, const char *path,
                       const char *owner, void *base) {
  char *at = (char *)base + field->offset;
  const char *text = json_string_value(value);
  if (!text) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is not a string", path, owner, field->name);
  }
  if (field->type == WORD) {
    int found = find_word(field->words, text);
    if (found < 0) {
      char known[256];
      list_words(field->words, known, sizeof known);
      return l4r_fail(L4R_INPUT, "%s: field '%s%s' is '%s'; known are %s", path, owner, field->name,
                      text, known);
    }
    /* The enums of config.h all start at 0, and both supported compilers store them as int. */
    *(int *)(void *)at = found;
    return L4R_OK;
  }
  size_t length = strlen(text);
  if (field->type == HASH && length > 0 &&
      (length != 64 || strspn(text, "0123456789abcdef") != 64)) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is not a SHA-256 in 64 hex digits", path, owner,
                    field->name);
  }
  if (length >= field->bytes) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is longer than %zu bytes", path, owner,
                    field->name, field->bytes - 1);
  }
  memcpy(at, text, length + 1);
  return L4R_OK;
}

/* Moves the rows of one table from `object` to `base` and deletes what was read, so that the rest
 * is unknown fields. */
static int read_fields(const struct field *fields, int rows, unsigned groups, json_t *object,
                       const char *path, const char *owner, void *base) {
  for (int i = 0; i < rows; i++) {
    const struct field *field = &fields[i];
    if (!(field->group & groups)) continue;
    const json_t *value = json_object_get(object, field->name);
    if (!value && field->group & (LATER | SAID | WHERE_KNOWN)) continue;
    if (!value) return l4r_fail(L4R_INPUT, "%s: field '%s%s' is missing", path, owner, field->name);
    int status = field->type == WORD || field->type == TEXT || field->type == HASH
                     ? read_string(field, value, path, owner, base)
                     : read_number(field, value, path, owner, base);
    if (status) return status;
    json_object_del(object, field->name);
  }
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value) {
    return l4r_fail(L4R_INPUT, "%s: field '%s%s' is unknown; was the file made by a newer version?",
                    path, owner, name);
  }
  return L4R_OK;
}

static int write_fields(const struct field *fields, int rows, unsigned groups, const void *base,
                        json_t *object) {
  int bad = 0;
  for (int i = 0; i < rows; i++) {
    const struct field *field = &fields[i];
    if (!(field->group & groups)) continue;
    const void *at = (const char *)base + field->offset;
    json_t *value = NULL;
    const int if_set = (field->group & (LATER | SAID)) != 0;
    if (if_set && (field->type == FLAG || field->type == WORD) && !*(const int *)at) continue;
    if (field->group == WHERE_KNOWN && !*(const char *)at) continue;
    if (if_set && field->type == REAL && !(*(const double *)at > 0)) continue;
    if (field->type == INTEGER) value = json_integer(*(const int64_t *)at);
    if (field->type == FLAG) value = json_boolean(*(const int *)at);
    if (field->type == REAL) value = json_real(*(const double *)at);
    if (field->type == WORD) value = json_string(field->words[*(const int *)at]);
    if (field->type == TEXT || field->type == HASH) value = json_string(at);
    bad |= json_object_set_new(object, field->name, value);
  }
  return bad;
}

/* --- the whole --- */

static int read_head(json_t *root, const char *path, struct l4r_model_config *config) {
  const json_t *schema = json_object_get(root, "schema");
  if (!json_is_integer(schema) || json_integer_value(schema) != SCHEMA) {
    return l4r_fail(L4R_INPUT,
                    "%s: field 'schema' is not %d; train the model again with this "
                    "version",
                    path, SCHEMA);
  }
  const char *kind = json_string_value(json_object_get(root, "kind"));
  if (!kind) return l4r_fail(L4R_INPUT, "%s: field 'kind' is missing or not a string", path);
  if (l4r_kind_parse(kind, &config->kind)) {
    return l4r_fail_context(L4R_INPUT, "%s: field 'kind'", path);
  }
  json_object_del(root, "schema");
  json_object_del(root, "kind");
  if (!l4r_kind_has_weights(config->kind)) return L4R_OK;
  const char *size = json_string_value(json_object_get(root, "size"));
  if (!size || find_word(SIZES, size) < 0) {
    return l4r_fail(L4R_INPUT, "%s: field 'size' is not one of tiny, mini, base, t5-small, custom",
                    path);
  }
  snprintf(config->size, sizeof config->size, "%s", size);
  json_object_del(root, "size");
  return L4R_OK;
}

static unsigned config_groups(enum l4r_kind kind) {
  return l4r_kind_has_weights(kind) ? ALWAYS | WEIGHTS | LATER | SAID | WHERE_KNOWN : ALWAYS | SAID;
}

static unsigned groups_of(enum l4r_block_kind block) {
  static const unsigned groups[] = {T5, SASREC, BERT};
  return ALWAYS | groups[block];
}

/* An unknown word is refused when the field is read. */
static unsigned shape_groups(const json_t *object) {
  const char *block = json_string_value(json_object_get(object, "block"));
  const int found = block ? find_word(BLOCKS, block) : -1;
  if (found >= 0 && found != L4R_BLOCK_T5) return groups_of((enum l4r_block_kind)found);
  return json_object_get(object, "block") ? ALWAYS | SASREC : groups_of(L4R_BLOCK_T5);
}

static int read_root(json_t *root, const char *path, struct l4r_model_config *config) {
  if (!json_is_object(root)) return l4r_fail(L4R_INPUT, "%s: not a JSON object", path);
  int status = read_head(root, path, config);
  if (!status) status = l4r_config_files_read(root, path, config);
  for (int i = 0; i < SHAPE_COUNT && !status; i++) {
    if (!(SHAPES[i].kinds >> config->kind & 1)) continue;
    json_t *object = json_object_get(root, SHAPES[i].name);
    if (!json_is_object(object)) {
      return l4r_fail(L4R_INPUT, "%s: field '%s' is missing or not an object", path,
                      SHAPES[i].name);
    }
    char owner[32];
    snprintf(owner, sizeof owner, "%s.", SHAPES[i].name);
    status = read_fields(SHAPE_FIELDS, SHAPE_ROWS, shape_groups(object), object, path, owner,
                         (char *)config + SHAPES[i].offset);
    json_object_del(root, SHAPES[i].name);
  }
  if (!status) {
    status = read_fields(CONFIG_FIELDS, CONFIG_ROWS, config_groups(config->kind), root, path, "",
                         config);
  }
  return status ? status : l4r_config_check(config, path, l4r_kind_name(config->kind));
}

/* --- the file's own hash, over all its other members, written compactly in the order of their
 * names. It shows an edit after training, though not one by somebody who computes the hash again.
 * --- */

static int seal_of(const json_t *root, char hash[65]) {
  char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return l4r_fail(L4R_ENVIRONMENT, "no memory for a model's config.json");
  l4r_sha256(text, strlen(text), hash);
  free(text);
  return L4R_OK;
}

/* Removes the hash from `root`. *broken: 1 when there is one that does not fit, or none although
 * the file states hashes of the files beside it: versions that wrote those wrote its own as well.
 */
static int open_seal(json_t *root, int *broken) {
  char hash[65], stated[65];
  const char *text = json_string_value(json_object_get(root, "sha256"));
  *broken = json_object_get(root, "files") != NULL;
  if (!json_object_get(root, "sha256")) return L4R_OK;
  snprintf(stated, sizeof stated, "%s", text ? text : "");
  json_object_del(root, "sha256");
  const int status = seal_of(root, hash);
  *broken = strcmp(hash, stated) != 0;
  return status;
}

static int add_seal(json_t *root, int *bad) {
  char hash[65];
  const int status = seal_of(root, hash);
  if (!status) *bad |= json_object_set_new(root, "sha256", json_string(hash));
  return status;
}

int l4r_config_read(const char *folder, struct l4r_model_config *config) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  int status = l4r_path_join(path, folder, "config.json");
  if (!status) status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return l4r_fail_context(status, "no model in folder '%s'", folder);
  json_error_t error;
  json_t *root = json_loadb(content, bytes, JSON_REJECT_DUPLICATES, &error);
  l4r_free(content);
  if (!root) {
    return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", path, error.line, error.text);
  }
  struct l4r_model_config made = {.id_scheme = L4R_IDS_SEQUENTIAL};
  int broken;
  status = open_seal(root, &broken);
  if (!status) status = read_root(root, path, &made);
  json_decref(root);
  if (!status && broken)
    status = l4r_fail(L4R_INPUT,
                      "%s: sha256: the file does not have the hash it states: it was edited after "
                      "training; bring back the file that `train` wrote",
                      path);
  if (!status) *config = made;
  return status;
}

/* Digits that reproduce every real of the file exactly: 15 (0.1 stays 0.1) or, if needed, 17. */
static size_t digits_needed(const struct l4r_model_config *config) {
  const double reals[] = {
      config->dropout,         config->training_seconds, config->embedding_deviation,
      config->tied_scale,      config->temperature,      config->item_llm.epsilon,
      config->rec_llm.epsilon, config->p5.epsilon};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
    char text[40];
    snprintf(text, sizeof text, "%.15g", reals[i]);
    if (strtod(text, NULL) != reals[i]) return 17;
  }
  return 15;
}

int l4r_config_write(const char *folder, const struct l4r_model_config *config) {
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, folder, "config.json");
  if (!status) status = l4r_make_folders(folder);
  if (!status) status = l4r_config_check(config, path, l4r_kind_name(config->kind));
  if (status) return status;
  int weights = l4r_kind_has_weights(config->kind);
  json_t *root = json_object();
  int bad = json_object_set_new(root, "schema", json_integer(SCHEMA));
  bad |= json_object_set_new(root, "kind", json_string(l4r_kind_name(config->kind)));
  if (weights) bad |= json_object_set_new(root, "size", json_string(config->size));
  for (int i = 0; i < SHAPE_COUNT; i++) {
    if (!(SHAPES[i].kinds >> config->kind & 1)) continue;
    json_t *object = json_object();
    const struct l4r_t5_shape *shape =
        (const struct l4r_t5_shape *)(const void *)((const char *)config + SHAPES[i].offset);
    bad |= write_fields(SHAPE_FIELDS, SHAPE_ROWS, groups_of(shape->block), shape, object);
    bad |= json_object_set_new(root, SHAPES[i].name, object);
  }
  bad |= write_fields(CONFIG_FIELDS, CONFIG_ROWS, config_groups(config->kind), config, root);
  status = l4r_config_files_write(folder, root);
  if (!status) status = add_seal(root, &bad);
  char *text = bad || status ? NULL
                             : json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER |
                                                    JSON_REAL_PRECISION(digits_needed(config)));
  json_decref(root);
  if (status) return status;
  if (!text) {
    return l4r_fail(L4R_ENVIRONMENT,
                    "%s: cannot be written (memory is short, or a name is not "
                    "valid UTF-8)",
                    path);
  }
  status = l4r_write_file(path, text, strlen(text));
  free(text);
  return status;
}
