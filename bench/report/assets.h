/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that the build embeds, so that an installed program does not need them: the page's style
 * and script. */
#ifndef L4R_BENCH_REPORT_ASSETS_H
#define L4R_BENCH_REPORT_ASSETS_H

extern const char l4r_page_css[], l4r_page_js[];

#endif
