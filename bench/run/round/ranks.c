/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/ranks.h"

#include "bench/engines.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

int l4r_round_ask_ranks(struct l4r_round *round, int after) {
  const struct l4r_session *session = &round->session;
  round->shards = l4r_engine_shards(session->engine, session->handle);
  if (!round->shards) return L4R_OK;
  if (!round->ranks[after])
    round->ranks[after] = l4r_alloc((size_t)round->shards, sizeof *round->ranks[after],
                                    "reports of ranks");
  if (!round->ranks[after]) return L4R_ENVIRONMENT;
  return l4r_engine_shard_reports(session->engine, session->handle, round->ranks[after]);
}

void l4r_round_put_ranks(const struct l4r_round *round, json_t *meta) {
  if (!round->shards) return;
  json_t *ranks = json_array();
  for (int r = 0; r < round->shards; r++) {
    const struct l4r_shard_report *before = &round->ranks[0][r], *after = &round->ranks[1][r];
    json_array_append_new(ranks,
                          json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "host", after->host,
                                    "items", (json_int_t)after->items, "sent_bytes",
                                    (json_int_t)(after->sent_bytes - before->sent_bytes),
                                    "messages", (json_int_t)(after->messages - before->messages),
                                    "wait_ns", (json_int_t)(after->wait_ns - before->wait_ns),
                                    "weights_bytes", (json_int_t)after->weights_bytes,
                                    "resident_bytes", (json_int_t)after->resident_bytes));
  }
  json_object_set_new(meta, "ranks", ranks);
}
