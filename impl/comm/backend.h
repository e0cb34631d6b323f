/* SPDX-License-Identifier: BSD-3-Clause */
/* What carries bytes between ranks, as a table of functions, and the communicator that calls it. A
 * program without such a library has no table, and one rank. Internal to impl/comm and its tests.
 *
 * Functions of the table return 0 or L4R_ENVIRONMENT with a message that says what the library
 * said; who calls them adds rank and host. */
#ifndef L4R_COMM_BACKEND_H
#define L4R_COMM_BACKEND_H

#include "impl/comm/comm.h"

#include <stdint.h>

enum { L4R_COMM_NAME = 256 };

/* Messages under way, of which a rank may have several groups. */
struct l4r_comm_group;

struct l4r_comm_backend {
  int (*start)(int *rank, int *size, char library[L4R_COMM_NAME]);
  void (*stop)(void); /* collective */
  void (*abort)(int code);
  void (*host)(char name[L4R_COMM_NAME]);
  int (*barrier)(void);
  int (*broadcast)(int root, void *data, int bytes);
  /* What every rank gives, to all; bytes and at are those of the ranks. */
  int (*share)(const void *mine, void *all, const int *bytes, const int *at);

  /* A group of at most `most` messages. NULL with a message where memory is short. */
  struct l4r_comm_group *(*group)(int most);
  void (*free)(struct l4r_comm_group *group);
  /* Begin a message of at most 2^31 - 1 bytes; of one tag and peer they arrive in their order. */
  int (*send)(struct l4r_comm_group *group, int to, int tag, const void *data, int bytes);
  int (*receive)(struct l4r_comm_group *group, int from, int tag, void *data, int bytes);
  /* Moves what waits, and says whether all of the group is done, which then is empty. A message of
   * other than the expected length is an error. */
  int (*progress)(struct l4r_comm_group *group, int *done);
};

struct l4r_sums;
struct l4r_comm {
  const struct l4r_comm_backend *backend; /* NULL: one rank */
  int rank, size;
  int host_rank, host_ranks;
  char host[L4R_COMM_NAME];     /* this rank's */
  char (*hosts)[L4R_COMM_NAME]; /* [size]; NULL where there is one */
  char library[L4R_COMM_NAME];
  int64_t part;                 /* bytes of a message at most; tests make it small */
  int64_t round;                /* values of a round of a sum; 0: as many as are fast */
  struct l4r_comm_group *group; /* of 2 size messages, for calls that wait */
  struct l4r_sums *sums;
  struct l4r_comm_spent spent;
};

#endif
