/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/door.h"

#include "bench/derive/ahead.h"
#include "bench/record/read.h"
#include "bench/record/text.h"
#include "bench/derive/verify.h"
#include "impl/base/error.h"

#include <string.h>

const char *const l4r_checked_names[L4R_CHECKS] = {"samples", "samples of an older version",
                                                   "samples missing", "unsealed"};

void l4r_door_close(struct l4r_door *door) {
  json_decref(door->accuracy);
  door->accuracy = NULL;
}

struct findings { /* the first two differences: usually the hash's and the edited member's */
  char first[512], second[512];
};

static void note_difference(void *context, const char *where, const char *field, const char *what) {
  struct findings *findings = context;
  char *text = *findings->first ? findings->second : findings->first;
  (void)where;
  if (!*text) snprintf(text, sizeof findings->first, "%.200s: %.256s", field, what);
}

static int refuse(const struct l4r_record *record, const struct findings *findings) {
  char where[1100];
  return l4r_fail(L4R_INPUT,
                  "%.640s: %s%s%s; 'lite4rec verify' lists every difference, and --unsealed "
                  "takes the record all the same",
                  l4r_record_where(record, where, sizeof where), findings->first,
                  *findings->second ? "; " : "", findings->second);
}

static int mark(struct l4r_record *record, enum l4r_checked checked) {
  record->from.checked = l4r_checked_names[checked];
  return L4R_OK;
}

int l4r_record_admit(struct l4r_door *door, struct l4r_record *record) {
  struct findings findings = {"", ""};
  struct l4r_verified verified = {.allow_missing = !door->need_samples || door->unsealed,
                                  .accuracy = door->accuracy};
  int status = l4r_record_verify(record, note_difference, &findings, &verified);
  door->accuracy = verified.accuracy;
  if (status == L4R_ENVIRONMENT) return status;
  if (status && !door->unsealed) return status; /* names file, line and field */
  if (!status && !verified.differences)
    return mark(record, verified.missing   ? L4R_CHECKED_MISSING
                        : verified.unbound ? L4R_CHECKED_OLDER
                                           : L4R_CHECKED);
  return door->unsealed ? mark(record, L4R_UNCHECKED) : refuse(record, &findings);
}

/* Moves the figures of the record's ranks that other processors computed to where l4r_record_verify
 * looks for them. */
static void fetch_figures(struct l4r_door *door, struct l4r_ahead *ahead,
                          const struct l4r_record *record) {
  const char *name = record->data.accuracy.samples;
  if (!ahead || !name || json_object_get(door->accuracy, name)) return;
  json_t *figures = l4r_ahead_take(ahead, name);
  if (!figures) return;
  if (!door->accuracy) door->accuracy = json_object();
  json_object_set_new(door->accuracy, name, figures); /* without memory they are computed again */
}

int l4r_records_admit(struct l4r_door *door, const char *const *path, int paths,
                      struct l4r_records *records) {
  int status = l4r_records_read(path, paths, records);
  if (status) return status;
  struct l4r_ahead *ahead = l4r_ahead_start(records);
  for (int64_t r = 0; r < records->count && !status; r++) {
    fetch_figures(door, ahead, &records->at[r]);
    status = l4r_record_admit(door, &records->at[r]);
  }
  l4r_ahead_stop(ahead);
  if (status) l4r_records_free(records);
  return status;
}

enum l4r_checked l4r_checked_of(const struct l4r_record *record) {
  const char *mark = record->from.checked;
  for (int c = 0; c < L4R_CHECKS; c++)
    if (mark && !strcmp(mark, l4r_checked_names[c])) return (enum l4r_checked)c;
  return L4R_CHECKED;
}

int l4r_checked_count_lines(const int64_t count[L4R_CHECKS], char line[L4R_CHECKS][256]) {
  static const struct {
    enum l4r_checked checked;
    const char *before, *one, *many;
  } texts[] = {{L4R_UNCHECKED, "unsealed", "record was not checked: it is not as its run wrote it",
                "records were not checked: they are not as their runs wrote them"},
               {L4R_CHECKED_MISSING, "samples missing",
                "record has no raw samples beside it, so its figures were not recomputed",
                "records have no raw samples beside them, so their figures were not recomputed"},
               {L4R_CHECKED_OLDER, "not bound",
                "record has samples of an older version, not bound to arm and model",
                "records have samples of an older version, not bound to arm and model"}};
  int lines = 0;
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
    const int64_t n = count[texts[t].checked];
    if (n)
      snprintf(line[lines++], sizeof line[0], "%s: %lld %s", texts[t].before, (long long)n,
               n == 1 ? texts[t].one : texts[t].many);
  }
  return lines;
}

int l4r_checked_lines(const struct l4r_records *records, char line[L4R_CHECKS][256]) {
  int64_t count[L4R_CHECKS] = {0};
  for (int64_t r = 0; r < records->count; r++) count[l4r_checked_of(&records->at[r])]++;
  return l4r_checked_count_lines(count, line);
}
