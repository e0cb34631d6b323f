/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation with checked products and cache-line alignment, and a bump allocator for scratch. */
#ifndef L4R_BASE_MEMORY_H
#define L4R_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for `count` elements of `size` bytes, aligned to 64 bytes; NULL with a message
 * (L4R_ENVIRONMENT: how much was asked for and what for) when the product overflows or memory is
 * short. `what` names the thing for the message. count 0 yields a valid pointer. Free with
 * l4r_free. Thread-safe. */
void *l4r_alloc(size_t count, size_t size, const char *what);
void l4r_free(void *pointer);

/* Grows *array (of elements of `size` bytes, allocated by l4r_alloc or NULL) so that it holds at
 * least `needed` elements; *capacity is updated; new elements are zero. 0 or L4R_ENVIRONMENT (the
 * old array stays valid). */
int l4r_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size, const char *what);

char *l4r_strdup(const char *text); /* NULL with a message when memory is short */

/* Number of l4r_alloc/l4r_grow/l4r_strdup calls so far in this process, for the test that serving
 * allocates nothing. */
uint64_t l4r_alloc_count(void);

/* Bytes that this process could still take without being killed for it: the least of what the
 * machine has available, its control group's limit and its own limit leave; -1 where none of them
 * can be read. A snapshot: others take memory too. */
int64_t l4r_memory_available(void);
/* L4R_ENVIRONMENT, naming `what` and both figures in bytes, when that is less than `bytes`. */
int l4r_memory_check(double bytes, const char *what);

/* A bump allocator: one block, taken once; marks are rewound, nothing is freed singly. Not
 * thread-safe: one arena a worker. */
struct l4r_arena {
  unsigned char *base;
  size_t size, used, peak;
};
int l4r_arena_init(struct l4r_arena *arena, size_t bytes, const char *what);
void l4r_arena_free(struct l4r_arena *arena);
/* 64-byte aligned, not zeroed; NULL with a message when the arena is full. */
void *l4r_arena_take(struct l4r_arena *arena, size_t count, size_t size);
static inline size_t l4r_arena_mark(const struct l4r_arena *arena) {
  return arena->used;
}
static inline void l4r_arena_rewind(struct l4r_arena *arena, size_t mark) {
  arena->used = mark;
}

#endif
