/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/comm.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/comm/backend.h"
#include "impl/comm/launched.h"
#include "impl/comm/transfer.h"
#ifdef L4R_WITH_MPI
#include "impl/comm/comm_mpi.h"
#endif

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The library of this build, NULL where there is none. */
#ifdef L4R_WITH_MPI
static const struct l4r_comm_backend *const built_in = &l4r_comm_mpi;
#else
static const struct l4r_comm_backend *const built_in;
#endif

/* MPI counts with int; a power of two keeps the parts of a message aligned. */
enum { PART = 1 << 30 };

static void name_host(char name[L4R_COMM_NAME]) {
  name[L4R_COMM_NAME - 1] = '\0';
  if (gethostname(name, L4R_COMM_NAME - 1) || !*name)
    l4r_text_set(name, L4R_COMM_NAME, "localhost");
}

/* --- begin and end -------------------------------------------------------------------------------
 */

static int check(const struct l4r_launched *launched) {
  if (launched->ranks == 1) return L4R_OK;
  if (!launched->joinable)
    return l4r_fail(L4R_USAGE,
                    "%s began %d of this process, and gave them no way to find each other (%s is "
                    "set, PMI is not); begin them with srun --mpi=pmix or --mpi=pmi2, or by mpirun",
                    launched->by, launched->ranks, launched->word);
  if (!built_in)
    return l4r_fail(L4R_USAGE,
                    "this was begun by %s as one of several ranks (%s is set), and this lite4rec "
                    "was built without MPI; build it with 'make MPI=1', or begin it alone",
                    launched->by, launched->word);
  return L4R_OK;
}

int l4r_comm_check(void) {
  struct l4r_launched launched;
  l4r_launched(&launched);
  return check(&launched);
}

static void count_on_host(struct l4r_comm *comm) {
  comm->host_rank = comm->host_ranks = 0;
  for (int r = 0; r < comm->size; r++) {
    const int same = !strcmp(comm->hosts[r], comm->hosts[comm->rank]);
    comm->host_ranks += same;
    comm->host_rank += same && r < comm->rank;
  }
}

static int share_hosts(struct l4r_comm *comm) {
  comm->hosts = l4r_alloc((size_t)comm->size, sizeof *comm->hosts, "names of hosts");
  int64_t *bytes = l4r_alloc((size_t)comm->size, sizeof *bytes, "names of hosts");
  int status = comm->hosts && bytes ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) {
    for (int r = 0; r < comm->size; r++) bytes[r] = sizeof comm->host;
    status = l4r_comm_share(comm, comm->host, bytes, comm->hosts);
  }
  if (!status) count_on_host(comm);
  l4r_free(bytes);
  return status;
}

static int join(struct l4r_comm *comm) {
  int status = built_in->start(&comm->rank, &comm->size, comm->library);
  if (status) return status;
  comm->backend = built_in;
  comm->backend->host(comm->host);
  comm->group = comm->backend->group(2 * comm->size);
  status = comm->group ? share_hosts(comm) : L4R_ENVIRONMENT;
  /* the others wait for this rank, and nobody else can tell them */
  if (status) l4r_comm_end(comm, status);
  return status;
}

int l4r_comm_open(struct l4r_comm **out) {
  struct l4r_launched launched;
  l4r_launched(&launched);
  const int alone = launched.ranks == 1;
  int status = check(&launched);
  if (status) return status;
  struct l4r_comm *comm = l4r_alloc(1, sizeof *comm, "the communicator");
  if (!comm) return L4R_ENVIRONMENT;
  *comm = (struct l4r_comm){.size = 1, .host_ranks = 1, .part = PART};
  name_host(comm->host);
  l4r_text_set(comm->library, sizeof comm->library, "none: one rank");
  if (!alone) status = join(comm);
  if (status)
    l4r_free(comm);
  else
    *out = comm;
  return status;
}

/* Launchers read what ranks say through pipes, and some (MPICH's) drop what they have not read when
 * a rank ends all. Waits a second at most until nothing is left in the pipe. */
static void wait_until_heard(int stream) {
  struct stat what;
  int left;
  if (fstat(stream, &what) || !S_ISFIFO(what.st_mode)) return;
  for (int i = 0; i < 1000 && !ioctl(stream, FIONREAD, &left) && left > 0; i++) usleep(1000);
}

static void tell_and_abort(const struct l4r_comm *comm, int status) {
  char who[L4R_COMM_NAME + 64];
  const char *message = l4r_error_message();
  l4r_text_set(who, sizeof who, "rank %d on host %s: ", comm->rank, comm->host);
  const int told = !strncmp(message, who, strlen(who));
  fprintf(stderr, "lite4rec: %s%s; all %d ranks end\n", told ? "" : who,
          *message ? message : "failed", comm->size);
  fflush(NULL);
  wait_until_heard(STDERR_FILENO);
  comm->backend->abort(l4r_exit_code(status));
}

void l4r_comm_end(struct l4r_comm *comm, int status) {
  if (!comm) return;
  if (comm->backend && comm->size > 1 && status) tell_and_abort(comm, status);
  l4r_sums_free(comm);
  if (comm->backend) {
    comm->backend->free(comm->group);
    comm->backend->stop();
  }
  l4r_free(comm->hosts);
  l4r_free(comm);
}

/* --- who and where -------------------------------------------------------------------------------
 */

int l4r_comm_rank(const struct l4r_comm *comm) {
  return comm ? comm->rank : 0;
}

int l4r_comm_size(const struct l4r_comm *comm) {
  return comm ? comm->size : 1;
}

const char *l4r_comm_host(const struct l4r_comm *comm, int rank) {
  static char alone[L4R_COMM_NAME];
  if (!comm) name_host(alone);
  return !comm ? alone : comm->hosts ? comm->hosts[rank] : comm->host;
}

void l4r_comm_on_host(const struct l4r_comm *comm, int *rank, int *ranks) {
  if (rank) *rank = comm ? comm->host_rank : 0;
  if (ranks) *ranks = comm ? comm->host_ranks : 1;
}

void l4r_comm_spent(const struct l4r_comm *comm, struct l4r_comm_spent *spent) {
  *spent = comm ? comm->spent : (struct l4r_comm_spent){0};
}

const char *l4r_comm_library(const struct l4r_comm *comm) {
  return comm ? comm->library : "none: one rank";
}

/* --- bytes ---------------------------------------------------------------------------------------
 */

int l4r_comm_barrier(struct l4r_comm *comm) {
  if (!comm || !comm->backend) return L4R_OK;
  const int64_t began = l4r_now_ns();
  return l4r_comm_spend(comm, began, comm->backend->barrier() ? l4r_comm_failed(comm) : L4R_OK);
}

/* A byte of each to rank 0, and one of rank 0 to each. */
int l4r_comm_rest(struct l4r_comm *comm) {
  if (!comm || !comm->backend) return L4R_OK;
  const int64_t began = l4r_now_ns();
  char *in = l4r_alloc((size_t)comm->size, 1, "ranks that rest"), out = 0;
  int status = in ? L4R_OK : L4R_ENVIRONMENT;
  for (int round = 0; round < 2 && !status; round++) {
    const int gives = round == 0 ? comm->rank != 0 : comm->rank == 0;
    for (int r = comm->rank ? 0 : 1; r < (comm->rank ? 1 : comm->size) && !status; r++)
      status = gives ? comm->backend->send(comm->group, r, L4R_TAG_REST, &out, 1)
                     : comm->backend->receive(comm->group, r, L4R_TAG_REST, in + r, 1);
    if (!status) status = l4r_comm_wait(comm);
  }
  l4r_free(in);
  return l4r_comm_spend(comm, began, status ? l4r_comm_failed(comm) : L4R_OK);
}

int l4r_comm_broadcast(struct l4r_comm *comm, int root, void *data, int64_t bytes) {
  if (!comm || !comm->backend) return L4R_OK;
  const int64_t began = l4r_now_ns();
  int status = L4R_OK;
  for (int64_t at = 0; at < bytes && !status; at += comm->part) {
    const int64_t part = bytes - at < comm->part ? bytes - at : comm->part;
    status = comm->backend->broadcast(root, (char *)data + at, (int)part);
    if (comm->rank != root) continue;
    comm->spent.bytes += part;
    comm->spent.messages++;
  }
  return l4r_comm_spend(comm, began, status ? l4r_comm_failed(comm) : L4R_OK);
}

static void copy_own(const void *out, void *in, int64_t bytes) {
  if (bytes && out != in) memmove(in, out, (size_t)bytes);
}

static struct l4r_comm_message *messages_of(struct l4r_comm *comm) {
  struct l4r_comm_message *messages = l4r_alloc((size_t)comm->size, sizeof *messages,
                                                "messages between ranks");
  if (!messages) l4r_comm_failed(comm);
  return messages;
}

int l4r_comm_gather(struct l4r_comm *comm, int root, const void *mine, const int64_t *bytes,
                    void *all) {
  if (!comm || !comm->backend) return copy_own(mine, all, bytes[0]), L4R_OK;
  const int64_t began = l4r_now_ns();
  struct l4r_comm_message *messages = messages_of(comm);
  if (!messages) return L4R_ENVIRONMENT;
  if (comm->rank == root) {
    char *in = all;
    for (int r = 0; r < comm->size; in += bytes[r++])
      if (r == root)
        copy_own(mine, in, bytes[r]);
      else
        messages[r] = (struct l4r_comm_message){.in = in, .in_bytes = bytes[r]};
  } else {
    messages[root] = (struct l4r_comm_message){.out = mine, .out_bytes = bytes[comm->rank]};
  }
  const int status = l4r_comm_transfer(comm, messages);
  l4r_free(messages);
  return l4r_comm_spend(comm, began, status);
}

/* By the library, which needs log2 R steps where messages of our own would be R. */
static int share_few(struct l4r_comm *comm, const void *mine, const int64_t *bytes, void *all) {
  int *sizes = l4r_alloc(2 * (size_t)comm->size, sizeof *sizes, "sizes of messages");
  if (!sizes) return l4r_comm_failed(comm);
  int *at = sizes + comm->size;
  for (int r = 0; r < comm->size; r++) {
    sizes[r] = (int)bytes[r];
    if (r) at[r] = at[r - 1] + sizes[r - 1];
  }
  const int status = comm->backend->share(mine, all, sizes, at);
  comm->spent.bytes += bytes[comm->rank] * (comm->size - 1);
  comm->spent.messages++;
  l4r_free(sizes);
  return status ? l4r_comm_failed(comm) : L4R_OK;
}

static int share_many(struct l4r_comm *comm, const void *mine, const int64_t *bytes, void *all) {
  struct l4r_comm_message *messages = messages_of(comm);
  char *in = all;
  if (!messages) return L4R_ENVIRONMENT;
  for (int r = 0; r < comm->size; in += bytes[r++])
    if (r == comm->rank)
      copy_own(mine, in, bytes[r]);
    else
      messages[r] = (struct l4r_comm_message){
          .out = mine, .in = in, .out_bytes = bytes[comm->rank], .in_bytes = bytes[r]};
  const int status = l4r_comm_transfer(comm, messages);
  l4r_free(messages);
  return status;
}

int l4r_comm_share(struct l4r_comm *comm, const void *mine, const int64_t *bytes, void *all) {
  if (!comm || !comm->backend) return copy_own(mine, all, bytes[0]), L4R_OK;
  const int64_t began = l4r_now_ns();
  int64_t total = 0;
  for (int r = 0; r < comm->size; r++) total += bytes[r];
  return l4r_comm_spend(comm, began,
                        total <= comm->part ? share_few(comm, mine, bytes, all)
                                            : share_many(comm, mine, bytes, all));
}

int l4r_comm_exchange(struct l4r_comm *comm, const void *out, const int64_t *to, void *in,
                      const int64_t *from) {
  if (!comm || !comm->backend) return copy_own(out, in, from[0]), L4R_OK;
  const int64_t began = l4r_now_ns();
  struct l4r_comm_message *messages = messages_of(comm);
  const char *next_out = out;
  char *next_in = in;
  if (!messages) return L4R_ENVIRONMENT;
  for (int r = 0; r < comm->size; next_out += to[r], next_in += from[r++]) {
    messages[r] = (struct l4r_comm_message){
        .out = next_out, .in = next_in, .out_bytes = to[r], .in_bytes = from[r]};
    if (r == comm->rank) copy_own(next_out, next_in, from[r]);
  }
  const int status = l4r_comm_transfer(comm, messages);
  l4r_free(messages);
  return l4r_comm_spend(comm, began, status);
}
