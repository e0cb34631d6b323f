/* SPDX-License-Identifier: BSD-3-Clause */
/* A record as C types, and the table of its members. Both are generated from the rows of
 * bench/record/fields.inc.h: OBJECT(round, ..) there becomes `struct l4r_record_round` here, and
 * `l4r_shape_round()` describes that struct to the one piece of code that reads, checks, writes,
 * compares and lists all objects.
 *
 * A member that is absent or null in a record is NULL (texts), L4R_NONE (whole numbers), NaN
 * (reals), -1 (flags) or empty (arrays). An absent object has `is_there` 0 and only absent members,
 * so a reader may follow any path of members without checks on the way. */
#ifndef L4R_BENCH_RECORD_FIELDS_H
#define L4R_BENCH_RECORD_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Records of schema L4R_SCHEMA_BOUND and later ones have bound samples (bench/record/bound.h). */
enum { L4R_SCHEMA_BOUND = 2, L4R_SCHEMA_NEWEST = 2 };

enum { L4R_TEXT_MOST = 4096 }; /* limit in bytes of a text whose row states no other */
#define L4R_NONE INT64_MIN     /* an absent whole number */

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
  const char *name; /* the member's name in JSON */
  enum l4r_member_kind kind;
  enum l4r_presence presence;
  size_t offset;
  const struct l4r_shape *(*shape)(void); /* for parts and lists */
  const char *about;                      /* description in a sentence or two */
  const char *unit, *choices, *since;     /* NULL where there is none */
  int is_bounded;                         /* least and, where it is larger, most bound a number */
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

/* The members that every list begins with, whatever its type. */
struct l4r_list {
  int is_there;
  void *at;
  int64_t count;
};
/* The member that every object begins with. */
struct l4r_part {
  int is_there;
};

/* Where a record comes from, and how far it was checked. */
struct l4r_origin {
  json_t *json; /* the record as it was read, owned; NULL for one that this program makes */
  int is_made;  /* 1 for a record that this program makes: absent members become null if they may */
  void *blocks; /* private: memory of arrays and texts */
  const char *path;    /* of its file, owned; may be NULL */
  int64_t line;        /* from 1 */
  int is_sealed;       /* 1: its hash was checked before control characters were replaced */
  const char *checked; /* how far (bench/derive/door.h), static; NULL: never checked */
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

struct l4r_member_value {
  int is_there;
  const struct l4r_field *field; /* its row; NULL where no row has the path */
  const void *at;                /* the C member; for a member of a list, that of the entry */
  const char *text;              /* of texts, else NULL */
  double real;                   /* of numbers, else NaN */
  int64_t whole;                 /* of whole numbers, else L4R_NONE */
};
/* Returns the value at a path of names in an object of a shape, such as "latency_ns.p50.value"; a
 * number is a place in an array or a pair, as in "stages.0.name". For a member without a shape
 * (FREE), `at` is the JSON. Pure. */
struct l4r_member_value l4r_member_at(const struct l4r_shape *shape, const void *object,
                                      const char *path);
/* Returns 1 when two objects of a shape have the same value at the path, or both have none.
 * Pure. */
int l4r_member_same(const struct l4r_shape *shape, const void *a, const void *b, const char *path);
/* Returns the value of a member of an object. Pure. */
struct l4r_member_value l4r_member_value_of(const struct l4r_field *field, const void *object);
/* Returns the row at the path even if the member is absent; NULL where no row has that path.
 * Numbers may be left out: "rounds.mean_ns". Pure. */
const struct l4r_field *l4r_field_at(const struct l4r_shape *shape, const char *path);

/* Makes all members absent. */
void l4r_shape_blank(const struct l4r_shape *shape, void *object);
/* Returns the address of a member. */
void *l4r_member(const struct l4r_field *field, void *object);
const void *l4r_member_of(const struct l4r_field *field, const void *object);
/* Returns the row of that name in a shape; NULL where there is none. */
const struct l4r_field *l4r_field_named(const struct l4r_shape *shape, const char *name);
/* Returns 1 when the text is one of the choices "a|b|c". Pure. */
int l4r_is_choice(const char *choices, const char *text);

/* A record as it was read or is being made (bench/record/record.h). */
struct l4r_record {
  struct l4r_record_record data; /* its members */
  struct l4r_origin from;
};

#endif
