/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/paper.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

/* The file itself is embedded, so that the program judges by exactly what readers of the source
 * see. */
__asm__(".section .rodata\n"
        ".global l4r_paper_json\n"
        "l4r_paper_json:\n"
        ".incbin \"bench/claims/paper.json\"\n"
        ".byte 0\n"
        ".text\n");
extern const char l4r_paper_json[];

static int read_dataset(const json_t *root, struct l4r_claim *claim) {
  const json_t *dataset = json_object_get(json_object_get(root, "datasets"), claim->dataset);
  const json_t *interactions = json_object_get(dataset, "interactions");
  claim->users = json_integer_value(json_object_get(dataset, "users"));
  const size_t n = json_array_size(interactions);
  if (!claim->users || n < 1 || n > 4)
    return l4r_fail(L4R_INPUT, "paper.json: claim %s names no data set with counts", claim->id);
  for (size_t i = 0; i < n; ++i)
    claim->interactions[i] = json_integer_value(json_array_get(interactions, i));
  return L4R_OK;
}

static int read_side(const json_t *entry, struct l4r_claim *claim) {
  static const char *const names[] = {"lite", "exact", "head"};
  const char *side = json_string_value(json_object_get(entry, "side"));
  for (int i = L4R_SIDE_LITE; i <= L4R_SIDE_HEAD; i++) {
    if (side && strcmp(side, names[i])) continue;
    claim->side = (enum l4r_side)i;
    return L4R_OK;
  }
  return l4r_fail(L4R_INPUT, "paper.json: claim %s: side '%s' is not lite, exact or head",
                  claim->id, side);
}

static int read_claim(const json_t *root, const json_t *entry, struct l4r_claim *claim) {
  const char *statistic = json_string_value(json_object_get(entry, "statistic"));
  const json_t *floor = json_object_get(entry, "floor");
  claim->id = json_string_value(json_object_get(entry, "id"));
  claim->says = json_string_value(json_object_get(entry, "says"));
  claim->where = json_string_value(json_object_get(entry, "where"));
  claim->metric = json_string_value(json_object_get(entry, "metric"));
  claim->dataset = json_string_value(json_object_get(entry, "dataset"));
  claim->value = json_number_value(json_object_get(entry, "value"));
  claim->headline = json_is_true(json_object_get(entry, "headline"));
  claim->floor = json_number_value(json_object_get(floor, "at_least"));
  claim->floor_why = json_string_value(json_object_get(floor, "why"));
  if (!claim->id || !claim->says || !claim->where || !claim->dataset || !statistic)
    return l4r_fail(L4R_INPUT, "paper.json: a claim lacks id, says, where, statistic or dataset");
  claim->statistic = strcmp(statistic, "time saved") == 0 ? L4R_TIME_SAVED : L4R_RELATIVE_GAIN;
  if (claim->statistic == L4R_RELATIVE_GAIN && !claim->metric)
    return l4r_fail(L4R_INPUT, "paper.json: claim %s lacks its metric", claim->id);
  claim->is_margin = json_is_true(json_object_get(entry, "margin"));
  if (read_side(entry, claim)) return L4R_INPUT;
  const json_t *conditions = json_object_get(root, "conditions");
  claim->conditions = (struct l4r_conditions){
      .taken_most = json_number_value(json_object_get(conditions, "taken_most")),
      .clock_fall_most = json_number_value(json_object_get(conditions, "clock_fall_most"))};
  if (!(claim->conditions.taken_most > 0) || !(claim->conditions.clock_fall_most > 0))
    return l4r_fail(L4R_INPUT, "paper.json: conditions lack taken_most or clock_fall_most");
  return read_dataset(root, claim);
}

int l4r_paper_open(struct l4r_paper *paper) {
  *paper = (struct l4r_paper){0};
  json_error_t error;
  paper->root = json_loads(l4r_paper_json, 0, &error);
  if (!paper->root) return l4r_fail(L4R_INPUT, "paper.json:%d: %s", error.line, error.text);
  const json_t *claims = json_object_get(paper->root, "claims");
  paper->claims = (int64_t)json_array_size(claims);
  paper->claim = l4r_alloc((size_t)paper->claims, sizeof *paper->claim, "claims");
  int status = paper->claim ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t i = 0; !status && i < paper->claims; ++i)
    status = read_claim(paper->root, json_array_get(claims, (size_t)i), &paper->claim[i]);
  if (status) l4r_paper_close(paper);
  return status;
}

void l4r_paper_close(struct l4r_paper *paper) {
  json_decref(paper->root);
  l4r_free(paper->claim);
  *paper = (struct l4r_paper){0};
}
