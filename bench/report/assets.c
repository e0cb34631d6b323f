/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/report/assets.h"

#define EMBED(symbol, file)                                                                        \
  __asm__(".section .rodata\n.globl " #symbol "\n" #symbol ":\n.incbin \"" file                    \
          "\"\n.byte 0\n.text\n");                                                                 \
  extern const char symbol[] __attribute__((visibility("hidden")))
EMBED(l4r_page_css, "bench/report/page.css");
EMBED(l4r_page_js, "bench/report/page.js");
