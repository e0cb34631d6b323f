/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine opened as a child process opens it: own data set without held-out items, a pinned team,
 * buffers for rankings; and one serving call under the clock. */
#ifndef L4R_BENCH_RUN_SESSION_SESSION_H
#define L4R_BENCH_RUN_SESSION_SESSION_H

#include "bench/run/job.h"
#include "impl/data/dataset.h"
#include "impl/engine.h"

struct l4r_session {
  struct l4r_arm arm;
  const struct l4r_engine *engine;
  void *handle;
  struct l4r_dataset *dataset; /* TRAIN and TEXT: what an engine may see */
  struct l4r_team *team;
  int64_t max_batch, max_k;
  struct l4r_ranking *ranking; /* [max_batch], of max_k entries each */
  l4r_item *item;
  float *score;
  int leaves_out;                 /* 1: recommend_unseen works with the engine's options */
  double open_seconds;            /* of the engine alone */
  int hidden;                     /* 1: held-out files are out of the engine's sight */
  char hidden_how[192];           /* by what, or why not */
  int64_t began_ns, ended_ns;     /* l4r_time around the newest call of the engine */
  int64_t own_ns;                 /* what the engine says of it; 0: nothing */
  struct l4r_stage_hook on_stage; /* given to the engine */
  const char *held_out_read; /* file of held-out items that the engine went after; NULL: none */
};

/* Hides the data set's held-out files from this process where the job says so (impl/base/hide.h; it
 * cannot be undone, so what else is wanted of them is read before), and opens everything for
 * rankings of up to `max_k` and calls of up to `max_batch` requests. `session` comes zeroed, but
 * for `on_stage` where somebody counts stages. The status and message of whatever failed. Close
 * with l4r_session_close, also after a failure. */
int l4r_session_open(const struct l4r_job *job, int64_t max_batch, int64_t max_k,
                     struct l4r_session *session);
/* Returns how many users' scores of all items are taken at once: as many as 64 MB hold, one at
 * least, `most` at most. Pure. */
int64_t l4r_session_scored_at_once(int64_t items, int64_t most);
void l4r_session_close(struct l4r_session *session);

/* What came back from a call of the engine, before which l4r_error_clear was called: a status of
 * the contract with the arm and `what` was called in front of the message; L4R_CHECK for a number
 * that is none. */
int l4r_session_answered(const struct l4r_session *session, int status, const char *what);

/* One call of recommend for n <= max_batch requests, each asked for k + |history| items (the
 * longest of the call), or k where `leaves_out`; timed in nanoseconds by our clock. L4R_CHECK when
 * the engine breaks its contract on counts, or says that it took nothing or longer than the call,
 * beyond what clocks differ by (a microsecond and 0.1 %); L4R_ENVIRONMENT when the clock goes
 * backwards. */
int l4r_session_serve(struct l4r_session *session, const struct l4r_request *request, int64_t n,
                      int64_t k, int64_t *nanoseconds);

/* Makes the same call without a clock, of an engine that has recommend_unseen: its rankings leave
 * out the histories' items. */
int l4r_session_serve_unseen(struct l4r_session *session, const struct l4r_request *request,
                             int64_t n, int64_t k);

/* L4R_CHECK when a ranking breaks the contract: an item out of range or twice, a NaN, scores that
 * rise, equal scores out of popularity's order. `mark` is scratch of items + 1 zeroes. */
int l4r_ranking_check(const struct l4r_dataset *dataset, const struct l4r_ranking *ranking,
                      unsigned char *mark);

/* L4R_CHECK when the engine has opened, or tried to open, a file of held-out items through
 * impl/base since the session began. */
int l4r_session_leak_check(const struct l4r_session *session);

/* Returns VmHWM of /proc/self/status in bytes, or 0 when it cannot be read. */
int64_t l4r_peak_rss(void);

#endif
