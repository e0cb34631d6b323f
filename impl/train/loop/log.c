/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes training.jsonl, one line per epoch, and the lines for the terminal. The file is small, so
 * a line is added by writing a new file and renaming it; a reader never sees half a line. A line is
 * written before the checkpoint that counts it. Resuming removes lines that the checkpoint does not
 * count. */
#include "impl/train/loop/log.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/train/loop/ceiling.h"
#include "impl/train/loop/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads the first `lines` lines of the file into *text (l4r_free); a missing file counts as
 * empty. */
static int first_lines(const char *path, int64_t lines, char **text, size_t *bytes) {
  *text = NULL;
  *bytes = 0;
  if (lines == 0 || access(path, F_OK) != 0) return L4R_OK;
  int status = l4r_read_file(path, 0, text, bytes);
  if (status) return status;
  char *at = *text, *end = at + *bytes;
  for (int64_t n = 0; n < lines && at < end; n++) {
    char *newline = memchr(at, '\n', (size_t)(end - at));
    at = newline ? newline + 1 : end;
  }
  *bytes = (size_t)(at - *text);
  return L4R_OK;
}

static int rewrite(const char *path, int64_t lines, const char *line) {
  char *text;
  size_t bytes;
  int status = first_lines(path, lines, &text, &bytes);
  if (status) return status;
  struct l4r_output output;
  status = l4r_output_open(&output, path);
  if (!status) {
    if (bytes) fwrite(text, 1, bytes, output.stream);
    fputs(line, output.stream);
    status = l4r_output_commit(&output);
  }
  l4r_free(text);
  return status;
}

int l4r_train_log_cut(const struct l4r_train_run *run) {
  if (access(run->log_path, F_OK) != 0) return L4R_OK;
  return rewrite(run->log_path, run->counters.lines, "");
}

/* Seconds that are left, negative where no bound is known. share: of this epoch's steps that are
 * done, from which the length of a first epoch follows. validated: its validation is over, too. */
static double time_left(const struct l4r_train_run *run, double share, int validated) {
  const struct l4r_train_counters *c = &run->counters;
  const struct l4r_train_options *o = run->options;
  const double epochs = (double)(o->epochs - c->epoch);
  double left = HUGE_VAL, epoch = c->last_epoch_seconds;
  if (epoch <= 0 && share > 0) epoch = c->epoch_seconds / share;
  const double whole = epoch + c->validation_seconds;
  if (o->minutes > 0) left = fmax(0, o->minutes * 60 - l4r_train_seconds(run));
  if (o->epochs > 0 && epoch > 0)
    left = fmin(left,
                fmax(0, validated ? (epochs - 1) * whole : epochs * whole - c->epoch_seconds));
  return left < HUGE_VAL ? left : -1;
}

/* Writes ", left ..." where a bound is known; share: of the epoch's steps that were done. */
static void left_text(const struct l4r_train_run *run, double share, char *text, size_t size) {
  const double remaining = time_left(run, share, 1);
  char time[16];
  text[0] = 0;
  if (remaining >= 0) snprintf(text, size, ", left %s", l4r_duration_text(time, remaining));
}

void l4r_train_log_step(const struct l4r_train_run *run, double loss, int64_t steps) {
  const struct l4r_train_counters *c = &run->counters;
  char note[160], what[48];
  double seconds = c->epoch_seconds > 0 ? c->epoch_seconds : 1e-9;
  double users = (double)run->task->users * (double)c->step / (double)steps / seconds;
  snprintf(what, sizeof what, "epoch %lld", (long long)c->epoch + 1);
  snprintf(note, sizeof note, "loss %.4f, %.0f users/s, %.1f GFLOP/s", loss, users,
           c->epoch_flops / seconds * 1e-9);
  const double share = (double)c->step / (double)steps;
  const struct l4r_progress_whole whole = {l4r_train_seconds(run), time_left(run, share, 0)};
  l4r_progress_within(what, c->step, steps, whole, note);
}

/* Writes "null" for a value that was not measured. */
static void number_text(double value, const char *format, char *text, size_t size) {
  if (value > 0)
    snprintf(text, size, format, value);
  else
    snprintf(text, size, "null");
}

/* Writes the share of the ceiling and which one it is, or the fault where the share is impossible.
 */
static void share_text(const struct l4r_train_run *run, double gflops, char *text, size_t size) {
  const struct l4r_peak ceiling = l4r_train_ceiling(run);
  const double share = ceiling.gops > 0 ? gflops / ceiling.gops : 0;
  *text = '\0';
  if (share > L4R_SHARE_MOST)
    snprintf(text, size,
             ", ceiling (%.1f, by %s) below the work by a factor of %.2f: measure again or report "
             "a fault",
             ceiling.gops, ceiling.unit->name, share);
  else if (share > 0)
    snprintf(text, size, ", %.1f %% of the ceiling %.1f, multiply-adds by %s", 100 * share,
             ceiling.gops, ceiling.unit->name);
}

/* Prints work, speed and the share of the machine's best speed. */
static void tell_speed(const struct l4r_train_run *run, double fraction) {
  const struct l4r_train_counters *c = &run->counters;
  double seconds = c->epoch_seconds > 0 ? c->epoch_seconds : 1e-9;
  double gflops = c->epoch_flops / seconds * 1e-9;
  char share[160], left[32];
  left_text(run, fraction, left, sizeof left);
  share_text(run, gflops, share, sizeof share);
  l4r_info("  %.0f users/s, %.0f targets/s, %.3g million tokens at %.0f tokens/s, %.4g TFLOP at "
           "%.1f GFLOP/s%s%s",
           (double)run->task->users * fraction / seconds, (double)c->epoch_targets / seconds,
           (double)c->epoch_tokens * 1e-6, (double)c->epoch_tokens / seconds,
           c->epoch_flops * 1e-12, gflops, share, left);
}

/* Writes what the epoch sent to other ranks and waited for them, "" where there are none. */
static void ranks_text(const struct l4r_train_run *run, char *text, size_t size) {
  struct l4r_comm_spent now;
  text[0] = 0;
  if (!run->ranks.comm) return;
  l4r_comm_spent(run->ranks.comm, &now);
  const int64_t bytes = now.bytes - run->sent.bytes;
  const double seconds = (double)(now.wait_ns - run->sent.wait_ns) * 1e-9;
  snprintf(text, size, ", \"ranks\": %d, \"sent_bytes\": %lld, \"communication_seconds\": %.3f",
           run->ranks.size, (long long)bytes, seconds);
  l4r_info("  %d ranks: this one sent %.1f MB and spent %.1f s with it", run->ranks.size,
           (double)bytes * 1e-6, seconds);
}

int l4r_train_log_epoch(struct l4r_train_run *run, const struct l4r_validation *validation,
                        double rate, double fraction, int better) {
  struct l4r_train_counters *c = &run->counters;
  double seconds = c->epoch_seconds > 0 ? c->epoch_seconds : 1e-9;
  double targets = c->epoch_targets > 0 ? (double)c->epoch_targets : 1;
  const struct l4r_peak best = l4r_train_ceiling(run);
  double gflops = c->epoch_flops / seconds * 1e-9;
  char line[1280], ceiling[32], share[32], by[64] = "null", ranks[128];
  ranks_text(run, ranks, sizeof ranks);
  number_text(best.gops, "%.3f", ceiling, sizeof ceiling);
  number_text(best.gops > 0 ? gflops / best.gops : 0, "%.4f", share, sizeof share);
  if (best.gops > 0)
    snprintf(by, sizeof by, "\"%s, %s\"",
             l4r_peak_precision_name(run->options->bf16 ? L4R_PEAK_BF16 : L4R_PEAK_FP32),
             best.unit->name);
  snprintf(line, sizeof line,
           "{\"epoch\": %lld, \"loss\": %.6f, \"hr10\": %.6f, \"ndcg10\": %.6f, \"users\": %lld, "
           "\"seconds\": %.3f, \"validation_seconds\": %.3f, \"total_seconds\": %.3f, "
           "\"updates\": %lld, \"targets\": %lld, \"targets_per_second\": %.1f, \"tokens\": %lld, "
           "\"tokens_per_second\": %.1f, \"gflops\": %.3f, \"gflop_per_second\": %.3f, "
           "\"ceiling\": %s, \"ceiling_gflop_per_second\": %s, \"ceiling_fraction\": %s, "
           "\"learning_rate\": %.6g, "
           "\"threads\": %lld%s, \"fraction\": %.4f, \"best\": %s}\n",
           (long long)c->epoch + 1, c->epoch_loss / targets, validation->hr10, validation->ndcg10,
           (long long)validation->users, c->epoch_seconds, c->validation_seconds,
           l4r_train_seconds(run), (long long)c->updates, (long long)c->epoch_targets,
           (double)c->epoch_targets / seconds, (long long)c->epoch_tokens,
           (double)c->epoch_tokens / seconds, c->epoch_flops * 1e-9, gflops, by, ceiling, share,
           rate, (long long)c->threads, ranks, fraction, better ? "true" : "false");
  int status = rewrite(run->log_path, c->lines, line);
  if (status) return status;
  c->lines++;
  l4r_info("epoch %lld%s: loss %.4f, validation HR@10 %.4f NDCG@10 %.4f%s, %.0f s + %.1f s",
           (long long)c->epoch + 1, fraction < 1 ? " (cut short by the time bound)" : "",
           c->epoch_loss / targets, validation->hr10, validation->ndcg10, better ? " (best)" : "",
           c->epoch_seconds, c->validation_seconds);
  tell_speed(run, fraction);
  return L4R_OK;
}
