/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec data synth: a data set drawn from a process whose best possible accuracy is known. */
#include "bench/commands/data.h"
#include "bench/import/synth.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <stdio.h>

struct cli_args {
  struct l4r_synth_options options;
  const char *out;
  int64_t seed;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "FOLDER", "data set folder to write", AT(out), .is_needed = 1},
    {"users", L4R_ARG_INT, "N", "number of users", AT(options.users), .preset = "2000"},
    {"items", L4R_ARG_INT, "N", "number of items", AT(options.items), .preset = "300"},
    {"clusters", L4R_ARG_INT, "N", "number of hidden clusters", AT(options.clusters),
     .preset = "12"},
    {"shortest", L4R_ARG_INT, "N", "length of the shortest sequence", AT(options.shortest),
     .preset = "8"},
    {"longest", L4R_ARG_INT, "N", "length of the longest sequence", AT(options.longest),
     .preset = "32"},
    {"zipf", L4R_ARG_REAL, "X", "exponent of the popularity of a cluster's items", AT(options.zipf),
     .preset = "1"},
    {"leak", L4R_ARG_REAL, "X", "share of a cluster's emissions that is spread over all items",
     AT(options.leak), .preset = "0.1"},
    {"follow", L4R_ARG_REAL, "X", "probability of a cluster's two favourite transitions together",
     AT(options.follow), .preset = "0.8"},
    {"seed", L4R_ARG_INT, "N", "random seed", AT(seed), .preset = "1"},
    {0}};

const struct l4r_usage l4r_usage_data_synth = {
    .command = "data synth",
    .summary = "Draws users from a hidden cluster-and-transition process and prints the best HR@10 "
               "and NDCG@10 that any recommender can reach on them.",
    .examples = "  lite4rec data synth --out data/synth\n",
    .arguments = arguments};

static int draw_and_write(const struct l4r_synth_options *options, const char *out) {
  struct l4r_synth *synth = NULL;
  struct l4r_synth_optimum optimum;
  int status = l4r_synth_draw(options, &synth);
  if (!status) status = l4r_synth_optimum(synth, &optimum);
  if (!status) status = l4r_synth_write(synth, &optimum, out);
  if (!status) {
    printf("%s: %lld users, %lld items, %lld interactions, seed %llu\n", out,
           (long long)options->users, (long long)options->items,
           (long long)synth->user_start[options->users], (unsigned long long)options->seed);
    printf("Bayes optimum (exact forward filter): HR@10 %.4f, NDCG@10 %.4f; on the targets drawn "
           "%.4f, %.4f\n",
           optimum.hr10, optimum.ndcg10, optimum.realised_hr10, optimum.realised_ndcg10);
    l4r_info("next: lite4rec train pop --data %s --out MODEL", out);
  }
  l4r_synth_free(synth);
  return status;
}

int l4r_data_synth(int argc, char **argv) {
  struct cli_args args = {.out = NULL};
  struct l4r_parsed parsed;
  const int status = l4r_arguments_parse(&l4r_usage_data_synth, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  args.options.seed = (uint64_t)args.seed;
  return draw_and_write(&args.options, args.out);
}
