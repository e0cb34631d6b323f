/* SPDX-License-Identifier: BSD-3-Clause */
/* Seeded pseudo-random numbers, the same on every machine: xoshiro256** seeded through splitmix64
 * (Blackman and Vigna, https://prng.di.unimi.it). The state is four words, so that a checkpoint can
 * hold it. Not thread-safe: one generator a thread, made with l4r_random_stream. */
#ifndef L4R_BASE_RANDOM_H
#define L4R_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct l4r_random {
  uint64_t state[4];
};

void l4r_random_seed(struct l4r_random *random, uint64_t seed);
/* Seeds an independent generator for (seed, stream, step), so that what worker w draws at step s
 * does not depend on what others drew. */
void l4r_random_stream(struct l4r_random *random, uint64_t seed, uint64_t stream, uint64_t step);
uint64_t l4r_random_next(struct l4r_random *random);
double l4r_random_uniform(struct l4r_random *random);                 /* [0, 1), 53 bits */
uint64_t l4r_random_below(struct l4r_random *random, uint64_t bound); /* [0, bound), unbiased */
/* Draws `count` times below the same bound, which is at most 2^32. */
void l4r_random_many_below(struct l4r_random *random, uint64_t bound, uint32_t *drawn,
                           size_t count);
double l4r_random_normal(struct l4r_random *random);      /* mean 0, deviation 1 */
double l4r_random_exponential(struct l4r_random *random); /* mean 1 */
void l4r_random_shuffle(struct l4r_random *random, int64_t *values, size_t count);

#endif
