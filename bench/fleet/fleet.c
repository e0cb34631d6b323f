/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/fleet.h"

#include "bench/fleet/cores.h"
#include "bench/fleet/files.h"
#include "bench/fleet/same.h"
#include "bench/fleet/table.h"
#include "bench/fleet/texts.h"
#include "bench/record/text.h"
#include "bench/run/run.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdlib.h>
#include <string.h>

struct fleet {
  struct l4r_comm *comm;
  const char *out; /* as given: where rank 0 gathers */
  char own[L4R_PATH_MAX], label[L4R_FLEET_NAME * 2];
  int turns, turn; /* this host's among those that measure one after the other; 1: all at once */
  int began;       /* everybody was ready */
};

/* --- ready, and in turn --------------------------------------------------------------------------
 */

/* Hosts take turns in the order of their first ranks. */
static void take_turns(struct fleet *fleet, int one_at_a_time) {
  const int rank = l4r_comm_rank(fleet->comm);
  fleet->turns = one_at_a_time ? l4r_comm_size(fleet->comm) : 1;
  fleet->turn = 0;
  while (one_at_a_time &&
         strcmp(l4r_comm_host(fleet->comm, fleet->turn), l4r_comm_host(fleet->comm, rank)))
    fleet->turn++;
}

/* Called by the run when it could begin to measure. */
static int ready(void *context, int status) {
  struct fleet *fleet = context;
  status = l4r_fleet_agree(fleet->comm, status);
  fleet->began = !status;
  for (int t = 0; t < fleet->turn && !status; t++) status = l4r_comm_rest(fleet->comm);
  return status;
}

static int rest(struct fleet *fleet) {
  int status = L4R_OK;
  for (int t = fleet->turn; t < fleet->turns && !status; t++) status = l4r_comm_rest(fleet->comm);
  return status;
}

/* --- what was measured ---------------------------------------------------------------------------
 */

/* The files of the records, one a line: samples before the records that name them. */
static char *files_of(const json_t *records, const char *path) {
  char *names = l4r_alloc(1, 1, "names of files");
  size_t index;
  json_t *record;
  const char *slash = strrchr(path, '/');
  json_array_foreach(records, index, record) {
    const char *const samples[] = {l4r_text_at(record, "samples"),
                                   l4r_text_at(json_object_get(record, "accuracy"), "samples")};
    for (int s = 0; s < 2 && names; s++) {
      if (!*samples[s] || strstr(names, samples[s])) continue;
      char *more = l4r_alloc(strlen(names) + strlen(samples[s]) + 2, 1, "names of files");
      if (more)
        l4r_text_set(more, strlen(names) + strlen(samples[s]) + 2, "%s%s\n", names, samples[s]);
      l4r_free(names);
      names = more;
    }
  }
  if (!names || !*path) return names;
  const char *last = slash ? slash + 1 : path;
  char *all = l4r_alloc(strlen(names) + strlen(last) + 2, 1, "names of files");
  if (all) l4r_text_set(all, strlen(names) + strlen(last) + 2, "%s%s\n", names, last);
  l4r_free(names);
  return all;
}

static int take_host(struct l4r_fleet_host *host, const char *text, json_t *all) {
  json_t *records = json_loads(text, 0, NULL);
  if (!records) return l4r_fail(L4R_ENVIRONMENT, "what host %s measured is not JSON", host->name);
  int status = json_array_size(records) ? l4r_records_of(records, &host->records) : L4R_OK;
  if (!status && json_array_extend(all, records))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for the records of host %s", host->name);
  json_decref(records);
  return status;
}

static int print(const struct l4r_fleet_host *hosts, int count, const char *out) {
  struct l4r_sheet sheet;
  int off = 0;
  l4r_sheet_begin(&sheet, &l4r_print_text, stdout, "fleet");
  int status = l4r_sheet_end(&sheet, l4r_fleet_print(&sheet, hosts, count, &off));
  if (status) return status;
  if (off) printf("%d of %d hosts are off\n", off, count);
  printf("records: %s/HOST; next: lite4rec report %s --out report.html\n", out, out);
  return L4R_OK;
}

/* On rank 0: every host's records as text. */
static int together(const struct fleet *fleet, char **texts, int prints, json_t **records) {
  const int size = l4r_comm_size(fleet->comm);
  struct l4r_fleet_host *hosts = l4r_alloc((size_t)size, sizeof *hosts, "hosts");
  char(*name)[L4R_FLEET_NAME] = l4r_alloc((size_t)size, sizeof *name, "hosts");
  json_t *all = json_array();
  int status = hosts && name && all ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for hosts");
  for (int r = 0; r < size && !status; r++) {
    hosts[r].name = l4r_fleet_name(fleet->comm, r, name[r]);
    status = take_host(&hosts[r], texts[r], all);
  }
  if (!status && prints && json_array_size(all)) status = print(hosts, size, fleet->out);
  for (int r = 0; hosts && r < size; r++) l4r_records_free(&hosts[r].records);
  l4r_free(hosts);
  l4r_free(name);
  if (status)
    json_decref(all);
  else
    *records = all;
  return status;
}

/* Files first: a table is of no use without them. What a host could not measure is told last. */
static int gather(struct fleet *fleet, const json_t *own, const char *path, int measured,
                  int prints, json_t **records) {
  char message[2048], **texts = NULL;
  l4r_text_set(message, sizeof message, "%s", measured ? l4r_error_message() : "");
  char *names = files_of(own, path), *text = own ? json_dumps(own, JSON_COMPACT) : strdup("[]");
  int status = names && text ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for records");
  status = l4r_fleet_agree(fleet->comm, status);
  const int moved = status ? status : l4r_fleet_files(fleet->comm, fleet->own, names, fleet->out);
  char lost[2048];
  l4r_text_set(lost, sizeof lost, "%s", moved ? l4r_error_message() : "");
  if (!status) status = l4r_fleet_texts(fleet->comm, text, &texts);
  if (!status && texts) status = together(fleet, texts, prints, records);
  l4r_fleet_texts_free(fleet->comm, texts);
  l4r_free(names);
  free(text);
  if (!status && moved) status = l4r_fail(moved, "%s", lost);
  if (!status && measured) status = l4r_fail(measured, "%s", message);
  return l4r_fleet_agree(fleet->comm, status);
}

static int measure(struct fleet *fleet, struct l4r_run_options *options, json_t **records) {
  char path[L4R_PATH_MAX] = "";
  json_t *own = NULL;
  const int measured = l4r_run(options, &own, path);
  int status = fleet->began ? rest(fleet) : measured;
  if (!status) status = gather(fleet, own, path, measured, !options->json, records);
  json_decref(own);
  return status;
}

static int check(const struct l4r_run_options *options) {
  if (options->build[0])
    return l4r_fail(L4R_USAGE, "--ab measures two builds on one host; begin it without mpirun");
  if (options->row_name)
    return l4r_fail(L4R_USAGE, "--row is for accuracy of one seed, which is the same on all hosts; "
                               "begin it without mpirun");
  return L4R_OK;
}

int l4r_fleet_run(struct l4r_comm *comm, struct l4r_run_options *options, json_t **records) {
  struct fleet *fleet = l4r_alloc(1, sizeof *fleet, "a fleet");
  const char *out = options->out, *label = options->label;
  char name[L4R_FLEET_NAME];
  *records = NULL;
  if (!fleet) return L4R_ENVIRONMENT;
  fleet->comm = comm;
  fleet->out = out;
  take_turns(fleet, options->one_host_at_a_time);
  l4r_fleet_name(comm, l4r_comm_rank(comm), name);
  l4r_text_set(fleet->label, sizeof fleet->label, "%s%s%s", label ? label : "", label ? " " : "",
               name);
  int status = check(options);
  if (!status) status = l4r_path_join(fleet->own, out, name);
  status = l4r_fleet_agree(comm, status);
  if (!status) status = l4r_fleet_same(comm, options);
  if (!status) status = l4r_fleet_agree(comm, l4r_fleet_cores(comm));
  options->out = fleet->own;
  options->label = fleet->label;
  options->ready = ready;
  options->ready_context = fleet;
  if (l4r_comm_rank(comm)) l4r_log_quiet(1); /* one of them tells how far it is */
  if (!status) status = measure(fleet, options, records);
  options->out = out;
  options->label = label;
  options->ready = NULL;
  l4r_free(fleet);
  return l4r_comm_rank(comm) ? L4R_OK : status;
}
