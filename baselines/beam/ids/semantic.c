/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/ids/semantic.h"

#include "baselines/beam/ids/kmeans.h"
#include "baselines/beam/ids/principal.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A random stream of its own, and one number of it a level; the last is for components. */
enum { STREAM_SEMANTIC = 0x73656d, STEP_COMPONENTS = 1000 };

struct coding {
  const struct l4r_semantic_spec *spec;
  int64_t levels, codes, steps; /* steps: levels + 1 */
  int64_t width;                /* that is coded */
  double *residual;             /* [items][width] */
  double *centre;               /* [codes][width] */
  int32_t *label;               /* [items] */
  int32_t *step;                /* [items][steps] */
  int64_t *order;               /* [items] indices, equal codes together */
  int64_t made[L4R_SEMANTIC_LEVELS_MAX];
  double left[L4R_SEMANTIC_LEVELS_MAX + 1]; /* squares of the residuals before each level */
};

static double squares(const struct coding *coding) {
  double sum = 0;
  for (int64_t i = 0; i < coding->spec->items * coding->width; i++)
    sum += coding->residual[i] * coding->residual[i];
  return sum;
}

static int code_level(struct coding *coding, int64_t level) {
  const struct l4r_semantic_spec *spec = coding->spec;
  const struct l4r_kmeans_spec kmeans = {.count = spec->items,
                                         .width = coding->width,
                                         .point = coding->residual,
                                         .clusters = coding->codes,
                                         .team = spec->team};
  struct l4r_random random;
  l4r_random_stream(&random, spec->seed, STREAM_SEMANTIC, (uint64_t)level);
  int status = l4r_kmeans(&kmeans, &random, coding->centre, coding->label, &coding->made[level]);
  if (!status && level == 0 && coding->made[0] < 2)
    status = l4r_fail(L4R_INPUT,
                      "--ids semantic: the vectors of all %" PRId64 " items are equal, "
                      "so they tell no items apart; is the text the same for all?",
                      spec->items);
  for (int64_t i = 0; !status && i < spec->items; i++) {
    const double *centre = coding->centre + coding->label[i] * coding->width;
    coding->step[i * coding->steps + level] = coding->label[i] + 1;
    for (int64_t d = 0; d < coding->width; d++)
      coding->residual[i * coding->width + d] -= centre[d];
  }
  return status;
}

static int compare_codes(const struct coding *coding, int64_t a, int64_t b) {
  const int32_t *x = coding->step + a * coding->steps, *y = coding->step + b * coding->steps;
  for (int64_t level = 0; level < coding->levels; level++)
    if (x[level] != y[level]) return x[level] < y[level] ? -1 : 1;
  return 0;
}

static int compare_items(const void *left, const void *right, void *context) {
  const struct coding *coding = context;
  const int64_t *popularity = coding->spec->popularity;
  const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  const int codes = compare_codes(coding, a, b);
  if (codes) return codes;
  if (popularity[a + 1] != popularity[b + 1]) return popularity[a + 1] > popularity[b + 1] ? -1 : 1;
  return a < b ? -1 : a > b;
}

static int too_many(const struct coding *coding, int64_t item) {
  char codes[128] = "";
  size_t used = 0;
  int64_t count = 0;
  for (int64_t i = 0; i < coding->spec->items; i++) count += !compare_codes(coding, i, item);
  for (int64_t level = 0; level < coding->levels; level++)
    l4r_text_add(codes, sizeof codes, &used, "%s%" PRId32, level ? "-" : "",
                 coding->step[item * coding->steps + level]);
  return l4r_fail(L4R_INPUT,
                  "--ids semantic: %" PRId64 " items have the codes %s, and the last token tells "
                  "only %" PRId64 " apart; items of the same text always share theirs, others part "
                  "with more --semantic-levels or --semantic-codes",
                  count, codes, coding->codes);
}

/* Numbers the items of the same codes; `shared` counts those that are not alone. */
static int place(struct coding *coding, int64_t *shared, int64_t *most) {
  const int64_t items = coding->spec->items, last = coding->levels;
  *shared = *most = 0;
  for (int64_t i = 0; i < items; i++) coding->order[i] = i;
  qsort_r(coding->order, (size_t)items, sizeof *coding->order, compare_items, coding);
  for (int64_t i = 0; i < items; i++) {
    const int64_t item = coding->order[i], before = i ? coding->order[i - 1] : -1;
    const int same = i && !compare_codes(coding, before, item);
    const int32_t number = same ? coding->step[before * coding->steps + last] + 1 : 1;
    assert(!i || same || compare_codes(coding, before, item) < 0); /* no id stands twice */
    if (number > coding->codes) return too_many(coding, item);
    coding->step[item * coding->steps + last] = number;
    *shared += (number == 2) + (number >= 2);
    if (number > *most) *most = number;
  }
  return L4R_OK;
}

static void tell(const struct coding *coding, double seconds, int64_t shared, int64_t most) {
  char made[128] = "", left[128] = "";
  size_t used = 0, written = 0;
  for (int64_t level = 0; level < coding->levels; level++) {
    l4r_text_add(made, sizeof made, &used, "%s%" PRId64, level ? ", " : "", coding->made[level]);
    l4r_text_add(left, sizeof left, &written, "%s%.3g", level ? ", " : "",
                 100 * coding->left[level + 1] / coding->left[0]);
  }
  l4r_info("semantic ids: levels of %s codes over %" PRId64 " components in %.1f s, which leave %s "
           "%% of their squares; "
           "%" PRId64 " of %" PRId64 " items share their codes, at most %" PRId64,
           made, coding->width, seconds, left, shared, coding->spec->items, most);
}

/* Sets the residuals to what is coded: the vectors, or their principal components. */
static int reduce(struct coding *coding) {
  const struct l4r_semantic_spec *spec = coding->spec;
  if (coding->width == spec->width) {
    for (int64_t i = 0; i < spec->items * spec->width; i++) coding->residual[i] = spec->vector[i];
    return L4R_OK;
  }
  const struct l4r_principal_spec principal = {.count = spec->items,
                                               .width = spec->width,
                                               .point = spec->vector,
                                               .kept = coding->width,
                                               .team = spec->team};
  struct l4r_random random;
  l4r_random_stream(&random, spec->seed, STREAM_SEMANTIC, STEP_COMPONENTS);
  return l4r_principal(&principal, &random, coding->residual);
}

static int code_all(struct coding *coding) {
  const int64_t began = l4r_now_ns();
  int64_t shared = 0, most = 0;
  int status = reduce(coding);
  coding->left[0] = squares(coding);
  for (int64_t level = 0; !status && level < coding->levels; level++) {
    status = code_level(coding, level);
    coding->left[level + 1] = squares(coding);
  }
  if (!status) status = place(coding, &shared, &most);
  if (!status) tell(coding, (double)(l4r_now_ns() - began) * 1e-9, shared, most);
  return status;
}

int l4r_semantic(const struct l4r_semantic_spec *spec, int64_t **start, int32_t **step) {
  struct coding coding = {.spec = spec,
                          .levels = spec->levels ? spec->levels : L4R_SEMANTIC_LEVELS,
                          .codes = spec->codes ? spec->codes : L4R_SEMANTIC_CODES};
  const int64_t kept = spec->kept ? spec->kept : L4R_SEMANTIC_WIDTH;
  coding.width = kept < spec->width ? kept : spec->width;
  const size_t items = (size_t)spec->items, width = (size_t)coding.width;
  *start = NULL;
  *step = NULL;
  if (coding.levels < 1 || coding.levels > L4R_SEMANTIC_LEVELS_MAX || coding.codes < 2 ||
      coding.codes > L4R_SEMANTIC_CODES_MAX || kept < 1)
    return l4r_fail(
        L4R_USAGE,
        "--semantic-levels must be 1 to %d, --semantic-codes 2 to %d and --semantic-width "
        "1 or more, not %" PRId64 ", %" PRId64 " and %" PRId64,
        L4R_SEMANTIC_LEVELS_MAX, L4R_SEMANTIC_CODES_MAX, coding.levels, coding.codes, kept);
  coding.steps = coding.levels + 1;
  coding.residual = l4r_alloc(items * width, sizeof(double), "vectors of items");
  coding.centre = l4r_alloc((size_t)coding.codes * width, sizeof(double), "centres");
  coding.label = l4r_alloc(items, sizeof *coding.label, "codes");
  coding.order = l4r_alloc(items, sizeof *coding.order, "items in the order of their codes");
  coding.step = l4r_alloc(items * (size_t)coding.steps, sizeof *coding.step, "item codes");
  int64_t *places = l4r_alloc(items + 1, sizeof *places, "item codes");
  const int taken = coding.residual && coding.centre && coding.label && coding.order &&
                    coding.step && places;
  int status = taken ? code_all(&coding) : L4R_ENVIRONMENT;
  for (int64_t i = 0; !status && i <= spec->items; i++) places[i] = i * coding.steps;
  void *const part[] = {
      coding.residual,       coding.centre, coding.label, coding.order, status ? coding.step : NULL,
      status ? places : NULL};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  if (status) return status;
  *start = places;
  *step = coding.step;
  return L4R_OK;
}
