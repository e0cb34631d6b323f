/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/memory.h"

#include "impl/base/error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 1 << 21 };
static atomic_uint_fast64_t allocations;

/* Rounds up, as aligned_alloc requires; returns 0 when the product overflows. */
static size_t rounded_bytes(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return 0;
  if (bytes > SIZE_MAX - ALIGNMENT) return 0;
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return bytes ? bytes : ALIGNMENT;
}

/* Weights are read in sequence. With pages of 4 KB, a page-table walk and a stop of the prefetcher
 * come every 64 lines. So large blocks ask for huge pages where the system gives them on
 * request. */
static void *take(size_t bytes) {
  if (bytes < 2 * (size_t)HUGE_PAGE) return aligned_alloc(ALIGNMENT, bytes);
  bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  void *pointer = aligned_alloc(HUGE_PAGE, bytes);
  if (pointer) (void)madvise(pointer, bytes, MADV_HUGEPAGE); /* failure does no harm */
  return pointer;
}

void *l4r_alloc(size_t count, size_t size, const char *what) {
  const size_t bytes = rounded_bytes(count, size);
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  void *pointer = bytes && bytes <= PTRDIFF_MAX - HUGE_PAGE ? take(bytes) : NULL;
  if (!pointer) {
    l4r_fail(L4R_ENVIRONMENT,
             "no memory for %s: %zu elements of %zu bytes (%.1f MB); use a smaller size or batch",
             what, count, size, (double)count * (double)size / 1e6);
    return NULL;
  }
  memset(pointer, 0, bytes);
  return pointer;
}

void l4r_free(void *pointer) {
  free(pointer);
}

int l4r_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size, const char *what) {
  if (needed <= *capacity) return L4R_OK;
  size_t larger = *capacity + *capacity / 2;
  if (larger < needed) larger = needed;
  if (larger < 16) larger = 16;
  void *old;
  memcpy(&old, array_pointer, sizeof old);
  void *grown = l4r_alloc(larger, size, what);
  if (!grown) return L4R_ENVIRONMENT;
  if (old) memcpy(grown, old, *capacity * size);
  free(old);
  memcpy(array_pointer, &grown, sizeof grown);
  *capacity = larger;
  return L4R_OK;
}

char *l4r_strdup(const char *text) {
  const size_t bytes = strlen(text) + 1;
  char *copy = l4r_alloc(bytes, 1, "a text");
  if (copy) memcpy(copy, text, bytes);
  return copy;
}

uint64_t l4r_alloc_count(void) {
  return atomic_load_explicit(&allocations, memory_order_relaxed);
}

int l4r_arena_init(struct l4r_arena *arena, size_t bytes, const char *what) {
  *arena = (struct l4r_arena){0};
  arena->base = l4r_alloc(bytes, 1, what);
  if (!arena->base) return L4R_ENVIRONMENT;
  arena->size = bytes;
  return L4R_OK;
}

void l4r_arena_free(struct l4r_arena *arena) {
  l4r_free(arena->base);
  *arena = (struct l4r_arena){0};
}

void *l4r_arena_take(struct l4r_arena *arena, size_t count, size_t size) {
  const size_t bytes = rounded_bytes(count, size);
  if (!bytes || bytes > arena->size - arena->used) {
    l4r_fail(L4R_ENVIRONMENT, "scratch memory is full: %zu bytes asked for, %zu of %zu left", bytes,
             arena->size - arena->used, arena->size);
    return NULL;
  }
  void *taken = arena->base + arena->used;
  arena->used += bytes;
  if (arena->used > arena->peak) arena->peak = arena->used;
  return taken;
}
