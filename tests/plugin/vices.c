/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine of popular.c with one vice, which the compiler is told (-DVICE_count). A run of each
 * must fail and say why, or come to no harm: tests/red/test_plugins.c. */
#define l4r_plugin_engine honest_engine
#include "popular.c"
#undef l4r_plugin_engine

#include <stdio.h>

const struct l4r_engine *l4r_plugin_engine(void);
int nobody_defines_this(void);

/* What becomes of an honest answer. */
static int spoil(struct l4r_ranking *ranking, int64_t k) {
#if defined VICE_count /* more than was asked for */
  ranking->count = k + 1;
#elif defined VICE_negative
  ranking->count = -7;
#elif defined VICE_nan
  ranking->score[0] = __builtin_nanf("");
#elif defined VICE_twice
  ranking->item[1] = ranking->item[0];
#elif defined VICE_outside
  ranking->item[0] = 1 << 30;
#elif defined VICE_status /* none of the contract's numbers, and not a word */
  return 77;
#elif defined VICE_chatty /* among what the program prints */
  puts("chatter");
#elif defined VICE_unknown
  return nobody_defines_this();
#endif
  return L4R_OK;
}

static int vice_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking) {
  const int status = popular_recommend(handle, request, n, k, ranking);
  return status ? status : spoil(ranking, k);
}

static int endless_about(void *handle, struct l4r_about *about) {
  const int status = popular_about(handle, about);
  memset(about->isa, 'x', sizeof about->isa);
  return status;
}

/* Tells whether it could read the answers. */
static int peeking_about(void *handle, struct l4r_about *about) {
  char path[5000];
  snprintf(path, sizeof path, "%s/test.txt", ((struct popular *)handle)->data.path);
  FILE *file = fopen(path, "r");
  strcpy(about->settings, file && fgetc(file) != EOF ? "answers=read" : "answers=hidden");
  if (file) fclose(file);
  return popular_about(handle, about);
}

#ifndef VICE_absent
const struct l4r_engine *l4r_plugin_engine(void) {
  static struct l4r_engine engine;
  engine = *honest_engine();
  engine.recommend = vice_recommend;
#if defined VICE_abi
  engine.abi = L4R_ENGINE_ABI - 1;
#elif defined VICE_endless
  engine.about = endless_about;
#elif defined VICE_peeks
  engine.about = peeking_about;
#elif defined VICE_hole
  engine.close = NULL;
#elif defined VICE_nothing
  return NULL;
#endif
  return &engine;
}
#endif
