/* SPDX-License-Identifier: BSD-3-Clause */
/* By which instructions a stack computes: what was asked for, or what measured fastest.
 *
 * A choice is made once, at open, and holds for all that is computed then: one answer whatever the
 * company. In one process the same question gets the same answer, and what was measured is kept in
 * the user's cache folder (times_file.h), so that the next process chooses alike; processes that
 * belong together hand it on (l4r_choices_write). */
#ifndef L4R_BLIS_CHOICE_H
#define L4R_BLIS_CHOICE_H

#include "impl/blis/calibrate.h"
#include "impl/stack.h"

struct l4r_choice {
  enum l4r_isa isa;                   /* of all that is no product */
  const struct l4r_gemm_kernel *gemm; /* of the products */
  const char *way; /* "asked", "only" (there is no other here), "widest" (nothing to measure by),
                      "measured", "remembered" (measured by an earlier open, of this process or of
                      another) */
  struct l4r_kernel_times times; /* of all that came into question, in order of preference */
};

/* Chooses by precision, fallback, isa, kernel and products of the options. The first kernel in
 * order of preference stays unless another was measured to be more than a twentieth faster.
 * L4R_USAGE for an unknown precision, set or kernel, L4R_ENVIRONMENT for what is not here; the
 * messages name what there is. Thread-safe. */
int l4r_choose(const struct l4r_stack_options *options, struct l4r_choice *choice);

/* Writes a kernel's name as `kernel=` takes it, in small letters and without spaces
 * ("avx-512-multiply-adds"). */
void l4r_kernel_word(const struct l4r_gemm_kernel *kernel, char *out, size_t size);

/* Hand this process's measurements to another, which then chooses alike even where nothing can be
 * kept in the cache folder: write returns a text of a line to be freed with l4r_free (NULL without
 * memory), read adds one to what this process knows. L4R_INPUT for a text that is none, of which
 * nothing is taken. Thread-safe. */
char *l4r_choices_write(void);
int l4r_choices_read(const char *text);

/* With 0, choices of this process measure nothing and look nothing up: they take the first kernel
 * in order of preference ("widest"), so that two processes compute alike wherever they run. Before
 * the first choice. */
void l4r_choice_measure(int on);

/* For tests: the next choice of this process is made anew, from the file or by measuring. */
void l4r_choice_forget(void);

#endif
