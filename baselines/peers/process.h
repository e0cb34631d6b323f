/* SPDX-License-Identifier: BSD-3-Clause */
/* A child process that answers a line with a line. Belongs to one thread. */
#ifndef L4R_PEERS_PROCESS_H
#define L4R_PEERS_PROCESS_H

#include <sched.h>
#include <stddef.h>

struct l4r_process_spec {
  const char *const *argv;     /* NULL-ended; argv[0] is a path */
  const cpu_set_t *processors; /* what it may run on */
  int threads;                 /* told to OpenMP and the BLAS libraries by their variables */
};

struct l4r_process;
/* Starts it; its standard error stays the caller's. L4R_ENVIRONMENT, naming the program, when it
 * cannot be executed. It is killed when the calling thread's process dies. */
int l4r_process_start(const struct l4r_process_spec *spec, struct l4r_process **process);
/* Closes its input, waits a few seconds, then kills it. NULL is nothing. */
void l4r_process_stop(struct l4r_process *process);

/* Sends bytes. L4R_CHECK, with how it ended, when nobody reads any more. */
int l4r_process_send(struct l4r_process *process, const char *bytes, size_t count);
/* The next line without its end; valid until the next call. L4R_CHECK when the process ended, or
 * said nothing for `seconds`. */
int l4r_process_line(struct l4r_process *process, int seconds, const char **line);

#endif
