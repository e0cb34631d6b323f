/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/texts.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdlib.h>
#include <string.h>

const char *l4r_fleet_name(const struct l4r_comm *comm, int rank, char *out) {
  const char *host = l4r_comm_host(comm, rank);
  int before = 0, same = 0;
  for (int r = 0; r < l4r_comm_size(comm); r++) {
    const int equal = !strcmp(l4r_comm_host(comm, r), host);
    same += equal;
    before += equal && r < rank;
  }
  if (same > 1)
    l4r_text_set(out, L4R_FLEET_NAME, "%.64s-%d", host, before);
  else
    l4r_text_set(out, L4R_FLEET_NAME, "%.64s", host);
  return out;
}

void l4r_fleet_texts_free(const struct l4r_comm *comm, char **all) {
  for (int r = 0; all && r < l4r_comm_size(comm); r++) l4r_free(all[r]);
  l4r_free(all);
}

/* Takes the texts apart, which stand one after the other without an end. */
static int divide(const struct l4r_comm *comm, const char *joined, const int64_t *bytes,
                  char ***all) {
  const int size = l4r_comm_size(comm);
  char **texts = l4r_alloc((size_t)size, sizeof *texts, "texts of hosts");
  int failed = !texts;
  for (int r = 0; r < size && !failed; joined += bytes[r++])
    if ((texts[r] = l4r_alloc((size_t)bytes[r] + 1, 1, "texts of hosts")))
      memcpy(texts[r], joined, (size_t)bytes[r]);
    else
      failed = 1;
  if (!failed) *all = texts;
  if (failed) l4r_fleet_texts_free(comm, texts);
  return failed ? L4R_ENVIRONMENT : L4R_OK;
}

int l4r_fleet_texts(struct l4r_comm *comm, const char *mine, char ***all) {
  const int size = l4r_comm_size(comm), first = l4r_comm_rank(comm) == 0;
  int64_t *bytes = l4r_alloc((size_t)size, sizeof *bytes, "texts of hosts"), total = 0;
  *all = NULL;
  if (!bytes) return L4R_ENVIRONMENT;
  int status = l4r_comm_share_int(comm, (int64_t)strlen(mine), bytes);
  for (int r = 0; r < size && !status; r++) total += bytes[r];
  char *joined = first ? l4r_alloc((size_t)total + 1, 1, "texts of hosts") : NULL;
  if (first && !joined) status = L4R_ENVIRONMENT;
  if (!status) status = l4r_comm_gather(comm, 0, mine, bytes, joined);
  if (!status && first) status = divide(comm, joined, bytes, all);
  l4r_free(joined);
  l4r_free(bytes);
  return status;
}

/* One message of what the hosts said; what all said alike is said once. */
static int tell(const struct l4r_comm *comm, char **said) {
  enum { SHOWN = 4 };
  char text[1900] = "", name[L4R_FLEET_NAME];
  size_t used = 0;
  int code = 0, failed = 0, alike = 1;
  const char *first = "";
  for (int r = 0; r < l4r_comm_size(comm); r++) {
    char *message = strchr(said[r], ' ');
    const int status = atoi(said[r]);
    if (!status || !message) continue;
    if (!code) first = message + 1;
    if (!code) code = status;
    alike &= !strcmp(first, message + 1);
    if (failed++ < SHOWN)
      l4r_text_add(text, sizeof text, &used, "%shost %s (rank %d): %.600s", used ? "\n  " : "",
                   l4r_fleet_name(comm, r, name), r, message + 1);
  }
  if (!code) return L4R_OK;
  if (alike && failed == l4r_comm_size(comm)) return l4r_fail(code, "%s", first);
  return l4r_fail(code, "%d of %d hosts failed:\n  %s%s", failed, l4r_comm_size(comm), text,
                  failed > SHOWN ? "\n  ..." : "");
}

int l4r_fleet_agree(struct l4r_comm *comm, int status) {
  char mine[2200], **said = NULL;
  l4r_text_set(mine, sizeof mine, "%d %s", status, status ? l4r_error_message() : "");
  int64_t agreed = l4r_fleet_texts(comm, mine, &said);
  if (agreed) return (int)agreed; /* of the communicator: who calls ends the run */
  if (said) agreed = tell(comm, said);
  l4r_fleet_texts_free(comm, said);
  const int sent = l4r_comm_broadcast(comm, 0, &agreed, sizeof agreed);
  if (l4r_comm_rank(comm) != 0 && !sent) l4r_error_clear();
  return sent ? sent : (int)agreed;
}
