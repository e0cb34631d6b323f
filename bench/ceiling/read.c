/* SPDX-License-Identifier: BSD-3-Clause */
/* Eight loads a round into eight independent chains of AND: a load a cycle and more stays in
 * flight, and the chains are shorter than any cache's latency. AND because it cannot overflow and
 * needs no rounding; its result is handed to the caller, so that nothing is left out. Two loads a
 * chain let the compiler merge them into one instruction of three operands and take them out of
 * order, which hides the sequence from the prefetcher: 11 GB/s from memory instead of 31 on Zen 4.
 */
#include "bench/ceiling/read.h"

#include "impl/ceiling/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/unroll.h"

#include <hwloc.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { CHAINS = 8, STEP = 1024 };
/* A run reads at least so much, so that its clock and barriers do not count. */
static const int64_t RUN_BYTES = 64 << 20;
static const int64_t MEMORY_BYTES = 64 << 20, HUGE_PAGE = 2 << 20;

/* Loops over gigabytes, of which a sanitizer keeps as many again. */
#define UNWATCHED __attribute__((no_sanitize("address", "thread")))

#define READ_LOOP(name, type, target, and)                                                         \
  static UNWATCHED target uint32_t name(const void *from, int64_t bytes) {                         \
    const type *at = from, *end = at + bytes / (int64_t)sizeof(type);                              \
    type chain[CHAINS];                                                                            \
    UNROLL for (int i = 0; i < CHAINS; i++) memset(&chain[i], 255, sizeof chain[i]);               \
    for (; at < end; at += CHAINS) {                                                               \
      UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = and(chain[i], at[i]);                     \
    }                                                                                              \
    UNROLL for (int i = 1; i < CHAINS; i++) chain[0] = and(chain[0], chain[i]);                    \
    uint32_t word[sizeof(type) / 4], all = UINT32_MAX;                                             \
    memcpy(word, &chain[0], sizeof word);                                                          \
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) all &= word[i];                        \
    return all;                                                                                    \
  }

typedef uint32_t four __attribute__((vector_size(16)));
#define AND(a, b) ((a) & (b))
READ_LOOP(read_portable, four, , AND)
#if defined(__x86_64__)
READ_LOOP(read_avx2, __m256i, __attribute__((target("avx2"))), _mm256_and_si256)
READ_LOOP(read_avx512, __m512i, __attribute__((target("avx512f"))), _mm512_and_si512)
#endif

uint32_t l4r_read_loop(enum l4r_isa isa, const void *from, int64_t bytes) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_AVX512) return read_avx512(from, bytes);
  if (isa == L4R_ISA_AVX2) return read_avx2(from, bytes);
#endif
  return read_portable(from, bytes);
}

static int64_t whole_steps(int64_t bytes) {
  return bytes / STEP * STEP;
}

int64_t l4r_read_bytes(const struct l4r_read_caches *caches, int level) {
  int64_t share[3], last = 0; /* of a worker: of each cache, and of the level before */
  int largest = 0;
  for (int i = 0; i < 3; i++)
    share[i] = caches->bytes[i] / (caches->shared[i] ? caches->shared[i] : 1);
  for (int i = 0; i < 3 && i < level - 1; i++)
    if (share[i] > last) last = share[i];
  for (int i = 0; i < 3; i++)
    if (caches->bytes[i] > caches->bytes[largest]) largest = i;
  if (level == 4)
    return whole_steps(4 * share[largest] > MEMORY_BYTES ? 4 * share[largest] : MEMORY_BYTES);
  int64_t bytes = share[level - 1] / 2;
  if (bytes < 2 * last) bytes = 2 * last;
  return bytes > share[level - 1] ? 0 : whole_steps(bytes);
}

int l4r_read_caches_find(int workers, struct l4r_read_caches *caches) {
  static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE};
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology)) return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot start");
  if (hwloc_topology_load(topology)) {
    hwloc_topology_destroy(topology);
    return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot read this machine's topology");
  }
  *caches = (struct l4r_read_caches){0};
  for (int i = 0; i < 3; i++) {
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, types[i], 0);
    if (!cache) continue;
    int cores = hwloc_get_nbobjs_inside_cpuset_by_type(topology, cache->cpuset, HWLOC_OBJ_CORE);
    caches->bytes[i] = (int64_t)cache->attr->cache.size;
    caches->shared[i] = cores < 1 ? 1 : cores < workers ? cores : workers;
  }
  hwloc_topology_destroy(topology);
  return L4R_OK;
}

/* Of huge pages where the system gives them: the ceiling is memory's, not that of its page tables.
 */
static size_t buffer_bytes(int64_t bytes) {
  return (size_t)((bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
}

struct reading {
  enum l4r_isa isa;
  int64_t bytes, passes;
  char **buffer; /* [workers] */
};

static void read_once(void *argument, int worker) {
  const struct reading *reading = argument;
  uint32_t all = UINT32_MAX;
  for (int64_t pass = 0; pass < reading->passes; pass++) {
    all &= l4r_read_loop(reading->isa, reading->buffer[worker], reading->bytes);
    __asm__ volatile("" ::: "memory"); /* the next pass reads anew */
  }
  __asm__ volatile("" : : "r"(all)); /* needed, as far as the compiler knows */
}

/* Makes the pages real, one store each: the system clears them, and to write them whole would take
 * as long again. */
static UNWATCHED void touch(char *buffer, size_t bytes) {
  enum { PAGE = 4096 };
  for (size_t at = 0; at < bytes; at += PAGE) ((volatile char *)buffer)[at] = 0x55;
}

static int take(void *argument, int worker, int workers) {
  struct reading *reading = argument;
  (void)workers;
  size_t bytes = buffer_bytes(reading->bytes);
  char *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffer == MAP_FAILED)
    return l4r_fail(L4R_ENVIRONMENT, "no memory for %lld bytes to read", (long long)reading->bytes);
  madvise(buffer, bytes, MADV_HUGEPAGE);
  touch(buffer, bytes);
  reading->buffer[worker] = buffer;
  return L4R_OK;
}

static void give_back(const struct reading *reading, int workers) {
  size_t bytes = buffer_bytes(reading->bytes);
  for (int w = 0; reading->buffer && w < workers; w++)
    if (reading->buffer[w]) munmap(reading->buffer[w], bytes);
  l4r_free(reading->buffer);
}

int l4r_ceiling_read(struct l4r_team *team, int64_t bytes, double seconds, double *gigabytes) {
  int workers = l4r_team_size(team);
  struct reading reading = {.bytes = whole_steps(bytes)};
  if (reading.bytes < STEP)
    return l4r_fail(L4R_USAGE, "at least %d bytes are read, not %lld", STEP, (long long)bytes);
  reading.passes = reading.bytes > RUN_BYTES ? 1 : RUN_BYTES / reading.bytes;
  reading.isa = l4r_isa_widest();
  reading.buffer = l4r_alloc((size_t)workers, sizeof *reading.buffer, "buffers to read");
  int status = reading.buffer ? l4r_team_run(team, take, &reading) : L4R_ENVIRONMENT;
  const struct l4r_ceiling_loop loop = {.seconds = seconds > 0 ? seconds : 0.3,
                                        .flops = (double)reading.bytes * (double)reading.passes,
                                        .once = read_once,
                                        .argument = &reading};
  if (!status) status = l4r_ceiling_measure(team, &loop, gigabytes);
  give_back(&reading, workers);
  return status;
}
