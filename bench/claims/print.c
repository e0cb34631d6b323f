/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/print.h"

#include "bench/derive/busy.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <string.h>

void l4r_claims_scope(const struct l4r_judgement *j, char *out, size_t size) {
  size_t used = 0;
  *out = '\0';
  if (!j->records) return;
  const struct l4r_record_record *data = &j->record[0]->data;
  const char *init = l4r_text_or_none(data->model.init);
  const int64_t online = data->manifest.processors_online;
  l4r_text_add(out, size, &used, "size %s, %s", l4r_text_or_none(data->model.size),
               !strcmp(init, "random") ? "from scratch"
               : *init                 ? init
                                       : "init unknown");
  if (j->side[0] && data->threads != L4R_NONE)
    l4r_text_add(out, size, &used, ", %lld thread%s", (long long)data->threads,
                 data->threads == 1 ? "" : "s");
  if (j->side[0] && online != L4R_NONE)
    l4r_text_add(out, size, &used, " on %lld %sprocessor%s", (long long)online,
                 data->manifest.system.hypervisor == 1 ? "virtual " : "", online == 1 ? "" : "s");
}

static const char *add_gains(struct l4r_table *memory, const char *text, const char *label,
                             const struct l4r_gain *gain, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    text = l4r_table_more(memory, text, L4R_LINE "  %-12s %+.2f %%  " L4R_BRACKET "%+.2f, %+.2f]",
                          i ? "" : label, 100 * gain[i].value, 100 * gain[i].lo, 100 * gain[i].hi);
  return text;
}

/* What a record itself says against its times. */
static const char *add_warnings(struct l4r_table *memory, const char *text,
                                const struct l4r_record *record) {
  for (int64_t w = 0; record && w < record->data.warnings.count; w++)
    text = l4r_table_more(memory, text, L4R_LINE "  warning      %s: %s",
                          l4r_text_or_none(record->data.arm),
                          l4r_text_or_none(record->data.warnings.at[w].text));
  return text;
}

static void machine_of(const struct l4r_record *record, char key[L4R_MACHINE_KEY]) {
  l4r_machine_stated(record, key);
  if (!*key) l4r_machine_derived(record, key);
}

/* Where, when, and by which records. */
static const char *add_origin(struct l4r_table *memory, const char *text,
                              const struct l4r_judgement *j) {
  char key[L4R_MACHINE_KEY], scope[256], busy[32];
  l4r_claims_scope(j, scope, sizeof scope);
  if (!j->records) return text;
  machine_of(j->record[0], key);
  text = l4r_table_more(memory, text,
                        L4R_LINE "  scope        %s" L4R_LINE "  machine      %s, %.12s", scope,
                        l4r_text_or_none(j->record[0]->data.manifest.cpu), key);
  for (int64_t r = 0; r < j->records; r++) {
    const struct l4r_record *record = j->record[r];
    char where[1100];
    l4r_busy_text(record, busy, sizeof busy);
    text = l4r_table_more(memory, text, L4R_LINE "  %-12s %s, %.10s, %s%s%s", r ? "" : "records",
                          l4r_text_or_none(record->data.arm),
                          l4r_text_or_none(record->data.manifest.time),
                          l4r_record_where(record, where, sizeof where), *busy ? ", " : "", busy);
  }
  return text;
}

/* A paragraph, of whose lines no record's words can make two: they could look like a verdict. */
int l4r_claims_add(struct l4r_sheet *sheet, const struct l4r_claim *claim,
                   const struct l4r_judgement *j) {
  struct l4r_table memory = {.status = L4R_OK};
  const int time = claim->statistic == L4R_TIME_SAVED;
  const char *text = l4r_table_text(
      &memory, "%s%s" L4R_LINE "  said in      %s" L4R_LINE "  %-12s %+.2f %%", claim->says,
      claim->headline ? "   (headline)" : "", claim->where, claim->is_margin ? "margin" : "paper",
      100 * claim->value);
  text = add_gains(&memory, text, time ? "measured" : "ours, keep", j->gain, j->gains);
  if (!j->gains) text = l4r_table_more(&memory, text, L4R_LINE "  measured     unknown");
  if (!time) text = add_gains(&memory, text, "ours, mask", j->mask, j->gains);
  if (j->mask_capped)
    text = l4r_table_more(
        &memory, text,
        L4R_LINE "               under mask these gains are too high: the beam side was ranked by "
                 "what its" L4R_LINE "               beams left beside the history; measure it "
                 "again with this version");
  if (*j->cell) text = l4r_table_more(&memory, text, L4R_LINE "  cell         %s", j->cell);
  text = add_origin(&memory, text, j);
  text = l4r_table_more(
      &memory, text,
      L4R_LINE "  direction    %s (%s at all)" L4R_LINE "  magnitude    %s (%s)" L4R_LINE
               "  because      %s",
      l4r_verdict_name(j->direction), time ? "faster" : "better", l4r_verdict_name(j->magnitude),
      claim->is_margin ? "loses no more than the margin" : "at least as much as claimed",
      j->reason);
  for (int s = 0; s < 2; s++) text = add_warnings(&memory, text, j->side[s]);
  l4r_sheet_text(sheet, "%s", text);
  const int status = memory.status;
  l4r_table_free(&memory);
  return status;
}

static json_t *gains_json(const struct l4r_gain *gain, int64_t n) {
  json_t *all = json_array();
  for (int64_t i = 0; i < n; i++)
    json_array_append_new(
        all, json_pack("{s:f, s:[f, f]}", "value", gain[i].value, "ci95", gain[i].lo, gain[i].hi));
  return all;
}

static json_t *record_json(const struct l4r_record *record) {
  char key[L4R_MACHINE_KEY];
  machine_of(record, key);
  return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:f}", "arm",
                   l4r_text_or_none(record->data.arm), "file", record->from.path, "line",
                   (json_int_t)record->from.line, "sha256", l4r_text_or_none(record->data.sha256),
                   "time", l4r_text_or_none(record->data.manifest.time), "cpu",
                   l4r_text_or_none(record->data.manifest.cpu), "machine", key, "busy_share",
                   l4r_busy_share(record, NULL));
}

json_t *l4r_claims_json(const struct l4r_claim *claim, const struct l4r_judgement *j) {
  char scope[256];
  json_t *records = json_array();
  l4r_claims_scope(j, scope, sizeof scope);
  for (int64_t r = 0; r < j->records; r++)
    json_array_append_new(records, record_json(j->record[r]));
  return json_pack(
      "{s:s, s:s, s:b, s:f, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "says", claim->says, "where",
      claim->where, "headline", claim->headline, claim->is_margin ? "margin" : "paper",
      claim->value, "measured", gains_json(j->gain, j->gains), "measured_mask",
      gains_json(j->mask, claim->statistic == L4R_TIME_SAVED ? 0 : j->gains), "direction",
      l4r_verdict_name(j->direction), "magnitude", l4r_verdict_name(j->magnitude), "reason",
      j->reason, "cell", j->cell, "scope", scope, "records", records);
}
