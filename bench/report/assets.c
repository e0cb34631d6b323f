/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/assets.h"

#include "impl/base/file.h"

#include <string.h>

#define EMBED(symbol, file)                                                                        \
  __asm__(".section .rodata\n.globl " #symbol "\n" #symbol ":\n.incbin \"" file                    \
          "\"\n.byte 0\n.text\n");                                                                 \
  extern const char symbol[] __attribute__((visibility("hidden")))
EMBED(l4r_page_css, "bench/report/page.css");
EMBED(l4r_page_js, "bench/report/page.js");
EMBED(l4r_plot_plots, "plots/plots.sh");
EMBED(l4r_plot_growth_sh, "plots/growth.sh");
EMBED(l4r_plot_draw, "plots/draw.sh");
EMBED(l4r_plot_groups, "plots/groups.awk");
EMBED(l4r_plot_names, "plots/names.awk");
EMBED(l4r_plot_style, "plots/style.gp");
EMBED(l4r_plot_accuracy, "plots/accuracy-latency.gp");
EMBED(l4r_plot_latency, "plots/latency.gp");
EMBED(l4r_plot_times, "plots/times.gp");
EMBED(l4r_plot_load, "plots/load.gp");
EMBED(l4r_plot_roofline, "plots/roofline.gp");
EMBED(l4r_plot_growth, "plots/growth.gp");
EMBED(l4r_plot_curves, "plots/learning-curves.gp");

static const struct {
  const char *name, *text;
} scripts[] = {{"plots.sh", l4r_plot_plots},
               {"growth.sh", l4r_plot_growth_sh},
               {"draw.sh", l4r_plot_draw},
               {"groups.awk", l4r_plot_groups},
               {"names.awk", l4r_plot_names},
               {"style.gp", l4r_plot_style},
               {"accuracy-latency.gp", l4r_plot_accuracy},
               {"latency.gp", l4r_plot_latency},
               {"times.gp", l4r_plot_times},
               {"load.gp", l4r_plot_load},
               {"roofline.gp", l4r_plot_roofline},
               {"growth.gp", l4r_plot_growth},
               {"learning-curves.gp", l4r_plot_curves}};

int l4r_plot_scripts_write(const char *folder) {
  int status = 0;
  for (size_t s = 0; s < sizeof scripts / sizeof *scripts && !status; s++) {
    char path[L4R_PATH_MAX];
    status = l4r_path_join(path, folder, scripts[s].name);
    if (!status) status = l4r_write_file(path, scripts[s].text, strlen(scripts[s].text));
  }
  return status;
}
