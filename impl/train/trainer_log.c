/* training.jsonl, one line an epoch, and the lines a person sees. The file is small: to append a
 * line it is written anew aside and renamed, so that a reader never sees half a line. A line is
 * there before the checkpoint that counts it; resuming cuts what the checkpoint does not know. */
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/train/trainer_internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The first `lines` lines of the file into *text (l4r_free); an absent file is empty. */
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

static void time_text(double seconds, char *text, size_t size) {
  if (seconds < 0) seconds = 0;
  if (seconds < 120)
    snprintf(text, size, "%.0f s", seconds);
  else
    snprintf(text, size, "%.0f min", seconds / 60);
}

static double time_left(const struct l4r_train_run *run) {
  const struct l4r_train_counters *c = &run->counters;
  double left = -1;
  if (run->options->minutes > 0) left = run->options->minutes * 60 - l4r_train_seconds(run);
  if (run->options->epochs > 0 && c->last_epoch_seconds > 0) {
    double whole = c->last_epoch_seconds + c->validation_seconds;
    double by_epochs = (double)(run->options->epochs - c->epoch) * whole - c->epoch_seconds;
    if (left < 0 || by_epochs < left) left = by_epochs < 0 ? 0 : by_epochs;
  }
  return left;
}

void l4r_train_log_step(const struct l4r_train_run *run, double loss, int64_t steps) {
  const struct l4r_train_counters *c = &run->counters;
  char note[160], what[48], left[32] = "";
  double seconds = c->epoch_seconds > 0 ? c->epoch_seconds : 1e-9;
  double users = (double)run->task->users * (double)c->step / (double)steps / seconds;
  double remaining = time_left(run);
  if (remaining >= 0) {
    strcpy(left, ", left ");
    time_text(remaining, left + strlen(left), sizeof left - strlen(left));
  }
  snprintf(what, sizeof what, "epoch %lld", (long long)c->epoch + 1);
  snprintf(note, sizeof note, "loss %.4f, %.0f users/s, %.1f GFLOP/s%s", loss, users,
           c->epoch_flops / seconds * 1e-9, left);
  l4r_progress(what, c->step, steps, note);
}

int l4r_train_log_epoch(struct l4r_train_run *run, const struct l4r_validation *validation,
                        double rate, double fraction, int better) {
  struct l4r_train_counters *c = &run->counters;
  double seconds = c->epoch_seconds > 0 ? c->epoch_seconds : 1e-9;
  double targets = c->epoch_targets > 0 ? (double)c->epoch_targets : 1;
  char line[640], left[32] = "";
  snprintf(line, sizeof line,
           "{\"epoch\": %lld, \"loss\": %.6f, \"hr10\": %.6f, \"ndcg10\": %.6f, \"users\": %lld, "
           "\"seconds\": %.3f, \"validation_seconds\": %.3f, \"total_seconds\": %.3f, "
           "\"updates\": %lld, \"targets_per_second\": %.1f, \"gflops\": %.3f, "
           "\"gflop_per_second\": %.3f, \"learning_rate\": %.6g, \"threads\": %lld, "
           "\"fraction\": %.4f, "
           "\"best\": %s}\n",
           (long long)c->epoch + 1, c->epoch_loss / targets, validation->hr10, validation->ndcg10,
           (long long)validation->users, c->epoch_seconds, c->validation_seconds,
           l4r_train_seconds(run), (long long)c->updates, (double)c->epoch_targets / seconds,
           c->epoch_flops * 1e-9, c->epoch_flops / seconds * 1e-9, rate, (long long)c->threads,
           fraction, better ? "true" : "false");
  int status = rewrite(run->log_path, c->lines, line);
  if (status) return status;
  c->lines++;
  double remaining = time_left(run);
  if (remaining >= 0) {
    strcpy(left, ", left ");
    time_text(remaining, left + strlen(left), sizeof left - strlen(left));
  }
  l4r_info("epoch %lld%s: loss %.4f, validation HR@10 %.4f NDCG@10 %.4f%s, %.0f s + %.1f s, %.0f "
           "users/s, %.0f targets/s, %.1f GFLOP/s%s",
           (long long)c->epoch + 1, fraction < 1 ? " (cut short by the time bound)" : "",
           c->epoch_loss / targets, validation->hr10, validation->ndcg10, better ? " (best)" : "",
           c->epoch_seconds, c->validation_seconds, (double)run->task->users * fraction / seconds,
           (double)c->epoch_targets / seconds, c->epoch_flops / seconds * 1e-9, left);
  return L4R_OK;
}
