/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/shard.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/text.h"
#include "impl/model/model.h"
#include "impl/stack_options.h"

#include <stdio.h>
#include <string.h>

int l4r_lite_shards_read(const struct l4r_open_options *options, int live, int *shards) {
  const char *text = l4r_option_get(options, "shards");
  const int ranks = l4r_link_ranks(l4r_link_here());
  int64_t asked = 0;
  *shards = 0;
  if (!text) return L4R_OK;
  if (l4r_parse_int(text, &asked) || asked < 1 || asked > 1 << 20)
    return l4r_fail(L4R_USAGE, "option shards=%s wants the number of ranks, from 1", text);
  if (live)
    return l4r_fail(L4R_USAGE, "shards divide vectors that are kept, and items=live keeps none; "
                               "leave one of them out");
  if (asked != ranks && ranks == 1)
    return l4r_fail(L4R_USAGE,
                    "shards=%s wants %s ranks, and this process is alone: mpirun -n %s lite4rec "
                    "run ... (of a program made with MPI=1)",
                    text, text, text);
  if (asked != ranks)
    return l4r_fail(L4R_USAGE,
                    "shards=%s on %d ranks: every rank holds one shard, so write "
                    "shards=%d, or mpirun -n %s",
                    text, ranks, ranks, text);
  if (options->dataset->items < ranks)
    return l4r_fail(L4R_USAGE, "shards=%s: the catalogue has %lld items, and every shard wants one",
                    text, (long long)options->dataset->items);
  *shards = ranks;
  return L4R_OK;
}

/* --- memory --- */

static int take_memory(struct l4r_lite *lite, struct l4r_lite_shard *shard) {
  const size_t batch = (size_t)lite->batch, ranks = (size_t)shard->ranks;
  const size_t positions = batch * (size_t)lite->config.history;
  const size_t row = (size_t)lite->width * sizeof(float);
  const size_t k = (size_t)lite->max_k, all = shard->link->rank ? 0 : batch * k * ranks;
  const struct {
    void *at;
    size_t count, size;
  } wanted[] = {{&shard->payload, (size_t)l4r_order_payload(lite->batch, (int64_t)positions), 1},
                {&shard->bytes, ranks, sizeof *shard->bytes},
                {&shard->next, ranks, sizeof *shard->next},
                {&shard->entries, ranks, sizeof *shard->entries},
                {&shard->part, ranks, sizeof *shard->part},
                {&shard->mine, positions, row},
                {&shard->shared, positions, row},
                {&shard->item, batch * k, sizeof *shard->item},
                {&shard->score, batch * k, sizeof *shard->score},
                {&shard->ranking, batch, sizeof *shard->ranking},
                {&shard->ranked, batch * k, sizeof *shard->ranked},
                {&shard->others, all, sizeof *shard->others}};
  for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
    void *made = l4r_alloc(wanted[w].count, wanted[w].size, "a shard of the catalogue");
    if (!made) return L4R_ENVIRONMENT;
    memcpy(wanted[w].at, &made, sizeof made);
  }
  for (size_t r = 0; r < batch; r++)
    shard->ranking[r] = (struct l4r_ranking){shard->item + r * k, shard->score + r * k, 0};
  return L4R_OK;
}

int l4r_lite_shard_make(struct l4r_lite *lite, struct l4r_link *link) {
  struct l4r_lite_shard *shard = lite->shard = l4r_alloc(1, sizeof *shard, "a shard");
  if (!shard) return L4R_ENVIRONMENT;
  shard->link = link;
  shard->ranks = l4r_link_ranks(link);
  l4r_order_slice(lite->config.items, link->rank, shard->ranks, &lite->begin, &lite->end);
  return take_memory(lite, shard);
}

void l4r_lite_shard_free(struct l4r_lite *lite) {
  struct l4r_lite_shard *shard = lite->shard;
  if (!shard) return;
  void *const all[] = {shard->counts,  shard->payload, shard->bytes,   shard->next,
                       shard->entries, shard->part,    shard->mine,    shard->shared,
                       shard->item,    shard->score,   shard->ranking, shard->ranked,
                       shard->others,  shard->scores,  shard->parts,   shard};
  if (shard->is_open) /* where it fails the ranks know by themselves */
    (void)l4r_link_order(shard->link, &(struct l4r_order){.kind = L4R_ORDER_CLOSE}, NULL);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  lite->shard = NULL;
}

/* --- opening --- */

int l4r_lite_shard_forget_dataset(struct l4r_lite *lite) {
  const size_t counts = (size_t)(lite->end - lite->begin) + 1;
  lite->shard->counts = l4r_alloc(counts, sizeof *lite->popularity, "popularity of a shard");
  if (!lite->shard->counts) return L4R_ENVIRONMENT;
  memcpy(lite->shard->counts, lite->popularity + lite->begin, counts * sizeof *lite->popularity);
  lite->popularity = NULL;
  return L4R_OK;
}

int l4r_lite_shard_begin(struct l4r_lite *lite, const struct l4r_open_options *options,
                         const struct l4r_model *model) {
  struct l4r_lite_shard *shard = lite->shard;
  struct l4r_about about = {.weights_bytes = 0};
  shard->order = (struct l4r_order){.kind = L4R_ORDER_OPEN,
                                    .items = lite->config.items,
                                    .width = lite->width,
                                    .bytes = sizeof(struct l4r_shard_open)};
  if (shard->link->rank) return L4R_OK; /* it was told */
  struct l4r_shard_open *open = l4r_alloc(1, sizeof *open, "an order");
  if (!open) return L4R_ENVIRONMENT;
  lite->ops->about(lite->stack, &about);
  int cut = l4r_text_set(open->model, sizeof open->model, "%s", options->model);
  cut |= l4r_text_set(open->data, sizeof open->data, "%s", options->dataset->path);
  snprintf(open->sha256, sizeof open->sha256, "%s", model->sha256);
  snprintf(open->stack, sizeof open->stack, "%s", lite->ops->name);
  snprintf(open->precision, sizeof open->precision, "%s", about.precision);
  snprintf(open->isa, sizeof open->isa, "%s", about.isa);
  snprintf(open->kernel, sizeof open->kernel, "%s", about.kernel);
  snprintf(open->kernels, sizeof open->kernels, "%s", about.kernels);
  int fallback;
  int status = l4r_option_choice(options, "fallback", "off", "on", &fallback);
  open->fallback = fallback;
  open->threads = l4r_team_size(options->team);
  open->cache = lite->cache;
  open->table = lite->table;
  open->batch = lite->batch;
  open->max_k = lite->max_k;
  if (!status && cut) status = l4r_fail(L4R_USAGE, "%s: the path is too long", options->model);
  if (!status) status = l4r_link_order(shard->link, &shard->order, open);
  shard->is_open = !status;
  l4r_free(open);
  return status;
}

int l4r_lite_shard_report(struct l4r_lite *lite, struct l4r_shard_report *all) {
  struct l4r_lite_shard *shard = lite->shard;
  struct l4r_about about = {.weights_bytes = 0};
  lite->ops->about(lite->stack, &about);
  struct l4r_shard_report mine = {.items = lite->end - lite->begin,
                                  .wait_ns = shard->link->wait_ns,
                                  .weights_bytes = about.weights_bytes + l4r_lite_table_bytes(lite),
                                  .resident_bytes = l4r_memory_resident()};
  l4r_link_sign(shard->link, &mine);
  l4r_order_gather_bytes(&shard->order, shard->ranks, shard->bytes);
  return l4r_link_gather(shard->link, &mine, shard->bytes, all);
}

int l4r_lite_shard_ready(struct l4r_lite *lite) {
  struct l4r_lite_shard *shard = lite->shard;
  struct l4r_shard_report *all = l4r_alloc((size_t)shard->ranks, sizeof *all, "reports of ranks");
  const int status = all ? l4r_lite_shard_report(lite, all) : L4R_ENVIRONMENT;
  l4r_free(all);
  return status;
}

/* --- a request --- */

int l4r_lite_shard_order(struct l4r_lite *lite, enum l4r_order_kind kind, int64_t count,
                         int64_t k) {
  struct l4r_lite_shard *shard = lite->shard;
  const int64_t positions = lite->start[count];
  const size_t starts = (size_t)(count + 1) * sizeof *lite->start;
  shard->order = (struct l4r_order){.kind = kind,
                                    .count = count,
                                    .positions = positions,
                                    .k = k,
                                    .items = lite->config.items,
                                    .width = lite->width,
                                    .bytes = l4r_order_payload(count, positions)};
  memcpy(shard->payload, lite->start, starts);
  memcpy(shard->payload + starts, lite->history, (size_t)positions * sizeof *lite->history);
  return l4r_link_order(shard->link, &shard->order, shard->payload);
}

int l4r_lite_shard_vectors(struct l4r_lite *lite, int64_t count) {
  struct l4r_lite_shard *shard = lite->shard;
  const int64_t width = lite->width, positions = lite->start[count];
  const size_t row = (size_t)width * sizeof(float);
  int64_t own = 0, *next = shard->next;
  int status = L4R_OK;
  memset(shard->bytes, 0, (size_t)shard->ranks * sizeof *shard->bytes);
  for (int64_t p = 0; p < positions && !status; p++) {
    const l4r_item item = lite->history[p];
    shard->bytes[l4r_order_holder(lite->config.items, shard->ranks, item)] += (int64_t)row;
    if (item > lite->begin && item <= lite->end)
      status = l4r_lite_table_row(lite, item, shard->mine + own++ * width);
  }
  if (!status) status = l4r_link_share(shard->link, shard->mine, shard->bytes, shard->shared);
  if (status) return status;
  next[0] = 0; /* rows of rank r in what was shared begin at next[r] */
  for (int r = 1; r < shard->ranks; r++) next[r] = next[r - 1] + shard->bytes[r - 1] / (int64_t)row;
  for (int64_t p = 0; p < positions; p++) {
    const int from = l4r_order_holder(lite->config.items, shard->ranks, lite->history[p]);
    memcpy(lite->input + p * width, shard->shared + next[from]++ * width, row);
  }
  return L4R_OK;
}

/* The slice's rankings under the catalogue's numbers, [count][entries]. */
static void number(struct l4r_lite *lite, int64_t count, int64_t entries) {
  struct l4r_lite_shard *shard = lite->shard;
  for (int64_t r = 0; r < count; r++)
    for (int64_t e = 0; e < entries; e++)
      shard->ranked[r * entries + e] = (struct l4r_ranked){
          shard->ranking[r].item[e] + (l4r_item)lite->begin, shard->ranking[r].score[e]};
}

static void merge(struct l4r_lite *lite, struct l4r_ranking *ranking) {
  struct l4r_lite_shard *shard = lite->shard;
  const struct l4r_order *order = &shard->order;
  for (int r = 0; r < shard->ranks; r++)
    shard->entries[r] = l4r_order_entries(order, r, shard->ranks);
  for (int64_t one = 0; one < order->count; one++) {
    const struct l4r_ranked *at = shard->others;
    for (int r = 0; r < shard->ranks; r++) {
      shard->part[r] = (r ? at : shard->ranked) + one * shard->entries[r];
      if (r) at += order->count * shard->entries[r];
    }
    ranking[one].count = l4r_order_merge(shard->part, shard->entries, shard->ranks, order->k,
                                         lite->popularity, shard->next, ranking[one].item,
                                         ranking[one].score);
  }
}

int l4r_lite_shard_top_k(struct l4r_lite *lite, struct l4r_ranking *ranking) {
  struct l4r_lite_shard *shard = lite->shard;
  const struct l4r_order *order = &shard->order;
  const int64_t entries = l4r_order_entries(order, shard->link->rank, shard->ranks);
  /* Item i of the slice is item begin + i of the catalogue, whose popularity breaks its ties. */
  const int64_t *counts = shard->counts ? shard->counts : lite->popularity + lite->begin;
  int status = lite->ops->project_top_k(lite->head, lite->user, order->count, entries, counts,
                                        shard->ranking);
  if (status) return status;
  number(lite, order->count, entries);
  l4r_order_gather_bytes(order, shard->ranks, shard->bytes);
  status = l4r_link_gather(shard->link, shard->ranked, shard->bytes, shard->others);
  if (!status && !shard->link->rank) merge(lite, ranking);
  return status;
}

int l4r_lite_shard_scores(struct l4r_lite *lite, float *scores) {
  struct l4r_lite_shard *shard = lite->shard;
  const struct l4r_order *order = &shard->order;
  const int64_t own = lite->end - lite->begin;
  const int is_first = !shard->link->rank;
  int status = l4r_grow(&shard->scores, &shard->scores_room, (size_t)(order->count * own),
                        sizeof *scores, "scores of a shard");
  if (!status && is_first)
    status = l4r_grow(&shard->parts, &shard->parts_room,
                      (size_t)(order->count * (order->items - own)), sizeof *scores,
                      "scores of the other shards");
  if (!status) status = lite->ops->project(lite->head, lite->user, order->count, shard->scores);
  if (status) return status;
  l4r_order_gather_bytes(order, shard->ranks, shard->bytes);
  status = l4r_link_gather(shard->link, shard->scores, shard->bytes, shard->parts);
  const float *from = shard->parts;
  for (int r = 0; r < shard->ranks && is_first && !status; r++) {
    int64_t begin, end;
    l4r_order_slice(order->items, r, shard->ranks, &begin, &end);
    const float *part = r ? from : shard->scores;
    for (int64_t one = 0; one < order->count; one++)
      memcpy(scores + one * order->items + begin, part + one * (end - begin),
             (size_t)(end - begin) * sizeof *scores);
    if (r) from += order->count * (end - begin);
  }
  return status;
}
