/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/lite/parts.h"

#include "impl/base/error.h"
#include "impl/lite/lite_engine.h"
#include "impl/lite/shard.h"
#include "impl/model/config_sizes.h"

#include <string.h>

/* Whatever the batch: so that an arm computes by the same kernels in every scenario. */
void l4r_lite_products(const struct l4r_model_config *config, struct l4r_products *products) {
  l4r_products_encoder(products, &config->rec_llm, config->history);
  l4r_products_head(products, config->rec_llm.d_model, config->items);
}

/* Puts the newest T_max items of `count` requests one after another. */
static int gather(struct l4r_lite *lite, const struct l4r_request *request, int64_t count) {
  int64_t positions = 0;
  lite->start[0] = 0;
  for (int64_t r = 0; r < count; r++) {
    const int64_t length = request[r].length;
    const int64_t skip = length > lite->config.history ? length - lite->config.history : 0;
    for (int64_t i = skip; i < length; i++) {
      const l4r_item item = request[r].history[i];
      if (item < 1 || item > lite->config.items)
        return l4r_fail(L4R_USAGE, "request of user %lld: item %lld, the model has 1..%lld",
                        (long long)request[r].user, (long long)item, (long long)lite->config.items);
      lite->history[positions++] = item;
    }
    lite->start[r + 1] = positions;
  }
  return L4R_OK;
}

/* lite->input: the vectors of the batch's histories. */
static int look_up(struct l4r_lite *lite, int64_t count) {
  const int64_t positions = lite->start[count];
  if (lite->live) return l4r_lite_items_encode(lite->items, lite->history, positions, lite->input);
  if (lite->shard) return l4r_lite_shard_vectors(lite, count);
  int status = L4R_OK;
  for (int64_t p = 0; p < positions && !status; p++)
    status = l4r_lite_table_row(lite, lite->history[p], lite->input + p * lite->width);
  return status;
}

/* Tells the other ranks of a catalogue in shards. */
static int tell(struct l4r_lite *lite, int64_t count, enum l4r_asked asked, int64_t k) {
  if (!lite->shard) return L4R_OK;
  if (asked == L4R_ASKED_STATES)
    return l4r_fail(L4R_USAGE, "users' states are not given with shards=R; leave the option out");
  return l4r_lite_shard_order(lite, asked == L4R_ASKED_BEST ? L4R_ORDER_RECOMMEND : L4R_ORDER_SCORE,
                              count, k);
}

int l4r_lite_encode_users(struct l4r_lite *lite, const struct l4r_request *request, int64_t count,
                          enum l4r_asked asked, int64_t k) {
  int status = gather(lite, request, count);
  if (!status) status = tell(lite, count, asked, k);
  return status ? status : l4r_lite_encode_histories(lite, count);
}

int l4r_lite_encode_histories(struct l4r_lite *lite, int64_t count) {
  const int status = look_up(lite, count);
  if (status) return status;
  l4r_spend(lite->spent, L4R_SPENT_PREPARING);
  const struct l4r_ragged batch = {.count = count, .start = lite->start, .vector = lite->input};
  return lite->ops->encode(lite->encoder, &batch,
                           lite->config.readout == L4R_READ_LAST ? L4R_OUT_LAST : L4R_OUT_MEAN,
                           lite->user);
}

void l4r_lite_parts(void *handle, struct l4r_lite_parts *parts) {
  const struct l4r_lite *lite = handle;
  *parts = (struct l4r_lite_parts){
      .width = lite->width,
      .items = lite->config.items,
      .vectors = lite->shard ? NULL : lite->vectors, /* a slice is not the catalogue's */
      .tied_head = lite->config.tied_head,
      .scale = lite->config.tied_head ? (float)l4r_tied_scale(&lite->config) : 1};
}

int l4r_lite_states(void *handle, const struct l4r_request *request, int64_t n, float *out) {
  struct l4r_lite *lite = handle;
  for (int64_t done = 0; done < n; done += lite->batch) {
    const int64_t count = n - done < lite->batch ? n - done : lite->batch;
    const int status = l4r_lite_encode_users(lite, request + done, count, L4R_ASKED_STATES, 0);
    if (status) return status;
    memcpy(out + done * lite->width, lite->user,
           (size_t)(count * lite->width) * sizeof *lite->user);
  }
  return L4R_OK;
}

int l4r_lite_shards(const void *handle) {
  const struct l4r_lite *lite = handle;
  return lite->shard ? lite->shard->ranks : 0;
}

int l4r_lite_shard_reports(void *handle, struct l4r_shard_report *all) {
  struct l4r_lite *lite = handle;
  lite->shard->order = (struct l4r_order){
      .kind = L4R_ORDER_REPORT, .items = lite->config.items, .width = lite->width};
  const int status = l4r_link_order(lite->shard->link, &lite->shard->order, NULL);
  return status ? status : l4r_lite_shard_report(lite, all);
}
