/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/train_ranks.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/comm/processors.h"
#include "impl/train/layers/faster.h"
#include "impl/train/loop/ranks.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int several(const struct l4r_comm *comm) {
  return l4r_comm_size(comm) > 1;
}

static void wait_for(double seconds) {
  const struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

static int compare_programs(struct l4r_comm *comm) {
  const struct l4r_train_ranks ranks = l4r_train_ranks_of(comm, L4R_WIRE_FP32, NULL);
  char hex[65];
  int other;
  int status = l4r_sha256_file("/proc/self/exe", hex);
  if (!status) status = l4r_ranks_compare(&ranks, hex, sizeof hex, &other);
  if (status || other < 0) return status;
  return l4r_fail(
      L4R_USAGE,
      "rank %d on %s runs another lite4rec than rank 0 on %s: install the same binary on "
      "all hosts",
      other, l4r_comm_host(comm, other), l4r_comm_host(comm, 0));
}

int l4r_train_ranks_open(struct l4r_comm **comm) {
  int status = l4r_comm_open(comm);
  if (status || !several(*comm)) return status;
  if (l4r_comm_rank(*comm) > 0) l4r_log_quiet(1);
  l4r_info("%d ranks, %s", l4r_comm_size(*comm), l4r_comm_library(*comm));
  return compare_programs(*comm);
}

void l4r_train_ranks_close(struct l4r_comm *comm, int status) {
  if (several(comm)) l4r_progress_end(); /* an error begins a line of its own */
  if (status && l4r_comm_rank(comm) > 0) wait_for(1);
  l4r_comm_end(comm, status);
}

int l4r_train_ranks_leaked(struct l4r_comm *comm, int64_t *leaked) {
  return several(comm) ? l4r_comm_broadcast(comm, 0, leaked, sizeof *leaked) : L4R_OK;
}

static const char probe[] = "training.ranks";

/* 1 where the file holds these words, after some patience with a network's file system. */
static int sees(const char *path, const char *words) {
  for (int i = 0; i < 20; i++) {
    char found[64] = "";
    FILE *file = fopen(path, "r");
    if (file) {
      if (!fgets(found, sizeof found, file)) found[0] = 0;
      fclose(file);
    }
    if (!strcmp(found, words)) return 1;
    wait_for(.1);
  }
  return 0;
}

/* Rank 0 writes words of this moment, which no older file holds, and all others look for them. */
static int check_shared(struct l4r_comm *comm, const char *folder) {
  char path[L4R_PATH_MAX], words[64] = "";
  int64_t *seen = l4r_alloc((size_t)l4r_comm_size(comm), sizeof *seen, "what ranks see");
  const int first = l4r_comm_rank(comm) == 0;
  int status = seen ? l4r_path_join(path, folder, probe) : L4R_ENVIRONMENT;
  snprintf(words, sizeof words, "%lld %lld", (long long)getpid(), (long long)l4r_now_ns());
  if (!status && first) status = l4r_make_folders(folder);
  if (!status && first) status = l4r_write_file(path, words, strlen(words));
  if (!status) status = l4r_comm_broadcast(comm, 0, words, sizeof words);
  if (!status) status = l4r_comm_share_int(comm, sees(path, words), seen);
  if (!status && first) unlink(path);
  for (int r = 0; !status && r < l4r_comm_size(comm); r++)
    if (!seen[r])
      status = l4r_fail(
          L4R_ENVIRONMENT,
          "rank %d on %s does not see what rank 0 on %s writes to %s: --out must be in "
          "a folder that all hosts share",
          r, l4r_comm_host(comm, r), l4r_comm_host(comm, 0), folder);
  l4r_free(seen);
  return status;
}

int l4r_train_ranks_folder(struct l4r_comm *comm, struct l4r_train_folder *folder) {
  if (!several(comm)) return L4R_OK;
  const int status = l4r_comm_broadcast(comm, 0, folder->path, sizeof folder->path);
  return status ? status : check_shared(comm, folder->path);
}

/* Of the ranks on this host, how many processors they may use together, and whether two may use the
 * same one. */
static int count_processors(struct l4r_comm *comm, int *together, int *overlap) {
  const int size = l4r_comm_size(comm);
  cpu_set_t all, *set = l4r_alloc((size_t)size, sizeof *set, "processors of ranks");
  const int status = set ? l4r_comm_processors(comm, set) : L4R_ENVIRONMENT;
  int sum = 0;
  CPU_ZERO(&all);
  for (int r = 0; !status && r < size; r++) {
    if (!l4r_comm_is_here(comm, r)) continue;
    sum += CPU_COUNT(&set[r]);
    CPU_OR(&all, &all, &set[r]);
  }
  *together = CPU_COUNT(&all);
  *overlap = sum > *together;
  l4r_free(set);
  return status;
}

int l4r_train_ranks_threads(struct l4r_comm *comm, int64_t asked, int *threads) {
  cpu_set_t allowed;
  const int own = sched_getaffinity(0, sizeof allowed, &allowed) ? 1 : CPU_COUNT(&allowed);
  int ranks = 1, together = own, overlap = 0;
  if (asked > own)
    return l4r_fail(L4R_ENVIRONMENT,
                    "--threads %lld: this process may use %d processors; ask for at most that many",
                    (long long)asked, own);
  *threads = asked > 0 ? (int)asked : own;
  if (!several(comm)) return L4R_OK;
  int status = count_processors(comm, &together, &overlap);
  if (status) return status;
  l4r_comm_on_host(comm, NULL, &ranks);
  if (!asked && overlap) *threads = together / ranks > 0 ? together / ranks : 1;
  if (overlap && *threads * ranks > together)
    l4r_warn("%d ranks of %d threads share the %d processors of %s: they wait for each other",
             ranks, *threads, together, l4r_comm_host(comm, l4r_comm_rank(comm)));
  int64_t least = -*threads;
  status = l4r_comm_max_int(comm, &least, 1);
  if (!asked) *threads = (int)-least;
  return status;
}

int l4r_train_ranks_blas(struct l4r_comm *comm) {
  char name[24] = "";
  if (!several(comm)) return L4R_OK;
  if (l4r_comm_rank(comm) == 0) snprintf(name, sizeof name, "%s", l4r_blas_choose()->asked);
  const int status = l4r_comm_broadcast(comm, 0, name, sizeof name);
  if (!status && *name && l4r_comm_rank(comm) > 0) setenv(L4R_BLAS_VARIABLE, name, 1);
  return status;
}

int l4r_train_ranks_precision(struct l4r_comm *comm, struct l4r_train_options *options) {
  if (!several(comm)) return L4R_OK;
  const int status = l4r_comm_broadcast(comm, 0, &options->bf16, sizeof options->bf16);
  if (status || !options->bf16 || l4r_layers_have_bf16(options->kernels)) return status;
  return l4r_fail(L4R_ENVIRONMENT,
                  "rank 0 trains in bf16, which this processor lacks; give --precision fp32");
}
