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
  int kept;                    /* a file it inherits under the same number; 0: none */
};

struct l4r_process;
/* Starts it in a group of its own, below a keeper: a small process of ours that adopts whatever the
 * program starts. Its standard error stays the caller's. L4R_ENVIRONMENT, naming the program, when
 * it cannot be executed. When the calling process dies, however, the keeper kills the program and
 * all that came from it, those too that left its group and session. */
int l4r_process_start(const struct l4r_process_spec *spec, struct l4r_process **process);
/* Closes its input, waits a few seconds, then kills it and all its descendants. NULL is allowed. */
void l4r_process_stop(struct l4r_process *process);

/* L4R_CHECK when it has written something that nobody has asked for. */
int l4r_process_silent(const struct l4r_process *process);
/* Sends bytes. L4R_CHECK when nobody reads any more; the message says how the process ended. */
int l4r_process_send(struct l4r_process *process, const char *bytes, size_t count);
/* Reads the next line without its end; it is valid until the next call. L4R_CHECK when the process
 * ended, wrote nothing for `seconds`, wrote a line of more than `most` bytes, or ended a line
 * before it had read all that was sent to it. */
int l4r_process_line(struct l4r_process *process, int seconds, size_t most, const char **line);

#endif
