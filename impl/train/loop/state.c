/* SPDX-License-Identifier: BSD-3-Clause */
/* training.state, the checkpoint: a header of fixed size (magic, version, the settings' hash, the
 * counters, and the sizes) with its own CRC-32, then values, first and second moments, best weights
 * and the task's own state, each followed by its CRC-32. Numbers have the machine's byte order: a
 * checkpoint is resumed on the machine that made it, while model.safetensors is portable. It is
 * written through l4r_output, so a kill or a full disk at any instant leaves the last complete
 * one. */
#include "impl/train/loop/state.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/train/loop/divided.h"
#include "impl/train/loop/run.h"
#include "impl/train/loop/tensors_divided.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const char magic[8] = "L4RTRAIN";
enum { VERSION = 2, ARRAYS = 5 };
enum { UNKNOWN, FP32, BF16 }; /* precision; 0 in files that are older than the member */

struct header {
  char magic[8];
  int64_t version, header_bytes, floats, extra_bytes, has_best;
  char settings[65], precision;
  uint16_t ranks; /* 0, in older files, is 1 */
  uint32_t blas;  /* CRC-32 of the name of BLIS's kernels; 0 in older files */
  struct l4r_train_counters counters;
  uint64_t check; /* CRC-32 of everything before */
};

static uint64_t check_more(uint64_t check, const void *content, size_t bytes) {
  const unsigned char *at = content;
  uLong crc = (uLong)check;
  while (bytes) {
    uInt part = bytes > (1u << 30) ? (1u << 30) : (uInt)bytes;
    crc = crc32(crc, at, part);
    at += part;
    bytes -= part;
  }
  return crc;
}

static uint64_t check_of(const void *content, size_t bytes) {
  return check_more(crc32(0, NULL, 0), content, bytes);
}

/* Of a set of BLIS's kernels. Their order and number differ between its versions. */
static uint32_t mark_of(const char *name) {
  return (uint32_t)check_of(name, strlen(name));
}

/* Of a flat buffer as one rank alone would have it. */
static int64_t whole_of(const struct l4r_train_run *run) {
  return l4r_tensors_whole(run->task->tensors, run->task->tensors->trained);
}

/* What shapes and configurations have had since checkpoints of this form began, told where it is
 * set, so that older checkpoints keep their hash. */
static void append_later(char *text, size_t size, size_t *used, const struct l4r_model_config *c) {
  const struct l4r_t5_shape *s = &c->rec_llm;
  if (c->scores) l4r_text_add(text, size, used, " scores=%d,%g", (int)c->scores, c->temperature);
  if (c->prompt) l4r_text_add(text, size, used, " prompt=%d", (int)c->prompt);
  if (s->gates || s->swiglu)
    l4r_text_add(text, size, used, " gates=%d swiglu=%d", (int)s->gates, s->swiglu);
}

static int append_shape(char *text, size_t size, size_t *used, const struct l4r_t5_shape *s) {
  const int cut = l4r_text_add(
      text, size, used, " shape=%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%d,%d,%d,%g",
      (long long)s->d_model, (long long)s->d_kv, (long long)s->heads, (long long)s->d_ff,
      (long long)s->vocabulary, (long long)s->encoder_blocks, (long long)s->decoder_blocks,
      (long long)s->buckets, (long long)s->max_distance, s->gated, s->tied, s->causal, s->epsilon);
  if (cut || !s->output_scale) return !cut; /* as ever where the scale is the rule */
  return !l4r_text_add(text, size, used, ",scale%d", (int)s->output_scale);
}

/* fp32, the widest set of instructions and one rate for all tensors are not named, because older
 * records and checkpoints did not know other values. */
struct later {
  char text[96];
};
static struct later later_options(const struct l4r_train_options *o) {
  struct later later;
  size_t used = 0;
  l4r_text_add(later.text, sizeof later.text, &used, "%s", o->bf16 ? "precision=bf16 " : "");
  if (o->isa && strcmp(o->isa, "auto"))
    l4r_text_add(later.text, sizeof later.text, &used, "isa=%s ", o->isa);
  if (o->embedding_rate != 1)
    l4r_text_add(later.text, sizeof later.text, &used, "embedding_rate=%g ", o->embedding_rate);
  if (o->pretrained_rate != 1)
    l4r_text_add(later.text, sizeof later.text, &used, "item_rate=%g ", o->pretrained_rate);
  return later;
}

int l4r_train_settings(struct l4r_train_run *run) {
  const struct l4r_model_config *c = run->task->config;
  const struct l4r_train_options *o = run->options;
  char text[8192];
  size_t used = 0;
  const int cut = l4r_text_add(
      text, sizeof text, &used,
      "kind=%d items=%lld text=%lld history=%lld pooling=%d readout=%d input=%d projection=%d "
      "tied=%d dropout=%g embedding=%g tied_scale=%g scheme=%d form=%d id_tokens=%lld dataset=%s "
      "item_texts=%s "
      "ids=%s loss=%s "
      "seed=%llu rate=%g warmup=%g decay=%g clip=%g schedule=%d betas=%g,%g epsilon=%g floats=%lld "
      "%s%s",
      (int)c->kind, (long long)c->items, (long long)c->text_length, (long long)c->history,
      (int)c->pooling, (int)c->readout, (int)c->items_input, c->projection, c->tied_head,
      c->dropout, c->embedding_deviation, c->tied_scale, (int)c->id_scheme, (int)c->id_form,
      (long long)c->max_id_tokens, c->dataset_sha256, c->items_sha256, c->id_map_sha256, c->loss,
      (unsigned long long)o->seed, o->learning_rate, o->warmup, o->weight_decay, o->clip,
      (int)o->schedule, o->beta1, o->beta2, o->epsilon,
      (long long)l4r_tensors_whole(run->task->tensors, run->task->tensors->floats),
      later_options(o).text, run->task->settings ? run->task->settings : "");
  if (cut || !append_shape(text, sizeof text, &used, &c->item_llm) ||
      !append_shape(text, sizeof text, &used, &c->rec_llm) ||
      !append_shape(text, sizeof text, &used, &c->p5))
    return l4r_fail(L4R_USAGE, "the settings of this training are longer than %zu bytes",
                    sizeof text);
  append_later(text, sizeof text, &used, c);
  l4r_sha256(text, used, run->settings);
  return L4R_OK;
}

void l4r_train_describe(const struct l4r_train_run *run, char *text, size_t size) {
  static const char *const schedules[] = {"constant", "linear", "cosine"};
  const struct l4r_train_options *o = run->options;
  char epochs[24] = "any";
  if (o->epochs >= 0) snprintf(epochs, sizeof epochs, "%lld", (long long)o->epochs);
  snprintf(text, size,
           "minutes=%g epochs=%s patience=%lld rate=%g warmup=%g schedule=%s decay=%g clip=%g "
           "%s%s",
           o->minutes, epochs, (long long)o->patience, o->learning_rate, o->warmup,
           schedules[o->schedule], o->weight_decay, o->clip, later_options(o).text,
           run->task->settings ? run->task->settings : "");
}

struct array {
  const char *name;
  float *flat;  /* a flat buffer; NULL: `own`, or nothing */
  void *own;    /* the task's */
  size_t bytes; /* in the file */
};

static void arrays_of(const struct l4r_train_run *run, int has_best, struct array array[ARRAYS]) {
  const size_t bytes = (size_t)whole_of(run) * sizeof(float);
  array[0] = (struct array){"parameters", run->values, NULL, bytes};
  array[1] = (struct array){"first moments", run->first, NULL, bytes};
  array[2] = (struct array){"second moments", run->second, NULL, bytes};
  array[3] = (struct array){"best weights", has_best ? run->best : NULL, NULL,
                            has_best ? bytes : 0};
  array[4] = (struct array){"task's state", NULL, run->task->extra, (size_t)run->task->extra_bytes};
}

struct written {
  FILE *stream;
  uint64_t check;
};

static void put(void *context, const float *values, int64_t count) {
  struct written *written = context;
  const size_t bytes = (size_t)count * sizeof *values;
  if (!bytes) return;
  written->check = check_more(written->check, values, bytes);
  fwrite(values, 1, bytes, written->stream);
}

/* stream NULL: this rank only gives what it has of a divided table. */
static int write_array(const struct l4r_train_run *run, const struct array *array, FILE *stream) {
  struct written written = {stream, check_of(NULL, 0)};
  const struct l4r_divided_sink sink = {put, &written};
  int status = L4R_OK;
  if (array->flat) status = l4r_divided_put(&run->ranks, run->task->tensors, array->flat, &sink);
  if (status || !stream) return status;
  if (array->own) {
    written.check = check_of(array->own, array->bytes);
    fwrite(array->own, 1, array->bytes, stream);
  }
  fwrite(&written.check, sizeof written.check, 1, stream);
  return L4R_OK;
}

static int give_arrays(const struct l4r_train_run *run) {
  struct array array[ARRAYS];
  int status = L4R_OK;
  if (!l4r_tensors_divided(run->task->tensors)) return L4R_OK;
  arrays_of(run, run->counters.best_epoch >= 0, array);
  for (int a = 0; a < ARRAYS && !status; a++) status = write_array(run, &array[a], NULL);
  return status;
}

int l4r_train_state_write(struct l4r_train_run *run) {
  int64_t begun = l4r_now_ns();
  if (run->ranks.rank > 0) return give_arrays(run);
  run->counters.seconds = l4r_train_seconds(run);
  struct header header;
  memset(&header, 0, sizeof header);
  memcpy(header.magic, magic, sizeof magic);
  header.version = VERSION;
  header.header_bytes = (int64_t)sizeof header;
  header.floats = whole_of(run);
  header.extra_bytes = run->task->extra_bytes;
  header.has_best = run->counters.best_epoch >= 0;
  memcpy(header.settings, run->settings, sizeof header.settings);
  header.precision = run->options->bf16 ? BF16 : FP32;
  header.ranks = (uint16_t)run->ranks.size;
  header.blas = mark_of(l4r_blas_open());
  header.counters = run->counters;
  header.check = check_of(&header, offsetof(struct header, check));

  struct l4r_output output;
  int status = l4r_output_open(&output, run->state_path);
  if (status) return status;
  struct array array[ARRAYS];
  arrays_of(run, (int)header.has_best, array);
  fwrite(&header, sizeof header, 1, output.stream);
  for (int a = 0; a < ARRAYS && !status; a++) status = write_array(run, &array[a], output.stream);
  if (status) {
    l4r_output_abort(&output);
    return status;
  }
  status = l4r_output_commit(&output);
  if (status)
    return l4r_fail_context(status, "the checkpoint could not be written (the last complete one "
                                    "stays; free space and go on with --resume)");
  run->written_ns = l4r_now_ns();
  run->write_seconds = (double)(run->written_ns - begun) * 1e-9;
  return L4R_OK;
}

static int check_header(const struct l4r_train_run *run, const struct header *header) {
  const char *path = run->state_path;
  if (memcmp(header->magic, magic, sizeof magic) != 0)
    return l4r_fail(L4R_INPUT, "%s: byte 0: not a training checkpoint; train without --resume",
                    path);
  if (header->version != VERSION || header->header_bytes != (int64_t)sizeof *header)
    return l4r_fail(L4R_INPUT,
                    "%s: byte 8: made by another version of this program (format %lld, this one "
                    "reads %d); train without --resume",
                    path, (long long)header->version, VERSION);
  if (header->check != check_of(header, offsetof(struct header, check)))
    return l4r_fail(L4R_INPUT,
                    "%s: byte 0: the header's checksum does not match: the file is corrupt; train "
                    "without --resume",
                    path);
  if (memcmp(header->settings, run->settings, sizeof header->settings) != 0 ||
      header->floats != whole_of(run) || header->extra_bytes != run->task->extra_bytes)
    return l4r_fail(L4R_INPUT,
                    "%s: made with other settings or data than these; resume with the same command "
                    "line (only --minutes, --epochs, --patience and --threads may change), or "
                    "train without --resume",
                    path);
  return L4R_OK;
}

static int read_array(const struct l4r_train_run *run, const struct array *array, FILE *file,
                      uint64_t *check) {
  *check = check_of(NULL, 0);
  if (array->flat) return l4r_divided_take(run->task->tensors, array->flat, file, check);
  if (array->bytes && fread(array->own, 1, array->bytes, file) != array->bytes) return 0;
  *check = check_of(array->own, array->bytes);
  return 1;
}

static int read_arrays(struct l4r_train_run *run, const struct header *header, FILE *file) {
  struct array array[ARRAYS];
  arrays_of(run, (int)header->has_best, array);
  long long at = (long long)sizeof *header;
  for (int a = 0; a < ARRAYS; a++) {
    uint64_t check, found;
    if (!read_array(run, &array[a], file, &found) || fread(&check, sizeof check, 1, file) != 1)
      return l4r_fail(L4R_INPUT,
                      "%s: byte %lld: ends within the %s: the file is truncated; train without "
                      "--resume",
                      run->state_path, at, array[a].name);
    if (check != found)
      return l4r_fail(L4R_INPUT,
                      "%s: byte %lld: the checksum of the %s does not match: the file is corrupt; "
                      "train without --resume",
                      run->state_path, at, array[a].name);
    at += (long long)(array[a].bytes + sizeof check);
  }
  if (fgetc(file) != EOF)
    return l4r_fail(L4R_INPUT,
                    "%s: bytes after its end: the file is corrupt; train without "
                    "--resume",
                    run->state_path);
  return L4R_OK;
}

int l4r_train_state_read(struct l4r_train_run *run, int64_t *ranks) {
  FILE *file = fopen(run->state_path, "rb");
  if (!file)
    return l4r_fail_errno(L4R_INPUT, "%s: there is no checkpoint to resume; train without --resume",
                          run->state_path);
  struct header header;
  int status = L4R_OK;
  if (fread(&header, sizeof header, 1, file) != 1)
    status = l4r_fail(
        L4R_INPUT,
        "%s: byte 0: shorter than a checkpoint's header: the file is truncated; train "
        "without --resume",
        run->state_path);
  if (!status) status = check_header(run, &header);
  if (!status) status = read_arrays(run, &header, file);
  fclose(file);
  if (!status) run->counters = header.counters;
  if (!status) *ranks = header.ranks ? header.ranks : 1;
  return status;
}

/* Returns 1 where the folder holds the header of a checkpoint that can be read. */
static int peek(const char *folder, struct header *header) {
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, L4R_STATE_FILE)) return 0;
  FILE *file = fopen(path, "rb");
  const int read = file && fread(header, sizeof *header, 1, file) == 1;
  if (file) fclose(file);
  return read && memcmp(header->magic, magic, sizeof magic) == 0 && header->version == VERSION &&
         header->check == check_of(header, offsetof(struct header, check));
}

int l4r_train_state_precision(const char *folder, int *bf16) {
  struct header header;
  if (!peek(folder, &header) || header.precision == UNKNOWN) return 0;
  *bf16 = header.precision == BF16;
  return 1;
}

const char *l4r_train_state_blas(const char *folder) {
  struct header header;
  if (!peek(folder, &header) || !header.blas) return NULL;
  const char *name;
  for (int i = 0; (name = l4r_blas_set(i)); i++)
    if (mark_of(name) == header.blas) return name;
  return NULL;
}
