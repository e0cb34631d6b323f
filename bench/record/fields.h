/* SPDX-License-Identifier: BSD-3-Clause */
/* A record as C types, and the table of its members. Both are made of the rows of
 * bench/record/fields.inc.h: OBJECT(round, ..) there is `struct l4r_record_round` here, and
 * `l4r_shape_round()` the description of that struct by which one piece of code reads, checks,
 * writes, compares and lists all of them.
 *
 * A member that a record does not have, or has as null, is NULL (texts), L4R_NONE (whole numbers),
 * NaN (reals), -1 (flags), empty (arrays), or has `is_there` 0 and such members of its own
 * (objects). So a reader may go down to any member without asking on the way. */
#ifndef L4R_BENCH_RECORD_FIELDS_H
#define L4R_BENCH_RECORD_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Records of schema L4R_SCHEMA_BOUND and later ones have bound samples (bench/record/bound.h). */
enum { L4R_SCHEMA_BOUND = 2, L4R_SCHEMA_NEWEST = 2 };

enum { L4R_TEXT_MOST = 4096 }; /* bytes of a text whose row says nothing else */
#define L4R_NONE INT64_MIN     /* no whole number */

struct l4r_wholes {
  int is_there;
  int64_t *at, count;
};
struct l4r_texts {
  int is_there;
  const char **at;
  int64_t count;
};
struct l4r_pair { /* in JSON [lo, hi] */
  double lo, hi;
};

enum l4r_member_kind {
  L4R_IS_TEXT,   /* const char * */
  L4R_IS_HASH,   /* const char *, 64 hexadecimal digits */
  L4R_IS_WHOLE,  /* int64_t */
  L4R_IS_REAL,   /* double */
  L4R_IS_FLAG,   /* int: 1, 0, -1 */
  L4R_IS_PAIR,   /* struct l4r_pair */
  L4R_IS_WHOLES, /* struct l4r_wholes */
  L4R_IS_TEXTS,  /* struct l4r_texts */
  L4R_IS_FREE,   /* json_t * */
  L4R_IS_PART,   /* an object of a shape */
  L4R_IS_LIST,   /* an array of objects of a shape */
};

enum l4r_presence { L4R_NEEDED, L4R_NULLABLE, L4R_OPTIONAL, L4R_EITHER };

struct l4r_shape;
struct l4r_field {
  const char *name; /* of the member in JSON */
  enum l4r_member_kind kind;
  enum l4r_presence presence;
  size_t offset;
  const struct l4r_shape *(*shape)(void); /* of parts and lists */
  const char *about;                      /* in a sentence or two */
  const char *unit, *choices, *since;     /* NULL where there is none */
  int is_bounded;                         /* least and, where it is above, most bound a number */
  double least,
      most;        /* of a list the fewest entries; of a text the most bytes (0: L4R_TEXT_MOST) */
  const char *csv; /* columns: "name" or "name=path name=path"; or NULL */
  int place;       /* of the first column; 0: behind all that have one */
};
struct l4r_shape_head {
  const char *about;
  const char *either; /* "a,b|c": members one group of which is there; NULL */
  const char *bare;   /* the member that a text in place of the object stands for; NULL */
};
struct l4r_shape {
  const char *name;
  const struct l4r_shape_head *head;
  const struct l4r_field *field; /* [fields] */
  size_t fields, size;           /* size: of the C type */
};

/* What every list begins with, whatever it is of. */
struct l4r_list {
  int is_there;
  void *at;
  int64_t count;
};
/* What every object begins with. */
struct l4r_part {
  int is_there;
};

/* Where a record that was read comes from, and how far it was checked. */
struct l4r_origin {
  json_t *json;        /* as it was read, owned; NULL of one that this program is making */
  int is_made;         /* 1: by this program: what may be null is null where it says nothing */
  void *blocks;        /* private: memory of arrays and texts */
  const char *path;    /* of its file, owned; NULL */
  int64_t line;        /* from 1 */
  int is_sealed;       /* 1: known to have the hash it states, tried before texts were made plain */
  const char *checked; /* how far (bench/derive/door.h), static; NULL: it came by no door */
};

#define L4R_CTYPE_TEXT   const char *
#define L4R_CTYPE_HASH   const char *
#define L4R_CTYPE_WHOLE  int64_t
#define L4R_CTYPE_REAL   double
#define L4R_CTYPE_FLAG   int
#define L4R_CTYPE_PAIR   struct l4r_pair
#define L4R_CTYPE_WHOLES struct l4r_wholes
#define L4R_CTYPE_TEXTS  struct l4r_texts
#define L4R_CTYPE_FREE   json_t *
#define OBJECT(type, ...)                                                                          \
  struct l4r_record_##type {                                                                       \
    int is_there;
#define V(KIND, member, ...) L4R_CTYPE_##KIND member;
#define N(KIND, member, ...) L4R_CTYPE_##KIND member;
#define P(type, member, ...) struct l4r_record_##type member;
#define L(type, member, ...)                                                                       \
  struct {                                                                                         \
    int is_there;                                                                                  \
    struct l4r_record_##type *at;                                                                  \
    int64_t count;                                                                                 \
  } member;
#define END(type)                                                                                  \
  }                                                                                                \
  ;                                                                                                \
  const struct l4r_shape *l4r_shape_##type(void);
#include "bench/record/fields.inc.h"
#undef OBJECT
#undef V
#undef N
#undef P
#undef L
#undef END

/* A value somewhere in a record. */
struct l4r_member_value {
  int is_there;
  const struct l4r_field *field; /* the row that it is of, NULL where no row has the path */
  const void *at;                /* the C member; of a member of a list the list's entry's */
  const char *text;              /* of texts, else NULL */
  double real;                   /* of numbers; NaN for what is none */
  int64_t whole;                 /* of whole numbers; L4R_NONE for what is none */
};
/* The value at a path of names in an object of a shape, "latency_ns.p50.value"; a number counts
 * into an array or a pair, "stages.0.name". Of a member without a shape (FREE) `at` is the JSON.
 * Pure. */
struct l4r_member_value l4r_member_at(const struct l4r_shape *shape, const void *object,
                                      const char *path);
/* 1 when two objects of a shape say the same at the path, be it nothing. Pure. */
int l4r_member_same(const struct l4r_shape *shape, const void *a, const void *b, const char *path);
/* The value of a member of an object. Pure. */
struct l4r_member_value l4r_member_value_of(const struct l4r_field *field, const void *object);
/* The row at the path, whatever stands there; NULL where no row has it. Numbers may be left out:
 * "rounds.mean_ns". Pure. */
const struct l4r_field *l4r_field_at(const struct l4r_shape *shape, const char *path);

/* All members absent. */
void l4r_shape_blank(const struct l4r_shape *shape, void *object);
/* The address of a member. */
void *l4r_member(const struct l4r_field *field, void *object);
const void *l4r_member_of(const struct l4r_field *field, const void *object);
/* The row of that name in a shape; NULL where there is none. */
const struct l4r_field *l4r_field_named(const struct l4r_shape *shape, const char *name);
/* 1 when one of "a|b|c" is the text. Pure. */
int l4r_is_choice(const char *choices, const char *text);

/* A record as it was read or is being made (bench/record/record.h). */
struct l4r_record {
  struct l4r_record_record data; /* what it says */
  struct l4r_origin from;
};

#endif
