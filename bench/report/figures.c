/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/figures.h"

#include "bench/export/curves.h"
#include "bench/export/plot_tables.h"
#include "bench/report/assets.h"
#include "bench/table/html.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int l4r_figures_open(struct l4r_figures *figures) {
  char folder[L4R_PATH_MAX], below[L4R_PATH_MAX];
  *figures = (struct l4r_figures){.drawing = 0};
  int status = l4r_scratch_make("lite4rec-report", folder, &figures->scratch);
  if (status) return status;
  memcpy(figures->folder, folder, sizeof folder);
  status = l4r_path_join(below, folder, "plots");
  if (!status) status = l4r_make_folders(below);
  if (!status) status = l4r_plot_scripts_write(below);
  if (!status) status = l4r_figures_tables(figures, below);
  return status ? status : l4r_make_folders(below);
}

int l4r_figures_tables(const struct l4r_figures *figures, char *folder) {
  return l4r_path_join(folder, figures->folder, "out/tables");
}

/* The script that the child runs. Errors of both parts go to one file, and the last bad exit code
 * is returned. */
static const char script[] = "[ -z \"$GROWTH\" ] || sh plots/growth.sh out/tables out & growth=$!\n"
                             "sh plots/plots.sh x out || code=$?\n"
                             "wait $growth || code=$?\n"
                             "exit ${code:-0}\n";

static void draw(const char *folder, int models, int growth) {
  const int log = chdir(folder) ? -1 : open("errors", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int nothing = open("/dev/null", O_RDWR);
  if (log < 0 || nothing < 0) _exit(4);
  dup2(nothing, 0);
  dup2(nothing, 1);
  dup2(log, 2);
  signal(SIGPIPE, SIG_DFL);
  setenv("READY", "1", 1);
  setenv("FORMATS", "svg", 1);
  setenv("LEAST", "2", 1);
  setenv("MODELS", models ? "x" : "", 1);
  setenv("GROWTH", growth ? "1" : "", 1);
  execl("/bin/sh", "sh", "-c", script, (char *)NULL);
  _exit(4);
}

int l4r_figures_begin(struct l4r_figures *figures, struct l4r_rows *rows,
                      const char *const *training, int logs, int growth) {
  char tables[L4R_PATH_MAX];
  int status = l4r_figures_tables(figures, tables);
  if (!status) status = l4r_export_plot_tables(rows, tables);
  if (!status && logs) status = l4r_export_curves(training, logs, tables);
  if (status) return status;
  figures->several = rows->groups > 1;
  fflush(NULL);
  figures->drawing = fork();
  if (figures->drawing < 0) {
    figures->drawing = 0;
    return l4r_fail_errno(L4R_ENVIRONMENT, "no process to draw figures");
  }
  if (!figures->drawing) draw(figures->folder, logs > 0, growth);
  return L4R_OK;
}

/* Reads the last lines that the scripts printed. */
static void read_reason(struct l4r_figures *figures) {
  char path[L4R_PATH_MAX], *text = NULL;
  size_t bytes;
  if (l4r_path_join(path, figures->folder, "errors") || l4r_read_file(path, 0, &text, &bytes))
    return;
  while (bytes && text[bytes - 1] == '\n') text[--bytes] = '\0';
  const size_t room = sizeof figures->reason - 1;
  snprintf(figures->reason, sizeof figures->reason, "%s",
           bytes > room ? text + bytes - room : text);
  l4r_free(text);
}

void l4r_figures_wait(struct l4r_figures *figures) {
  int state;
  if (!figures->drawing) return;
  while (waitpid(figures->drawing, &state, 0) < 0 && errno == EINTR) continue;
  figures->drawing = 0;
  if (WIFEXITED(state) && !WEXITSTATUS(state)) return;
  read_reason(figures);
  if (!*figures->reason)
    snprintf(figures->reason, sizeof figures->reason, "the process that draws them died");
}

/* Writes base64, as a data: address needs it. */
static void write_base64(FILE *page, const char *data, size_t bytes) {
  unsigned char text[4 * 1024 + 1];
  const size_t most = (sizeof text - 1) / 4 * 3;
  for (size_t at = 0; at < bytes; at += most) {
    const size_t part = bytes - at < most ? bytes - at : most;
    const int written = EVP_EncodeBlock(text, (const unsigned char *)data + at, (int)part);
    fwrite(text, 1, (size_t)written, page);
  }
}

int l4r_figures_put(struct l4r_figures *figures, FILE *page, const char *kind, const char *group,
                    const char *caption) {
  char name[256], path[L4R_PATH_MAX], *svg;
  size_t bytes;
  const int named = *group && figures->several;
  snprintf(name, sizeof name, "out/%.60s%s%.160s.svg", kind, named ? "-" : "", named ? group : "");
  l4r_figures_wait(figures);
  if (l4r_path_join(path, figures->folder, name) || access(path, R_OK)) return 0;
  if (l4r_read_file(path, 0, &svg, &bytes)) return 0;
  const int whole = strstr(svg, "<svg") && strstr(svg, "</svg>");
  if (!whole) l4r_warn("the figure %s is left out: it is not a complete SVG file", name + 4);
  if (whole) {
    fputs("<figure><div class=\"box\" tabindex=\"0\" role=\"group\" aria-label=\"figure\">"
          "<img alt=\"",
          page);
    l4r_html_text(page, caption);
    fputs("\" src=\"data:image/svg+xml;base64,", page);
    write_base64(page, svg, bytes);
    fputs("\"></div><figcaption>", page);
    l4r_html_text(page, caption);
    fputs("</figcaption></figure>\n", page);
  }
  l4r_free(svg);
  return whole;
}

void l4r_figures_end(struct l4r_figures *figures) {
  l4r_figures_wait(figures);
  if (*figures->folder) l4r_scratch_remove(figures->folder, &figures->scratch);
  *figures = (struct l4r_figures){.drawing = 0};
}
