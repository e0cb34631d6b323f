/* SPDX-License-Identifier: BSD-3-Clause */
/* Item texts as people read them: what web pages, old code pages and broken exports leave in titles
 * and descriptions is undone before a tokenizer sees it. */
#ifndef L4R_BENCH_IMPORT_COLLECT_MARKUP_H
#define L4R_BENCH_IMPORT_COLLECT_MARKUP_H

#include <stddef.h>
#include <stdint.h>

enum {                       /* what was found in a text */
       L4R_TEXT_MARKUP = 1,  /* entities or tags of HTML, decoded and taken out */
       L4R_TEXT_CONTROL = 2, /* control characters, tabs, line breaks: blanks now */
};

/* Cleans valid UTF-8 in place, which never gets longer, and returns what was found. Entities are
 * decoded until none is left ("&amp;amp;" is "&"), known tags and comments go, those that end a
 * line or a paragraph leave a blank; with `keep_markup` all of that stays as it is. Runs of blanks
 * (no-break ones too) and control characters become one blank, none at the ends. Pure. */
unsigned l4r_text_clean(char *text, int keep_markup);

/* The character of a byte from 0x80 on in Windows-1252, as browsers read it (the five unassigned
 * ones stay control characters). Pure. */
uint32_t l4r_windows_1252(unsigned char byte);

/* Writes a character as UTF-8, four bytes at most, and returns the place behind it. */
char *l4r_put_utf8(char *out, uint32_t code);

#endif
