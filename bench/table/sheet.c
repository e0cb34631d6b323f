/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/sheet.h"

#include "impl/base/error.h"
#include "impl/base/log.h"

#include <string.h>

#define ENTRY(NAME) &l4r_print_##NAME,
const struct l4r_printer *const l4r_printers[] = {L4R_PRINTERS(ENTRY) NULL};

const struct l4r_printer *l4r_printer_named(const char *name) {
  const struct l4r_printer *const *printer = l4r_printers;
  while (*printer && strcmp((*printer)->name, name) != 0) printer++;
  return *printer;
}

void l4r_sheet_begin(struct l4r_sheet *sheet, const struct l4r_printer *printer, FILE *stream,
                     const char *prefix) {
  *sheet = (struct l4r_sheet){.stream = stream, .printer = printer, .prefix = prefix};
  if (printer->begin) printer->begin(sheet);
}

enum kind { PARAGRAPH, ITEM, REMARK };

static void put_text(struct l4r_sheet *sheet, enum kind kind, const char *format,
                     va_list arguments) {
  struct l4r_table memory = {.status = L4R_OK};
  const char *text = l4r_table_text_list(&memory, format, arguments);
  if (memory.status && !sheet->status) sheet->status = memory.status;
  if (!memory.status && sheet->printer->text) {
    sheet->printer->text(sheet, text, kind == ITEM);
    sheet->in_list = kind == ITEM;
    sheet->blocks++;
  } else if (!memory.status && kind == REMARK) {
    l4r_warn("%s", text);
  }
  l4r_table_free(&memory);
}

void l4r_sheet_text(struct l4r_sheet *sheet, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put_text(sheet, PARAGRAPH, format, arguments);
  va_end(arguments);
}

void l4r_sheet_item(struct l4r_sheet *sheet, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put_text(sheet, ITEM, format, arguments);
  va_end(arguments);
}

void l4r_sheet_remark(struct l4r_sheet *sheet, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put_text(sheet, REMARK, format, arguments);
  va_end(arguments);
}

void l4r_sheet_table(struct l4r_sheet *sheet, struct l4r_table *table) {
  int status = table->status;
  if (!status) {
    sheet->tables++;
    sheet->notes = table->notes;
    status = sheet->printer->table(sheet, table);
    sheet->in_list = 0;
    sheet->blocks++;
  }
  if (!sheet->status) sheet->status = status;
  l4r_table_free(table);
}

int l4r_sheet_end(struct l4r_sheet *sheet, int status) {
  if (sheet->printer->end) sheet->printer->end(sheet);
  if (status) return status;
  if (sheet->status) return sheet->status;
  return ferror(sheet->stream) ? l4r_fail(L4R_ENVIRONMENT, "the table could not be written")
                               : L4R_OK;
}
