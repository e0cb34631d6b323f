/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cli/commands.h"

#include "impl/base/text.h"

void l4r_commands_visit(const struct l4r_command *commands, l4r_command_visitor *visit,
                        void *context) {
  char name[64];
  for (const struct l4r_command *c = commands; c->name; c++) {
    if (c->about && c->usage) visit(context, c->name, c);
    for (const struct l4r_command *a = c->actions; a && a->name; a++) {
      l4r_text_set(name, sizeof name, "%s %s", c->name, a->name);
      visit(context, name, a);
    }
  }
}
