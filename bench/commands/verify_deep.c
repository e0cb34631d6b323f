/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/verify_deep.h"

#include "bench/derive/ranks.h"
#include "bench/run/again.h"
#include "bench/run/session/arm.h"
#include "impl/base/error.h"

#include <stdio.h>

/* Both figures say whether a difference matters; the users say where to look. */
static void print_apart(const char *where, const struct l4r_apart *apart, const char *convention) {
  char first[512];
  l4r_apart_first(apart, " as stated, now ", first, sizeof first);
  printf("%s: accuracy (%s): %lld of %lld users have another rank (%.3g %%), %lld of them within "
         "the first 20; HR@10 %.4f as stated, now %.4f; NDCG@10 %.4f, now %.4f; %s\n",
         where, convention, (long long)apart->differ, (long long)apart->users,
         100. * (double)apart->differ / (double)apart->users, (long long)apart->counted,
         apart->metric[0].value[L4R_HR_10], apart->metric[1].value[L4R_HR_10],
         apart->metric[0].value[L4R_NDCG_10], apart->metric[1].value[L4R_NDCG_10], first);
}

static int compare(struct l4r_deep *deep, const struct l4r_record *record, const char *where,
                   const struct l4r_bundle *now, const char *arm) {
  struct l4r_bundle stated = {0};
  struct l4r_apart apart[L4R_APARTS];
  int is_apart = 0, status = l4r_ranks_read(record, &stated);
  if (!status) status = l4r_ranks_apart(&stated, now, apart);
  l4r_bundle_free(&stated);
  if (status) return l4r_fail_context(status, "%s: accuracy.samples", where);
  for (int c = 0; c < L4R_APARTS; c++) {
    if (apart[c].differ) print_apart(where, &apart[c], l4r_apart_names[c]);
    is_apart |= (double)apart[c].differ > deep->allow * (double)apart[c].users;
  }
  deep->arms++;
  deep->users += apart[0].users;
  deep->apart += is_apart;
  if (!apart[0].differ && !apart[1].differ)
    printf("%s: %s ranks all %lld users as stated\n", where, arm, (long long)apart[0].users);
  return L4R_OK;
}

int l4r_verify_deep(struct l4r_deep *deep, const struct l4r_record *record) {
  const char *name = record->data.accuracy.samples;
  char where[1100], arm[L4R_ARM_TEXT] = "";
  struct l4r_bundle now = {0};
  if (!deep->done && !(deep->done = json_object()))
    return l4r_fail(L4R_ENVIRONMENT, "no memory to verify");
  if (name && json_object_get(deep->done, name)) return L4R_OK;
  if (name) json_object_set_new(deep->done, name, json_true());
  l4r_record_where(record, where, sizeof where);
  int status = l4r_run_again(&deep->places, record, deep->threads, &now, arm);
  if (status == L4R_INPUT || status == L4R_USAGE) {
    printf("%s: not ranked again: %s\n", where, l4r_error_message());
    deep->missing++;
    return L4R_OK;
  }
  if (status) l4r_fail_context(status, "%s: %s", where, arm);
  if (!status) status = compare(deep, record, where, &now, arm);
  l4r_bundle_free(&now);
  return status;
}

int l4r_verify_deep_end(struct l4r_deep *deep, int status) {
  json_decref(deep->done);
  deep->done = NULL;
  if (deep->arms && (!status || status == L4R_CHECK))
    printf("%lld arms ranked again from their models, %lld users compared one by one: %lld arms "
           "differ.\n",
           (long long)deep->arms, (long long)deep->users, (long long)deep->apart);
  if (status) return status;
  if (deep->apart)
    return l4r_fail(L4R_CHECK,
                    "%lld of %lld arms rank otherwise than their records state (named above)",
                    (long long)deep->apart, (long long)deep->arms);
  if (deep->missing)
    return l4r_fail(L4R_INPUT,
                    "%lld arms were not ranked again (named above): their accuracy is as the ranks "
                    "beside the records give it, and no more",
                    (long long)deep->missing);
  return L4R_OK;
}
