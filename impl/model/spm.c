/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/spm.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 }; /* wire types */

/* --- reading --- */

struct reader {
  const unsigned char *begin, *at, *end;
};

struct wire { /* one field */
  uint32_t field, type;
  uint64_t value;            /* VARINT */
  const unsigned char *data; /* BYTES, FIXED32, FIXED64 */
  size_t bytes;
};

static int read_varint(struct reader *r, uint64_t *value) {
  *value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (r->at == r->end) return 0;
    const unsigned char byte = *r->at++;
    *value |= (uint64_t)(byte & 127) << shift;
    if (!(byte & 128)) return 1;
  }
  return 0;
}

/* Returns 1 when a field was read, 0 at the end, -1 where the file is cut short. */
static int next_field(struct reader *r, struct wire *wire) {
  uint64_t key, length;
  if (r->at == r->end) return 0;
  if (!read_varint(r, &key)) return -1;
  *wire = (struct wire){.field = (uint32_t)(key >> 3), .type = (uint32_t)(key & 7)};
  if (wire->type == VARINT) return read_varint(r, &wire->value) ? 1 : -1;
  if (wire->type == BYTES) {
    if (!read_varint(r, &length)) return -1;
  } else if (wire->type == FIXED32 || wire->type == FIXED64) {
    length = wire->type == FIXED32 ? 4 : 8;
  } else {
    return -1;
  }
  if (length > (uint64_t)(r->end - r->at)) return -1;
  wire->data = r->at;
  wire->bytes = (size_t)length;
  r->at += length;
  return 1;
}

static int parse_piece(struct l4r_spm *spm, size_t *room, const unsigned char *file,
                       const struct wire *message) {
  int status = l4r_grow(&spm->piece, room, (size_t)spm->pieces + 1, sizeof *spm->piece, "pieces");
  if (status) return status;
  struct l4r_spm_piece *piece = &spm->piece[spm->pieces];
  struct reader r = {message->data, message->data, message->data + message->bytes};
  struct wire wire;
  int more;
  *piece = (struct l4r_spm_piece){.text = "", .type = L4R_SPM_NORMAL};
  while ((more = next_field(&r, &wire)) > 0) {
    if (wire.field == 1 && wire.type == BYTES) {
      piece->text = (const char *)wire.data;
      piece->bytes = wire.bytes;
    } else if (wire.field == 2 && wire.type == FIXED32) {
      memcpy(&piece->score, wire.data, sizeof piece->score); /* little-endian, as this machine is */
      piece->score_at = (size_t)(wire.data - file);
    } else if (wire.field == 3 && wire.type == VARINT) {
      piece->type = (int)wire.value;
    }
  }
  if (more < 0) return L4R_INPUT;
  spm->pieces++;
  return L4R_OK;
}

static int parse_spec(struct l4r_spm *spm, const struct wire *message) {
  const int trainer = message->field == 2;
  struct reader r = {message->data, message->data, message->data + message->bytes};
  struct wire wire;
  int more;
  while ((more = next_field(&r, &wire)) > 0) {
    const int on = wire.value != 0;
    if (trainer && wire.type == VARINT) {
      if (wire.field == 3) spm->model_type = (int)wire.value;
      if (wire.field == 24) spm->whitespace_as_suffix = on;
      if (wire.field == 35) spm->byte_fallback = on;
    } else if (!trainer && wire.type == VARINT) {
      if (wire.field == 3) spm->add_dummy_prefix = on;
      if (wire.field == 4) spm->remove_extra_whitespaces = on;
      if (wire.field == 5) spm->escape_whitespaces = on;
    } else if (!trainer && wire.field == 2 && wire.type == BYTES) {
      spm->charsmap = wire.bytes ? wire.data : NULL;
      spm->charsmap_bytes = wire.bytes;
    }
  }
  return more < 0 ? L4R_INPUT : L4R_OK;
}

int l4r_spm_parse(const char *path, const void *content, size_t bytes, struct l4r_spm *spm) {
  struct reader r = {content, content, (const unsigned char *)content + bytes};
  struct wire wire;
  size_t room = 0;
  int more, status = L4R_OK;
  *spm = (struct l4r_spm){.model_type = L4R_SPM_UNIGRAM,
                          .add_dummy_prefix = 1,
                          .remove_extra_whitespaces = 1,
                          .escape_whitespaces = 1};
  while ((more = next_field(&r, &wire)) > 0 && !status) {
    if (wire.type != BYTES) continue;
    if (wire.field == 1) status = parse_piece(spm, &room, r.begin, &wire);
    if (wire.field == 2 || wire.field == 3) status = parse_spec(spm, &wire);
  }
  if (status == L4R_ENVIRONMENT) return status;
  if (status || more < 0 || !spm->pieces)
    return l4r_fail(L4R_INPUT, "%s: not a SentencePiece model: byte %zu", path,
                    (size_t)(r.at - r.begin));
  return L4R_OK;
}

void l4r_spm_free(struct l4r_spm *spm) {
  l4r_free(spm->piece);
  spm->piece = NULL;
  spm->pieces = 0;
}

/* --- writing --- */

static void put_varint(FILE *stream, uint64_t value) {
  for (; value > 127; value >>= 7) fputc((int)(value & 127) | 128, stream);
  fputc((int)value, stream);
}

static void put_number(FILE *stream, unsigned field, uint64_t value) {
  put_varint(stream, field << 3 | VARINT);
  put_varint(stream, value);
}

static void put_bytes(FILE *stream, unsigned field, const void *data, size_t bytes) {
  put_varint(stream, field << 3 | BYTES);
  put_varint(stream, bytes);
  fwrite(data, 1, bytes, stream);
}

static size_t varint_bytes(uint64_t value) {
  size_t bytes = 1;
  for (; value > 127; value >>= 7) bytes++;
  return bytes;
}

static void put_piece(FILE *stream, const struct l4r_spm_piece *piece) {
  const size_t bytes = 1 + varint_bytes(piece->bytes) + piece->bytes + 5 + 2;
  put_varint(stream, 1 << 3 | BYTES);
  put_varint(stream, bytes);
  put_bytes(stream, 1, piece->text, piece->bytes);
  put_varint(stream, 2 << 3 | FIXED32);
  fwrite(&piece->score, 1, sizeof piece->score, stream);
  put_number(stream, 3, (uint64_t)piece->type);
}

/* Puts a message, which is built separately because its length precedes it. */
static int put_message(FILE *stream, unsigned field, void (*put)(FILE *, const struct l4r_spm *),
                       const struct l4r_spm *spm) {
  char *content = NULL;
  size_t bytes = 0;
  FILE *inner = open_memstream(&content, &bytes);
  if (!inner) return l4r_fail_errno(L4R_ENVIRONMENT, "no memory for a tokenizer");
  put(inner, spm);
  const int lost = ferror(inner) | fclose(inner);
  if (!lost) put_bytes(stream, field, content, bytes);
  free(content);
  return lost ? l4r_fail(L4R_ENVIRONMENT, "no memory for a tokenizer") : L4R_OK;
}

static void put_trainer(FILE *stream, const struct l4r_spm *spm) {
  put_number(stream, 3, L4R_SPM_UNIGRAM);
  put_number(stream, 4, (uint64_t)spm->pieces);
  if (spm->byte_fallback) put_number(stream, 35, 1);
  put_number(stream, 40, 2);                        /* unk_id */
  put_number(stream, 41, (uint64_t)(int64_t)-1);    /* bos_id: none */
  put_number(stream, 42, 1);                        /* eos_id */
  put_number(stream, 43, 0);                        /* pad_id */
  for (unsigned field = 45; field <= 48; field++) { /* names of unk, bos, eos, pad */
    const char *const name[] = {"<unk>", "<s>", "</s>", "<pad>"};
    const struct l4r_spm_piece *piece = field == 45   ? &spm->piece[2]
                                        : field == 47 ? &spm->piece[1]
                                                      : &spm->piece[0];
    if (field == 46)
      put_bytes(stream, field, name[1], strlen(name[1]));
    else
      put_bytes(stream, field, piece->text, piece->bytes);
  }
}

static void put_normalizer(FILE *stream, const struct l4r_spm *spm) {
  if (spm->charsmap) put_bytes(stream, 2, spm->charsmap, spm->charsmap_bytes);
  put_number(stream, 3, (uint64_t)spm->add_dummy_prefix);
  put_number(stream, 4, (uint64_t)spm->remove_extra_whitespaces);
  put_number(stream, 5, (uint64_t)spm->escape_whitespaces);
}

int l4r_spm_build(const struct l4r_spm *spm, char **content, size_t *bytes) {
  char *made = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&made, &size);
  if (!stream) return l4r_fail_errno(L4R_ENVIRONMENT, "no memory for a tokenizer");
  for (int64_t p = 0; p < spm->pieces; p++) put_piece(stream, &spm->piece[p]);
  int status = put_message(stream, 2, put_trainer, spm);
  if (!status) status = put_message(stream, 3, put_normalizer, spm);
  if ((ferror(stream) | fclose(stream)) && !status)
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a tokenizer");
  char *copy = status ? NULL : l4r_alloc(size, 1, "a tokenizer");
  if (copy) memcpy(copy, made, size);
  free(made);
  *content = copy;
  *bytes = size;
  return copy || status ? status : L4R_ENVIRONMENT;
}

/* --- distinct scores --- */

static float spread(const struct l4r_spm_piece *piece) {
  char hash[65];
  l4r_sha256(piece->text, piece->bytes, hash);
  hash[6] = '\0';
  return (float)strtoul(hash, NULL, 16) / (float)(1 << 24) / 64; /* below 1/64 */
}

static int by_score(const void *a, const void *b) {
  const struct l4r_spm_piece *const *x = a, *const *y = b;
  if ((*x)->score > (*y)->score) return -1;
  if ((*x)->score < (*y)->score) return 1;
  return (*x > *y) - (*x < *y);
}

int l4r_spm_distinct(const char *path, void *content, size_t bytes) {
  struct l4r_spm spm;
  int64_t count = 0;
  int status = l4r_spm_parse(path, content, bytes, &spm);
  struct l4r_spm_piece **order = status ? NULL
                                        : l4r_alloc((size_t)spm.pieces, sizeof *order, "pieces");
  if (!status && !order) status = L4R_ENVIRONMENT;
  for (int64_t p = 0; p < spm.pieces && !status; p++) {
    struct l4r_spm_piece *piece = &spm.piece[p];
    if (piece->type != L4R_SPM_NORMAL || !piece->score_at) continue;
    piece->score -= spread(piece);
    order[count++] = piece;
  }
  if (!status) qsort(order, (size_t)count, sizeof *order, by_score);
  for (int64_t p = 1; p < count; p++)
    if (!(order[p]->score < order[p - 1]->score))
      order[p]->score = nextafterf(order[p - 1]->score, -INFINITY);
  for (int64_t p = 0; p < count; p++)
    memcpy((char *)content + order[p]->score_at, &order[p]->score, sizeof order[p]->score);
  l4r_free(order);
  l4r_spm_free(&spm);
  return status;
}
