/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/served.h"

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "impl/base/error.h"

#include <inttypes.h>

/* T5's vocabulary has 100 sentinels after the pieces; later rows are unused. */
enum { SENTINELS = 100 };

int l4r_served_ids_make(const struct l4r_model *model, const struct l4r_id_map *map, int64_t rows,
                        struct l4r_served_ids *ids) {
  const enum l4r_id_form form = model->config.id_form;
  const int64_t pieces = model->tokenizer ? l4r_tokenizer_size(model->tokenizer)
                                          : L4R_END_TOKEN + 1;
  int64_t own;
  int status = l4r_id_own_rows(map, form, &own);
  if (status) return status;
  const int64_t first_own = rows - own;
  if (first_own < pieces)
    return l4r_fail(L4R_INPUT,
                    "%s: config.json: vocabulary %" PRId64 " has no room for %" PRId64
                    " pieces and %" PRId64 " item tokens; the folder is damaged, train it again",
                    model->path, rows, pieces, own);
  status = l4r_id_tokens_make(map, form, model->tokenizer, first_own, &ids->tokens);
  if (!status && (status = l4r_prompt_answer(&model->config, model->tokenizer, &ids->tokens)))
    l4r_id_tokens_free(&ids->tokens);
  if (status) return l4r_fail_context(status, "%s", model->path);
  ids->unused_begin = pieces + SENTINELS < first_own ? pieces + SENTINELS : first_own;
  ids->unused_end = first_own;
  if (ids->tokens.longest + 1 == model->config.max_id_tokens) return L4R_OK;
  status = l4r_fail(L4R_INPUT,
                    "%s: config.json: max_id_tokens is %" PRId64 ", but the longest item id has "
                    "%" PRId64 " with </s>; tokenizer.model is another one, train it again",
                    model->path, model->config.max_id_tokens, ids->tokens.longest + 1);
  l4r_id_tokens_free(&ids->tokens);
  return status;
}

int l4r_served_request_check(const struct l4r_request *request, int64_t users, int64_t items) {
  if (request->user < 0 || request->user >= users)
    return l4r_fail(L4R_USAGE, "request: user %" PRId64 ", the data set has 0..%" PRId64,
                    request->user, users - 1);
  for (int64_t i = 0; i < request->length; i++)
    if (request->history[i] < 1 || request->history[i] > items)
      return l4r_fail(L4R_USAGE, "request of user %" PRId64 ": item %d, the model has 1..%" PRId64,
                      request->user, request->history[i], items);
  return L4R_OK;
}
