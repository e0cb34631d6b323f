/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/blis/choice.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"
#include "impl/blis/remembered.h"
#include "impl/blis/times_file.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>

static const double twentieth = .95; /* of the preferred kernel's time: less is faster for sure */

static int find_precision(const char *name, enum l4r_precision *found) {
  char all[64];
  size_t used = 0;
  all[0] = 0;
  for (int p = 0; p < L4R_PRECISIONS; p++) {
    *found = (enum l4r_precision)p;
    if (!strcmp(name ? name : "fp32", l4r_precision_name(*found))) return L4R_OK;
    l4r_text_add(all, sizeof all, &used, "%s%s", p ? ", " : "", l4r_precision_name(*found));
  }
  return l4r_fail(L4R_USAGE, "the blis stack has no precision '%s'; it has: %s", name, all);
}

void l4r_kernel_word(const struct l4r_gemm_kernel *kernel, char *out, size_t size) {
  size_t at = 0;
  for (const char *c = kernel->name; *c && at + 1 < size; c++)
    out[at++] = (char)(*c == ' ' ? '-' : tolower((unsigned char)*c));
  out[at] = 0;
}

/* What the options ask for. */
struct wish {
  enum l4r_precision precision;
  const char *isa; /* NULL: any */
  enum l4r_isa set;
  const char *kernel; /* NULL: any */
  int fallback;
};

static int is_named(const struct l4r_gemm_kernel *kernel, const char *word) {
  char name[64];
  l4r_kernel_word(kernel, name, sizeof name);
  return !strcmp(name, word);
}

/* With `isa` a set's own kernels come first: those that it has from smaller sets stand in where it
 * has none. */
static int list(const struct wish *wish, struct l4r_choice *choice) {
  const struct l4r_gemm_kernel *kernel;
  for (int own = wish->isa != NULL; own >= 0 && !choice->times.count; own--)
    for (int i = 0; (kernel = l4r_gemm_kernel_at(i)); i++) {
      if (kernel->layout.precision != wish->precision || !kernel->available()) continue;
      if (kernel->slow && !wish->fallback) continue;
      if (wish->kernel && !is_named(kernel, wish->kernel)) continue;
      if (wish->isa && !(own ? kernel->set == wish->set : l4r_isa_contains(wish->set, kernel->set)))
        continue;
      if (choice->times.count < L4R_KERNELS_MAX)
        choice->times.kernel[choice->times.count++] = kernel;
      if (wish->isa && !own) break; /* the preferred one of the smaller sets */
    }
  return choice->times.count;
}

/* The name of the kernel that a precision is meant for, with that set or any, wherever it may be.
 */
static const char *meant(const struct wish *wish) {
  const struct l4r_gemm_kernel *kernel;
  for (int i = 0; (kernel = l4r_gemm_kernel_at(i)); i++)
    if (kernel->layout.precision == wish->precision && !kernel->slow) return kernel->name;
  return "instructions";
}

static int refuse(const struct wish *wish) {
  const char *precision = l4r_precision_name(wish->precision);
  if (!wish->kernel)
    return l4r_fail(L4R_ENVIRONMENT,
                    "precision=%s%s%s: %s no instructions that make it faster than fp32, such as "
                    "%s; take precision=fp32, or fallback=on for the same rounding by others",
                    precision, wish->isa ? ",isa=" : "", wish->isa ? wish->isa : "",
                    wish->isa ? "this set has" : "this processor has", meant(wish));
  char all[256], word[64];
  size_t used = 0;
  const struct l4r_gemm_kernel *kernel;
  all[0] = 0;
  int status = L4R_USAGE;
  for (int i = 0; (kernel = l4r_gemm_kernel_at(i)); i++) {
    if (kernel->layout.precision != wish->precision) continue;
    if (is_named(kernel, wish->kernel)) status = L4R_ENVIRONMENT;
    if (!kernel->available() || (wish->isa && !l4r_isa_contains(wish->set, kernel->set))) continue;
    l4r_kernel_word(kernel, word, sizeof word);
    l4r_text_add(all, sizeof all, &used, "%s%s%s", used ? ", " : "", word,
                 kernel->slow ? " (with fallback=on)" : "");
  }
  return l4r_fail(status, "kernel=%s: %s for precision=%s%s%s; there are: %s", wish->kernel,
                  status == L4R_USAGE ? "no such kernel" : "this kernel cannot run here", precision,
                  wish->isa ? ",isa=" : "", wish->isa ? wish->isa : "", all);
}

/* The first that is no more than a twentieth slower than the fastest. */
static int fastest(const struct l4r_choice *choice) {
  int best = 0, first = 0;
  for (int i = 1; i < choice->times.count; i++)
    if (choice->times.ns[i] < choice->times.ns[best]) best = i;
  while (choice->times.ns[first] * twentieth > choice->times.ns[best]) first++;
  return first;
}

/* --- what this process has chosen before --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int measures = 1;

void l4r_choice_measure(int on) {
  measures = on;
}

void l4r_choice_forget(void) {
  pthread_mutex_lock(&lock);
  l4r_remembered_clear();
  pthread_mutex_unlock(&lock);
}

char *l4r_choices_write(void) {
  pthread_mutex_lock(&lock);
  char *text = l4r_remembered_write();
  pthread_mutex_unlock(&lock);
  return text;
}

int l4r_choices_read(const char *text) {
  pthread_mutex_lock(&lock);
  const int whole = l4r_remembered_read(text);
  pthread_mutex_unlock(&lock);
  return whole ? L4R_OK
               : l4r_fail(L4R_INPUT, "what another process measured of kernels is damaged");
}

/* With the lock held: two threads that ask the same are told the same. */
static int measure(const struct l4r_products *products, struct l4r_choice *choice) {
  char key[L4R_TIMES_KEY], hash[65];
  l4r_times_key(&choice->times, products, key);
  l4r_sha256(key, strlen(key), hash);
  choice->way = "remembered";
  if (l4r_remembered_find(hash, &choice->times)) return L4R_OK;
  if (!l4r_times_read(key, &choice->times)) {
    const int status = l4r_calibrate(products, &choice->times);
    if (status) return status;
    choice->way = "measured";
    l4r_times_write(key, &choice->times);
  }
  l4r_remembered_add(hash, &choice->times);
  return L4R_OK;
}

static int decide(const struct l4r_stack_options *options, const struct wish *wish,
                  struct l4r_choice *choice) {
  int status = L4R_OK, at = 0;
  if (choice->times.count == 1) {
    choice->way = wish->isa || wish->kernel ? "asked" : "only";
  } else if (!measures || !options->products || !options->products->count) {
    choice->way = "widest";
  } else {
    pthread_mutex_lock(&lock);
    status = measure(options->products, choice);
    pthread_mutex_unlock(&lock);
    if (!status) at = fastest(choice);
  }
  choice->gemm = choice->times.kernel[at];
  return status;
}

int l4r_choose(const struct l4r_stack_options *options, struct l4r_choice *choice) {
  struct wish wish = {
      .isa = options->isa, .kernel = options->kernel, .fallback = options->fallback};
  if (wish.isa && !strcmp(wish.isa, "auto")) wish.isa = NULL;
  *choice = (struct l4r_choice){0};
  int status = l4r_isa_find(wish.isa, &wish.set);
  if (!status) status = find_precision(options->precision, &wish.precision);
  if (status) return status;
  if (!list(&wish, choice)) return refuse(&wish);
  status = decide(options, &wish, choice);
  if (status) return status;
  choice->isa = choice->gemm->set;
  /* Norms and attention have no reason to be narrower than they must, unless that was asked for. */
  if (wish.isa)
    choice->isa = wish.set;
  else if (wish.precision != L4R_FP32 && l4r_isa_contains(l4r_isa_widest(), choice->gemm->set))
    choice->isa = l4r_isa_widest();
  return L4R_OK;
}
