/* SPDX-License-Identifier: BSD-3-Clause */
/* Why these checks: an engine is not believed because it answers, but because the answers of the
 * timed part are those whose accuracy was measured (answers.h), because a repeated query costs what
 * a fresh one costs (MLPerf LoadGen's TEST04), and because the kernels it names can be on this
 * machine. */
#include "bench/run/session/checks.h"
#include "bench/engines.h"
#include "bench/record/text.h"
#include "bench/stats/quantile.h"
#include "impl/base/blas.h"
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <blis.h>
#include <math.h>
#include <string.h>

/* Ratios are sorted as integers: parts per million are fine enough for a judgement at .8. */
static const double ppm = 1e6;
/* A repeated user's rows are warm in the processor's caches, a fresh one's are not: some fifty
 * misses of 100 ns. A smaller saving says nothing about an engine; heuristics that answer within a
 * few microseconds would otherwise be accused. */
static const int64_t cache_saving_ns = 5000;

static int64_t median_of(int64_t *value, int64_t n) {
  l4r_sort_i64(value, n);
  return n ? value[n / 2] : 0;
}

/* Ratios of two arrays of all rounds, pair by pair, and the median saving of the first. */
static int ratios_of(const struct l4r_bundle *round, int rounds, const char *const name[2],
                     struct l4r_repeats *repeats, int64_t *saving) {
  int64_t pairs = 0, at = 0;
  memset(repeats, 0, sizeof *repeats);
  for (int r = 0; r < rounds; r++) {
    const struct l4r_array *repeat = l4r_bundle_find(&round[r], name[0]);
    if (repeat) pairs += repeat->count;
  }
  int64_t *ratio = l4r_alloc(2 * (size_t)pairs, sizeof *ratio, "ratios of repeats");
  if (!ratio) return L4R_ENVIRONMENT;
  int64_t *saved = ratio + pairs;
  for (int r = 0; r < rounds; r++) {
    const struct l4r_array *repeat = l4r_bundle_find(&round[r], name[0]);
    const struct l4r_array *fresh = l4r_bundle_find(&round[r], name[1]);
    for (int64_t i = 0; repeat && fresh && i < repeat->count && i < fresh->count; i++, at++) {
      saved[at] = fresh->value[i] - repeat->value[i];
      ratio[at] = (int64_t)(ppm * (double)repeat->value[i] /
                            (double)(fresh->value[i] > 0 ? fresh->value[i] : 1));
    }
  }
  *saving = median_of(saved, at);
  l4r_sort_i64(ratio, at);
  struct l4r_estimate median = l4r_quantile_estimate(ratio, at, at, .5, .95);
  l4r_free(ratio);
  repeats->pairs = at;
  if (median.withheld) return L4R_OK;
  repeats->ratio = median.value / ppm;
  repeats->lo = median.lo / ppm;
  repeats->hi = median.hi / ppm;
  return L4R_OK;
}

int l4r_check_repeats(const struct l4r_bundle *round, int rounds, struct l4r_repeats *repeats) {
  static const char *const names[2] = {"repeat_ns", "fresh_ns"};
  int64_t saving;
  const int status = ratios_of(round, rounds, names, repeats, &saving);
  if (status || repeats->hi <= 0 || repeats->hi >= .8 || saving < cache_saving_ns) return status;
  return l4r_fail(
      L4R_CHECK,
      "repeated requests take %.2f [%.2f, %.2f] of the time of fresh ones (%lld pairs): "
      "answers come from a cache, and no latency of fresh users was measured",
      repeats->ratio, repeats->lo, repeats->hi, (long long)repeats->pairs);
}

/* What a tenth of an array's calls of all rounds stay below: a cost without what others do to it on
 * a busy machine. 0 where there are none. */
static double low_of(const struct l4r_bundle *round, int rounds, const char *name, int64_t pairs) {
  int64_t *all = l4r_alloc((size_t)pairs + 1, sizeof *all, "times of pairs"), at = 0;
  if (!all) return 0;
  for (int r = 0; r < rounds; r++) {
    const struct l4r_array *array = l4r_bundle_find(&round[r], name);
    for (int64_t i = 0; array && i < array->count && at < pairs; i++) all[at++] = array->value[i];
  }
  l4r_sort_i64(all, at);
  const double low = at ? (double)all[at / 10] : 0;
  l4r_free(all);
  return low;
}

int l4r_check_novel(const struct l4r_bundle *round, int rounds, struct l4r_repeats *known) {
  static const char *const names[2] = {"known_ns", "novel_ns"};
  int64_t saving;
  const int status = ratios_of(round, rounds, names, known, &saving);
  if (status) return status;
  const double low = low_of(round, rounds, names[0], known->pairs);
  const double novel = low_of(round, rounds, names[1], known->pairs);
  const int quicker = known->hi > 0 && known->hi < .8 && saving >= cache_saving_ns &&
                      low < .8 * novel;
  const int slower = known->lo > 1 / .8 && saving <= -cache_saving_ns && novel < .8 * low;
  if (!quicker && !slower) return L4R_OK;
  return l4r_fail(
      L4R_CHECK,
      "requests of the data set take %.2f [%.2f, %.2f] of the time of histories that no file holds "
      "(%lld pairs): %s",
      known->ratio, known->lo, known->hi, (long long)known->pairs,
      quicker ? "answers are remembered rather than computed"
              : "what is not remembered is not computed either");
}

static int has_isa(const char *isa) {
  const struct l4r_cpu *cpu = l4r_cpu();
#if defined(__x86_64__)
  const int sse = 1;
#else
  const int sse = 0;
#endif
  const struct {
    const char *name;
    int there;
  } known[] = {{"scalar", 1},
               {"portable", 1},
               {"sse", sse},
               {"avx2", cpu->avx2},
               {"avx512", cpu->avx512f},
               {"neon", cpu->neon},
               {"sve", cpu->sve},
               {"amx", l4r_cpu_offers(L4R_ISA_AMX)}};
  for (size_t i = sizeof known / sizeof *known; i-- > 0;)
    if (!strncmp(isa, known[i].name, strlen(known[i].name))) return known[i].there;
  return 1; /* a name we do not know proves nothing either way */
}

/* 1 when the description claims BLIS kernels of another processor family than BLIS chose. */
static int claims_other_blis(const char *kernels) {
  const char *at = strstr(kernels, "blis");
  const char *mine = l4r_blas_open();
  if (!at || strstr(at, mine)) return 0;
  for (int id = 0; id < BLIS_NUM_ARCHS; id++)
    if (strcmp(bli_arch_string((arch_t)id), "generic") && strstr(at, bli_arch_string((arch_t)id)))
      return 1;
  return 0;
}

int l4r_check_description(const struct l4r_arm *arm, const json_t *description) {
  const char *kernels = l4r_text_at(description, "kernels"), *isa = l4r_text_at(description, "isa");
  const char *precision = l4r_text_at(description, "precision");
  if (!*kernels || !*precision)
    return l4r_fail(L4R_CHECK, "arm %s does not say which kernels and precision it took",
                    arm->text);
  if (!has_isa(isa))
    return l4r_fail(L4R_CHECK, "arm %s claims %s, which this processor does not have", arm->text,
                    isa);
  if (claims_other_blis(kernels))
    return l4r_fail(L4R_CHECK, "arm %s claims '%s', but BLIS runs its %s kernels", arm->text,
                    kernels, l4r_blas_open());
  if (strcmp(l4r_text_at(description, "file_sha256"), arm->file_sha256))
    return l4r_fail(L4R_CHECK, "arm %s: another file was measured than stood there before",
                    arm->text);
  for (int o = 0; o < arm->options; o++) {
    const char *key = arm->option[o].key, *value = arm->option[o].value;
    if (!strcmp(key, "precision") && strcmp(value, precision))
      return l4r_fail(L4R_CHECK, "arm %s asked for precision %s and ran in %s", arm->text, value,
                      precision);
    if (!strcmp(key, "isa") && strcmp(value, "auto") && strcmp(value, isa))
      return l4r_fail(L4R_CHECK, "arm %s asked for isa %s and ran by %s", arm->text, value, isa);
    if (!strcmp(key, "stack") && !strcmp(value, "blis") && !strstr(kernels, "blis"))
      return l4r_fail(L4R_CHECK, "arm %s asked for stack blis and ran '%s'", arm->text, kernels);
  }
  return L4R_OK;
}

int l4r_check_same_kernels(const struct l4r_arm *arm, const json_t *one, const json_t *other) {
  static const char *const fields[] = {"kernels", "isa", "precision", "settings", "file_sha256"};
  for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
    if (strcmp(l4r_text_at(one, fields[f]), l4r_text_at(other, fields[f])))
      return l4r_fail(L4R_CHECK,
                      "arm %s fell back: %s was '%s' in the accuracy pass and '%s' in "
                      "the timed part",
                      arm->text, fields[f], l4r_text_at(one, fields[f]),
                      l4r_text_at(other, fields[f]));
  return L4R_OK;
}
