/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation with checked products and cache-line alignment, and a bump allocator for scratch. */
#ifndef L4R_BASE_MEMORY_H
#define L4R_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Returns zeroed memory for `count` elements of `size` bytes, aligned to 64 bytes, or NULL with a
 * message (L4R_ENVIRONMENT: how much was asked for and what for) when the product overflows or
 * memory is short. `what` names the thing for the message. count 0 yields a valid pointer. Free
 * with l4r_free. Thread-safe. */
void *l4r_alloc(size_t count, size_t size, const char *what);
void l4r_free(void *pointer);

/* Grows *array (of elements of `size` bytes, allocated by l4r_alloc or NULL) so that it holds at
 * least `needed` elements; *capacity is updated; new elements are zero. 0 or L4R_ENVIRONMENT (the
 * old array stays valid). */
int l4r_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size, const char *what);

char *l4r_strdup(const char *text); /* NULL with a message when memory is short */

/* Returns how often l4r_alloc, l4r_grow and l4r_strdup were called in this process, for the test
 * that serving allocates nothing. */
uint64_t l4r_alloc_count(void);

/* A bump allocator: it takes one block once. A caller notes a mark and returns to it later; nothing
 * is freed singly. Not thread-safe: each worker needs an arena of its own. */
struct l4r_arena {
  unsigned char *base;
  size_t size, used, peak;
};
int l4r_arena_init(struct l4r_arena *arena, size_t bytes, const char *what);
void l4r_arena_free(struct l4r_arena *arena);
/* Returns memory that is aligned to 64 bytes and not zeroed, or NULL with a message when the arena
 * is full. */
void *l4r_arena_take(struct l4r_arena *arena, size_t count, size_t size);
static inline size_t l4r_arena_mark(const struct l4r_arena *arena) {
  return arena->used;
}
static inline void l4r_arena_rewind(struct l4r_arena *arena, size_t mark) {
  arena->used = mark;
}

#endif
