/* SPDX-License-Identifier: BSD-3-Clause */
/* The check of a data set folder, `lite4rec data check`. */
#ifndef L4R_BENCH_IMPORT_CHECK_H
#define L4R_BENCH_IMPORT_CHECK_H

#include <stddef.h>
#include <stdint.h>

/* What `data check` finds in a folder. */
struct l4r_check_report {
  int64_t users, items, interactions, training;
  int64_t shortest, median, longest; /* training part of a user */
  int64_t unseen_items;              /* without a training interaction */
  int64_t without_text;
  int64_t repeats;        /* of a user-item pair inside the training part */
  int64_t leaked_users;   /* with a held-out item that stands in their training part */
  int64_t equal_held_out; /* users with the same item held out twice */
  int64_t validation_targets, test_targets; /* users that are evaluated */
  int64_t cold_validation, cold_test;       /* of them, with a target that no user trained on */
  int has_times;
  double next_id;   /* share of users whose test item is the largest id of their history + 1 */
  double next_ten;  /* ... is among the ten ids above it */
  double ten_below; /* ... is among the ten ids below the smallest */
  int64_t ascending, descending; /* users all of whose items are in order of ids, up or down */
  /* How many items users begin with and end with, as if all were equally common (the inverse of
   * Simpson's index); 0 in a split by time. People begin with what everybody is shown, so that
   * first items are the less varied ones: where last ones are by far, time may run backwards. */
  double first_variety, last_variety;
  int repeats_stay;  /* the import kept them: held-out items in a history are no leak then */
  double ten_chance; /* what ten ids at random would reach */
};

/* Opens every file of the folder, recomputing all hashes, and fills the report. L4R_INPUT for a
 * damaged folder, L4R_CHECK when a held-out item leaks into a user's training part, unless repeats
 * were kept (the report is filled then, too). */
int l4r_dataset_check(const char *folder, struct l4r_check_report *report);

/* Returns 1 when sequences whose times are unknown look as if they ran backwards, and writes the
 * reason as a sentence to words[room] (L4R_ORDER_WORDS are enough); else 0 and an empty text. Pure.
 */
enum { L4R_ORDER_WORDS = 256 };
int l4r_looks_newest_first(const struct l4r_check_report *report, char *words, size_t room);

#endif
