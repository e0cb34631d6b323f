/* SPDX-License-Identifier: BSD-3-Clause */
/* The only file that knows MPI; left out of builds without it (see the Makefile). Point to point
 * and three collectives of MPI 3: what adds up stands above, because the order in which MPI adds
 * is its own. Errors are returned, not fatal, so that rank and host can be named. */
#include "impl/comm/comm_mpi.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <mpi.h>
#include <string.h>

static MPI_Comm world; /* a duplicate of MPI_COMM_WORLD; one a process, like MPI itself */

static int said(const char *call, int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  if (code == MPI_SUCCESS) return L4R_OK;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) text[0] = '\0';
  return l4r_fail(L4R_ENVIRONMENT, "%s: MPI says '%s'", call, *text ? text : "unknown error");
}

/* "Open MPI v4.1.4, package: ..." and "MPICH Version:\t4.0.2\nMPICH Release date:...". */
static void read_library(char library[L4R_COMM_NAME]) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  char name[2][64] = {"", ""};
  if (MPI_Get_library_version(text, &length) != MPI_SUCCESS) text[0] = '\0';
  const int open = !strncmp(text, "Open MPI v", 10), mpich = !strncmp(text, "MPICH Version:", 14);
  const char *version = text + (open ? 10 : mpich ? 14 : 0);
  version += strspn(version, " \t");
  l4r_text_set(name[0], sizeof name[0], "%s", open ? "Open MPI " : mpich ? "MPICH " : "");
  l4r_text_set(name[1], sizeof name[1], "%.*s", (int)strcspn(version, "\n,"), version);
  l4r_text_set(library, L4R_COMM_NAME, "%s%s", name[0], name[1]);
}

static int mpi_start(int *rank, int *size, char library[L4R_COMM_NAME]) {
  int initialised = 0, level = MPI_THREAD_SINGLE;
  int code = MPI_Initialized(&initialised);
  if (code == MPI_SUCCESS && initialised)
    return l4r_fail(L4R_ENVIRONMENT, "MPI was initialised before the communicator was opened");
  if (code == MPI_SUCCESS) code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
  if (code != MPI_SUCCESS) return said("MPI_Init_thread", code);
  if (level < MPI_THREAD_FUNNELED)
    return l4r_fail(L4R_ENVIRONMENT, "this MPI does not allow threads (MPI_THREAD_FUNNELED), which "
                                     "computing here uses; build it with threads");
  code = MPI_Comm_dup(MPI_COMM_WORLD, &world);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(world, rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(world, size);
  read_library(library);
  return said("joining the other ranks", code);
}

static void mpi_stop(void) {
  MPI_Comm_free(&world);
  MPI_Finalize();
}

static void mpi_abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
}

static void mpi_host(char name[L4R_COMM_NAME]) {
  char text[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  if (MPI_Get_processor_name(text, &length) != MPI_SUCCESS) text[0] = '\0';
  l4r_text_set(name, L4R_COMM_NAME, "%s", *text ? text : "unknown");
}

static int mpi_barrier(void) {
  return said("barrier", MPI_Barrier(world));
}

static int mpi_broadcast(int root, void *data, int bytes) {
  return said("broadcast", MPI_Bcast(data, bytes, MPI_BYTE, root, world));
}

static int mpi_share(const void *mine, void *all, const int *bytes, const int *at) {
  int rank;
  MPI_Comm_rank(world, &rank);
  const int inside = (const char *)mine == (char *)all + at[rank];
  return said("share", MPI_Allgatherv(inside ? MPI_IN_PLACE : mine, bytes[rank], MPI_BYTE, all,
                                      bytes, at, MPI_BYTE, world));
}

struct l4r_comm_group {
  int most, count;
  MPI_Request *request; /* [most] */
  MPI_Status *status;   /* [most] */
  int *expected;        /* [most] bytes; -1: a message that is sent */
};

static void mpi_free(struct l4r_comm_group *group) {
  if (!group) return;
  l4r_free(group->request);
  l4r_free(group->status);
  l4r_free(group->expected);
  l4r_free(group);
}

static struct l4r_comm_group *mpi_group(int most) {
  const size_t count = (size_t)most;
  struct l4r_comm_group *group = l4r_alloc(1, sizeof *group, "messages under way");
  if (!group) return NULL;
  group->most = most;
  group->request = l4r_alloc(count, sizeof *group->request, "messages under way");
  group->status = l4r_alloc(count, sizeof *group->status, "messages under way");
  group->expected = l4r_alloc(count, sizeof *group->expected, "messages under way");
  if (group->request && group->status && group->expected) return group;
  mpi_free(group);
  return NULL;
}

static int mpi_send(struct l4r_comm_group *group, int to, int tag, const void *data, int bytes) {
  if (group->count == group->most) return l4r_fail(L4R_ENVIRONMENT, "too many messages at once");
  group->expected[group->count] = -1;
  return said("sending",
              MPI_Isend(data, bytes, MPI_BYTE, to, tag, world, &group->request[group->count++]));
}

static int mpi_receive(struct l4r_comm_group *group, int from, int tag, void *data, int bytes) {
  if (group->count == group->most) return l4r_fail(L4R_ENVIRONMENT, "too many messages at once");
  group->expected[group->count] = bytes;
  return said("receiving",
              MPI_Irecv(data, bytes, MPI_BYTE, from, tag, world, &group->request[group->count++]));
}

/* What of a group failed, when MPI says that something did. */
static int first_failure(const struct l4r_comm_group *group) {
  for (int i = 0; i < group->count; i++) {
    const int code = group->status[i].MPI_ERROR;
    if (code == MPI_SUCCESS || code == MPI_ERR_PENDING) continue;
    said(group->expected[i] < 0 ? "a message sent" : "a message awaited", code);
    return group->expected[i] < 0
               ? L4R_ENVIRONMENT
               : l4r_fail_context(L4R_ENVIRONMENT, "from rank %d", group->status[i].MPI_SOURCE);
  }
  return l4r_fail(L4R_ENVIRONMENT, "MPI says that messages failed, and not which");
}

static int check_lengths(const struct l4r_comm_group *group) {
  for (int i = 0; i < group->count; i++) {
    int bytes = 0;
    if (group->expected[i] < 0) continue;
    MPI_Get_count(&group->status[i], MPI_BYTE, &bytes);
    if (bytes != group->expected[i])
      return l4r_fail(L4R_ENVIRONMENT, "rank %d sent %d bytes where %d were expected",
                      group->status[i].MPI_SOURCE, bytes, group->expected[i]);
  }
  return L4R_OK;
}

static int mpi_progress(struct l4r_comm_group *group, int *done) {
  int all = 1;
  const int code = MPI_Testall(group->count, group->request, &all, group->status);
  int class = code;
  *done = code == MPI_SUCCESS && all;
  if (code != MPI_SUCCESS) MPI_Error_class(code, &class);
  if (class == MPI_ERR_IN_STATUS) return first_failure(group);
  if (code != MPI_SUCCESS) return said("waiting for messages", code);
  if (!all) return L4R_OK;
  const int status = check_lengths(group);
  group->count = 0;
  return status;
}

const struct l4r_comm_backend l4r_comm_mpi = {.start = mpi_start,
                                              .stop = mpi_stop,
                                              .abort = mpi_abort,
                                              .host = mpi_host,
                                              .barrier = mpi_barrier,
                                              .broadcast = mpi_broadcast,
                                              .share = mpi_share,
                                              .group = mpi_group,
                                              .free = mpi_free,
                                              .send = mpi_send,
                                              .receive = mpi_receive,
                                              .progress = mpi_progress};
